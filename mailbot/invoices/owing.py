"""What is left to pay of a total: but for what was paid before, held back, credited, or is paid by somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Final

from mailbot.invoices.amounts import DEPOSITS, Amounts
from mailbot.model import Doubt

_ZERO: Final = Decimal(0)
_MOST_PARTS: Final = 6
_DONE: Final = (
    "verse", "recu", "regle", "paye", "encaisse", "paid", "received", "erhalten", "bezahlt", "gezahlt", "geleistet",
    "pagad", "abonad", "cobrad", "recibid", "versat", "ricevut", "incassat", "pagat", "betaald", "voldaan", "ontvangen",
)  # fmt: skip
"""A deposit of the whole total may be what this very invoice asks for, unless its label says that it came."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What is left to pay, what was paid before (None: not said), and what is doubtful about it."""

    due: Decimal
    prepaid: Decimal | None
    doubt: Doubt | None = None


def left_to_pay(found: Amounts, net: Decimal | None, tax: Decimal | None, gross: Decimal) -> Owed:
    """What the client still owes of the gross total of a page. A part of it that is paid by somebody else (a grant)
    or with a credit note counts as paid before; what is only held back does not.
    """
    paid = {
        abs(value): weight
        for label in ("prepaid", "credit")
        for value, weight in found.by_label[label].items()
        if _may_be_part(value, net, tax, gross) and (label == "prepaid" or value < 0 < gross)
    }
    held = {abs(value) for value in found.by_label["retention"] if _may_be_part(value, net, tax, gross)}
    sign = -1 if gross < 0 else 1
    explained = _explained(found, gross, [*paid], [*held])
    if explained is not None:
        return Owed(*explained)
    owed = [value for value in found.by_label["payable"] if value not in (net, tax)]
    more = [value for value in owed if abs(value) > abs(gross)]
    if more and len(more) == len(owed):
        why = "more is to be paid than this invoice: an older balance is added to it"
        return Owed(gross, _ZERO, Doubt("amount_due", why, texts([gross, *more])))
    if _is_all_paid(found, gross) and not any(abs(value) < abs(gross) for value in owed):
        why = "the page says that all of it was paid before"
        return Owed(_ZERO, gross, Doubt("amount_due", why, texts([Decimal("0.00"), gross])))
    unsaid = any(mark.begins for mark in found.document.marks.get("prepaid", ())) and not found.by_label["prepaid"]
    if unsaid and not owed:
        why = "the page speaks of an advance without saying how much"
        return Owed(gross, None, Doubt("amount_due", why, texts([gross])))
    if paid:
        return _less(found, gross, sign, paid, owed)
    if not owed or gross in owed or -gross in owed:
        if not owed and net != gross and _is_stated(found, net):
            why = "the net total stands beside what is to be paid: does the client pay the tax itself?"
            return Owed(gross, _ZERO, Doubt("amount_due", why, texts([gross, net or gross])))
        return Owed(gross, _ZERO)
    due = max(owed, key=lambda value: found.by_label["payable"][value])
    why = f"{gross} in all, but {due} to pay: paid in part, or an older balance?"
    return Owed(due, gross - due, Doubt("amount_due", why, texts([due, gross])))


def _less(found: Amounts, gross: Decimal, sign: int, paid: dict[Decimal, float], owed: Sequence[Decimal]) -> Owed:
    """The total less the likeliest part: sure where the page prints what is left and asks for nothing else."""
    part = max(paid, key=lambda value: paid[value])
    left = gross - sign * part
    if gross not in owed and left in found.values:
        return Owed(left, sign * part)
    others = [gross - sign * sum(some, _ZERO) for some in combinations(list(paid)[:_MOST_PARTS], 2)]
    why = "something was paid before, or by somebody else, but the page does not say what is left"
    return Owed(left, sign * part, Doubt("amount_due", why, texts([left, *others, gross])))


def _is_all_paid(found: Amounts, gross: Decimal) -> bool:
    """Whether a label says that the whole total came in: by its words, or with a minus before it."""
    for one in found.settled:
        if abs(one.value.value) != abs(gross):
            continue
        asked = any(word in one.mark.key for word in DEPOSITS) and not any(word in one.mark.key for word in _DONE)
        if not asked or one.value.value == -gross:
            return True
    return False


def _is_stated(found: Amounts, net: Decimal | None) -> bool:
    """Whether the net total alone is called what is to be paid (Italian split payment, art. 17-ter DPR 633/72)."""
    return net is not None and set(found.by_label["payable"]) == {net}


def _may_be_part(value: Decimal, net: Decimal | None, tax: Decimal | None, gross: Decimal) -> bool:
    return value != 0 and abs(value) < abs(gross) and value not in (net, tax)


def _explained(
    found: Amounts, gross: Decimal, paid: Sequence[Decimal], held: Sequence[Decimal]
) -> tuple[Decimal, Decimal] | None:
    """(left to pay, paid before) where the page prints the first and the second is what is missing."""
    sign = -1 if gross < 0 else 1
    parts = [(sum(some, _ZERO), _ZERO) for size in (1, 2, 3) for some in combinations(paid[:_MOST_PARTS], size)]
    parts += [(_ZERO, kept) for kept in held] + [(one, kept) for one in paid for kept in held]
    ends = [*found.by_label["payable"], *([*found.by_label["gross"], *found.by_label["total"]] if held else ())]
    for owed in ends:
        for before, kept in parts:
            if owed != gross and gross - sign * (before + kept) == owed:
                return owed, sign * before
    return None


def texts(values: Sequence[Decimal]) -> tuple[str, ...]:
    """Amounts as the candidates of a doubt: each once, at most five."""
    return tuple(dict.fromkeys(f"{value:f}" for value in values))[:5]
