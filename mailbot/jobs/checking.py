"""What an owner should be told of a document although nothing has to be asked: one sentence each.

Mentions and terms that the law wants (C. com. L441-9, L441-10) are looked for by the readers and come with the
document; here is what needs the business's own settings or the day.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from mailbot.jobs.office import Office
from mailbot.model import InvoiceDocument
from mailbot.money import write_amount_plain, write_day
from mailbot.owner.remarks import remark

_YEAR, _OLD = 366, 30
_OWN = frozenset({"iban_differs", "vat_arithmetic", "impossible_due_date"})
"""Remarks of the readers that are said better here, with the business's settings and in its words."""
_SUM = Decimal("0.02")
_HIGHEST_RATE = Decimal("0.275")
"""Hungary's 27 %, and room for cents."""


def remarks_on(office: Office, document: InvoiceDocument, now: datetime) -> list[str]:
    """The sentences about a document, in the owner's language; what matters most comes first."""
    language = office.business.language
    said = [*_account(office, document), *_days(office, document, office.day(now)), *_tax(document, language)]
    said += [remark(one.code, language, one.message) for one in document.remarks if one.code not in _OWN]
    return list(dict.fromkeys(said))


def is_other_account(office: Office, document: InvoiceDocument) -> bool:
    """Whether a document wants the money on an account that is not the business's: a sign of fraud."""
    ours, shown = office.business.iban, document.seller.iban
    return bool(ours and shown and document.kind == "invoice" and _compact(ours) != _compact(shown))


def _account(office: Office, document: InvoiceDocument) -> Iterator[str]:
    if is_other_account(office, document):
        shown, ours = _masked(document.seller.iban or ""), _masked(office.business.iban or "")
        yield remark("other_iban", office.business.language, shown=shown, ours=ours)


def _days(office: Office, document: InvoiceDocument, today: date) -> Iterator[str]:
    language, issued, due = office.business.language, document.issue_date, document.due_date
    if document.kind != "invoice" or due is None:
        return
    if issued is not None and due < issued:
        yield remark("due_before_issue", language, due=_day(due, language), issued=_day(issued, language))
    elif issued is not None and (due - issued).days > _YEAR:
        yield remark("far_due", language, due=_day(due, language))
    if (today - due).days > _OLD and document.amount_due:
        yield remark("old_due", language, days=(today - due).days)


def _tax(document: InvoiceDocument, language: str) -> Iterator[str]:
    net, tax, gross = document.total_net, document.total_tax, document.total_gross
    if net is None or tax is None or gross is None:
        return
    currency = document.currency or "EUR"
    net_, tax_, gross_ = (write_amount_plain(amount, currency, language) for amount in (net, tax, gross))
    if abs(net + tax - gross) > _SUM:
        yield remark("vat_sum", language, net=net_, tax=tax_, gross=gross_)
    elif net > 0 and not 0 <= tax <= net * _HIGHEST_RATE:
        yield remark("odd_vat", language, tax=tax_, net=net_)


def _compact(iban: str) -> str:
    return "".join(iban.split()).upper()


def _masked(iban: str) -> str:
    """Enough to compare by eye, too little to pay to."""
    compact = _compact(iban)
    return f"{compact[:4]} … {compact[-4:]}"


def _day(day: date, language: str) -> str:
    return write_day(day, language, "medium").replace("\u00a0", " ")
