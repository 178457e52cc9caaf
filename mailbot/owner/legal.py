"""What an owner says of an insolvency or of a court: "bodacc Dupont 12/11", "claim filed Dupont on 20 November",
"jugement d'ouverture Dupont 3/11".

mailbot hears of neither by itself. An order is the thing that happened, whom it concerns, and its day, which may be
left out where an insolvency is only heard of.
"""

import re
from datetime import date

from mailbot.model import Order
from mailbot.owner.values import values_of
from mailbot.owner.words import fold

VERB = "legal_step"

_STEPS: tuple[tuple[str, str], ...] = (
    ("claim_filed", r"creances? declaree?s?|declaration de (?:la )?creance|claims? (?:filed|declared)"),
    (
        "insolvency_opened",
        (
            r"jugement (?:d'ouverture|de (?:redressement|liquidation|sauvegarde)(?: judiciaire)?)|"
            r"ouverture (?:de la |d'une )?(?:procedure(?: collective)?|sauvegarde)|"
            r"opening (?:judge?ment|of (?:the )?(?:insolvency|proceedings))"
        ),
    ),
    (
        "bodacc",
        (
            r"(?:publication (?:au )?|published in )?bodacc|procedure collective|insolvency(?: proceedings)?|"
            r"(?:redressement|liquidation) judiciaire"
        ),
    ),
    ("payment_order", r"(?:ordonnance d'|ordonnance portant )?injonction de payer|(?:payment order|order for payment)"),
    ("lawsuit", r"assignation|lawsuit|writ"),
    ("written_acknowledgement", r"reconnaissance de dette|acknowledge?ment of (?:the )?debt"),
)
"""Steps of `jobs.legal_steps.STEPS` and what owners call them, folded."""

WORDS = "|".join(words for _, words in _STEPS)
"""A regular expression of all that such an order may begin with."""

_JUDGED = re.compile(r"\b(?:ouvert[es]*|opened|jugement|judge?ment)\b")
_PUBLISHED = re.compile(r"\b(?:publiee?s?|published|parue?s?|bodacc)\b")
_SERVED = re.compile(r"\b(?:signifiee?|served)\b")
_SMALL = frozenset(
    {"publie", "publiee", "published", "ouvert", "ouverte", "opened", "rendu", "rendue", "issued", "signifie",
     "signifiee", "served", "bodacc", "declaree", "filed", "signee", "signed", "delivree", "paru", "parue", "in",
     "jugement", "judgment", "judgement"}
)  # fmt: skip


def legal_order(said: str, rest: str, today: date | None) -> Order:
    """The order; `step` always, `date` (ISO) where a day is named, without a year the latest one.

    `said`: how it begins, folded, as `WORDS` found it.
    """
    step = next(step for step, words in _STEPS if re.fullmatch(words, said))
    if step == "payment_order" and _SERVED.search(fold(rest)):
        step = "payment_order_served"
    if step == "bodacc" and _JUDGED.search(fold(rest)) and not _PUBLISHED.search(f"{said} {fold(rest)}"):
        step = "insolvency_opened"
    words = [word for word in rest.rstrip(" .!").split() if fold(word.strip(",;:()")) not in _SMALL]
    target, fields = values_of(" ".join(words), today, past=True)
    found = {"step": step}
    if "date" in fields:
        found["date"] = _past(date.fromisoformat(fields["date"]), rest, today).isoformat()
    named = re.sub(r"['’]s$", "", target.strip(' ,;:.«»"“”'))
    return Order(VERB, named or None, found)


def _past(day: date, rest: str, today: date | None) -> date:
    """A day of which no year is written is the latest one: nothing of this lies ahead."""
    if today is None or day <= today or str(day.year) in rest or re.search(rf"[/.]{day:%y}\b", rest):
        return day
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day
