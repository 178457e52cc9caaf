"""UN/CEFACT Cross Industry Invoice: Factur-X and ZUGFeRD 2 (D16B), ZUGFeRD 1 (CrossIndustryDocument)."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Literal

from mailbot.invoices import values
from mailbot.invoices.checks import checked, doubts_of_sums
from mailbot.invoices.codes import doubts_of_kind, is_credit, is_direct_debit, penalty_notes, profile_name
from mailbot.invoices.discounts import discount_of
from mailbot.invoices.duedate import choose_due
from mailbot.invoices.terms import penalties_in
from mailbot.invoices.xml import Node, find, find_all, text, words_of
from mailbot.model import Doubt, InvoiceDocument, Party

ROOTS = ("CrossIndustryInvoice", "CrossIndustryDocument")
DRAFT_NAMESPACE = "urn:un:unece:uncefact:data:standard:CBFBUY"  # ZUGFeRD's release candidate of 2013

_TRANSACTION = ("SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")
_GUIDELINE = (
    "ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID",
    "SpecifiedExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID",
)
_MEANS = "SpecifiedTradeSettlementPaymentMeans"
_TERMS = "SpecifiedTradePaymentTerms"
_NESTED = ("AssociatedDocumentLineDocument/ParentLineID", "AssociatedDocumentLineDocument/LineStatusReasonCode")
_LINE_TOTAL = "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount"


def read_cii(root: Node, source: Literal["facturx", "cii"]) -> InvoiceDocument:
    """What the invoice states; amounts keep their sign (a correction of 2014 may state a negative total)."""
    header = find(root, "ExchangedDocument", "HeaderExchangedDocument")
    trade = find(root, *_TRANSACTION)
    agreement = find(trade, "ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement")
    settlement = find(trade, "ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement")
    sums = find(
        settlement,
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        "SpecifiedTradeSettlementMonetarySummation",
    )
    currency = values.currency_of(text(settlement, "InvoiceCurrencyCode"))
    issued = _date(header, "IssueDateTime")
    due, doubts = choose_due(list(_due_dates(settlement)), _terms(settlement), issued)
    gross = _amount(sums, "GrandTotalAmount", currency)
    payable = _amount(sums, "DuePayableAmount", currency)
    profile = profile_name(text(root, *_GUIDELINE))
    prepaid = _amount(sums, "TotalPrepaidAmount", currency)
    if prepaid is None and profile == "MINIMUM" and gross is not None and payable is not None:
        prepaid = gross - payable  # the profile has no field for it
    preceding, unclear = _preceding(settlement)
    discount = discount_of(list(_discounts(settlement, issued)), _terms(settlement), issued)
    code = type_of(root)
    credit = is_credit(code, gross)
    document = InvoiceDocument(
        source=source,
        profile=profile,
        kind="credit_note" if credit else "invoice",
        number=text(header, "ID"),
        issue_date=issued,
        due_date=due,
        currency=currency,
        total_net=_amount(sums, "TaxBasisTotalAmount", currency),
        total_tax=_amount(sums, "TaxTotalAmount", currency),
        total_gross=gross,
        prepaid=prepaid or Decimal("0.00"),
        amount_due=payable if payable is not None or gross is None else gross - (prepaid or 0),
        seller=_seller(agreement, settlement),
        buyer=_party(find(agreement, "BuyerTradeParty")),
        order_reference=text(
            agreement, "BuyerOrderReferencedDocument/IssuerAssignedID", "BuyerOrderReferencedDocument/ID"
        ),
        payment_reference=text(settlement, "PaymentReference"),
        penalty_terms=_penalties(header, settlement),
        preceding_invoice=preceding,
        discount_percent=discount.percent if discount else None,
        discount_until=discount.until if discount else None,
        payment_terms=_terms(settlement)[:300].strip() or None,
        delivery_date=values.earliest(_deliveries(trade, settlement)),
    )
    doubts += [*_doubts_of_sums(trade, sums, currency), *([] if credit else doubts_of_kind(code, preceding))]
    doubts += [*unclear, *_no_day(header, "IssueDateTime", "issue_date")]
    for terms in find_all(settlement, _TERMS):
        doubts += _no_day(terms, "DueDateDateTime", "due_date")
    if any(is_direct_debit(text(means, "TypeCode")) for means in find_all(settlement, _MEANS)):
        doubts.append(Doubt("payment_means", "the invoice says that it is collected by direct debit"))
    return checked(document, doubts, rounding=_amount(sums, "RoundingAmount", currency))


def type_of(root: Node) -> str | None:
    """The code of the document (UNTDID 1001)."""
    return text(root, "ExchangedDocument/TypeCode", "HeaderExchangedDocument/TypeCode")


def _doubts_of_sums(trade: Node | None, sums: Node | None, currency: str | None) -> list[Doubt]:
    named = {"total_gross": "GrandTotalAmount", "amount_due": "DuePayableAmount"}
    nodes = {field: find(sums, path) for field, path in named.items()}
    lines = list(find_all(trade, "IncludedSupplyChainTradeLineItem"))
    nested = any(find(line, *_NESTED) is not None for line in lines)  # groups and what is in them
    return doubts_of_sums(
        {field: words_of(node) for field, node in nodes.items() if node is not None},
        [node.get("currencyID") for node in nodes.values() if node is not None],
        [] if nested else [amount for line in lines if (amount := text(line, _LINE_TOTAL))],
        text(sums, "LineTotalAmount"),
        currency,
    )


def _date(node: Node | None, field: str) -> date | None:
    return values.date_of(_written(node, field))


def _written(node: Node | None, field: str) -> str | None:
    return text(node, f"{field}/DateTimeString", f"{field}/DateTime", field)


def _no_day(node: Node | None, field: str, name: str) -> list[Doubt]:
    """A doubt where something stands that is no day of the calendar."""
    written = _written(node, field)
    if written is None or values.date_of(written) is not None:
        return []
    return [values.no_such_day(name, written)]


def _amount(sums: Node | None, field: str, currency: str | None) -> Decimal | None:
    """Of several (one in the tax office's currency) the one in the invoice's."""
    totals = list(find_all(sums, field))
    mine = [total for total in totals if total.get("currencyID") == currency]
    return values.amount_of(words_of((mine or totals)[0]), currency) if totals else None


def _due_dates(settlement: Node | None) -> Iterator[date]:
    for terms in find_all(settlement, _TERMS):
        if day := _date(terms, "DueDateDateTime"):
            yield day


def _deliveries(trade: Node | None, settlement: Node | None) -> Iterator[str | None]:
    """What stands as the day of delivery and as the end of the invoiced period."""
    delivery = find(trade, "ApplicableHeaderTradeDelivery", "ApplicableSupplyChainTradeDelivery")
    for event in find_all(delivery, "ActualDeliverySupplyChainEvent"):
        yield _written(event, "OccurrenceDateTime")
    for period in find_all(settlement, "BillingSpecifiedPeriod"):
        yield _written(period, "EndDateTime")


def _discounts(settlement: Node | None, issued: date | None) -> Iterator[tuple[str | None, date | None]]:
    """(percent, last day) of the structured terms (EXTENDED profile)."""
    for terms in find_all(settlement, f"{_TERMS}/ApplicableTradePaymentDiscountTerms"):
        start = _date(terms, "BasisDateTime") or issued
        days = text(terms, "BasisPeriodMeasure")
        counted = start + timedelta(int(days)) if start and days and re.fullmatch(r"\d{1,3}", days) else None
        yield text(terms, "CalculationPercent"), counted


def _terms(settlement: Node | None) -> str:
    lines = ((node.text or "")[:4000] for node in find_all(settlement, f"{_TERMS}/Description"))
    return "\n".join(islice(lines, 20))


def _penalties(header: Node | None, settlement: Node | None) -> str | None:
    notes = ((text(note, "SubjectCode"), text(note, "Content")) for note in find_all(header, "IncludedNote"))
    return penalty_notes(notes) or penalties_in(" ".join(_terms(settlement).split()))


def _preceding(settlement: Node | None) -> tuple[str | None, list[Doubt]]:
    earlier = find_all(settlement, "InvoiceReferencedDocument")
    found = [text(node, "IssuerAssignedID", "ID") for node in earlier]
    numbers = list(dict.fromkeys(number for number in found if number))
    if len(numbers) > 1:
        why = "several earlier invoices are named"
        return None, [Doubt("preceding_invoice", why, tuple(numbers))]
    return (numbers[0] if numbers else None), []


def _seller(agreement: Node | None, settlement: Node | None) -> Party:
    for means in find_all(settlement, _MEANS):
        iban = values.iban_of(text(means, "PayeePartyCreditorFinancialAccount/IBANID"))
        if iban:
            bic = text(means, "PayeeSpecifiedCreditorFinancialInstitution/BICID")
            return _party(find(agreement, "SellerTradeParty"), iban, bic)
    return _party(find(agreement, "SellerTradeParty"))


def _party(node: Node | None, iban: str | None = None, bic: str | None = None) -> Party:
    vat = _identifier(node, "SpecifiedTaxRegistration/ID", ("VA",))
    address = _identifier(node, "URIUniversalCommunication/URIID", ("EM",))
    organisation = text(node, "SpecifiedLegalOrganization/ID")
    return Party(
        name=text(node, "Name", "SpecifiedLegalOrganization/TradingBusinessName"),
        vat=values.vat_of(vat),
        siren=values.siren_of(_identifier(node, "SpecifiedLegalOrganization/ID", ("0002", "0009")))
        or values.siren_of(_identifier(node, "GlobalID", ("0002", "0009")))
        or values.siren_in_vat(values.vat_of(vat))
        or _french(node, organisation),
        email=values.email_of(text(node, "DefinedTradeContact/EmailURIUniversalCommunication/URIID"))
        or values.email_of(address),
        iban=iban,
        bic=bic,
        town=text(node, "PostalTradeAddress/CityName"),
    )


def _french(node: Node | None, number: str | None) -> str | None:
    """A legal number without a scheme is a SIREN or SIRET only in France."""
    return values.siren_of(number) if text(node, "PostalTradeAddress/CountryID") == "FR" else None


def _identifier(node: Node | None, path: str, schemes: tuple[str, ...]) -> str | None:
    for found in find_all(node, path):
        if found.get("schemeID") in schemes:
            return words_of(found)
    return None
