"""Rules and the ledger: versions, explaining past days, and looking only at those whose day has come."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from mailbot.config import shipped
from mailbot.jobs import showing
from mailbot.jobs.banking import take_statement
from mailbot.jobs.clock import take_note_of_rules
from mailbot.jobs.deciding import current_decision, decide_due
from mailbot.jobs.office import Office, happened
from mailbot.ledger import businesses, clients, decisions, events, invoices
from mailbot.ledger.store import migrate, open_ledger, reading, writing
from mailbot.model import Account, Contact, InvoiceDocument, Statement
from mailbot.outbox.compose import Templates
from mailbot.outbox.tokens import Tokens
from mailbot.rules.canonical import to_json
from mailbot.rules.decide import decide
from mailbot.rules.language import Rules
from mailbot.rules.load import load_rules
from mailbot.sandbox import Sandbox
from mailbot.settings import Business, Limits

TEMPLATES = Templates(shipped("templates"))
TEXT = (shipped("rules") / "fr.yaml").read_text(encoding="utf-8")
LATER = TEXT.replace("when: due + 3 days ", "when: due + 9 days ").replace("when: due + 10 days", "when: due + 16 days")


def _rules(text: str) -> Rules:
    loaded = load_rules(text, "fr.yaml", TEMPLATES.names())
    assert isinstance(loaded, Rules), loaded
    return loaded


def _at(day: str, hour: int = 8) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    engine = open_ledger(f"sqlite:///{tmp_path}/mailbot.db")
    migrate(engine)
    business = Business.model_validate({
        "id": "atelier", "name": "Atelier Martin", "owners": ["claire@atelier.example"], "mode": "shadow",
        "mailbox": {"imap": "imaps://bot%40atelier.example@imap.example:993"},
        "smtp": {"url": "smtps://bot%40atelier.example@smtp.example:465"},
    })  # fmt: skip
    sandbox = Sandbox()
    made = Office(
        business, Limits(), engine, _rules(TEXT), TEXT, TEMPLATES, Tokens(bytes(32)), sandbox, lambda *_: None
    )
    with writing(engine) as conn:
        businesses.ensure(conn, "atelier", "Atelier Martin", _at("2026-03-02"))
    yield made
    sandbox.close()
    engine.dispose()


def _client(office: Office, number: str, due: str = "2026-04-01") -> int:
    now = _at("2026-03-02")
    with writing(office.engine) as conn:
        who = clients.add(conn, office.key, f"Client {number}", "fr", contacts=[Contact(f"c{number}@client.example")])
        document = InvoiceDocument(
            "facturx", None, "invoice", number, date(2026, 3, 2), date.fromisoformat(due), "EUR",
            Decimal(1000), Decimal(200), Decimal(1200), None, Decimal(1200),
        )  # fmt: skip
        invoices.add(conn, office.key, who, document, None, b"", "f.xml", now)
        happened(conn, office, "invoice.received", number, now, client=who, invoice=number)
    return who


def _bank(office: Office, day: str) -> None:
    account = Account("FR1", None, "EUR", date(2026, 3, 1), date.fromisoformat(day), None, ())
    with writing(office.engine) as conn:
        take_statement(conn, office, day.encode(), Statement("ofx", (account,)), None, _at(day, 6))


def _morning(office: Office, day: str) -> None:
    take_note_of_rules(office, _at(day))
    decide_due(office, _at(day))


def test_a_past_day_is_explained_by_the_rules_of_that_day(office):
    _client(office, "F-1")
    _bank(office, "2026-04-03")
    _morning(office, "2026-04-03")
    changed = replace(office, rules=_rules(LATER), rules_text=LATER)
    _bank(changed, "2026-04-08")
    _morning(changed, "2026-04-08")

    then = showing.explained(changed, "F-1", date(2026, 4, 3), _at("2026-04-08"))
    now = showing.explained(changed, "F-1", None, _at("2026-04-08"))

    assert then is not None
    assert now is not None
    assert then.decision.rules_hash == office.rules.hash
    assert then.coming[0].day == date(2026, 4, 8)
    assert now.decision.rules_hash == changed.rules.hash
    assert now.coming[0].day == date(2026, 4, 10)
    with reading(office.engine) as conn:
        hashes = [body["rules_hash"] for body in decisions.history(conn, office.key, 1)]
        assert hashes == [office.rules.hash, changed.rules.hash]
        assert decisions.rules_text(conn, office.key, office.rules.hash) == TEXT


def test_going_back_to_old_rules_looks_at_everybody_again(office):
    _client(office, "F-1", due="2026-05-20")
    _bank(office, "2026-04-07")
    changed = replace(office, rules=_rules(LATER), rules_text=LATER)
    for one in (office, changed, office):
        _morning(one, "2026-04-07")

    with reading(office.engine) as conn:
        used = [body["rules_hash"] for body in decisions.history(conn, office.key, 1)]
    assert used == [office.rules.hash, changed.rules.hash, office.rules.hash]


def test_a_morning_looks_only_at_those_whose_day_has_come(office):
    waits, due = _client(office, "F-1", due="2026-06-01"), _client(office, "F-2")
    _bank(office, "2026-04-06")
    _morning(office, "2026-04-06")

    with reading(office.engine) as conn:
        assert clients.due(conn, office.key, date(2026, 4, 7)) == [due]
        assert clients.get(conn, office.key, waits).next_look == date(2026, 5, 27)


def test_a_statement_wakes_those_it_can_free_and_lets_the_others_sleep(office):
    sleeps, held = _client(office, "F-1", due="2026-06-01"), _client(office, "F-2")
    _bank(office, "2026-03-20")
    _morning(office, "2026-04-07")
    with reading(office.engine) as conn:
        body = decisions.last(conn, office.key, held)
        assert body is not None
        assert body["code"] == "bank_stale"
        assert clients.due(conn, office.key, date(2026, 4, 7)) == []

    _bank(office, "2026-04-07")

    with reading(office.engine) as conn:
        assert clients.due(conn, office.key, date(2026, 4, 7)) == [held]
        assert current_decision(conn, office, held, _at("2026-04-07")).what == "reminder_1"
        assert clients.get(conn, office.key, sleeps).next_look == date(2026, 5, 27)


def test_the_newest_statement_alone_gives_the_same_decision_as_all_of_them(office):
    who = _client(office, "F-1")
    for n in range(30):
        _bank(office, (date(2026, 3, 9) + timedelta(days=n)).isoformat())
    with reading(office.engine) as conn:
        facts = clients.facts(conn, office.key, who)
        every, few = events.of_client(conn, office.key, who), events.for_rules(conn, office.key, who)

    day = date(2026, 4, 7)
    assert len(every) == 31
    assert [event.name for event in few] == ["invoice.received", "bank.statement"]
    assert to_json(decide(office.rules, facts, every, day)) == to_json(decide(office.rules, facts, few, day))


def test_a_week_of_shadow_ends_with_the_right_first_mail(office):
    _client(office, "F-1")
    for day in ("2026-03-27", "2026-04-01", "2026-04-07"):
        _bank(office, day)
        _morning(office, day)
    with reading(office.engine) as conn:
        shadowed = [e.data["what"] for e in events.of_client(conn, office.key, 1) if e.name == "mail.shadowed"]
    assert shadowed == ["courtesy", "due_today", "reminder_1"]

    with writing(office.engine) as conn:
        happened(conn, office, "owner.live", "now", _at("2026-04-07", 9))
    _bank(office, "2026-04-08")

    with reading(office.engine) as conn:
        first = current_decision(conn, office, 1, _at("2026-04-08"))
    assert (first.mode, first.verdict.value, first.what) == ("live", "send", "reminder_1")
