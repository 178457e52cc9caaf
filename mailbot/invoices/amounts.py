"""The amounts of a page by the labels that announce them, each with how well its label fits."""

from collections import defaultdict
from decimal import Decimal
from typing import Final

from mailbot.invoices.fields import Candidate, Document, beside, box_end
from mailbot.invoices.figures import Amount
from mailbot.invoices.labels import Mark

_ZERO: Final = Decimal(0)
DEPOSITS: Final = (
    "acompte", "avance", "arrhes", "deposit", "advance", "retainer", "downpayment", "akonto", "acontozahlung",
    "anzahlung", "vorauszahlung", "abschlag", "anticipo", "senal", "provision", "acconto", "caparra", "aanbetaling",
    "voorschot",
)  # fmt: skip
"""Words for a part that is paid in advance, in the keys of labels."""


class Amounts:
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
        self.settled: list[Candidate[Amount]] = []
        for label in ("prepaid", "retention", "credit"):
            for one in beside(document, [label], exact, last=True):
                if one.value.row > self.first_total and (label != "credit" or one.where == "right"):
                    self._take(label, one)
                    self.settled += [one] if label == "prepaid" else []
        for one in beside(document, ["other_date"], exact, last=True):  # "Acompte versé le 02/10/2026  -360,00"
            if one.where == "right" and one.value.row > self.first_total and any(w in one.mark.key for w in DEPOSITS):
                self._take("prepaid", one)
                self.settled.append(one)
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
