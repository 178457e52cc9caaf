"""What an order says after its verb: a target, and amounts, days, durations and methods wherever they stand."""

import re
from datetime import date
from decimal import Decimal

from mailbot.money import parse_amount
from mailbot.owner.days import resolve_day
from mailbot.owner.words import NOISE, THE_SAME, fold, in_digits

_CURRENCY = re.compile(r"^(?:€|eur|euros?|usd|gbp|chf|\$|£)$")
_DURATION = re.compile(
    r"^(\d{1,3})\s*(j|jours?|d|days?|s|sem|semaines?|w|wks?|weeks?|m|mois|months?)(?: (?:de plus|more|encore))?$"
)
_PLAIN_AMOUNT = re.compile(r"[\d.,' ]{1,16}")
_GROUP = re.compile(r"\d{3}(?:[.,]\d{1,2})?")
_METHODS = {
    "virement": "transfer",
    "virt": "transfer",
    "transfer": "transfer",
    "wire": "transfer",
    "cheque": "cheque",
    "chq": "cheque",
    "check": "cheque",
    "especes": "cash",
    "liquide": "cash",
    "cash": "cash",
    "carte": "card",
    "card": "card",
    "cb": "card",
    "prelevement": "direct_debit",
    "debit": "direct_debit",
    "paypal": "paypal",
    "stripe": "card",
}
_BY = frozenset(
    ["par", "by", "en", "in", "via", "with", "avec", "recu", "recue", "received", "bank", "bancaire", "direct",
     "banque", "d'un", "un", "a", "ce", "le", "la", "on", "du", "de", "pour", "for", "of", "pendant", "jusqu'au",
     "jusqu'a", "until", "till", "au", "montant", "amount", "payable", "inclus", "compris", "included", "inclusive",
     "encore", "now", "already", "deja", "et", "and", "the", "soit", "total", "somme", "l'", "to", "by", "as", "d'ici",
     "depuis", "since"]
)  # fmt: skip
"""Small words that join a value to what stands around it."""
_WORDS_OF_A_DAY = 5
_SIREN = re.compile(r"(?<=siren )\d{3} \d{3} \d{3}(?!\d)", re.IGNORECASE)
_NINE_DIGITS = re.compile(r"\d{9}")
"""A SIREN, by which an owner tells two clients apart, and no sum."""
_CURRENCIES = re.compile(r"\b(?:eur|euros?|usd|gbp|chf)\b")


def target_of(rest: str) -> str:
    """What is left without the small words before it: "la facture FA-1" is "FA-1"."""
    if fold(rest.strip()) in THE_SAME:
        return rest.strip()
    words = rest.split()
    while words and fold(words[0]).rstrip("'") in NOISE - {"a"}:
        words.pop(0)
    return re.sub(r"^(?:l|d)['’]", "", " ".join(words), flags=re.IGNORECASE)


def values_of(rest: str, today: date | None, *, past: bool = False) -> tuple[str, dict[str, str]]:
    """(target, fields) of the words after a verb; the target is what is no value, in its order.

    Fields: amount ("1200.00"), date (ISO), days, method. A number alone in front is what the order is about, and
    what follows it the amount: "412 600" are invoice 412 and 600.
    """
    joined = _SIREN.sub(lambda found: found[0].replace(" ", ""), rest)
    words = [word for one in joined.split() if (word := one.strip(",;:()"))]
    target, fields = _taken(words, today, past=past)
    if "amount" in fields and not re.search(r"[a-z]", _CURRENCIES.sub("", fold(target))):
        target, fields = _with_number_first(words, today, past=past)
    return target_of(target), fields


def _with_number_first(words: list[str], today: date | None, *, past: bool) -> tuple[str, dict[str, str]]:
    """Only numbers: the first is the invoice or the question, unless it begins an amount ("1 200")."""
    at = next((at for at, word in enumerate(words) if word.isascii() and word.isdigit()), None)
    if at is None or (len(words[at]) == 1 and at + 1 < len(words) and _GROUP.fullmatch(words[at + 1])):
        return "", _taken(words, today, past=past)[1]
    return words[at], _taken([*words[:at], *words[at + 1 :]], today, past=past)[1]


def _taken(words: list[str], today: date | None, *, past: bool) -> tuple[str, dict[str, str]]:
    fields: dict[str, str] = {}
    kept: list[str] = []
    at = 0
    while at < len(words):
        count = _value_at(words, at, fields, today, past=past)
        if not count:
            kept.append(words[at])
            at += 1
            continue
        while kept and fold(kept[-1]).rstrip(".:") in _BY:
            kept.pop()
        at += count
        while (
            at < len(words)
            and (_plain(words[at]) in _BY or _CURRENCY.match(_plain(words[at])))
            and not ("date" not in fields and _day_at(words, at, today, past=past))
        ):
            at += 1
    return " ".join(kept), fields


def _day_at(words: list[str], at: int, today: date | None, *, past: bool) -> tuple[int, date] | None:
    """(how many words from here on name a day, that day); "le 20 €" names none."""
    for count in range(min(_WORDS_OF_A_DAY, len(words) - at), 0, -1):
        following = _plain(words[at + count]) if at + count < len(words) else ""
        piece = in_digits(fold(" ".join(words[at : at + count])).rstrip("."))
        if not _CURRENCY.match(following) and (day := resolve_day(piece, today, past=past)):
            return count, day
    return None


def _value_at(words: list[str], at: int, fields: dict[str, str], today: date | None, *, past: bool) -> int:
    """How many words from here on are a value, which is then in `fields`."""
    for count in range(min(_WORDS_OF_A_DAY, len(words) - at), 0, -1):
        piece = in_digits(fold(" ".join(words[at : at + count])).rstrip("."))
        if "days" not in fields and (found := _DURATION.match(piece)):
            unit = {"j": 1, "d": 1, "s": 7, "w": 7, "m": 30}[found[2][0]]
            fields["days"] = str(int(found[1]) * unit)
            return count
    if "date" not in fields and (named := _day_at(words, at, today, past=past)):
        fields["date"] = named[1].isoformat()
        return named[0]
    word = _plain(words[at])
    if "method" not in fields and word in _METHODS:
        fields["method"] = _METHODS[word]
        return 1
    return 0 if "amount" in fields else _amount_at(words, at, fields)


def _amount_at(words: list[str], at: int, fields: dict[str, str]) -> int:
    """An amount with its currency before or after it; "1 200 000,50" are three words."""
    start = at + 1 if _CURRENCY.match(_plain(words[at])) else at
    bare = [re.sub(r"(?:€|eur|euros|\$|£)$|^[€$£]", "", _plain(word)) for word in words[start : start + 3]]
    for count in range(len(bare), 0, -1):
        piece = bare[:count]
        if count > 1 and not (re.fullmatch(r"\d{1,3}", piece[0]) and all(map(_GROUP.fullmatch, piece[1:]))):
            continue
        if _NINE_DIGITS.fullmatch("".join(piece)) and count == 1:
            continue
        if any(not one for one in piece) or not _PLAIN_AMOUNT.fullmatch(" ".join(piece)):
            continue
        try:
            amount: Decimal = parse_amount(" ".join(piece))
        except ValueError:
            continue
        fields["amount"] = f"{amount:.2f}"
        return start - at + count
    return 0


def _plain(word: str) -> str:
    return fold(word).rstrip(".!")
