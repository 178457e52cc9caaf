"""What is doubtful about an invoice that was read: missing fields, wrong sums, dates out of order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from mailbot.invoices.values import amount_of, is_true_iban, no_amount
from mailbot.model import Doubt, InvoiceDocument

_CERTAINTY = {"pdf-text": 0.8}
_EACH_DOUBT = 0.85


def checked(
    document: InvoiceDocument, doubts: Sequence[Doubt] = (), *, rounding: Decimal | None = None
) -> InvoiceDocument:
    """The same document with all its doubts (those of its reader first) and its confidence.

    `rounding` is the payable rounding amount (EN 16931 BT-114). A field has at most one doubt, the first.
    """
    found: dict[str, Doubt] = {}
    for doubt in (
        *doubts,
        *_missing(document),
        *_sums(document, rounding or Decimal(0)),
        *_oddities(document),
    ):
        found.setdefault(doubt.field, doubt)
    certainty = _CERTAINTY.get(document.source, 0.99)
    return replace(document, doubts=tuple(found.values()), confidence=round(certainty * _EACH_DOUBT ** len(found), 2))


def doubts_of_sums(
    written: Mapping[str, str | None], currencies: Iterable[str | None], lines: Sequence[str], total: str | None,
    currency: str | None,
) -> list[Doubt]:  # fmt: skip
    """What is doubtful about the sums of an XML: `written` are the texts of amounts by their fields, `currencies` the
    attributes of the sums, `lines` the totals of the lines and `total` what they are said to make (BT-131, BT-106).
    """
    found = [no_amount(field, text) for field, text in written.items() if text and amount_of(text, currency) is None]
    others = list(dict.fromkeys(one for one in currencies if one and currency and one != currency))
    if others and currency:
        why = f"the invoice is in {currency}, but its sums are in {', '.join(others)[:20]}"
        found.append(Doubt("currency", why, (currency, *others[:3])))
    amounts = [amount_of(line, currency) for line in lines]
    stated = amount_of(total, currency)
    known = [amount for amount in amounts if amount is not None]
    if known and len(known) == len(amounts) and stated is not None and sum(known, Decimal(0)) != stated:
        reckoned = sum(known, Decimal(0))
        found.append(Doubt("total_net", f"the lines make {reckoned}, not {stated}", (str(stated), str(reckoned))))
    return found


def with_doubts(document: InvoiceDocument, *doubts: Doubt) -> InvoiceDocument:
    """The document with these doubts before its own, one for each field, and with less confidence."""
    found = {doubt.field: doubt for doubt in reversed((*doubts, *document.doubts))}
    more = len(found) - len(document.doubts)
    doubted = sorted(found.values(), key=lambda doubt: doubt not in doubts)
    return replace(document, doubts=tuple(doubted), confidence=round(document.confidence * _EACH_DOUBT**more, 2))


def _missing(document: InvoiceDocument) -> Iterator[Doubt]:
    needed = {
        "number": document.number,
        "issue_date": document.issue_date,
        "currency": document.currency,
        "total_gross": document.total_gross,
        "buyer": document.buyer.name,
    }
    if document.kind == "invoice" and (document.amount_due is None or document.amount_due > 0):
        needed["due_date"] = document.due_date
    for name, value in needed.items():
        if value is None:
            yield Doubt(name, "the document does not say it")


def _sums(document: InvoiceDocument, rounding: Decimal) -> Iterator[Doubt]:
    net, tax, gross = document.total_net, document.total_tax, document.total_gross
    if net is not None and tax is not None and gross is not None and net + tax != gross:
        yield Doubt("total_gross", f"{net} net and {tax} tax are not {gross}", (str(gross), str(net + tax)))
    prepaid, due = document.prepaid, document.amount_due
    if gross is None or due is None or prepaid is None:
        return
    expected = gross - prepaid + rounding
    if expected != due:
        yield Doubt("amount_due", f"{gross} less {prepaid} prepaid is not {due}", (str(due), str(expected)))


def _oddities(document: InvoiceDocument) -> Iterator[Doubt]:
    issued, due = document.issue_date, document.due_date
    if _before(due, issued):
        yield Doubt("due_date", f"due on {due}, before it was issued on {issued}", (str(due),))
    gross = document.total_gross
    if gross is not None and gross < 0:
        yield Doubt("kind", f"a total of {gross} is owed to the buyer, whatever the document is called")
    elif document.amount_due is not None and document.amount_due < 0:
        yield Doubt("amount_due", f"{document.amount_due} is owed to the buyer", (str(document.amount_due),))
    iban = document.seller.iban
    if iban and not is_true_iban(iban):
        yield Doubt("seller.iban", "the checksum is wrong", (iban,))


def _before(first: date | None, second: date | None) -> bool:
    return first is not None and second is not None and first < second
