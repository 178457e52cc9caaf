"""`python -m mailbot.demo.paperwork FOLDER LANGUAGE SEED`: every invoice and credit note of the story as a PDF."""

import sys
from pathlib import Path

from mailbot.demo.documents import invoice_pdf, plain_pdf
from mailbot.demo.story import cast, credit_notes, invoices


def write_invoices(folder: Path, language: str, seed: int) -> None:
    """`<number>.pdf` for each; the ones that the story calls plain have no data inside."""
    folder.mkdir(parents=True, exist_ok=True)
    people = cast(language)
    billed = invoices(people, language, seed)
    for issued in (*billed, *credit_notes(people, billed)):
        make = plain_pdf if issued.style == "plain" else invoice_pdf
        (folder / f"{issued.invoice.number}.pdf").write_bytes(make(issued.page))


if __name__ == "__main__":
    write_invoices(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
