"""Invoice documents made to do harm, or broken: what a reader must answer in seconds and within its memory."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pypdfium2  # type: ignore[import-untyped]  # ships none
from pypdf import PdfReader, PdfWriter

LINE = "Facture n FA-2026-1 du 01/10/2026 Total TTC 1 200,00 EUR TVA 20 % 200,00 Total HT 1 000,00"


def hostile_documents() -> Iterator[tuple[str, bytes]]:
    """(name, bytes) one by one, so that not all bombs are in memory at once."""
    makers: dict[str, Callable[[], bytes]] = {
        "empty.pdf": lambda: b"",
        "head.pdf": lambda: b"%PDF-1.7\n",
        "truncated.pdf": lambda: page_pdf([[LINE]])[:-400],
        "five-hundred-pages.pdf": lambda: page_pdf([[f"{LINE} {line}" for line in range(40)] for _ in range(500)]),
        "one-endless-page.pdf": lambda: page_pdf([[LINE + " 1 2 3 4" * 20 for _ in range(20_000)]]),
        "picture.pdf": picture_pdf,
        "locked.pdf": lambda: locked(page_pdf([[LINE]])),
        "operators.pdf": lambda: stream_pdf(b"(a) Tj " * 12_000_000),
        "nothing.pdf": lambda: stream_pdf(b" " * 400_000_000),
        "embedded-bomb.pdf": lambda: attached(page_pdf([[LINE]]), b"<a>" + b" " * 300_000_000 + b"</a>"),
        "embedded-laughs.pdf": lambda: attached(page_pdf([[LINE]]), laughs()),
        "many-files.pdf": partial(_many, 2000),
        "laughs.xml": laughs,
        "entity.xml": lambda: b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><Invoice>&e;</Invoice>',
        "deep.xml": lambda: b"<a>" * 3_000_000,
        "wide.xml": lambda: b"<Invoice>" + b"<a/>" * 4_000_000 + b"</Invoice>",
        "bomb.zip": bomb_zip,
        "zipped-zips.zip": lambda: zipped({f"{number}.zip": bomb_zip() for number in range(20)}),
        "page.html": lambda: b"<!DOCTYPE html><html><body>" + b"<table><tr><td>" * 200_000,
    }
    for name, make in makers.items():
        yield name, make()


def page_pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF of these pages with these lines of text."""
    return _pdf([_lines(lines) for lines in pages])


def stream_pdf(content: bytes) -> bytes:
    """A PDF of one page with this content, compressed."""
    return _pdf([b"BT /F1 10 Tf 40 800 Td " + content + b" ET"])


def picture_pdf() -> bytes:
    """A page that is one picture of 12,000 by 12,000 points and no text."""
    pixels = zlib.compress(zlib.compress(b"\xff" * 144_000_000, 9), 9)
    return _pictured(12_000, 12_000, pixels, b"[/FlateDecode /FlateDecode]")


def scanned(pdf: bytes, dots_per_inch: int = 200) -> bytes:
    """The first page of a PDF as a scanner would give it: a grey picture of the size of A4, without text."""
    with pypdfium2.PdfDocument(pdf) as document:
        bitmap = document[0].render(scale=dots_per_inch / 72, grayscale=True)
        wide, high, step = bitmap.width, bitmap.height, bitmap.stride
        dots = bytes(bitmap.buffer)
    rows = b"".join(dots[row * step : row * step + wide] for row in range(high))
    return _pictured(wide, high, zlib.compress(rows), b"/FlateDecode")


def _pictured(wide: int, high: int, packed: bytes, filters: bytes) -> bytes:
    image = (
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
        b" /Filter %s /Length %d >>\nstream\n%s\nendstream" % (wide, high, filters, len(packed), packed)
    )
    return _pdf([b"q 595 0 0 842 0 0 cm /I Do Q"], image)


def locked(data: bytes) -> bytes:
    """The PDF behind a password."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt("secret", "secret", algorithm="RC4-128")
    return _written(writer)


def attached(data: bytes, content: bytes) -> bytes:
    """The PDF with a compressed file `factur-x.xml`."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.add_attachment("factur-x.xml", content)
    for page in writer.pages:
        page.compress_content_streams()
    writer.compress_identical_objects()
    return _written(writer)


def laughs() -> bytes:
    """Entities of entities: a thousand million laughs."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">{levels}]><Invoice>&l11;</Invoice>'.encode()


def zipped(files: dict[str, bytes]) -> bytes:
    """A ZIP of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def bomb_zip() -> bytes:
    """A ZIP whose one PDF grows to 300 MB."""
    return zipped({"facture.pdf": b"%PDF-1.7" + b"\0" * 300_000_000})


def _many(count: int) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(page_pdf([[LINE]]))))
    for number in range(count):
        writer.add_attachment(f"{number}.xml", b"<a/>")
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _lines(lines: Sequence[str]) -> bytes:
    shown = "".join(f"({line.translate({40: None, 41: None, 92: None})}) Tj T*\n" for line in lines)
    return b"BT /F1 10 Tf 12 TL 40 800 Td\n" + shown.encode("cp1252", "replace") + b"ET"


def _pdf(contents: Sequence[bytes], image: bytes = b"") -> bytes:
    first = 5
    kids = b" ".join(b"%d 0 R" % (first + 2 * number) for number in range(len(contents)))
    xobject = b" /XObject << /I 4 0 R >>" if image else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(contents)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        image or b"<< >>",
    ]
    for number, content in enumerate(contents):
        packed = zlib.compress(content)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >>%s >> >>" % (first + 2 * number + 1, xobject)
        )
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed))
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()
