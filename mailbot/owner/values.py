"""What an order says after its verb: a target, and amounts, days, durations and methods taken from its end."""

import re
from datetime import date, timedelta

from mailbot.money import parse_amount
from mailbot.owner.words import MONTHS, WEEKDAYS, fold

_CURRENCY = re.compile(r"^(?:€|eur|euros?|usd|gbp|chf|\$|£)$")
_DURATION = re.compile(r"^(\d{1,3})\s*(j|jours?|d|days?|s|sem|semaines?|w|weeks?|m|mois|months?)$")
_METHODS = {
    "virement": "transfer",
    "transfer": "transfer",
    "wire": "transfer",
    "cheque": "cheque",
    "check": "cheque",
    "especes": "cash",
    "liquide": "cash",
    "cash": "cash",
    "carte": "card",
    "card": "card",
    "cb": "card",
    "prelevement": "direct_debit",
    "paypal": "paypal",
    "stripe": "card",
}
NOISE = frozenset(
    [
        "le",
        "la",
        "les",
        "l",
        "du",
        "de",
        "des",
        "d",
        "au",
        "a",
        "pour",
        "the",
        "of",
        "on",
        "by",
        "until",
        "till",
        "to",
        "for",
        "jusqu'au",
        "jusqu",
        "jusqua",
        "pendant",
        "for",
        "facture",
        "invoice",
        "client",
        "sur",
        "with",
        "par",
        "via",
    ]
)


def target_of(rest: str) -> str:
    words = rest.split()
    while words and fold(words[0]).rstrip("'") in NOISE - {"a"}:
        words.pop(0)
    return " ".join(words)


def values_of(rest: str, today: date | None) -> tuple[str, dict[str, str]]:
    """(target, fields) of a rest of words: amounts, days, methods and durations are taken from its end."""
    words = rest.split()
    fields: dict[str, str] = {}
    while len(words) > 1 or (words and not fields):
        taken = _take(words, fields, today)
        if not taken:
            break
        del words[len(words) - taken :]
        while words and len(words) > 1 and fold(words[-1]) in NOISE:
            words.pop()
    return target_of(" ".join(words)), fields


def _take(words: list[str], fields: dict[str, str], today: date | None) -> int:
    last = fold(words[-1])
    if last in _METHODS and "method" not in fields:
        fields["method"] = _METHODS[last]
        return 1
    for count in (4, 3, 2, 1):
        if (
            count <= len(words)
            and "days" not in fields
            and (found := _DURATION.match(fold(" ".join(words[-count:]))))
            and count <= 2
        ):
            fields["days"] = str(int(found[1]) * {"j": 1, "d": 1, "s": 7, "w": 7, "m": 30}[found[2][0]])
            return count
        if count <= len(words) and "date" not in fields and (day := resolve_day(fold(" ".join(words[-count:])), today)):
            fields["date"] = day.isoformat()
            return count
    return _take_amount(words, fields)


def _take_amount(words: list[str], fields: dict[str, str]) -> int:
    if "amount" in fields:
        return 0
    extra = 1 if _CURRENCY.match(fold(words[-1])) else 0
    bare = [re.sub(r"(?:€|eur|euros|\$|£)$|^[€$£]", "", fold(w)) for w in words]
    for count in (2, 1):
        piece = bare[len(bare) - extra - count : len(bare) - extra or None]
        if len(piece) != count or (
            count == 2 and not (re.fullmatch(r"\d{1,3}", piece[0]) and re.fullmatch(r"\d{3}(?:[.,]\d{1,2})?", piece[1]))
        ):
            continue
        if not piece or not re.fullmatch(r"[\d.,' ]{1,16}", " ".join(piece)) or count + extra >= len(words) + 1:
            continue
        try:
            fields["amount"] = f"{parse_amount(' '.join(piece)):.2f}"
        except ValueError:
            continue
        return count + extra
    return 0


def resolve_day(low: str, today: date | None) -> date | None:
    """A day as owners write it, folded: "21/11", "5 decembre", "2026-12-05", "vendredi", "demain"."""
    bare = re.sub(r"^(?:le|l'|au|jusqu'au|du|on|by|until|the) ", "", low.strip())
    try:
        return _written_day(bare, today)
    except ValueError:
        return None


def _written_day(bare: str, today: date | None) -> date | None:
    if found := re.fullmatch(r"(20\d\d)-(\d{1,2})-(\d{1,2})", bare):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](20\d\d|\d\d)", bare):
        return date(int(found[3]) + (2000 if len(found[3]) == 2 else 0), int(found[2]), int(found[1]))
    if today is None:
        return None
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})", bare):
        return _nearest(int(found[1]), int(found[2]), today)
    if (found := re.fullmatch((r"(\d{1,2})(?:er|st|nd|rd|th)? ([a-z]{3,9})\.?(?: (20\d\d))?"), bare)) and found[
        2
    ] in MONTHS:
        month = MONTHS[found[2]]
        return date(int(found[3]), month, int(found[1])) if found[3] else _nearest(int(found[1]), month, today)
    if bare in WEEKDAYS:
        return today + timedelta(days=(WEEKDAYS[bare] - today.weekday()) % 7 or 7)
    shifts = {"demain": 1, "tomorrow": 1, "aujourd'hui": 0, "today": 0, "hier": -1, "yesterday": -1}
    return today + timedelta(days=shifts[bare]) if bare in shifts else None


def _nearest(day: int, month: int, today: date) -> date:
    """Without a year: the such day nearest to today, since owners report what was and announce what comes."""
    return min(
        (
            date(year, month, day)
            for year in range(today.year - 1, today.year + 2)
            if not (month == 2 and day == 29 and year % 4)
        ),
        key=lambda d: abs((d - today).days),
    )
