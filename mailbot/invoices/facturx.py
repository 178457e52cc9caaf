"""The XML invoice inside a PDF (Factur-X, ZUGFeRD), whatever its attachment is called."""

import io
from collections.abc import Iterator

import pypdfium2
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from mailbot.invoices.xml import MAX_BYTES

_MOST_FILES = 100


def embedded_files(data: bytes) -> list[tuple[str, bytes]]:
    """The files attached to a PDF that may be XML, in the order of the PDF, from its name tree and its /AF list.

    A PDF that pypdf cannot walk (damaged, or encrypted with an empty password) is asked through PDFium instead.
    """
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if not reader.is_encrypted:
            return [*_once([*_by_name(reader), *_associated(reader)])]
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001, S110
        # On damaged files pypdf raises nearly every built-in exception (KeyError, TypeError, RecursionError …);
        # what it could not read, PDFium is asked for below.
        pass
    return _through_pdfium(data)


def _by_name(reader: PdfReader) -> Iterator[tuple[str, bytes]]:
    for name, contents in reader.attachments.items():
        for content in contents:
            yield name, content


def _associated(reader: PdfReader) -> Iterator[tuple[str, bytes]]:
    """Files that only the catalogue's /AF array names (PDF/A-3, ISO 19005-3 annex E)."""
    listed = reader.trailer["/Root"].get_object().get("/AF")
    listed = listed.get_object() if listed is not None else None
    if not isinstance(listed, ArrayObject):
        return
    for entry in listed[:_MOST_FILES]:
        specification = entry.get_object()
        if isinstance(specification, DictionaryObject) and "/EF" in specification:
            stream = specification["/EF"].get_object().get("/F")
            stream = stream.get_object() if stream is not None else None
            if isinstance(stream, StreamObject):
                name = specification.get("/UF", specification.get("/F", ""))
                yield str(name), stream.get_data()


def _once(files: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    seen: set[bytes] = set()
    for name, content in files[:_MOST_FILES]:
        if content not in seen and len(content) <= MAX_BYTES:
            seen.add(content)
            yield name, content


def _through_pdfium(data: bytes) -> list[tuple[str, bytes]]:
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            count = min(pdf.count_attachments(), _MOST_FILES)
            attached = (pdf.get_attachment(index) for index in range(count))
            return [(file.get_name(), bytes(file.get_data())) for file in attached]
    except pypdfium2.PdfiumError:
        return []
