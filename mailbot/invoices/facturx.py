"""The XML invoice inside a PDF (Factur-X, ZUGFeRD), whatever its attachment is called."""

import io
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # ships none
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject, StreamObject

from mailbot.invoices.xml import MAX_BYTES

_MOST_FILES = 100
_STANDARD = frozenset({"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"})


def embedded_files(data: bytes, pdf: Any) -> Iterator[tuple[str, bytes]]:
    """(name, content) of the files attached to a PDF, from its name tree and its /AF list, each content once.

    `pdf` is the same PDF as PDFium opened it, None where it did not. PDFium is asked first, for it is quick and opens
    what is damaged or encrypted with an empty password; then pypdf, which also sees files that only the /AF list names,
    if the caller still looks on. The names that the standards give come first, then those in .xml: what else is
    attached to an invoice may be big.
    """
    seen: set[bytes] = set()
    for name, content in chain(_through_pdfium(pdf), _through_pypdf(data)):
        if content not in seen and len(content) <= MAX_BYTES:
            seen.add(content)
            yield name, content


def _by_name(reader: PdfReader) -> Iterator[tuple[str, bytes]]:
    for name, contents in reader.attachments.items():
        for content in contents:
            yield name, content


def _associated(reader: PdfReader) -> Iterator[tuple[str, bytes]]:
    """Files that only the catalogue's /AF array names (PDF/A-3, ISO 19005-3 annex E)."""
    listed = _entry(reader.trailer["/Root"], "/AF")
    for item in listed[:_MOST_FILES] if isinstance(listed, ArrayObject) else ():
        specification = item.get_object()
        stream = _entry(_entry(specification, "/EF"), "/F")
        if isinstance(stream, StreamObject):
            yield str(_entry(specification, "/UF") or _entry(specification, "/F") or ""), stream.get_data()


def _entry(node: PdfObject | None, key: str) -> PdfObject | None:
    """The object that a dictionary holds under a key, references followed."""
    held = node.get_object() if node is not None else None
    found = held.get(key) if isinstance(held, DictionaryObject) else None
    return found.get_object() if isinstance(found, PdfObject) else None


def _through_pypdf(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if not reader.is_encrypted:
            yield from sorted([*_by_name(reader), *_associated(reader)][:_MOST_FILES], key=_rank)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001
        # On damaged files pypdf raises nearly every built-in exception (KeyError, TypeError, RecursionError);
        # what PDFium found is all there is then.
        return


def _through_pdfium(pdf: Any) -> Iterator[tuple[str, bytes]]:
    if pdf is None:
        return
    try:
        files = [pdf.get_attachment(index) for index in range(min(pdf.count_attachments(), _MOST_FILES))]
        for name, file in sorted(((file.get_name(), file) for file in files), key=_rank):
            yield name, bytes(file.get_data())
    except pypdfium2.PdfiumError:
        return


def xmls_in(pdf: Any) -> int:
    """How many of its first files are called .xml; 0 where PDFium did not open it."""
    count = min(pdf.count_attachments(), _MOST_FILES) if pdf is not None else 0
    return sum(pdf.get_attachment(index).get_name().lower().endswith(".xml") for index in range(count))


def _rank(named: tuple[str, Any]) -> int:
    return 0 if is_standard(named[0]) else 1 if named[0].lower().endswith(".xml") else 2


def is_standard(name: str) -> bool:
    """Whether Factur-X, ZUGFeRD or XRechnung call the invoice in a PDF so (Factur-X 1.07, 6.2.2; ZUGFeRD 1.0)."""
    return name.lower() in _STANDARD
