"""`mailbot owed`: what an invoice of the ledger has come to, and what cannot be said."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from cli_house import mailbot

from mailbot.app import App
from mailbot.jobs.office import Office, happened, refresh
from mailbot.ledger import clients, invoices
from mailbot.ledger.store import writing
from mailbot.model import InvoiceDocument, Party

NOW = datetime(2026, 6, 22, 9, 0, tzinfo=UTC)
AT = ("--now", NOW.isoformat())


@pytest.fixture
def office(app: App) -> Office:
    """A company owes 7 300 euros since 31 March 2025 and has paid half ten days late."""
    office = app.office("atelier-martin")
    client = add(office, "FA-1", "Dupont SARL", "7300.00", date(2025, 3, 31), siren="732829320")
    with writing(office.engine) as conn:
        data = {"amount": "3650.00", "date": "2025-04-10"}
        happened(conn, office, "owner.paid", "test", NOW, client=client, invoice="FA-1", data=data)
        refresh(conn, office, client, NOW)
    return office


def add(
    office: Office, number: str, name: str, amount: str, due: date, *, siren: str | None = None,
    kind: str = "invoice",
) -> int:  # fmt: skip
    with writing(office.engine) as conn:
        client = clients.add(conn, office.key, name, "fr", siren=siren)
        document = InvoiceDocument(
            "cii", None, kind, number, date(2025, 3, 1), due, "EUR", None, None, Decimal(amount), None,  # type: ignore[arg-type]
            Decimal(amount), buyer=Party(name=name),
        )  # fmt: skip
        invoices.add(conn, office.key, client, document, None, None, None, NOW)
        happened(conn, office, "invoice.received", number, NOW, client=client, invoice=number, data={})
        refresh(conn, office, client, NOW)
    return client


def test_owed_says_what_an_invoice_has_come_to_and_how(home: Path, office: Office) -> None:
    done = mailbot("owed", "fa-1", "--json", *AT, folder=home)

    record = json.loads(done.out)
    assert done.status == 0, done.err
    assert (record["schema"], record["on"], record["debtor"]) == (1, "2026-06-22", "business")
    # 10 days on 7300, then 81 + 184 + 173 days on 3650: 26.30 + 81 × 1.315 + 357 × 1.215
    assert record["interest"] == "566.57"
    assert record["total"] == {"EUR": "4256.57"}
    assert record["segments"][0] == {
        "from": "2025-04-01", "to": "2025-04-10", "days": 10, "base": "7300.000000", "rate": "13.15",
        "kind": "default", "half_year": "2025-H1", "days_in_year": 365, "interest": "26.300000",
        "instalment": None, "article": "C. com. L441-10 II", "source": record["segments"][0]["source"],
    }  # fmt: skip
    assert record["payments"][0]["principal_left"] == "3650.00"
    assert record["explanation"]["fr"][-1] == "Calcul selon le droit français. Ce n'est pas un conseil juridique."


def test_the_table_for_people_ends_with_the_total(home: Path, office: Office) -> None:
    french = mailbot("owed", "FA-1", "--on", "2025-04-30", "--lang", "fr", *AT, folder=home)

    assert french.out.startswith("Du          Au          Jours")
    assert "Total dû au 30 avril 2025 : 3 742,60 €." in french.out


def test_a_day_outside_the_table_is_refused_with_the_line_that_is_missing(home: Path, office: Office) -> None:
    done = mailbot("owed", "FA-1", "--on", "2026-07-01", *AT, folder=home)
    record = json.loads(mailbot("owed", "FA-1", "--on", "2026-07-01", "--json", *AT, folder=home).out)

    assert (done.status, done.out) == (5, "")
    assert '2026-H2: {rate: "…", source: "…"}' in done.sentence
    assert record["missing"] == ["fr 2026-H2"]
    assert "Only up to 30 June 2026, the last day whose rate is known: €" in done.sentence
    assert "this is not the total owed" in done.sentence
    known = json.loads(mailbot("owed", "FA-1", "--on", "2026-06-30", "--json", *AT, folder=home).out)
    assert record["known_until"]["on"] == "2026-06-30"
    assert record["known_until"]["interest_left"] == known["interest_left"]
    assert "total" not in record


def test_an_invoice_is_not_owed_before_it_was_issued(home: Path, office: Office) -> None:
    done = mailbot("owed", "FA-1", "--on", "2025-02-28", "--lang", "fr", *AT, folder=home)

    assert (done.status, done.out) == (5, "")
    assert (
        done.sentence == "La facture FA-1 n'existait pas encore le 28 février 2025 : elle a été émise le 1er mars 2025."
    )
    assert mailbot("owed", "FA-1", "--on", "2025-03-01", *AT, folder=home).status == 0


def test_a_file_of_ones_own_adds_a_half_year(home: Path, office: Office) -> None:
    set_law(home, rates="rates.yaml")
    (home / "rates.yaml").write_text('reference:\n  2026-H2: {rate: "2.15", source: "ecb.europa.eu, 2026-07-01"}\n')

    done = mailbot("owed", "FA-1", "--on", "2026-07-01", "--json", *AT, folder=home)

    assert json.loads(done.out)["segments"][-1]["source"] == "ecb.europa.eu, 2026-07-01"


def test_mistakes_in_a_file_of_ones_own_are_told_all_at_once(home: Path, office: Office) -> None:
    set_law(home, rates="rates.yaml")
    (home / "rates.yaml").write_text(
        'reference:\n  2026-H3: {rate: "2.15", source: x}\n  2026-H2: {rate: "2.15"}\nfloor: []\n'
    )

    done = mailbot("owed", "FA-1", *AT, folder=home)

    assert done.status == 3
    assert [line.split("rates.yaml:")[1].split(":")[0] for line in done.err.splitlines()] == ["4", "2", "3"]


def test_an_unknown_invoice_and_a_credit_note_fail_with_a_sentence(home: Path, office: Office) -> None:
    add(office, "AV-1", "Dupont SARL", "50.00", date(2025, 5, 1), siren="732829320", kind="credit_note")

    unknown = mailbot("owed", "FA-3", *AT, folder=home)
    credit_note = mailbot("owed", "AV-1", *AT, folder=home)

    assert (unknown.status, credit_note.status) == (1, 1)
    assert "Did you mean" in unknown.sentence
    assert "credit note" in credit_note.sentence


def test_a_rate_that_is_no_percentage_is_a_mistake_in_the_settings(home: Path, office: Office) -> None:
    set_law(home, contract_rate="12,5 %")

    done = mailbot("owed", "FA-1", *AT, folder=home)

    assert (done.status, 'write a percentage like "12.5"' in done.sentence) == (3, True)


def set_law(home: Path, **law: str) -> None:
    path = home / "mailbot.yaml"
    tree = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump({**tree, "law": law}, sort_keys=False))
