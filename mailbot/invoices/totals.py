"""The totals of an invoice: of all amounts that labels announce, those that arithmetic confirms.

Labels alone lie: "Total" stands before the net sum on one invoice and before the gross sum on the next, pages carry
subtotals forward, tax tables repeat bases. So every net and gross candidate is tried: net + tax = gross with a tax that
the page prints counts as proof, a tax that only fits a usual rate as a hint, and what nothing confirms is a doubt.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from typing import Final

from mailbot.invoices.fields import Candidate, Document, beside, box_end
from mailbot.invoices.figures import Amount
from mailbot.invoices.labels import Mark
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
    found = _Amounts(document)
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
        totals.doubts.append(Doubt("total_gross", "the page shows several totals", _texts([best.gross, *rivals])))
    elif not totals.proved:
        why = "net and tax do not confirm the total" if best.net is None else "the sums of the page do not agree"
        totals.doubts.append(Doubt("total_gross", why, _texts([best.gross, *(one.gross for one in sums[1:4])])))
    _settle(found, totals)
    return totals


class _Amounts:
    """The amounts of a page by the labels that announce them, each with the weight of its label."""

    def __init__(self, document: Document) -> None:
        exact = {number: [one for one in row if one.exact] for number, row in document.amounts.items()}
        if not any(exact.values()):
            exact = document.amounts
        self.document = document
        self.exact = exact
        self.by_label: dict[str, dict[Decimal, float]] = defaultdict(dict)
        self.rows: set[int] = set()
        for label in ("net", "gross", "total", "payable", "subtotal", "tax"):
            for one in beside(document, [label], exact, last=True):
                self._take(label, one)
        self.first_total = min(self.rows, default=0)
        for label in ("prepaid", "retention"):
            for one in beside(document, [label], exact, last=True):
                if one.value.row > self.first_total:
                    self._take(label, one)
        self.taxes = {one.value for mark in document.marks.get("tax", ()) for one in _column(document, mark, exact)}
        self.taxes |= set(self.by_label["tax"])
        self.all = [one for row in exact.values() for one in row]
        self.values = {one.value for one in self.all}
        self.biggest = max(self.values, key=abs, default=None)

    def _take(self, label: str, one: Candidate[Amount]) -> None:
        late = 0.15 * one.value.row / max(len(self.document.sheet.rows), 1)
        values = {one.value.value: one.weight + late}
        if one.where == "below":
            column = [amount.value for amount in _column(self.document, one.mark, self.exact)]
            if len(column) > 1:
                values = (
                    {column[-1]: 0.7 + late} if sum(column[:-1], _ZERO) == column[-1] else {sum(column, _ZERO): 0.5}
                )
        for value, weight in values.items():
            self.by_label[label][value] = max(self.by_label[label].get(value, 0.0), weight)
        alone = one.where == "right" or len(_column(self.document, one.mark, self.exact)) == 1
        if (label in ("net", "gross", "payable") and alone) or (
            label in ("total", "subtotal") and one.where == "right"
        ):
            self.rows.add(one.value.row)

    def weighted(self, labels: dict[str, float]) -> dict[Decimal, float]:
        """Candidates by the best of their labels."""
        best: dict[Decimal, float] = {}
        for label, share in labels.items():
            for value, weight in self.by_label[label].items():
                best[value] = max(best.get(value, 0.0), share * weight)
        return best

    def is_called_whole(self, gross: Decimal) -> bool:
        """Whether a label says that this is to be paid, nothing on the page is more, and no other sum is stated."""
        called = gross in self.by_label["gross"] or gross in self.by_label["payable"]
        others = {*self.by_label["net"], *self.by_label["gross"], *self.by_label["payable"]} - {gross}
        return called and gross == self.biggest and not others

    def items_sum_to(self, *sums: Decimal | None) -> bool:
        """Whether the amounts of one column above the totals add up to one of these."""
        wanted = {value for value in sums if value is not None}
        end = self.first_total or 1_000_000
        columns: dict[int, list[Decimal]] = defaultdict(list)
        for one in self.all:
            if one.row < end:
                columns[round(one.right / 4)].append(one.value)
                columns[round(one.right / 4) + 1].append(one.value)
        return any(sum(column, _ZERO) in wanted for column in columns.values())


def _column(document: Document, mark: Mark, exact: dict[int, list[Amount]]) -> list[Amount]:
    """The amounts below a heading, down to the first gap."""
    found: list[Amount] = []
    label = document.row(mark.row)
    cell = label.cells[mark.cell]
    bottom = label.bottom
    for row in document.sheet.rows[mark.row + 1 :]:
        if row.page != label.page or row.top - bottom > max(4.6 * label.height, 32.0):
            break
        inside = [one for one in exact.get(row.number, ()) if one.left < cell.right + 4 and one.right > cell.left - 4]
        if not inside:
            inside = [
                one
                for one in exact.get(row.number, ())
                if cell.left < one.left and one.right < box_end(label, mark.cell)
            ]
        if inside and found and abs(inside[-1].right - found[0].right) > 8 and abs(inside[-1].left - found[0].left) > 8:
            break
        if inside:
            found.append(inside[-1])
            bottom = row.bottom
    return found


def _sums(found: _Amounts) -> Iterator[_Sum]:
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


def _withheld(found: _Amounts, nets: dict[Decimal, float]) -> Iterator[_Sum]:
    """Net and printed tax whose sum is not printed, but what is left of it after tax is withheld at source.

    So most Spanish invoices of the self-employed: base and IVA, less IRPF (art. 101 Ley 35/2006), is the "total".
    """
    kept = {abs(one) for one in found.by_label["retention"]}
    ends = {*found.by_label["payable"], *found.by_label["gross"], *found.by_label["total"]}
    for net, other in nets.items():
        for tax in _tax_sums(found.by_label["tax"]):
            gross = net + tax
            if gross not in found.values and _proof(found, net, tax) and any(gross - one in ends for one in kept):
                yield _Sum(net, tax, gross, other + 2.4, 0.95)


def _proof(found: _Amounts, net: Decimal, tax: Decimal) -> float:
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


def _proof_of_no_tax(found: _Amounts, net: Decimal) -> float:
    stated = [tax for tax in found.by_label["tax"] if tax != 0 and abs(tax) < abs(net) / 3]
    if found.document.has("no_tax") or any(tax == 0 for tax in found.by_label["tax"]):
        return 0.5 if stated else 0.9
    if stated:
        return 0.0
    both = net in found.by_label["net"] and (net in found.by_label["gross"] or net in found.by_label["payable"])
    return 0.76 if both and not found.by_label["tax"] else 0.5


def _without_net(found: _Amounts, gross: Decimal, share: float) -> Iterator[_Sum]:
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


def _only_due(found: _Amounts) -> Totals:
    """A page without any total that has a label."""
    why = "no total was found" if found.biggest is None else "no label says which amount is the total"
    values = sorted(found.values, key=abs, reverse=True)[:4]
    return Totals(prepaid=None, doubts=[Doubt("total_gross", why, _texts(values))], rows=found.rows)


def _settle(found: _Amounts, totals: Totals) -> None:
    """What is left to pay: the gross total, but for what was paid before or is held back."""
    gross = totals.gross
    if gross is None:
        return
    paid = {abs(value): weight for value, weight in found.by_label["prepaid"].items() if _may_be_part(value, totals)}
    held = {abs(value) for value in found.by_label["retention"] if _may_be_part(value, totals)}
    sign = -1 if gross < 0 else 1
    explained = _explained(found, gross, [*paid], [*held])
    if explained is not None:
        totals.due, totals.prepaid = explained
        return
    owed = [value for value in found.by_label["payable"] if value not in (totals.net, totals.tax)]
    more = [value for value in owed if abs(value) > abs(gross)]
    if more and len(more) == len(owed):
        totals.due, totals.prepaid = gross, _ZERO
        why = "more is to be paid than this invoice: an older balance is added to it"
        totals.doubts.append(Doubt("amount_due", why, _texts([gross, *more])))
        return
    unsaid = any(mark.begins for mark in found.document.marks.get("prepaid", ())) and not found.by_label["prepaid"]
    if unsaid and not owed:
        totals.due, totals.prepaid = gross, None
        totals.doubts.append(
            Doubt("amount_due", "the page speaks of an advance without saying how much", _texts([gross]))
        )
    elif paid:
        part = max(paid, key=lambda value: paid[value])
        left = gross - sign * part
        totals.due, totals.prepaid = left, sign * part
        if gross in owed or left not in found.values:
            why = "something was paid before, but the page does not say what is left"
            totals.doubts.append(Doubt("amount_due", why, _texts([left, gross])))
    elif not owed or gross in owed or -gross in owed:
        totals.due, totals.prepaid = gross, _ZERO
        if not owed and totals.net != gross and _is_stated(found, totals.net):
            why = "the net total stands beside what is to be paid: does the client pay the tax itself?"
            totals.doubts.append(Doubt("amount_due", why, _texts([gross, totals.net or gross])))
    else:
        totals.due = max(owed, key=lambda value: found.by_label["payable"][value])
        totals.prepaid = gross - totals.due
        why = f"{gross} in all, but {totals.due} to pay: paid in part, or an older balance?"
        totals.doubts.append(Doubt("amount_due", why, _texts([totals.due, gross])))


def _is_stated(found: _Amounts, net: Decimal | None) -> bool:
    """Whether the net total alone is called what is to be paid (Italian split payment, art. 17-ter DPR 633/72)."""
    return net is not None and set(found.by_label["payable"]) == {net}


def _may_be_part(value: Decimal, totals: Totals) -> bool:
    gross = totals.gross or _ZERO
    return value != 0 and abs(value) < abs(gross) and value not in (totals.net, totals.tax)


def _explained(
    found: _Amounts, gross: Decimal, paid: Sequence[Decimal], held: Sequence[Decimal]
) -> tuple[Decimal, Decimal] | None:
    """(left to pay, paid before) where the page prints the first and the second is what is missing."""
    sign = -1 if gross < 0 else 1
    parts = [(sum(some, _ZERO), _ZERO) for size in (1, 2, 3) for some in combinations(paid[:6], size)]
    parts += [(_ZERO, kept) for kept in held] + [(one, kept) for one in paid for kept in held]
    ends = [*found.by_label["payable"], *([*found.by_label["gross"], *found.by_label["total"]] if held else ())]
    for owed in ends:
        for before, kept in parts:
            if owed != gross and gross - sign * (before + kept) == owed:
                return owed, sign * before
    return None


def _texts(values: Sequence[Decimal]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{value:f}" for value in values))[:5]
