"""`mailbot dossier`: the file is written whatever the chain is like, and a broken chain is said and is no success."""

import io
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest
from cli_house import mailbot

from mailbot.app import App
from mailbot.jobs import chaining
from mailbot.jobs.entering import Source, enter
from mailbot.jobs.office import Office
from mailbot.ledger.store import writing
from mailbot.model import InvoiceDocument, Party

NOW = datetime(2026, 6, 22, 9, 0, tzinfo=UTC)
AT = ("--now", NOW.isoformat())


@pytest.fixture
def office(app: App) -> Office:
    """One invoice, entered from a list and sealed."""
    office = app.office("atelier-martin")
    document = InvoiceDocument(
        "listing", None, "invoice", "FA-1", date(2026, 3, 1), date(2026, 3, 31), "EUR", None, None, Decimal("1200.00"),
        None, Decimal("1200.00"), buyer=Party(name="Dupont SARL", siren="732829320"),
    )  # fmt: skip
    with writing(office.engine) as conn:
        enter(conn, office, Source(), document, "compta@dupont.example", NOW)
    chaining.seal_events(office, NOW)
    return office


def cover(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        page = next(name for name in archive.namelist() if name.startswith("00-"))
        pages = pypdfium2.PdfDocument(io.BytesIO(archive.read(page)))
    return " ".join(" ".join(one.get_textpage().get_text_range() for one in pages).split())


def test_a_chain_that_holds_is_a_success(home: Path, office: Office) -> None:
    made = mailbot("dossier", "FA-1", "-o", "FA-1.zip", "--language", "fr", *AT, folder=home)

    assert made.status == 0, made.err
    assert "Chaîne vérifiée" in cover(home / "FA-1.zip")


def test_a_broken_chain_ends_with_four_and_is_named_on_stderr_and_on_the_first_page(home: Path, office: Office) -> None:
    with closing(sqlite3.connect(str(office.engine.url.database))) as conn:
        conn.execute("UPDATE invoice SET due = '2025-03-31'")
        conn.commit()

    made = mailbot("dossier", "FA-1", "-o", "FA-1.zip", "--language", "fr", *AT, folder=home)

    assert made.status == 4
    said = "Facture FA-1, échéance : scellé « 2026-03-31 » (scellé n° 1), au registre aujourd'hui « 2025-03-31 »."
    assert said in made.err
    assert "mailbot evidence verify" in made.err
    assert "a trouvé des écarts" in cover(home / "FA-1.zip")
    assert said in cover(home / "FA-1.zip")
    verified = mailbot("evidence", "verify", *AT, folder=home)
    assert verified.status == 4
    assert "invoice FA-1, due: sealed '2026-03-31', now '2025-03-31'" in verified.err
