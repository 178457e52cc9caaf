"""What leaves at once: old bank data and low cash once and once more when it is over; lost notices."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from mailbot.config import shipped
from mailbot.jobs.digesting import current_digest
from mailbot.jobs.office import Office, happened
from mailbot.jobs.warning import warn
from mailbot.ledger import bank, clients, outgoing, outgoing_lists, tables
from mailbot.ledger.store import migrate, open_ledger, reading, writing
from mailbot.outbox.compose import Templates
from mailbot.outbox.tokens import Tokens
from mailbot.rules.language import Rules
from mailbot.rules.load import load_rules
from mailbot.sandbox import Sandbox
from mailbot.settings import Business, Limits

TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)
FRIDAY, WEDNESDAY = date(2026, 11, 20), date(2026, 11, 18)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A business that wants to hear of less than 1,000 euros."""
    engine = open_ledger(f"sqlite:///{tmp_path / 'mailbot.db'}")
    migrate(engine)
    business = Business.model_validate({
        "id": "atelier", "name": "Atelier Martin", "owners": ["claire@atelier.example"], "mode": "live",
        "language": "fr", "digest": {"cash_below": "1000"},
        "mailbox": {"imap": "imaps://factures%40atelier.example@imap.example:993"},
        "smtp": {"url": "smtps://factures%40atelier.example@smtp.example:465"},
    })  # fmt: skip
    templates = Templates(shipped("templates"))
    text = (shipped("rules") / "fr.yaml").read_text(encoding="utf-8")
    rules = load_rules(text, "fr.yaml", templates.names())
    assert isinstance(rules, Rules)
    box = Sandbox(max_bytes=1, seconds=1, memory_bytes=2**28)
    with writing(engine) as conn:
        conn.execute(tables.business.insert(), [{"key": "atelier", "name": "Atelier Martin", "created_at": TUESDAY}])
    yield Office(business, Limits(), engine, rules, text, templates, Tokens(bytes(32)), box, lambda *_: None)
    engine.dispose()


def banked(office: Office, through: date, balance: str, now: datetime) -> None:
    """A statement that reaches to a day and says what the account holds."""
    data = {"through": through.isoformat(), "account": "FR76", "balance": balance, "currency": "EUR",
            "balance_on": through.isoformat()}  # fmt: skip
    with writing(office.engine) as conn:
        bank.cover(conn, office.key, "FR76", through - timedelta(days=1), through)
        happened(conn, office, "bank.statement", through.isoformat(), now, data=data)


def told(office: Office) -> list[tuple[str, bool]]:
    """(kind, over) of the urgent mails, in order."""
    with reading(office.engine) as conn:
        rows = [row for row in outgoing_lists.queued(conn, office.key) if row.template == "urgent"]
    return [(row.context["values"]["kind"], row.context["values"]["over"]) for row in rows]


def test_old_bank_data_is_told_once_and_once_more_when_it_is_over(office: Office) -> None:
    banked(office, WEDNESDAY, "5000.00", TUESDAY)
    for hours in (0, 1, 24):
        warn(office, TUESDAY + timedelta(hours=hours))
    assert told(office) == [("bank", False)]

    banked(office, date(2026, 11, 25), "5000.00", TUESDAY + timedelta(days=2))
    for hours in (48, 49):
        warn(office, TUESDAY + timedelta(hours=hours))
    assert told(office) == [("bank", False), ("bank", True)]


def test_the_weekend_makes_bank_data_no_older(office: Office) -> None:
    banked(office, FRIDAY - timedelta(days=1), "5000.00", TUESDAY)  # Thursday: three business days ago

    assert warn(office, TUESDAY) == []
    assert not current_digest(office, TUESDAY).bank_stale
    assert current_digest(office, TUESDAY + timedelta(days=1)).bank_stale


def test_fresh_bank_data_and_a_ledger_without_any_are_no_trouble(office: Office) -> None:
    assert warn(office, TUESDAY) == []

    banked(office, FRIDAY + timedelta(days=3), "5000.00", TUESDAY)
    assert warn(office, TUESDAY) == []


def test_cash_under_the_owner_s_limit_is_told_once_and_when_it_is_over(office: Office) -> None:
    monday = FRIDAY + timedelta(days=3)
    banked(office, monday, "999.99", TUESDAY)
    warn(office, TUESDAY)
    warn(office, TUESDAY + timedelta(minutes=1))
    assert told(office) == [("cash", False)]

    banked(office, monday + timedelta(days=1), "1000.00", TUESDAY + timedelta(hours=5))
    warn(office, TUESDAY + timedelta(hours=5))
    assert told(office) == [("cash", False), ("cash", True)]


def test_without_a_limit_cash_is_nobody_s_worry(office: Office) -> None:
    quiet = office.business.model_copy(
        update={"digest": office.business.digest.model_copy(update={"cash_below": None})}
    )
    banked(office, FRIDAY + timedelta(days=3), "-5.00", TUESDAY)

    assert warn(replace(office, business=quiet), TUESDAY) == []
    assert office.business.digest.cash_below == Decimal(1000)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("reply.insolvency", {}, None),
        ("mail.bounced", {"class": "hard", "of": "formal_notice"}, "notice"),
        ("mail.bounced", {"class": "soft", "of": "formal_notice"}, None),
        ("mail.bounced", {"class": "hard", "of": "reminder_1"}, None),
    ],
)
def test_a_lost_notice_is_told_once_and_an_insolvency_by_the_mail_with_its_tasks(
    office: Office, name: str, data: dict[str, object], kind: str | None
) -> None:
    with writing(office.engine) as conn:
        client = clients.add(conn, office.key, "Dupont & Fils SARL", "fr")
        row = outgoing.plan(
            conn, office.key, dedupe_key="1", kind="client", what="last", template=str(data.get("of")),
            recipient="compta@dupont.example", client=client, context={}, message_id="<1@atelier.example>",
            due_at=TUESDAY, expires_at=TUESDAY, now=TUESDAY,
        )  # fmt: skip
        data = {**data, "outgoing": row}
        happened(conn, office, name, "letter/1", TUESDAY, client=client, invoice="FA-1", data=data)
    for minutes in (1, 2):
        warn(office, TUESDAY + timedelta(minutes=minutes))

    assert told(office) == ([(kind, False)] if kind else [])
