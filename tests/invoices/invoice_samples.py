"""Invoices made for the tests: the same one as CII, as UBL, and as PDF with or without XML."""

import io
from dataclasses import dataclass, replace
from hashlib import shake_128

from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NumberObject, StreamObject

CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>
<ram:ID>urn:cen.eu:en16931:2017</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter>
</rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>{code}</ram:TypeCode>
<ram:IssueDateTime><udt:DateTimeString format="102">{issued}</udt:DateTimeString></ram:IssueDateTime>
<ram:IncludedNote><ram:Content>Pénalités : trois fois le taux légal.</ram:Content>
<ram:SubjectCode>PMD</ram:SubjectCode></ram:IncludedNote>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeAgreement>
<ram:SellerTradeParty><ram:Name>Atelier Martin SARL</ram:Name>
<ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">732829320</ram:ID></ram:SpecifiedLegalOrganization>
<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR44732829320</ram:ID></ram:SpecifiedTaxRegistration>
</ram:SellerTradeParty>
<ram:BuyerTradeParty><ram:Name>Brasserie du Port</ram:Name>
<ram:DefinedTradeContact><ram:EmailURIUniversalCommunication>
<ram:URIID>Compta@brasserie-du-port.example</ram:URIID>
</ram:EmailURIUniversalCommunication></ram:DefinedTradeContact>
<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR 83 404 833 048</ram:ID></ram:SpecifiedTaxRegistration>
</ram:BuyerTradeParty>
<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>BC-7</ram:IssuerAssignedID>
</ram:BuyerOrderReferencedDocument>
</ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeDelivery/>
<ram:ApplicableHeaderTradeSettlement><ram:PaymentReference>RF18 {number}</ram:PaymentReference>
<ram:InvoiceCurrencyCode>{currency}</ram:InvoiceCurrencyCode>
<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>{means}</ram:TypeCode>
<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>{iban}</ram:IBANID>
</ram:PayeePartyCreditorFinancialAccount>
<ram:PayeeSpecifiedCreditorFinancialInstitution><ram:BICID>AGRIFRPP</ram:BICID>
</ram:PayeeSpecifiedCreditorFinancialInstitution></ram:SpecifiedTradeSettlementPaymentMeans>
<ram:SpecifiedTradePaymentTerms><ram:Description>{terms}</ram:Description>{due_element}
</ram:SpecifiedTradePaymentTerms>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation>
<ram:TaxBasisTotalAmount>{net}</ram:TaxBasisTotalAmount>
<ram:TaxTotalAmount currencyID="XXX">1.00</ram:TaxTotalAmount>
<ram:TaxTotalAmount currencyID="{currency}">{tax}</ram:TaxTotalAmount>
<ram:GrandTotalAmount>{gross}</ram:GrandTotalAmount><ram:TotalPrepaidAmount>{prepaid}</ram:TotalPrepaidAmount>
<ram:DuePayableAmount>{payable}</ram:DuePayableAmount>
</ram:SpecifiedTradeSettlementHeaderMonetarySummation>{preceding_element}
</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""

UBL = """<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{issued}</cbc:IssueDate>{due_element}
<cbc:{root}TypeCode>{code}</cbc:{root}TypeCode>
<cbc:Note>#PMD#Pénalités : trois fois le taux légal.</cbc:Note>
<cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
<cac:OrderReference><cbc:ID>BC-7</cbc:ID></cac:OrderReference>{preceding_element}
<cac:AccountingSupplierParty><cac:Party>
<cac:PartyName><cbc:Name>L'atelier</cbc:Name></cac:PartyName>
<cac:PartyTaxScheme><cbc:CompanyID>FR44732829320</cbc:CompanyID>
<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
<cac:PartyLegalEntity><cbc:RegistrationName>Atelier Martin SARL</cbc:RegistrationName>
<cbc:CompanyID schemeID="0002">732829320</cbc:CompanyID></cac:PartyLegalEntity>
</cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party>
<cac:PartyTaxScheme><cbc:CompanyID>FR 83 404 833 048</cbc:CompanyID>
<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
<cac:PartyLegalEntity><cbc:RegistrationName>Brasserie du Port</cbc:RegistrationName></cac:PartyLegalEntity>
<cac:Contact><cbc:ElectronicMail>Compta@brasserie-du-port.example</cbc:ElectronicMail></cac:Contact>
</cac:Party></cac:AccountingCustomerParty>
<cac:PaymentMeans><cbc:PaymentMeansCode>{means}</cbc:PaymentMeansCode>
<cbc:PaymentID>RF18 {number}</cbc:PaymentID>
<cac:PayeeFinancialAccount><cbc:ID>{iban}</cbc:ID>
<cac:FinancialInstitutionBranch><cbc:ID>AGRIFRPP</cbc:ID></cac:FinancialInstitutionBranch>
</cac:PayeeFinancialAccount>
</cac:PaymentMeans>
<cac:PaymentTerms><cbc:Note>{terms}</cbc:Note></cac:PaymentTerms>
<cac:TaxTotal><cbc:TaxAmount currencyID="XXX">1.00</cbc:TaxAmount></cac:TaxTotal>
<cac:TaxTotal><cbc:TaxAmount currencyID="{currency}">{tax}</cbc:TaxAmount></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="{currency}">{net}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="{currency}">{gross}</cbc:TaxInclusiveAmount>
<cbc:PrepaidAmount currencyID="{currency}">{prepaid}</cbc:PrepaidAmount>
<cbc:PayableAmount currencyID="{currency}">{payable}</cbc:PayableAmount></cac:LegalMonetaryTotal>
</{root}>"""


@dataclass(frozen=True)
class Sample:
    """What the invoice says; change it with `but`."""

    number: str = "FA-2026-0412"
    code: str = "380"
    issued: str = "2026-10-01"
    due: str | None = "2026-10-31"
    currency: str = "EUR"
    net: str = "1000.00"
    tax: str = "200.00"
    gross: str = "1200.00"
    prepaid: str = "200.00"
    payable: str = "1000.00"
    iban: str = "FR76 3000 6000 0112 3456 7890 189"
    means: str = "58"
    terms: str = ""
    preceding: tuple[str, ...] = ()

    def but(self, **changes: object) -> "Sample":
        return replace(self, **changes)

    def cii(self) -> bytes:
        due = self.due and (
            f'<ram:DueDateDateTime><udt:DateTimeString format="102">{self.due.replace("-", "")}'
            "</udt:DateTimeString></ram:DueDateDateTime>"
        )
        preceding = "".join(
            f"<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>{number}</ram:IssuerAssignedID>"
            "</ram:InvoiceReferencedDocument>"
            for number in self.preceding
        )
        fields = {**self.__dict__, "issued": self.issued.replace("-", "")}
        return CII.format(**fields, due_element=due or "", preceding_element=preceding).encode()

    def ubl(self) -> bytes:
        preceding = "".join(
            f"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{number}</cbc:ID>"
            "</cac:InvoiceDocumentReference></cac:BillingReference>"
            for number in self.preceding
        )
        due = f"<cbc:DueDate>{self.due}</cbc:DueDate>" if self.due else ""
        root = "CreditNote" if self.code == "381" else "Invoice"
        return UBL.format(**self.__dict__, root=root, due_element=due, preceding_element=preceding).encode()

    def facturx(self, name: str = "factur-x.xml") -> bytes:
        return with_file(pdf("Facture illisible par ses libellés"), name, self.cii())


def pdf(*lines: str) -> bytes:
    """A PDF of one page with these lines as text."""
    kids = b"/Type /Pages /Kids [3 0 R] /Count 1"
    font = b"/Resources << /Font << /F1 5 0 R >> >>"
    shown = "".join(f"({line.translate({40: None, 41: None, 92: None})}) Tj T*\n" for line in lines)
    page = b"BT /F1 10 Tf 12 TL 40 800 Td\n" + shown.encode("cp1252") + b"ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< %s >>" % kids,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>" % font,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = io.BytesIO(b""), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table)
    return out.getvalue()


def with_file(data: bytes, name: str, content: bytes) -> bytes:
    """The PDF with one more file attached."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.add_attachment(name, content)
    return _written(writer)


def with_big_font(data: bytes) -> bytes:
    """The PDF of one page with a font program of 400 kB in it, that is damaged; its letters keep their meaning."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    program = StreamObject()
    program.set_data(shake_128(b"font").digest(400_000))
    packed = program.flate_encode()
    packed[NameObject("/Length1")] = NumberObject(400_000)
    described = {"/Type": NameObject("/FontDescriptor"), "/FontFile2": writer._add_object(packed)}
    font = writer.pages[0]["/Resources"]["/Font"]["/F1"]
    font[NameObject("/Subtype")] = NameObject("/TrueType")
    font[NameObject("/FontDescriptor")] = DictionaryObject({NameObject(key): one for key, one in described.items()})
    return _written(writer)


def locked(data: bytes, *, user: str, owner: str) -> bytes:
    """The PDF encrypted; an empty `user` password lets everybody open it."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(user, owner, algorithm="RC4-128")
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
