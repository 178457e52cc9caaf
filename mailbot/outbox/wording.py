"""Small things that templates call: aligned columns for text, mailto links for buttons, grouped IBANs."""

from collections.abc import Sequence
from urllib.parse import quote


def columns(rows: Sequence[Sequence[str]], align: str) -> str:
    """Rows of text as aligned lines without trailing spaces; `align` has one `<` or `>` for each column."""
    widths = [max((len(row[at]) for row in rows), default=0) for at in range(len(align))]
    lines = (
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, align, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def mailto(address: str, subject: str, body: str = "") -> str:
    """A link that opens a mail already begun (RFC 6068: spaces are %20, line ends %0D%0A)."""
    link = f"mailto:{quote(address, safe='@')}?subject={quote(subject, safe='')}"
    lines = body.replace("\r\n", "\n").replace("\n", "\r\n")
    return f"{link}&body={quote(lines, safe='')}" if body else link


def grouped(iban: str) -> str:
    """An IBAN in groups of four, as banks print it."""
    bare = "".join(iban.split()).upper()
    return " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))
