"""What the ledger knows, on the command line; orders and bank files from there."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from cli_house import mailbot

from mailbot.app import App
from mailbot.jobs.office import Office, happened, refresh
from mailbot.ledger import bank, clients, events, invoices, questions
from mailbot.ledger.store import reading, writing
from mailbot.model import Contact, InvoiceDocument, Party
from mailbot.rules.canonical import read_case
from mailbot.testing.servers import MailWorld

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AT = ("--now", NOW.isoformat())
OFX = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
ENCODING:USASCII
CHARSET:1252

<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>30006<ACCTID>12345678901<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261101<DTEND>20261122
{lines}</BANKTRANLIST><LEDGERBAL><BALAMT>0.00<DTASOF>20261122</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


def transaction(fitid: str, amount: str, name: str) -> str:
    return f"<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261120<TRNAMT>{amount}<FITID>{fitid}<NAME>{name}</STMTTRN>\n"


@pytest.fixture
def office(app: App) -> Office:
    """Dupont owes two invoices, Petit has paid one."""
    office = app.office("atelier-martin")
    add(office, "FA-2026-0412", "Dupont & Fils SARL", "1200.00", date(2026, 10, 31))
    add(office, "FA-2026-0420", "Dupont & Fils SARL", "80.50", date(2026, 12, 15))
    add(office, "FA-2026-0399", "Petit SA", "500.00", date(2026, 10, 15))
    with writing(office.engine) as conn:
        client = invoices.numbers(conn, office.key)["FA-2026-0399"]
        happened(conn, office, "owner.paid", "test", NOW, client=client, invoice="FA-2026-0399", data={})
        refresh(conn, office, client, NOW)
    return office


def add(office: Office, number: str, name: str, amount: str, due: date) -> None:
    with writing(office.engine) as conn:
        contact = Contact(f"compta@{name.split()[0].lower()}.example", "Compta")
        client = clients.add(conn, office.key, name, "fr", contacts=(contact,))
        document = InvoiceDocument(
            "cii", None, "invoice", number, date(2026, 10, 1), due, "EUR", None, None, Decimal(amount), None,
            Decimal(amount), buyer=Party(name=name),
        )  # fmt: skip
        invoices.add(conn, office.key, client, document, None, b"<xml/>", f"{number}.xml", NOW)
        happened(conn, office, "invoice.received", number, NOW, client=client, invoice=number, data={})
        refresh(conn, office, client, NOW)


def test_status_says_who_owes_what(home: Path, office: Office) -> None:
    done = mailbot("status", *AT, folder=home)
    record = json.loads(mailbot("status", "--json", *AT, folder=home).out)

    assert done.status == 0
    assert [(one["number"], one["open"], one["late_days"]) for one in record["owed"]] == [
        ("FA-2026-0412", "1200.00", 23), ("FA-2026-0420", "80.50", 0),
    ]  # fmt: skip
    assert "FA-2026-0412" in done.out
    assert "FA-2026-0399" not in done.out
    assert record["bank_through"] is None


def test_invoice_list_leaves_out_what_is_settled_unless_asked(home: Path, office: Office) -> None:
    some = mailbot("invoice", "list", "--json", *AT, folder=home).out.splitlines()
    everything = mailbot("invoice", "list", "--all", "--json", *AT, folder=home).out.splitlines()

    assert (len(some), len(everything)) == (2, 3)


def test_invoice_show_tells_its_history_and_a_near_number_is_suggested(home: Path, office: Office) -> None:
    done = mailbot("invoice", "show", "fa-2026-0399", folder=home)
    wrong = mailbot("invoice", "show", "FA-2026-0400", folder=home)

    assert "owner.paid" in done.out
    assert (wrong.status, "Did you mean FA-2026-0" in wrong.sentence) == (1, True)


def test_clients_are_listed_and_found_by_parts_of_their_names(home: Path, office: Office) -> None:
    listed = [json.loads(line) for line in mailbot("client", "list", "--json", folder=home).out.splitlines()]
    shown = mailbot("client", "show", "dupont", folder=home)
    unknown = mailbot("client", "show", "Durand", folder=home)

    assert {one["name"]: one["owes"] for one in listed} == {
        "Dupont & Fils SARL": {"EUR": "1280.50"}, "Petit SA": {"EUR": "0.00"},
    }  # fmt: skip
    assert "FA-2026-0420" in shown.out
    assert unknown.status == 1


def test_an_order_is_carried_out_and_the_same_at_the_same_instant_acts_once(home: Path, office: Office) -> None:
    for _ in range(2):
        done = mailbot("do", "paid FA-2026-0412 200", *AT, folder=home)
        assert done.status == 0, done.err

    with reading(office.engine) as conn:
        left = invoices.get(conn, office.key, "FA-2026-0412")
        assert left is not None
        assert left.open_amount == Decimal("1000.00")
        assert len([e for e in events.of_invoice(conn, office.key, "FA-2026-0412") if e.name == "owner.paid"]) == 1


def test_help_lists_the_orders(home: Path, office: Office) -> None:
    done = mailbot("do", "help", folder=home)

    assert done.status == 0
    assert "pause Dupont" in done.out


@pytest.mark.parametrize("order", ["dance with Dupont", "pause Durand", "paid FA-9999"])
def test_an_order_that_is_none_or_meets_nobody_fails_and_changes_nothing(
    home: Path, office: Office, order: str
) -> None:
    with reading(office.engine) as conn:
        before = events.between(conn, office.key, datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))

    done = mailbot("do", order, *AT, folder=home)

    assert (done.status, done.out) == (1, "")
    assert done.sentence
    with reading(office.engine) as conn:
        after = events.between(conn, office.key, datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    assert after == before


def test_explain_gives_the_reason_the_trace_and_what_comes_next(home: Path, office: Office) -> None:
    done = mailbot("explain", "FA-2026-0412", *AT, folder=home)
    record = json.loads(mailbot("explain", "FA-2026-0412", "--json", *AT, folder=home).out)
    earlier = json.loads(mailbot("explain", "FA-2026-0412", "--date", "2026-10-02", "--json", *AT, folder=home).out)
    unknown = mailbot("explain", "FA-1", folder=home)

    assert done.status == 0
    assert "✔" in done.out or "✘" in done.out
    assert (record["verdict"], record["code"]) == ("hold", "bank_stale") or record["verdict"] in ("hold", "wait")
    assert record["trace"]
    assert earlier["verdict"] == "nothing", "the invoice was not known on that day"
    assert unknown.status == 1


def test_what_is_exported_is_what_rules_decide_reads(home: Path, office: Office) -> None:
    owing = mailbot("export", *AT, folder=home)
    everyone = mailbot("export", "--all", *AT, folder=home)

    assert (len(owing.out.splitlines()), len(everyone.out.splitlines())) == (1, 2)
    for line in everyone.out.splitlines():
        facts, told, day = read_case(line)
        with reading(office.engine) as conn:
            assert facts == clients.facts(conn, office.key, int(facts.id))
            assert told == events.of_client(conn, office.key, int(facts.id))
        assert day == date(2026, 11, 23)
    (home / "cases.jsonl").write_text(everyone.out)
    decided = mailbot("rules", "decide", "--json", "cases.jsonl", folder=home)
    assert decided.status == 0
    assert len(decided.out.splitlines()) == 2


def test_a_dry_run_of_an_import_says_the_same_and_changes_nothing(home: Path, office: Office) -> None:
    lines = transaction("F1", "1200.00", "VIR DUPONT FA-2026-0412") + transaction("F2", "33.00", "VIR INCONNU")
    (home / "november.ofx").write_text(OFX.format(lines=lines))
    dry = mailbot("bank", "import", "--dry-run", "november.ofx", *AT, folder=home)
    assert "2 new, 0 known, 0 changed" in dry.out, dry.err
    with reading(office.engine) as conn:
        assert "bank.payment" not in {event.name for event in events.everything(conn, office.key)}
        assert bank.through(conn, office.key) is None
        assert not questions.open_ones(conn, office.key)

    real = mailbot("bank", "import", "november.ofx", *AT, folder=home)
    again = mailbot("bank", "import", "november.ofx", *AT, folder=home)

    assert "2 new, 0 known, 0 changed" in real.out
    assert "1 booked" in real.out
    assert "0 new, 2 known, 0 changed" in again.out
    with reading(office.engine) as conn:
        paid = invoices.get(conn, office.key, "FA-2026-0412")
    assert paid is not None
    assert paid.open_amount == 0


def test_the_digest_is_shown_written_and_sent(home: Path, office: Office, mail_world: MailWorld) -> None:
    shown = mailbot("digest", folder=home)
    written = mailbot("digest", "--html", "digest.html", folder=home)
    sent = mailbot("digest", "--send", folder=home)

    assert "1,280.50" in shown.out
    assert written.status == 0
    assert (home / "digest.html").read_text().lstrip().lower().startswith("<!doctype html")
    assert sent.out.startswith("Sent to claire@atelier-martin.example: 250")
    assert len(mail_world.smtp.accepted("claire@atelier-martin.example")) == 1


def test_health_is_0_when_well_and_4_when_mails_do_not_leave(home: Path, office: Office) -> None:
    from mailbot.jobs.mailing import tell_owner

    well = mailbot("health", "--json", *AT, folder=home)
    with writing(office.engine) as conn:
        tell_owner(conn, office, "transcript", "test", {"lines": [], "help": False}, NOW.replace(hour=1))
    late = mailbot("health", "--json", *AT, folder=home)

    assert (well.status, json.loads(well.out)["well"]) == (0, True)
    assert (late.status, json.loads(late.out)["businesses"][0]["late"]) == (4, 1)


def test_settings_are_shown_with_their_source(home: Path) -> None:
    done = mailbot(
        "config", "show", "--json", folder=home,
        environment={"MAILBOT_SMTP__PASSWORD": "hidden-word", "MAILBOT_REDIS": "redis://:hidden-word@r.example:6379/0"},
    )  # fmt: skip

    shown = json.loads(done.out)["settings"]
    assert shown["business.name"] == {"value": "Atelier Martin", "source": "mailbot.yaml:2"}
    assert shown["redis"] == {"value": "redis://:***@r.example:6379/0", "source": "MAILBOT_REDIS"}
    assert shown["smtp.password"]["source"] == "MAILBOT_SMTP__PASSWORD"
    assert shown["digest.at"] == {"value": "07:30", "source": "default"}
    assert "hidden-word" not in done.out


@pytest.mark.parametrize(
    "address", ["postgresql://bot:geheim/2@db.example/bot", "postgresql://db.example/bot?user=bot&password=geheim/2"]
)
def test_no_password_of_the_database_is_shown_however_it_is_written(home: Path, address: str) -> None:
    done = mailbot("config", "show", folder=home, environment={"MAILBOT_DATABASE": address})

    assert done.status == 0
    assert "db.example/bot" in done.out
    assert "geheim" not in done.out
