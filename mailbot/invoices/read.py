"""The one door of invoice documents: bytes in, what they state and what is doubtful about it out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

from mailbot.invoices import cii, ubl
from mailbot.invoices.agreement import Pages, disagreements
from mailbot.invoices.archives import files_in, is_zip, office_file
from mailbot.invoices.checks import with_doubts
from mailbot.invoices.cii import DRAFT_NAMESPACE, ROOTS, read_cii
from mailbot.invoices.codes import refused
from mailbot.invoices.facturx import embedded_files, xmls_in
from mailbot.invoices.kinds import SENTENCES, is_of_a_signature, kind_of
from mailbot.invoices.page import Sheet, open_pdf, sheet_of
from mailbot.invoices.papers import PAPERS, paper_on
from mailbot.invoices.pdftext import read_sheet
from mailbot.invoices.remarks import is_french, remarks_on
from mailbot.invoices.scan import Recognise, recognised_sheet, to_confirm
from mailbot.invoices.ubl import NAMESPACES, read_ubl
from mailbot.invoices.xml import Node, local_name, parse_xml, words_in
from mailbot.model import Attachment, Doubt, InvoiceDocument, Lesson, Letter, Party, Problem

_PDF_MARK_WITHIN = 1024  # as PDF readers do: a few bytes may stand before "%PDF-"
_XML_START = re.compile(rb"\s{0,64}<(?:\?xml|[A-Za-z_!])")
_HTML_START = re.compile(rb"\s{0,64}<(?:!doctype html|html|head|body|table|div)", re.IGNORECASE)
_MOST_ATTACHMENTS = 50
_MOST_XMLS = 5
_ROWS_OF_A_SCANNER = 5
"""So many lines a scanner prints on the pictures that it makes: its name, a date, a page number."""
_NOT_RECOGNISED = (
    "The PDF is a picture, and no invoice was recognised in it. Send the one that your software made, or its fields."
)


def read_document(
    data: bytes,
    name: str,
    *,
    use_xml: bool = True,
    own: Party | None = None,
    lessons: Sequence[Lesson] = (),
    recognise: Recognise | None = None,
) -> InvoiceDocument | Problem:
    """The invoice in a file, whatever its name says: a PDF with or without embedded XML, CII or UBL XML, or a ZIP
    with one of these.

    `use_xml` False reads a PDF's text although it has XML. `own` is the business whose invoices these are, as far as it
    is known (name, vat, siren, iban); `lessons` are what was learned of its layouts; `recognise` reads the characters
    of a PDF that is only a picture, of which every field is a doubt then. Nothing that a file holds raises.
    """
    if not data or data.isspace():
        return Problem("empty", "The file is empty. Send it again.", file=name)
    found = _read(data, _Way(use_xml, own, lessons, recognise))
    if isinstance(found, Problem):
        return Problem(found.code, found.message, found.line, found.column, name)
    return found


@dataclass(frozen=True, slots=True)
class _Way:
    """How a file is to be read: see `read_document`."""

    use_xml: bool
    own: Party | None
    lessons: Sequence[Lesson]
    recognise: Recognise | None


def _read(data: bytes, way: _Way) -> InvoiceDocument | Problem:
    if b"%PDF-" in data[:_PDF_MARK_WITHIN]:
        with open_pdf(data) as pdf:
            return _read_pdf(data, pdf, way)
    if is_zip(data):
        return _read_archive(data, way)
    code = _other_file(data)
    if code is None and is_xml(data):
        return _read_xml(data, way.own)
    if code is None:
        return Problem("unknown_format", "The file is neither PDF nor XML. Send the invoice as one of these.")
    return Problem(code, SENTENCES[code])


def read_letter_documents(letter: Letter, own: Party | None = None) -> list[tuple[str, InvoiceDocument | Problem]]:
    """(attachment, what it is) for the invoices that a mail and the mails enclosed in it carry, in order.

    XML that is something else is left out, as are PDFs that are none beside one that is, and a second copy
    of an invoice in another format: XML says more than text. Archives are opened.
    """
    return [(attachment.name, found) for attachment, found in letter_documents(letter, own)]


def letter_documents(
    letter: Letter,
    own: Party | None = None,
    lessons: Sequence[Lesson] = (),
    recognise: Recognise | None = None,
) -> list[tuple[Attachment, InvoiceDocument | Problem]]:
    """The same with the attachments themselves, for those who keep the bytes."""
    return documents_and_rest(letter, own, lessons, recognise)[0]


def documents_and_rest(
    letter: Letter,
    own: Party | None = None,
    lessons: Sequence[Lesson] = (),
    recognise: Recognise | None = None,
) -> tuple[list[tuple[Attachment, InvoiceDocument | Problem]], list[Problem]]:
    """`letter_documents`, and a Problem with the name of each PDF and XML file that was left out beside them."""
    candidates = islice(_attachments(letter), _MOST_ATTACHMENTS)
    read = [
        (one, closed or read_document(one.content, one.name, own=own, lessons=lessons, recognise=recognise))
        for one, closed in candidates
    ]
    found = [one for one in read if not _is_other_xml(*one)]
    found = found or [one for one in read if _is_code(one[1], "bad_xml", "document_type")]  # all that there is
    best = [(one, document) for one, document in found if _is_kept(one, document, found)]
    if any(isinstance(document, InvoiceDocument) for _, document in best):
        best = [one for one in best if not _is_code(one[1], "not_an_invoice")]
    kept = {id(one) for one, _ in best}
    return best, [_left_out(one.name, document) for one, document in read if id(one) not in kept]


def _left_out(name: str, document: InvoiceDocument | Problem) -> Problem:
    if isinstance(document, Problem):
        return Problem("left_out", document.message, file=name)
    return Problem("left_out", f"{document.number} was read from another file of this mail.", file=name)


def is_xml(data: bytes) -> bool:
    """Whether this starts as XML does, with or without a byte order mark."""
    start = data[:200]
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = start[2:].replace(b"\0", b"")
    return _XML_START.match(start.removeprefix(b"\xef\xbb\xbf")) is not None


def _other_file(data: bytes) -> str | None:
    """The code of a file that is known by its first bytes and is never an invoice's data."""
    if _HTML_START.match(data[:200].removeprefix(b"\xef\xbb\xbf")):
        return "html_file"
    if data[:5] == b"{\\rtf" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "word_file"
    pictures = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*", b"BM")
    return "picture_file" if data.startswith(pictures) or data[8:12] == b"WEBP" else None


def _read_pdf(data: bytes, opened: Any, way: _Way) -> InvoiceDocument | Problem:
    """`opened` is what `open_pdf` made of the data."""
    pdf = None if isinstance(opened, Problem) else opened
    pages = Pages(pdf)
    unread: Problem | None = None
    files = embedded_files(data, pdf) if way.use_xml else iter(())
    for _, content in files:
        if not is_xml(content):
            continue
        found = _read_xml(content, way.own, pages, data)
        if isinstance(found, InvoiceDocument):
            return _beside_others(found, files, pdf)
        unread = unread or (None if found.code == "not_an_invoice" else found)
    read = opened if isinstance(opened, Problem) else _read_pages(pdf, way)
    if isinstance(read, Problem):
        return unread if unread and read.code != "not_an_invoice" else read
    return with_doubts(read, Doubt("source", f"its XML was not read: {unread.message}")) if unread else read


def _beside_others(found: InvoiceDocument, files: Iterator[tuple[str, bytes]], pdf: Any) -> InvoiceDocument:
    """The invoice with doubts that name both where a second XML in the same PDF is another one.

    PDFium tells how many there are: what else is attached may be big, and is not unpacked.
    """
    for name, content in islice(files, min(max(0, xmls_in(pdf) - 1), _MOST_XMLS)):
        root = parse_xml(content) if is_xml(content) else None
        other = _invoice_of(root, "facturx") if root is not None and not isinstance(root, Problem) else None
        if isinstance(other, InvoiceDocument) and (doubts := list(_unlike(found, other, name))):
            return with_doubts(found, *doubts)
    return found


def _unlike(found: InvoiceDocument, other: InvoiceDocument, name: str) -> Iterator[Doubt]:
    for field in ("number", "kind", "total_gross", "amount_due", "due_date", "currency"):
        one, two = getattr(found, field), getattr(other, field)
        if one is not None and two is not None and one != two:
            why = f"the PDF holds two XML invoices: {one}, and {two} in {name[:60]}"
            yield Doubt(field, why, (str(one), str(two)))


def _read_pages(pdf: Any, way: _Way) -> InvoiceDocument | Problem:
    """What the pages of an open PDF say, in text or else in pictures."""
    sheet = sheet_of(pdf)
    read = sheet if isinstance(sheet, Problem) else _read_words(sheet, way)
    if way.recognise is None or not isinstance(read, Problem):
        return read
    if read.code != "no_text" and (isinstance(sheet, Problem) or len(sheet.rows) > _ROWS_OF_A_SCANNER):
        return read
    scanned = recognised_sheet(pdf, way.recognise)
    recognised = _read_words(scanned, way) if scanned is not None else read
    if isinstance(recognised, InvoiceDocument):
        return to_confirm(recognised)
    return Problem("no_text", _NOT_RECOGNISED) if read.code == "no_text" else read


def _read_words(sheet: Sheet, way: _Way) -> InvoiceDocument | Problem:
    if paper := paper_on(sheet):
        return Problem(paper, PAPERS[paper])
    found = read_sheet(sheet, own=way.own, lessons=way.lessons)
    if isinstance(found, Problem):
        return found
    return replace(found, remarks=remarks_on(found, "\n".join(sheet.lines()), way.own))


def _read_archive(data: bytes, way: _Way) -> InvoiceDocument | Problem:
    if code := office_file(data):
        return Problem(code, SENTENCES[code])
    files = list(files_in(data))
    if problem := next((one for one in files if isinstance(one, Problem) and one.code not in SENTENCES), None):
        return problem
    if len(files) == 1 and not isinstance(files[0], Problem):
        return _read(files[0][1], way)
    return Problem("archive_file", SENTENCES["archive_file"])


def _read_xml(
    data: bytes, own: Party | None, pages: Pages | None = None, pdf: bytes = b""
) -> InvoiceDocument | Problem:
    """`pages` are those of the `pdf` that the XML was found in: they must not say something else."""
    root = parse_xml(data)
    if isinstance(root, Problem):
        return root
    found = _invoice_of(root, "facturx" if pages else None)
    if isinstance(found, Problem):
        return found
    if pages and (doubts := disagreements(pages, pdf, found)):
        found = with_doubts(found, *doubts)
    text = ""
    if is_french(found):  # only French law says what has to be mentioned
        text = "\n".join(pages.texts()) if pages else words_in(root)
    return replace(found, remarks=remarks_on(found, text, own))


def _invoice_of(root: Node, source: Literal["facturx"] | None) -> InvoiceDocument | Problem:
    if local_name(root) == "StandardBusinessDocument":
        return _enveloped(root, source)
    if local_name(root) in ROOTS or _namespace(root).startswith(DRAFT_NAMESPACE):
        return refused(cii.type_of(root), on_page=source is not None) or read_cii(root, source or "cii")
    if _namespace(root) in NAMESPACES:
        return refused(ubl.type_of(root), on_page=source is not None) or read_ubl(root)
    if local_name(root) == "FatturaElettronica":
        return Problem("unsupported_format", "Italian FatturaPA files are not read. Send the PDF instead.")
    return Problem("not_an_invoice", f"The XML is no invoice: its root is {local_name(root)[:60]}.")


def _enveloped(root: Node, source: Literal["facturx"] | None) -> InvoiceDocument | Problem:
    """The document in an envelope of the Peppol network (SBDH 1.3): beside its header there is one."""
    inside = [
        child for child in islice(root.iterchildren("{*}*"), 3) if local_name(child) != "StandardBusinessDocumentHeader"
    ]
    if len(inside) != 1 or local_name(inside[0]) == "StandardBusinessDocument":
        return Problem("not_an_invoice", "The envelope does not hold one invoice. Send the invoice itself.")
    return _invoice_of(inside[0], source)


def _namespace(root: Node) -> str:
    tag = root.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def _attachments(letter: Letter) -> Iterator[tuple[Attachment, Problem | None]]:
    """What may be an invoice, and archives or parts of them that are not opened with why."""
    for attachment in letter.attachments:
        if is_zip(attachment.content) and office_file(attachment.content) is None:
            for file in files_in(attachment.content):
                if not isinstance(file, Problem):
                    yield Attachment(file[0], "application/octet-stream", file[1]), None
                elif file.code in SENTENCES and file.file:
                    yield Attachment(file.file, "application/octet-stream", b""), file
                elif file.file or attachment.name.lower().endswith(".zip"):  # else a damaged file of another kind
                    name = file.file or attachment.name
                    yield Attachment(name, "application/zip", b""), Problem("archive_file", file.message, file=name)
        elif _is_pdf(attachment) or is_xml(attachment.content):
            yield attachment, None
        elif kind := _unreadable(attachment):
            yield attachment, Problem(kind, SENTENCES[kind], file=attachment.name)
    for enclosed in letter.enclosed:
        yield from _attachments(enclosed)


def _unreadable(attachment: Attachment) -> str | None:
    """The kind of an attachment that may hold an invoice and is not read; None for what mails carry anyway."""
    kind = office_file(attachment.content) if is_zip(attachment.content) else kind_of(attachment.name)
    if kind == "picture_file" and is_of_a_signature(attachment.name, len(attachment.content)):
        return None
    return None if kind == "html_file" or attachment.name.lower().endswith(".txt") else kind


def archive_documents(
    data: bytes, *, use_xml: bool = True, recognise: Recognise | None = None
) -> list[tuple[str, InvoiceDocument | Problem]]:
    """(name, what it is) of each file in a ZIP; what is not read is a Problem with its name, as in `files_in`."""
    found: list[tuple[str, InvoiceDocument | Problem]] = []
    for file in files_in(data):
        if isinstance(file, Problem):
            found.append((file.file or "", file))
        else:
            found.append((file[0], read_document(file[1], file[0], use_xml=use_xml, recognise=recognise)))
    return found


def _is_pdf(attachment: Attachment) -> bool:
    """By its content, or because it says so: then what is wrong with it is worth a word."""
    return (
        b"%PDF-" in attachment.content[:_PDF_MARK_WITHIN]
        or attachment.type == "application/pdf"
        or attachment.name.lower().endswith(".pdf")
    )


def _is_other_xml(attachment: Attachment, found: InvoiceDocument | Problem) -> bool:
    """An XML that is a bank file, a report, a web page: some other reader's."""
    return is_xml(attachment.content) and _is_code(found, "not_an_invoice", "bad_xml", "document_type", "html_file")


def _is_code(found: InvoiceDocument | Problem, *codes: str) -> bool:
    return isinstance(found, Problem) and found.code in codes


def _is_kept(
    attachment: Attachment,
    document: InvoiceDocument | Problem,
    found: list[tuple[Attachment, InvoiceDocument | Problem]],
) -> bool:
    """Whether this is the best copy of its invoice: structured before text, then the first of the mail."""
    if not isinstance(document, InvoiceDocument) or document.number is None:
        return True
    same = (document.kind, document.number)
    copies = [
        (one, other)
        for one, other in found
        if isinstance(other, InvoiceDocument) and (other.kind, other.number) == same
    ]
    structured = [one for one, other in copies if other.source != "pdf-text"]
    return (structured or [one for one, _ in copies])[0] is attachment
