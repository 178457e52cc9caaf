"""What the creditor has to do, and by when, once a client is insolvent or disputes an invoice.

French law: two months from the publication in BODACC for declaring a claim (C. com. R622-24), three for goods under
retention of title (L624-9), six for relief (L622-26). mailbot does not read BODACC: it counts from the publication
once the owner has told its day. Until then it counts from the judgment, where that is known, which is before the
publication; else from the day on which it heard of the proceedings, which may be after it, and says so. A dispute has
no time limit but the limitation of the claim; the days given for it are a proposal, and are called so.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from mailbot.evidence.wording import words as words_of
from mailbot.law.clocks import FILING_MONTHS, filed_by, later
from mailbot.law.insolvency import HEARD, OPENED, PUBLISHED, standing
from mailbot.law.steps import recorded
from mailbot.model import Event
from mailbot.money import write_day

Task = tuple[str, str, str]
"""What, by when, and the article it rests on."""

ANSWER_WITHIN = timedelta(days=8)
PROVE_WITHIN = timedelta(days=15)
"""A proposal: nobody's law sets a day for answering a dispute."""


def tasks(happened: Sequence[Event], language: str, barred_on: date | None = None) -> tuple[Task, ...]:
    """Of one client, from its events in order; none where neither stands. `barred_on`: last day of its limitation."""
    insolvent, published = standing(happened, HEARD), recorded(happened, "", PUBLISHED)
    if insolvent is not None:
        known = min(insolvent.day, recorded(happened, "", OPENED) or insolvent.day)
        return _insolvency(known, published, recorded(happened, "", "claim_filed"), language)
    disputed = standing(happened, "reply.dispute") or standing(happened, "owner.dispute")
    return _dispute(disputed.day, barred_on, language) if disputed is not None else ()


def _insolvency(heard: date, published: date | None, filed: date | None, language: str) -> tuple[Task, ...]:
    words = words_of("tasks", language)
    begin = published or heard
    told = {"published": write_day(begin, language)}

    def by(months: int) -> str:
        key = "claim_by_published" if published else "claim_by"
        last = filed_by(begin) if months == FILING_MONTHS else later(begin, months=months)
        return words[key].format(day=write_day(last, language))

    known = "_published" if published else ""
    limits = [
        ("look" + known, words["today"]),
        ("declare" + known, by(FILING_MONTHS)),
        ("goods", by(3)),
        ("late", by(6)),
    ]
    if filed is not None:
        told["filed"] = write_day(filed, language)
        limits = [("filed", words["soon"]), ("goods", by(3))]
    limits.append(("stop", words["today"]))
    return tuple(
        (words[f"insolvency_{name}"].format(**told), when, words[f"insolvency_{name.partition('_')[0]}_law"])
        for name, when in limits
    )


def _dispute(began: date, barred_on: date | None, language: str) -> tuple[Task, ...]:
    words = words_of("tasks", language)

    def proposed(day: date) -> str:
        return words["proposed_by"].format(day=write_day(day, language))

    last = words["dispute_decide_by"].format(day=write_day(barred_on, language)) if barred_on else words["soon"]
    limits = (("answer", proposed(began + ANSWER_WITHIN)), ("proof", proposed(began + PROVE_WITHIN)), ("decide", last))
    return tuple((words[f"dispute_{name}"], when, words[f"dispute_{name}_law"]) for name, when in limits)
