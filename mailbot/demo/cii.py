"""The data of a demo invoice as UN/CEFACT CII, profile EN 16931: what Factur-X embeds in a PDF.

The schema asks for the elements in just this order.
"""

from datetime import date
from decimal import Decimal

from lxml import etree

from mailbot.demo.bills import SELLER, VAT_PERCENT, DemoInvoice, DemoLineItem, legal_notes, postcode_and_town
from mailbot.money import write_day

_NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
_TYPE = {"invoice": "380", "credit_note": "381"}
_TRANSFER = "58"
_TERMS = {"fr": "Payable par virement le {day} au plus tard", "en": "Payable by bank transfer by {day}"}


def cii_xml(invoice: DemoInvoice) -> bytes:
    """The invoice as an XML document; the same invoice gives the same bytes."""
    root = etree.Element(_name("rsm:CrossIndustryInvoice"), nsmap=_NAMESPACES)
    context = _add(root, "rsm:ExchangedDocumentContext")
    _add(_add(context, "ram:GuidelineSpecifiedDocumentContextParameter"), "ram:ID", "urn:cen.eu:en16931:2017")
    _header(_add(root, "rsm:ExchangedDocument"), invoice)
    trade = _add(root, "rsm:SupplyChainTradeTransaction")
    for number, line in enumerate(invoice.lines, 1):
        _line(_add(trade, "ram:IncludedSupplyChainTradeLineItem"), number, line)
    agreement = _add(trade, "ram:ApplicableHeaderTradeAgreement")
    _seller(_add(agreement, "ram:SellerTradeParty"))
    _buyer(_add(agreement, "ram:BuyerTradeParty"), invoice)
    delivery = _add(trade, "ram:ApplicableHeaderTradeDelivery")
    _day(_add(delivery, "ram:ActualDeliverySupplyChainEvent"), "ram:OccurrenceDateTime", invoice.issued)
    _settlement(_add(trade, "ram:ApplicableHeaderTradeSettlement"), invoice)
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return written


def _header(node: etree._Element, invoice: DemoInvoice) -> None:
    _add(node, "ram:ID", invoice.number)
    _add(node, "ram:TypeCode", _TYPE[invoice.kind])
    _day(node, "ram:IssueDateTime", invoice.issued)
    for code, sentence in legal_notes(invoice):
        note = _add(node, "ram:IncludedNote")
        _add(note, "ram:Content", sentence)
        _add(note, "ram:SubjectCode", code)


def _line(node: etree._Element, number: int, line: DemoLineItem) -> None:
    _add(_add(node, "ram:AssociatedDocumentLineDocument"), "ram:LineID", str(number))
    _add(_add(node, "ram:SpecifiedTradeProduct"), "ram:Name", line.text)
    price = _add(_add(node, "ram:SpecifiedLineTradeAgreement"), "ram:NetPriceProductTradePrice")
    _add(price, "ram:ChargeAmount", f"{line.unit_price:f}")
    _add(
        _add(node, "ram:SpecifiedLineTradeDelivery"),
        "ram:BilledQuantity",
        f"{line.quantity:f}",
        unitCode="C62",
    )
    settlement = _add(node, "ram:SpecifiedLineTradeSettlement")
    tax = _add(settlement, "ram:ApplicableTradeTax")
    _add(tax, "ram:TypeCode", "VAT")
    _add(tax, "ram:CategoryCode", "S")
    _add(tax, "ram:RateApplicablePercent", str(VAT_PERCENT))
    sums = _add(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation")
    _amount(sums, "ram:LineTotalAmount", line.net)


def _seller(node: etree._Element) -> None:
    _add(node, "ram:Name", SELLER.name)
    _add(_add(node, "ram:SpecifiedLegalOrganization"), "ram:ID", SELLER.siren, schemeID="0002")
    _contact(node, SELLER.email)
    _address(node, SELLER.street, SELLER.city, "FR")
    _add(_add(node, "ram:URIUniversalCommunication"), "ram:URIID", SELLER.email, schemeID="EM")
    _add(_add(node, "ram:SpecifiedTaxRegistration"), "ram:ID", SELLER.vat, schemeID="VA")


def _buyer(node: etree._Element, invoice: DemoInvoice) -> None:
    _add(node, "ram:Name", invoice.buyer_name)
    if invoice.buyer_siren:
        _add(_add(node, "ram:SpecifiedLegalOrganization"), "ram:ID", invoice.buyer_siren, schemeID="0002")
    _contact(node, invoice.buyer_email)
    _address(node, invoice.buyer_street, invoice.buyer_city, invoice.buyer_country)
    _add(_add(node, "ram:URIUniversalCommunication"), "ram:URIID", invoice.buyer_email, schemeID="EM")
    _add(_add(node, "ram:SpecifiedTaxRegistration"), "ram:ID", invoice.vat, schemeID="VA")


def _contact(node: etree._Element, email: str) -> None:
    contact = _add(node, "ram:DefinedTradeContact")
    _add(_add(contact, "ram:EmailURIUniversalCommunication"), "ram:URIID", email)


def _address(node: etree._Element, street: str, city: str, country: str) -> None:
    address = _add(node, "ram:PostalTradeAddress")
    postcode, town = postcode_and_town(city)
    if postcode:
        _add(address, "ram:PostcodeCode", postcode)
    _add(address, "ram:LineOne", street)
    _add(address, "ram:CityName", town)
    _add(address, "ram:CountryID", country)


def _settlement(node: etree._Element, invoice: DemoInvoice) -> None:
    _add(node, "ram:PaymentReference", invoice.number)
    _add(node, "ram:InvoiceCurrencyCode", "EUR")
    if invoice.kind == "invoice":
        _means(_add(node, "ram:SpecifiedTradeSettlementPaymentMeans"))
    tax = _add(node, "ram:ApplicableTradeTax")
    _amount(tax, "ram:CalculatedAmount", invoice.tax)
    _add(tax, "ram:TypeCode", "VAT")
    _amount(tax, "ram:BasisAmount", invoice.net)
    _add(tax, "ram:CategoryCode", "S")
    _add(tax, "ram:RateApplicablePercent", str(VAT_PERCENT))
    if invoice.kind == "invoice":
        terms = _add(node, "ram:SpecifiedTradePaymentTerms")
        day = write_day(invoice.due, invoice.language)
        _add(terms, "ram:Description", _TERMS[invoice.language].format(day=day))
        _day(terms, "ram:DueDateDateTime", invoice.due)
    _totals(_add(node, "ram:SpecifiedTradeSettlementHeaderMonetarySummation"), invoice)
    if invoice.preceding:
        _add(_add(node, "ram:InvoiceReferencedDocument"), "ram:IssuerAssignedID", invoice.preceding)


def _means(node: etree._Element) -> None:
    _add(node, "ram:TypeCode", _TRANSFER)
    account = _add(node, "ram:PayeePartyCreditorFinancialAccount")
    _add(account, "ram:IBANID", SELLER.iban)
    _add(account, "ram:AccountName", SELLER.name)
    _add(_add(node, "ram:PayeeSpecifiedCreditorFinancialInstitution"), "ram:BICID", SELLER.bic)


def _totals(node: etree._Element, invoice: DemoInvoice) -> None:
    _amount(node, "ram:LineTotalAmount", invoice.net)
    _amount(node, "ram:TaxBasisTotalAmount", invoice.net)
    _add(node, "ram:TaxTotalAmount", f"{invoice.tax:.2f}", currencyID="EUR")
    _amount(node, "ram:GrandTotalAmount", invoice.gross)
    _amount(node, "ram:DuePayableAmount", invoice.gross)


def _amount(parent: etree._Element, name: str, amount: Decimal) -> None:
    _add(parent, name, f"{amount:.2f}")


def _day(parent: etree._Element, name: str, day: date) -> None:
    _add(_add(parent, name), "udt:DateTimeString", f"{day:%Y%m%d}", format="102")


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, _name(name), attributes)
    child.text = text
    return child


def _name(prefixed: str) -> str:
    prefix, _, local = prefixed.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"
