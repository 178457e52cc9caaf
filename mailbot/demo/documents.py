"""Invoices of the demo as PDFs: Factur-X (PDF/A-3 with its data inside), and the same page without data.

typst sets the page with the fonts that it carries, and attaches the XML; what Factur-X asks for beside that
(its own schema in the PDF's XMP) is added here. Nothing is loaded from a network, nothing asks a clock.
"""

import json
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from io import BytesIO
from xml.sax.saxutils import escape

import typst
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from mailbot.demo.bills import (
    SELLER,
    VAT_PERCENT,
    DemoInvoice,
    DemoLineItem,
    Seller,
    french_vat,
    legal_notes,
)
from mailbot.demo.cii import cii_xml
from mailbot.money import write_amount, write_day

__all__ = ["SELLER", "DemoInvoice", "DemoLineItem", "Seller", "french_vat", "invoice_pdf", "plain_pdf"]

_ATTACH = """
#pdf.attach("factur-x.xml", bytes(sys.inputs.xml), relationship: "alternative", mime-type: "text/xml",
  description: "Factur-X")
"""
_SCHEMA = """<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema\
</pdfaSchema:schema><pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#\
</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>{properties}\
</rdf:Seq></pdfaSchema:property></rdf:li>"""
_PROPERTY = """<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>\
<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>\
<pdfaProperty:description>{description}</pdfaProperty:description></rdf:li>"""
_DESCRIPTION = """<rdf:Description rdf:about="" \
xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">{values}</rdf:Description>"""
_FACTURX = (
    ("DocumentFileName", "factur-x.xml", "The name of the embedded XML document"),
    ("DocumentType", "INVOICE", "The type of the hybrid document in capital letters"),
    ("Version", "1.0", "The actual version of the standard applying to the embedded XML document"),
    ("ConformanceLevel", "EN 16931", "The conformance level of the embedded XML document"),
)


def invoice_pdf(invoice: DemoInvoice) -> bytes:
    """A Factur-X PDF, profile EN 16931; the same invoice gives the same bytes."""
    page = _compiled(invoice, _ATTACH, xml=cii_xml(invoice).decode())
    return _declared(page)


def plain_pdf(invoice: DemoInvoice) -> bytes:
    """The same page without data inside, as most small firms still send it."""
    return _compiled(invoice)


def _compiled(invoice: DemoInvoice, more: str = "", **inputs: str) -> bytes:
    given = {"invoice": json.dumps(_printed(invoice), ensure_ascii=False), **inputs}
    midday = datetime.combine(invoice.issued, time(12), UTC)
    source = (_template() + more).encode()
    made = _compiler().compile(source, format="pdf", sys_inputs=given, pdf_standards=["a-3b"], timestamp=midday)
    if not isinstance(made, bytes):
        raise TypeError("typst gave no PDF")
    return made


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(ignore_system_fonts=True)


@cache
def _template() -> str:
    return files("mailbot.demo").joinpath("invoice.typ").read_text("utf-8")


def _printed(invoice: DemoInvoice) -> dict[str, object]:
    """The values as the page shows them."""
    language = invoice.language
    iban = SELLER.iban
    return {
        "language": language,
        "kind": invoice.kind,
        "number": invoice.number,
        "preceding": invoice.preceding,
        "issued": write_day(invoice.issued, language),
        "due": write_day(invoice.due, language),
        "seller": {
            "name": SELLER.name,
            "siren": SELLER.siren,
            "vat": SELLER.vat,
            "street": SELLER.street,
            "city": SELLER.city,
            "email": SELLER.email,
            "register": SELLER.register,
            "capital": SELLER.capital,
            "iban": " ".join(iban[at : at + 4] for at in range(0, len(iban), 4)),
            "bic": SELLER.bic,
        },
        "buyer": {
            "name": invoice.buyer_name,
            "siren": invoice.buyer_siren,
            "vat": invoice.vat,
            "street": invoice.buyer_street,
            "city": invoice.buyer_city,
        },
        "rate": f"{VAT_PERCENT} %" if language == "fr" else f"{VAT_PERCENT}%",
        "lines": [_printed_line(line, language) for line in invoice.lines],
        "net": write_amount(invoice.net, "EUR", language),
        "tax": write_amount(invoice.tax, "EUR", language),
        "gross": write_amount(invoice.gross, "EUR", language),
        "notes": [sentence for _, sentence in legal_notes(invoice)],
    }


def _printed_line(line: DemoLineItem, language: str) -> dict[str, str]:
    quantity = f"{line.quantity.normalize():f}"
    return {
        "text": line.text,
        "quantity": quantity.replace(".", ",") if language == "fr" else quantity,
        "price": write_amount(line.unit_price, "EUR", language),
        "net": write_amount(line.net, "EUR", language),
    }


def _declared(page: bytes) -> bytes:
    """The PDF with the words in its metadata by which programs know a Factur-X."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(page)))
    old = writer._root_object.raw_get("/Metadata")
    metadata = DecodedStreamObject()
    metadata.set_data(_with_facturx(old.get_object().get_data().decode()).encode())
    metadata.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    writer._replace_object(old, metadata)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def _with_facturx(xmp: str) -> str:
    properties = "".join(_PROPERTY.format(name=name, description=escape(why)) for name, _, why in _FACTURX)
    values = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, value, _ in _FACTURX)
    described = xmp.replace(
        "</rdf:Bag></pdfaExtension:schemas>",
        _SCHEMA.format(properties=properties) + "</rdf:Bag></pdfaExtension:schemas>",
        1,
    )
    return described.replace("</rdf:RDF>", _DESCRIPTION.format(values=values) + "</rdf:RDF>", 1)
