"""What each verb of the table reads from the words after it: targets, amounts, days, reasons, texts."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from mailbot.model import Order
from mailbot.owner.answers import INVOICE
from mailbot.owner.contacts import EMAIL, contact_order
from mailbot.owner.days import resolve_day
from mailbot.owner.doubt import half_closed, no_reason, only_wanted, over, says_how, uncertain
from mailbot.owner.fields import fields_of
from mailbot.owner.languages import LANGUAGE_VERBS, LANGUAGES, language_order
from mailbot.owner.legal import VERB as LEGAL
from mailbot.owner.legal import legal_order
from mailbot.owner.posting import posted
from mailbot.owner.values import target_of, values_of
from mailbot.owner.verb_table import PATTERNS
from mailbot.owner.wishes import NEEDED, digest_order
from mailbot.owner.words import ALL, MONTHS, THE_SAME, WEEKDAYS, fold

_TALKS = frozenset({"reply", "status", "why", "preview", "help"})
"""These change nothing, or take any text; of all others a question is no order."""
_REASONS = frozenset({"dispute"})
"""Whose words after the target are the client's reason, in which anything may be said; it only freezes reminders."""
_NUMBERS = re.compile(r"^\d{1,6}$")
_MOST_TARGETS = 20
_MOST_NAMES = 5
"""Words that a name before a colon may have."""
_SPLITS = frozenset(
    {"pause", "resume", "paid", "dispute", "resolve", "send", "skip", "why", "status", "preview", "cancel", "write_off",
     "undo", "promise"}
)  # fmt: skip
"""Orders that can be said of several invoices in one line."""


def verb_order(line: str, low: str, today: date | None) -> list[Order]:
    """The orders of a line that begins with a verb: one, or one for each of the invoices that it lists."""
    for verb, pattern in PATTERNS:
        if not (found := pattern.match(low)):
            continue
        rest = line[found.end() :].strip()
        if verb not in _TALKS and _is_doubtful(verb, line, low):
            return []
        order = _READERS.get(verb, _plain)(verb, found["verb"].strip(), rest, today)
        if order is None:
            return []
        whole = Order(order.verb, order.target, order.fields, line)
        return [Order(whole.verb, one, whole.fields, line) for one in _listed(whole)] or [whole]
    return []


_CLOSED = re.compile(
    r"\b(?:clos|regle|leve|tranche|settled|closed)e?s?$|\b(?:regle|leve|clos)e? (?:a moitie|en partie)"
)


def _is_doubtful(verb: str, line: str, low: str) -> bool:
    if "?" in line or (half_closed(low) and (verb == "resolve" or (verb == "dispute" and _CLOSED.search(low)))):
        return True
    return verb not in _REASONS and uncertain(NEEDED.sub(" ", low))


def _listed(order: Order) -> list[str]:
    """The invoices or questions of "FA-1, FA-2 et FA-3"; empty where the target is one thing."""
    if order.verb not in _SPLITS or not order.target or "amount" in order.fields:
        return []
    words = [word for word in re.split(r"\s*(?:,|;|\+|&|\bet\b|\band\b)\s*|\s+", order.target) if word]
    if not 1 < len(words) <= _MOST_TARGETS:
        return []
    alike = all(INVOICE.fullmatch(fold(word)) and not word.isdigit() for word in words) or all(
        map(_NUMBERS.match, words)
    )
    return words if alike else []


# --------------------------------------------------------------------------------------------- by verb


def _target(rest: str) -> str | None:
    """What an order is about: "all" for everybody, else as it is written; quotation marks are left out."""
    bare = rest.strip().strip('«»"“” ').rstrip(".!?,;: ")
    if fold(bare) in ALL:
        return "all"
    if fold(bare) in THE_SAME:
        return bare
    named = re.sub(r"['’]s$", "", target_of(bare))
    return "all" if fold(named) in ALL else named or None


def _plain(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    return Order(verb, _target(re.sub(r"\s+(?:svp|stp|please|merci|thanks)[\s.!]*$", "", rest, flags=re.IGNORECASE)))


def _alone(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    """Help, of whatever."""
    return Order(verb, None) if len(rest.split()) <= 2 else None


_REMINDERS_OF = re.compile(
    r"^(?:(?:les |the )?(?:relances?|reminders?)\s*(?:de|pour|for|of|to|a)\s+|(?:d['’]|de )?(?:embêter|embeter|"
    r"harceler|"
    r"écrire à|ecrire a|solliciter)\s+|(?:bothering|harassing|emailing|contacting|writing to)\s+)(?=\S)",
    re.IGNORECASE,
)


def _stop(_verb: str, said: str, rest: str, today: date | None) -> Order | None:
    """ "stop" is for everything; "stop Dupont" pauses Dupont."""
    rest = _REMINDERS_OF.sub("", rest)
    target = _target(rest)
    if target in (None, "all") or fold(rest).rstrip(" .!") in _NOW or "tout" in said:
        return Order("stop", None) if len(rest.split()) <= 3 else None
    return _pause("pause", said, rest, today) if len(rest.split()) <= 4 else None


def _live(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    bare = re.sub(r"^(?:pour|avec|for|with)\s+", "", rest, flags=re.IGNORECASE)
    if fold(bare).rstrip(" .!") in _NOW:
        bare = ""
    target = _target(bare)
    return Order(verb, None if target == "all" else target) if len(bare.split()) <= 5 else None


def _undo(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    bare = re.sub(
        r"^(?:ca|cela|that|l'ordre|le dernier(?: ordre)?|(?:the )?last(?: (?:one|order))?|mon dernier ordre|"
        r"(?:l'envoi|le mail|la relance|the (?:mail|reminder|sending))(?: (?:a|de|pour|du|to|for))?)(?![\w'])\s*",
        "",
        fold(rest),
    )
    return Order(verb, _target(rest[len(rest) - len(bare) :]))


_MONEY = re.compile(r"\b(?:paiement|payment|reglement|virement|transfer|cheque|check|argent|money)\b")
_BY_WHOM = re.compile(
    r"^(?:les |the )?(?:factures?|invoices?) |\s+(?:par|by) (?:virement|cheque|chèque|carte|wire|transfer|card|check)$",
    re.IGNORECASE,
)
_DEPOSIT = re.compile(r"\b(?:d['’]acompte|en acompte|comme acompte|as a deposit|deposit)\b", re.IGNORECASE)
_IN_FULL = re.compile(r"\b(?:en totalité|en totalite|en entier|intégralement|integralement|in full)\b:?", re.IGNORECASE)


def _paid(verb: str, said: str, rest: str, today: date | None) -> Order | None:
    """What was paid. "Reçu FA-1" may be the invoice that arrived, and "solde 300" what is still open."""
    if several := _numbers(rest):
        return Order(verb, " ".join(several))
    target, fields = values_of(_DEPOSIT.sub(" ", _IN_FULL.sub(" ", rest)), today, past=True)
    kept = {key: value for key, value in fields.items() if key in ("amount", "date", "method")}
    if said.startswith(("recu", "received")) and "amount" not in kept and not _MONEY.search(fold(rest)):
        return None
    if said == "solde" and "amount" in kept:
        return None
    return Order(verb, _target(target), kept)


def _numbers(rest: str) -> list[str]:
    """The invoices of "412 et 415", of which none is the sum that was paid for the other."""
    listed = re.split(r"\s*(?:,|;|&|\+|\bet\b|\band\b)\s*", _BY_WHOM.sub("", rest.strip(" .!")))
    return listed if len(listed) > 1 and all(map(_NUMBERS.match, listed)) else []


def _promise(verb: str, _said: str, rest: str, today: date | None) -> Order | None:
    target, fields = values_of(rest, today)
    if "days" in fields and today:
        fields["date"] = str(resolve_day(f"dans {fields.pop('days')} jours", today))
    fields.pop("method", None)
    return Order(verb, _target(target), fields)


_BEFORE = re.compile(
    r"(?:,?\s*(?:reprise|reprends?|resume|restart)(?: le| on)?|\s(?:avant|before)(?: le)?|\s(?:until resume))"
    r"\s+(\S.{1,30})$"
)


_STARTS = re.compile(
    r"\b(?:from|starting|as of|beginning|between|des|du|entre|a partir d[eu']|a compter d[eu'])\s*(?:le |the |on )?"
    rf"(?:\d|l'|(?:next |this )?(?:{'|'.join([*WEEKDAYS, *MONTHS])}|demain|apres-demain|tomorrow|next|la semaine|"
    r"le mois)\b)"
)
""" "Dès lundi pour 10 jours", "du 10 au 15": a pause that is to begin later."""
_UNTIL_DAY = re.compile(r"\b(?:until|till|to|jusqu'a|jusqu'au|jusque) (?:le )?(\d{1,2})$")


def _pause(verb: str, _said: str, rest: str, today: date | None) -> Order | None:
    """Until when, or for how many days. `doubt`: it is to begin later ("starts"), or a number says neither ("number").

    A pause that cannot be read is no pause without end: the owner is asked.
    """
    low = fold(rest).rstrip(" .!")
    if late := _STARTS.search(low):
        return Order(verb, _target(rest[: late.start()]), {"doubt": "starts"})
    if day := _UNTIL_DAY.search(low):
        rest = f"{rest[: day.start()]}jusqu'au {day[1]}"
        low = fold(rest)
    back = _BEFORE.search(low)
    resume = resolve_day(back[1], today) if back else None
    target, fields = values_of(rest[: back.start()] if back and resume else rest, today)
    if "amount" in fields or fields.get("days") == "0":
        return Order(verb, _target(target), {"doubt": "number"})
    if "date" in fields:
        fields["until"] = fields.pop("date")
    if resume:
        fields["resume_on"] = resume.isoformat()
    target = re.sub(r"\s+(?:jusqu'?a?u?|until|till|pendant|for|pour)$", "", target, flags=re.IGNORECASE)
    fields = {key: value for key, value in fields.items() if key in ("until", "resume_on", "days")}
    return Order(verb, _target(target), fields)


def _resume(verb: str, _said: str, rest: str, today: date | None) -> Order | None:
    target, fields = values_of(_REMINDERS_OF.sub("", rest), today)
    return Order(verb, _target(target), {"resume_on": fields["date"]} if "date" in fields else {})


def _match(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    words = [word for word in re.split(r"[\s,;+&]+", target_of(rest)) if word]
    line, *invoices = words or [""]
    small = {"et", "and", "avec", "with", "a", "au", "to", "sur", "on", "la", "le", "les", "facture", "factures", "->"}
    named = [word.rstrip(".") for word in invoices if fold(word) not in small]
    return Order(verb, line, {"line": line, "invoices": ",".join(named)}) if line and named else None


def _why(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    """A target (a name may have several words before a colon), and the reason in the owner's own words after it."""
    bare = target_of(rest)
    target, mark, why = bare.partition(":")
    if not mark or len(target.split()) > _MOST_NAMES or INVOICE.fullmatch(fold(bare.split(" ")[0])):
        target, _, why = bare.partition(" ")
    reason = why.strip().lstrip(":,;- ").rstrip(" ")
    return Order(verb, _target(target), {"why": reason} if reason else {})


def _dispute(verb: str, said: str, rest: str, today: date | None) -> Order | None:
    """A target and the client's reason; "litige FA-1 levé" closes it, and "inventé" is no reason of a client's."""
    order = _why(verb, said, rest, today)
    reason = fold(order.fields.get("why", "")) if order else ""
    if order and reason and over(reason):
        return Order("resolve", order.target)
    return None if no_reason(reason) else order


_PART = re.compile(r"\d\s?%|\bparti(?:el|elle|al)\b|\bmoitie\b|\bhalf\b|\bpartie\b|\bpart of\b")
_WHOLE_OR_PART = re.compile(
    r"^(?:partiel(?:le)?|partial|total(?:e)?)\s+(?:(?:sur|on|de|of|for|pour)\s+)?", re.IGNORECASE
)
_AMOUNT_FIRST = re.compile(
    r"^(?:de |of |pour |for )?(?P<amount>\d[\d .,]{0,14})"
    r"(?:\s?(?:€|eur|euros?)\s+(?:sur |on |pour |for |a |to |de |of )?|\s+(?:sur|on|pour|for|a|to|de|of) )"
    r"(?:la facture |facture |invoice )?(?P<target>[a-z].*)$"
)


def _cancel(verb: str, said: str, rest: str, today: date | None) -> Order | None:
    """A target and a reason. An amount, or "in part", is told as such: it is not the whole invoice."""
    low = fold(rest)
    if turned := _AMOUNT_FIRST.match(low):
        rest = f"{rest[turned.start('target') :]} {rest[slice(*turned.span('amount'))]}"
    order = _why(verb, said, _WHOLE_OR_PART.sub("", rest), today)
    if order is None:
        return None
    reason = order.fields.get("why", "")
    if only_wanted(fold(reason)):
        return None
    fields = {"reason": reason} if reason else {}
    names_amounts = verb == "cancel" and not re.match(r"annul|cancel", said)
    if names_amounts or re.match(r"^(?:de |of )?[\d€$£][\d\s.,]*(?:€|eur|euros?)?$", fold(reason)):
        given = values_of(f"x {reason}", today)[1].get("amount")
        fields |= {"amount": given} if given else {}
    if _PART.search(low):
        fields["part"] = "yes"
    return Order(verb, order.target, fields)


def _reply(verb: str, said: str, rest: str, _today: date | None) -> Order | None:
    """ "réponds à Dupont : Bonjour, …": who before the colon, else the first word; "écris à x@y" names an address."""
    if (
        said.startswith("ecri")
        and ":" not in rest
        and any(EMAIL.match(fold(word.strip(",;"))) for word in rest.split())
    ):
        return contact_order(rest, said)
    bare = target_of(re.sub(r"^(?:a|à)\s+", "", rest))
    who, mark, text = bare.partition(":")
    if not mark or len(who.split()) > _MOST_NAMES:
        who, _, text = bare.partition(" ")
        text = "" if says_how(fold(text)) else text
    return Order(verb, _target(who), {"text": text.strip()} if text.strip() else {})


def _correct(verb: str, said: str, rest: str, today: date | None) -> Order | None:
    if any(EMAIL.match(fold(word.strip(",;"))) for word in rest.split()):
        return contact_order(rest, said) if not fields_of(rest, today)[1] else _corrected(verb, rest, today)
    return _corrected(verb, rest, today)


def _corrected(verb: str, rest: str, today: date | None) -> Order | None:
    target, fields = fields_of(rest, today)
    return Order(verb, _target(target), fields) if fields else None


def _contact(_verb: str, said: str, rest: str, _today: date | None) -> Order | None:
    return contact_order(rest, said)


def _notice(verb: str, _said: str, rest: str, today: date | None) -> Order | None:
    """What the letter is about; where it was posted, the day and the tracking number."""
    target, fields = posted(re.sub(r"^(?:à|a|to)\s+", "", rest.rstrip(" .!"), flags=re.IGNORECASE), today)
    return Order(verb, _target(target), fields)


def _legal(_verb: str, said: str, rest: str, today: date | None) -> Order | None:
    return legal_order(said, rest, today)


def _policy(verb: str, said: str, rest: str, _today: date | None) -> Order | None:
    if said.split(" ")[0] in LANGUAGE_VERBS:
        return language_order(verb, rest)
    tone = "gentler" if re.search(r"dou|gent|soft", said) else "firmer" if re.search(r"firm|ferm|tough", said) else None
    if tone:
        return Order(
            verb, _target(re.sub(r"^(?:avec|pour|with|for)\s+", "", rest, flags=re.IGNORECASE)), {"tone": tone}
        )
    target, mark, profile = re.sub(
        r"\s+(?:comme|as|en)\s+(?:une?\s+|an?\s+|the\s+)?", "\x00", rest, count=1, flags=re.IGNORECASE
    ).partition("\x00")
    named = profile.strip().rstrip(".!")
    if fold(named) in LANGUAGES:
        return Order(verb, _target(target), {"language": LANGUAGES[fold(named)]})
    return Order(verb, _target(target), {"profile": named}) if mark and named else None


_NOW = frozenset(
    {"", "maintenant", "now", "tout de suite", "immediatement", "immediately", "aujourd'hui", "today", "right now",
     "right away", "desormais", "svp", "stp", "please", "d'urgence", "at once", "straight away", "sans attendre"}
)  # fmt: skip
_STEP = re.compile(r"(?:\bl'|\bla |\bthe )?(?:etape|step|relance|reminder)\s*(?:n°\s*)?(\d{1,2})\b")


def _step(verb: str, _said: str, rest: str, _today: date | None) -> Order | None:
    """A target and a step: "Dupont étape 2", "step 2 for Dupont", "FA-1 reminder_1"; "now" says nothing more."""
    bare = rest.rstrip(" .!")
    for words in sorted(_NOW - {""}, key=len, reverse=True):
        if fold(bare).endswith(f" {words}"):
            bare = bare[: -len(words)].rstrip(" ,")
    if found := _STEP.search(fold(bare)):
        left = f"{bare[: found.start()]} {bare[found.end() :]}".strip()
        return Order(verb, _target(target_of(left)), {"step": found[1]})
    target, _, step = target_of(re.sub(r"^(?:a|à)\s+", "", bare)).rpartition(" ")
    if not target or not re.fullmatch(r"[a-z]+_[a-z_0-9]+|courtesy|due_today", fold(step)):
        named = re.sub(
            r"^(?:(?:la|une|the|a) )?(?:relance|reminder|rappel) (?:a|à|to|pour|for|"
            r"de) ",
            "",
            bare,
            flags=re.IGNORECASE,
        )
        return Order(verb, _target(named))
    return Order(verb, _target(target), {"step": step})


_READERS: Mapping[str, Callable[[str, str, str, date | None], Order | None]] = {
    "paid": _paid,
    "promise": _promise,
    "pause": _pause,
    "resume": _resume,
    "match": _match,
    "dispute": _dispute,
    "resolve": _why,
    "reply": _reply,
    "correct": _correct,
    "contact": _contact,
    "cancel": _cancel,
    "write_off": _cancel,
    "notice": _notice,
    LEGAL: _legal,
    "policy": _policy,
    "send": _step,
    "skip": _step,
    "digest": digest_order,
    "undo": _undo,
    "stop": _stop,
    "live": _live,
    "help": _alone,
}
