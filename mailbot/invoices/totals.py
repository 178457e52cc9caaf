"""The totals of an invoice: of all amounts that labels announce, those that arithmetic confirms.

Labels alone lie: "Total" stands before the net sum on one invoice and before the gross sum on the next, pages carry
subtotals forward, tax tables repeat bases. So every net and gross candidate is tried: net + tax = gross with a tax that
the page prints counts as proof, a tax that only fits a usual rate as a hint, and what nothing confirms is a doubt.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from typing import Final

from mailbot.invoices.amounts import Amounts
from mailbot.invoices.fields import Document
from mailbot.invoices.owing import left_to_pay, texts
from mailbot.model import Doubt

_ZERO: Final = Decimal(0)
_CENT: Final = Decimal("0.01")
_PROVED: Final = 0.75
_RATES: Final = tuple(
    Decimal(rate) / 100
    for rate in [
        "20",
        "10",
        "5.5",
        "2.1",
        "8.5",
        "19",
        "7",
        "16",
        "5",
        "21",
        "4",
        "22",
        "12",
        "6",
        "9",
        "25",
        "13",
        "8.1",
        "7.7",
        "2.6",
        "3.8",
        "23",
        "13.5",
        "24",
        "14",
        "27",
        "18",
        "15",
        "3",
        "17",
        "8",
        "9.5",
    ]
)
_NET: Final = {"net": 1.0, "subtotal": 0.55, "total": 0.6}
_GROSS: Final = {"gross": 1.0, "total": 0.7, "payable": 0.75}


@dataclass(slots=True)
class Totals:
    """Net, tax, gross, what was paid before and what is left to pay; `proved` where the sums agree."""

    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    prepaid: Decimal | None = _ZERO
    due: Decimal | None = None
    proved: bool = False
    doubts: list[Doubt] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    """The rows that totals stand in: above the first one stand the items."""

    def positive(self) -> None:
        """Make all sums say how much, where a minus only says in which direction."""
        self.net, self.tax, self.gross = (value and abs(value) for value in (self.net, self.tax, self.gross))
        self.prepaid, self.due = (value and abs(value) for value in (self.prepaid, self.due))
        self.doubts = [
            replace(doubt, candidates=tuple(text.removeprefix("-") for text in doubt.candidates))
            for doubt in self.doubts
        ]


@dataclass(frozen=True, slots=True)
class _Sum:
    net: Decimal | None
    tax: Decimal | None
    gross: Decimal
    score: float
    proof: float


def totals_of(document: Document) -> Totals:
    """The totals of a page; amounts are signed as they are printed."""
    found = Amounts(document)
    sums = sorted(_sums(found), key=lambda one: one.score, reverse=True)
    if not sums:
        return _only_due(found)
    best = sums[0]
    proved = best.proof >= _PROVED
    stated = best.tax in _tax_sums(found.by_label["tax"]) or (best.tax == 0 and found.document.has("no_tax"))
    tax = best.tax if proved or stated else None  # a tax that is only reckoned is none
    totals = Totals(best.net, tax, best.gross, proved=proved, rows=found.rows)
    rivals = [
        one.gross
        for one in sums
        if one.gross != best.gross and one.score > best.score - 0.3 and one.proof >= best.proof - 0.1
    ]
    if rivals:
        totals.doubts.append(Doubt("total_gross", "the page shows several totals", texts([best.gross, *rivals])))
    elif not totals.proved:
        why = "net and tax do not confirm the total" if best.net is None else "the sums of the page do not agree"
        totals.doubts.append(Doubt("total_gross", why, texts([best.gross, *(one.gross for one in sums[1:4])])))
    owed = left_to_pay(found, totals.net, totals.tax, best.gross)
    totals.due, totals.prepaid = owed.due, owed.prepaid
    totals.doubts += [owed.doubt] if owed.doubt else []
    return totals


def _sums(found: Amounts) -> Iterator[_Sum]:
    nets, grosses = found.weighted(_NET), found.weighted(_GROSS)
    for gross, share in grosses.items():
        for net, other in nets.items():
            if proof := _proof(found, net, gross - net):
                yield _Sum(net, gross - net, gross, share + other + 1.5 * proof, proof)
        yield from _without_net(found, gross, share)
    yield from _withheld(found, nets)
    for net, other in nets.items():
        for tax in _tax_sums(found.by_label["tax"]):
            if tax and net + tax in found.values and net + tax not in grosses:
                yield _Sum(net, tax, net + tax, other + 1.6, 0.8)


def _withheld(found: Amounts, nets: dict[Decimal, float]) -> Iterator[_Sum]:
    """Net and printed tax whose sum is not printed, but what is left of it after tax is withheld at source.

    So most Spanish invoices of the self-employed: base and IVA, less IRPF (art. 101 Ley 35/2006), is the "total".
    """
    kept = {abs(one) for one in found.by_label["retention"]}
    ends = {*found.by_label["payable"], *found.by_label["gross"], *found.by_label["total"]}
    for net, other in nets.items() if kept else ():
        for tax in _tax_sums(found.by_label["tax"]):
            gross = net + tax
            if gross not in found.values and _proof(found, net, tax) and any(gross - one in ends for one in kept):
                yield _Sum(net, tax, gross, other + 2.4, 0.95)


def _proof(found: Amounts, net: Decimal, tax: Decimal) -> float:
    """How far the page confirms this tax on this net: 1 for a printed tax, 0 for none that can be."""
    if net == 0 or (tax != 0 and (tax < 0) != (net < 0)) or abs(tax) > abs(net) * Decimal("0.3") + _CENT:
        return 0.0
    if tax == 0:
        return _proof_of_no_tax(found, net)
    if tax in found.by_label["tax"]:
        return 1.0
    if tax in _tax_sums(found.by_label["tax"]) or tax in _tax_sums(dict.fromkeys(found.taxes, 1.0)):
        return 0.95
    if tax in found.values and _is_rate(net, tax):
        return 0.85
    if tax in found.values:
        return 0.6
    return 0.55 if _is_rate(net, tax) else 0.0


def _proof_of_no_tax(found: Amounts, net: Decimal) -> float:
    stated = [tax for tax in found.by_label["tax"] if tax != 0 and abs(tax) < abs(net) / 3]
    if found.document.has("no_tax") or any(tax == 0 for tax in found.by_label["tax"]):
        return 0.5 if stated else 0.9
    if stated:
        return 0.0
    both = net in found.by_label["net"] and (net in found.by_label["gross"] or net in found.by_label["payable"])
    return 0.76 if both and not found.by_label["tax"] else 0.5


def _without_net(found: Amounts, gross: Decimal, share: float) -> Iterator[_Sum]:
    """Sums of a gross candidate whose net has no label of its own."""
    for tax in _tax_sums(found.by_label["tax"]):
        net = gross - tax
        if tax and net in found.values and abs(tax) < abs(net) * Decimal("0.3") and (tax < 0) == (net < 0):
            proof = 0.85 if _is_rate(net, tax) else 0.7
            yield _Sum(net, tax, gross, share + 0.4 + 1.5 * proof, proof)
        elif tax and net and (tax < 0) == (gross < 0) and not found.by_label["net"] and _is_rate(net, tax):
            yield _Sum(net, tax, gross, share + 0.2 + 1.5 * 0.78, 0.78)
    for net in found.values:
        tax = gross - net
        if tax in found.values and net and (tax < 0) == (net < 0) and tax and _is_rate(net, tax):
            yield _Sum(net, tax, gross, share + 0.2 + 1.5 * 0.7, 0.76)
    if not any(tax for tax in found.by_label["tax"]):
        items = found.items_sum_to(gross)
        free = found.document.has("no_tax")
        sure = (items and (free or gross == found.biggest)) or (free and found.is_called_whole(gross))
        proof = 0.8 if sure else 0.6 if free else 0.4
        known = gross if free else None
        yield _Sum(known, _ZERO if free else None, gross, share + 1.2 * proof, proof)
    else:
        yield _Sum(None, None, gross, share, 0.3)


def _tax_sums(taxes: Iterable[Decimal]) -> set[Decimal]:
    """Each printed tax, and what up to four of them make together."""
    values = list(dict.fromkeys(tax for tax in taxes if tax))[:8]
    return {sum(some, _ZERO) for size in range(1, 5) for some in combinations(values, size)}


def _is_rate(net: Decimal, tax: Decimal) -> bool:
    """Whether the tax is a usual rate of the net; several items may have been rounded to the cent each."""
    most = min(2 * _CENT, abs(net) / 500)
    return any(abs((net * rate).quantize(_CENT, ROUND_HALF_UP) - tax) <= most for rate in _RATES)


def _only_due(found: Amounts) -> Totals:
    """A page without any total that has a label."""
    why = "no total was found" if found.biggest is None else "no label says which amount is the total"
    values = sorted(found.values, key=abs, reverse=True)[:4]
    return Totals(prepaid=None, doubts=[Doubt("total_gross", why, texts(values))], rows=found.rows)
