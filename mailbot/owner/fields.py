"""The fields of an invoice as an owner gives them: "échéance : 31/12", "corrige … montant 2 400 client Dupont"."""

import re
from dataclasses import replace
from datetime import date

from mailbot.model import Order
from mailbot.money import parse_amount
from mailbot.owner.days import resolve_day
from mailbot.owner.words import fold

_FIELDS = {
    "number": r"numero(?: de facture)?|invoice number|number|n[°o.]|no|ref(?:erence)?",
    "issue_date": r"date(?: de (?:la )?facture| d'emission)?|emise?(?: le)?|issued?(?: on| date)?|invoice date",
    "due_date": r"(?:date d')?echeance|due(?: date| on)?|payable le",
    "total_gross": r"ttc|total(?: ttc| gross)?|montant(?: ttc)?|gross|amount|gross total",
    "total_net": r"ht|montant ht|total (?:ht|net)|net(?: total)?",
    "currency": r"devise|currency",
    "contact": r"contact|e-?mail|adresse(?: e-?mail)?",
    "client": r"client|customer",
}
_ANY = "|".join(f"(?P<{name}>{words})" for name, words in _FIELDS.items())
_FIELD = re.compile(rf"(?<![\w'-])(?:{_ANY})(?![\w'-])")
_LABEL = "|".join(_FIELDS.values())
_LINE = re.compile(rf"^(?P<label>{_LABEL})\s*[:=]\s*(?P<value>\S.{{0,200}})$")
_BARE = re.compile(rf"^(?P<label>{_LABEL})\s+(?P<value>\S.{{0,200}})$")
_TARGETED = re.compile(
    r"^(?:(?:facture|invoice|avoir|n°|#) ?)?(?P<target>(?:question )?[a-z]{0,10}[-_/.]?\d[\w/-]{0,30})"
    r"\s{0,3}[:.)]?\s{1,3}(?P<rest>[a-z].{0,240})$"
)
_NUMBERED = re.compile(r"(?=[^a-z]{0,30}[a-z]|\d{4}[/-]\d)[a-z0-9][a-z0-9/._-]{0,30}\d[a-z0-9/._-]{0,10}:?")
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}\.[A-Za-z]{2,24}")
_AMOUNT = re.compile(r"^\d{1,9}(?:[.,]\d{1,2})?$")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_CURRENCY = re.compile(r"[€$£]|\b(?:eur|euros?|usd|gbp|chf)\b")
_LINKS = re.compile(
    r"(?:^(?:le|au|a|est|is|to|on|by|the|of|de|du|:|=)\s+)+|(?:[\s,;]+(?:et|and|le|la|l|the))$", re.IGNORECASE
)


def field_line(line: str, low: str, today: date | None) -> list[Order]:
    """ "échéance : 15/01/2027": a field and its value, with a mark between them."""
    found = _LINE.match(low)
    if not found:
        return []
    name = _name(found["label"])
    value = line[found.start("value") :].strip().rstrip(".")
    return [Order("correct", None, {name: _value(name, value, today)}, line)]


def bare_field(line: str, low: str, today: date | None) -> list[Order]:
    """ "échéance 15/12" without a mark: only where what follows is such a value."""
    found = _BARE.match(low)
    if not found:
        return []
    name = _name(found["label"])
    given = _value(name, line[found.start("value") :].strip().rstrip("."), today)
    is_value = {
        "issue_date": bool(_ISO.fullmatch(given)),
        "due_date": bool(_ISO.fullmatch(given)),
        "total_gross": bool(_AMOUNT.match(given)),
        "total_net": bool(_AMOUNT.match(given)),
        "number": bool(re.search(r"\d", given)) and " " not in given,
    }.get(name, True)
    return [Order("correct", None, {name: given}, line)] if is_value else []


def targeted_field(line: str, low: str, today: date | None) -> list[Order]:
    """ "FA-2026-0412 échéance 15/12", "2 : montant 1254,60": which invoice, and a field of it."""
    found = _TARGETED.match(low)
    if not found:
        return []
    rest = line[found.start("rest") :].strip()
    target = line[: found.end("target")].strip(" .:)")
    given = field_line(rest, fold(rest), today) or bare_field(rest, fold(rest), today)
    return [_targeted(order, target, line) for order in given if _is_given(order)]


def field_of_target(line: str, low: str, today: date | None) -> list[Order]:
    """ "échéance FA-2026-0412 31/12/2026": a field, which invoice, and the value; a number of digits alone is none."""
    found = _BARE.match(low)
    if not found:
        return []
    name, _, value = line[found.start("value") :].strip().partition(" ")
    if not _NUMBERED.fullmatch(fold(name)) or not value.strip():
        return []
    rest = f"{line[: found.end('label')]} {value.strip()}"
    given = bare_field(rest, fold(rest), today)
    return [_targeted(order, name, line) for order in given if _is_given(order)]


def _targeted(order: Order, target: str, line: str) -> Order:
    if "contact" in order.fields:
        return Order("contact", target, {"email": order.fields["contact"].lower(), "action": "replace"}, line)
    return replace(order, target=target, line=line)


def _is_given(order: Order) -> bool:
    return "contact" not in order.fields or _EMAIL.fullmatch(order.fields["contact"]) is not None


def fields_of(rest: str, today: date | None) -> tuple[str, dict[str, str]]:
    """(what stands before the first field, the fields) of the words after "correct"."""
    low = fold(rest)
    marks = list(_FIELD.finditer(low))
    target = rest[: marks[0].start()].strip(" :,;") if marks else rest
    fields: dict[str, str] = {}
    for mark, following in zip(marks, [*marks[1:], None][: len(marks)], strict=True):
        value = rest[mark.end() : following.start() if following else len(rest)].strip(" :=,;")
        value = _LINKS.sub("", value).strip(" :=,;").rstrip(".")
        if value and mark.lastgroup and mark.lastgroup not in fields:
            fields[mark.lastgroup] = _value(mark.lastgroup, value, today)
    target = re.sub(r"[\s,]+(?:l'|la|le|the|d'|de|du)$|^(?:la|le|l'|the)\s+(?=\S)", "", target, flags=re.IGNORECASE)
    return target, fields


def _name(label: str) -> str:
    return next(name for name, words in _FIELDS.items() if re.fullmatch(words, label))


def _value(name: str, value: str, today: date | None) -> str:
    """Days as ISO, amounts as numbers; what cannot be read stays as it is written, to be refused with its own words."""
    if name in ("issue_date", "due_date"):
        day = resolve_day(fold(value), today)
        return day.isoformat() if day else value
    if name.startswith("total"):
        try:
            return str(parse_amount(_CURRENCY.sub("", fold(value))))
        except ValueError:
            return value
    return value.upper() if name == "currency" else value
