"""UBL 2 invoices and credit notes (OASIS), as EN 16931, Peppol BIS Billing and XRechnung use them."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import islice

from mailbot.invoices import values
from mailbot.invoices.checks import checked, doubts_of_sums
from mailbot.invoices.codes import doubts_of_kind, is_credit, is_direct_debit, penalty_notes, profile_name
from mailbot.invoices.discounts import discount_of
from mailbot.invoices.duedate import choose_due
from mailbot.invoices.terms import penalties_in
from mailbot.invoices.xml import Node, find, find_all, local_name, text, words_of
from mailbot.model import Doubt, InvoiceDocument, Party

NAMESPACES = (
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
)

_ISSUED = ("IssueDate",)
_DELIVERED = ("Delivery/ActualDeliveryDate", "InvoicePeriod/EndDate")
_DUE = ("DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate")


def read_ubl(root: Node) -> InvoiceDocument:
    """What the invoice or credit note states; a credit note's amounts are positive in UBL."""
    sums = find(root, "LegalMonetaryTotal")
    currency = values.currency_of(text(root, "DocumentCurrencyCode"))
    issued = values.date_of(text(root, *_ISSUED))
    notes = ((node.text or "")[:4000] for node in find_all(root, "PaymentTerms/Note"))
    terms = "\n".join(islice(notes, 20))
    due, doubts = choose_due(list(_due_dates(root)), terms, issued)
    gross = _amount(sums, "TaxInclusiveAmount", currency)
    prepaid = _amount(sums, "PrepaidAmount", currency) or Decimal("0.00")
    payable = _amount(sums, "PayableAmount", currency)
    preceding, unclear = _preceding(root)
    code = type_of(root)
    credit = local_name(root) == "CreditNote" or is_credit(code, gross)
    discount = discount_of(list(_discounts(root)), terms, issued)
    document = InvoiceDocument(
        source="ubl",
        profile=profile_name(text(root, "CustomizationID")),
        kind="credit_note" if credit else "invoice",
        number=text(root, "ID"),
        issue_date=issued,
        due_date=due,
        currency=currency,
        total_net=_amount(sums, "TaxExclusiveAmount", currency),
        total_tax=_tax(root, currency),
        total_gross=gross if gross is not None else payable,
        prepaid=prepaid,
        amount_due=payable if payable is not None or gross is None else gross - prepaid,
        seller=_seller(root),
        buyer=_party(find(root, "AccountingCustomerParty/Party")),
        order_reference=text(root, "OrderReference/ID"),
        payment_reference=text(root, "PaymentMeans/PaymentID"),
        penalty_terms=penalty_notes(_notes(root)) or penalties_in(" ".join(terms.split())),
        preceding_invoice=preceding,
        discount_percent=discount.percent if discount else None,
        discount_until=discount.until if discount else None,
        payment_terms=terms[:300].strip() or None,
        delivery_date=values.earliest(words_of(node) for path in _DELIVERED for node in find_all(root, path)),
    )
    doubts += [*unclear, *_doubts_of_sums(root, sums, currency), *([] if credit else doubts_of_kind(code, preceding))]
    for field, paths in (("issue_date", _ISSUED), ("due_date", _DUE)):
        written = text(root, *paths)
        if written is not None and values.date_of(written) is None:
            doubts.append(values.no_such_day(field, written))
    if any(is_direct_debit(text(means, "PaymentMeansCode")) for means in find_all(root, "PaymentMeans")):
        doubts.append(Doubt("payment_means", "the invoice says that it is collected by direct debit"))
    return checked(document, doubts, rounding=_amount(sums, "PayableRoundingAmount", currency))


def type_of(root: Node) -> str | None:
    """The code of the document (UNTDID 1001)."""
    return text(root, "InvoiceTypeCode", "CreditNoteTypeCode")


def _doubts_of_sums(root: Node, sums: Node | None, currency: str | None) -> list[Doubt]:
    named = {"total_gross": "TaxInclusiveAmount", "amount_due": "PayableAmount", "total_net": "TaxExclusiveAmount"}
    nodes = {field: find(sums, path) for field, path in named.items()}
    kind = "InvoiceLine" if local_name(root) == "Invoice" else "CreditNoteLine"
    return doubts_of_sums(
        {field: words_of(node) for field, node in nodes.items() if node is not None},
        [node.get("currencyID") for node in nodes.values() if node is not None],
        [words_of(node) for node in find_all(root, f"{kind}/LineExtensionAmount")],
        text(sums, "LineExtensionAmount"),
        currency,
    )


def _amount(sums: Node | None, field: str, currency: str | None) -> Decimal | None:
    return values.amount_of(text(sums, field), currency)


def _tax(root: Node, currency: str | None) -> Decimal | None:
    """The tax total in the invoice's currency; there may be a second one in the tax office's."""
    totals = list(find_all(root, "TaxTotal/TaxAmount"))
    for total in totals:
        if total.get("currencyID") == currency:
            return values.amount_of(words_of(total), currency)
    return values.amount_of(words_of(totals[0]), currency) if totals else None


def _due_dates(root: Node) -> Iterator[date]:
    """The document's own field; a credit note has only that of its payment means."""
    for path in _DUE:
        found = [day for node in find_all(root, path) if (day := values.date_of(words_of(node)))]
        if found:
            yield from found
            return


def _discounts(root: Node) -> Iterator[tuple[str | None, date | None]]:
    """(percent, last day) of the structured terms."""
    for terms in find_all(root, "PaymentTerms"):
        yield text(terms, "SettlementDiscountPercent"), values.date_of(text(terms, "SettlementPeriod/EndDate"))


def _notes(root: Node) -> Iterator[tuple[str | None, str | None]]:
    """Notes with their subject code, which UBL writes into the text: "#PMD#Penalties ..." (EN 16931-3-2)."""
    for note in find_all(root, "Note"):
        words = words_of(note)
        if words.startswith("#") and words.count("#") >= 2:
            _, code, rest = words.split("#", 2)
            yield code, rest.strip()


def _preceding(root: Node) -> tuple[str | None, list[Doubt]]:
    found = [text(node, "ID") for node in find_all(root, "BillingReference/InvoiceDocumentReference")]
    numbers = list(dict.fromkeys(number for number in found if number))
    if len(numbers) > 1:
        return None, [Doubt("preceding_invoice", "several earlier invoices are named", tuple(numbers))]
    return (numbers[0] if numbers else None), []


def _seller(root: Node) -> Party:
    party = find(root, "AccountingSupplierParty/Party")
    for means in find_all(root, "PaymentMeans"):
        iban = values.iban_of(text(means, "PayeeFinancialAccount/ID"))
        if iban:
            bic = text(
                means,
                "PayeeFinancialAccount/FinancialInstitutionBranch/ID",
                "PayeeFinancialAccount/FinancialInstitutionBranch/FinancialInstitution/ID",
            )
            return _party(party, iban, bic)
    return _party(party)


def _party(node: Node | None, iban: str | None = None, bic: str | None = None) -> Party:
    vat = values.vat_of(_vat(node))
    return Party(
        name=text(node, "PartyLegalEntity/RegistrationName", "PartyName/Name"),
        vat=vat,
        siren=_siren(node) or values.siren_in_vat(vat),
        email=values.email_of(text(node, "Contact/ElectronicMail")) or values.email_of(_endpoint(node)),
        iban=iban,
        bic=bic,
        town=text(node, "PostalAddress/CityName"),
    )


def _vat(node: Node | None) -> str | None:
    for scheme in find_all(node, "PartyTaxScheme"):
        if text(scheme, "TaxScheme/ID") in ("VAT", "VA"):
            return text(scheme, "CompanyID")
    return None


def _endpoint(node: Node | None) -> str | None:
    endpoint = find(node, "EndpointID")
    return words_of(endpoint) if endpoint is not None and endpoint.get("schemeID") == "EM" else None


def _siren(node: Node | None) -> str | None:
    """By its scheme (0002 SIREN, 0009 SIRET); a number without one is a SIREN only in France."""
    french = text(node, "PostalAddress/Country/IdentificationCode") == "FR"
    for path in ("PartyLegalEntity/CompanyID", "PartyIdentification/ID"):
        for found in find_all(node, path):
            scheme = found.get("schemeID")
            if scheme in ("0002", "0009") or (scheme is None and french):
                return values.siren_of(words_of(found))
    return None
