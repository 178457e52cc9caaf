"""A ledger of an older mailbot keeps what it knew."""

from decimal import Decimal
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from mailbot.ledger import allocations, outgoing, upgrade
from mailbot.ledger.store import migrate, open_ledger, reading

_BEFORE = """
INSERT INTO business (key, name, created_at) VALUES ('a', 'A', '2026-03-02 09:00:00');
INSERT INTO client (id, business, identity, name, name_key, aliases, language, category, do_not_contact)
  VALUES (7, 'a', 'x', 'Dupont', 'dupont', '[]', 'fr', 'standard', FALSE);
INSERT INTO invoice (business, client, number, kind, issued, due, currency, amount, open_amount, reference, document,
  created_at) VALUES ('a', 7, 'FA-1', 'invoice', '2026-01-01', '2026-02-01', 'EUR', '100.00', '60.00', '', '{}',
  '2026-03-02 09:00:00');
INSERT INTO statement (id, business, sha256, format, raw, received_at)
  VALUES (1, 'a', 'ab', 'ofx', '', '2026-03-02 09:00:00');
INSERT INTO line (business, id, statement, position, account, booked, amount, currency, name, memo, reference, type,
  state) VALUES ('a', 'l1', 1, 0, 'FR', '2026-03-01', '40.00', 'EUR', 'DUPONT', '', '', 'CREDIT', 'matched');
INSERT INTO allocation (business, line, invoice, amount, how, at)
  VALUES ('a', 'l1', 'FA-1', '40.00', 'auto', '2026-03-02 09:00:00');
"""

_MAILS = """
INSERT INTO business (key, name, created_at) VALUES ('a', 'A', '2026-03-02 09:00:00');
INSERT INTO outgoing (id, business, dedupe_key, kind, what, template, recipient, invoices, levels, amounts_hash,
  context, message_id, raw, date_header, state, held, due_at, expires_at, attempt, created_at, changed_at)
  VALUES (3, 'a', 'k3', 'owner', 'digest', 'digest', 'o@a.example', '[]', '{}', '', '{}', '<3@a.example>',
  CAST('the bytes' AS {binary}), '2026-03-02 09:00:00', 'transmitting', FALSE, '2026-03-02 09:00:00',
  '2026-03-03 09:00:00', 1, '2026-03-02 09:00:00', '2026-03-02 09:00:00');
INSERT INTO outgoing (id, business, dedupe_key, kind, what, template, recipient, invoices, levels, amounts_hash,
  context, message_id, state, held, due_at, expires_at, attempt, created_at, changed_at)
  VALUES (4, 'a', 'k4', 'owner', 'digest', 'digest', 'o@a.example', '[]', '{}', '', '{}', '<4@a.example>',
  'queued', FALSE, '2026-03-02 09:00:00', '2026-03-03 09:00:00', 0, '2026-03-02 09:00:00', '2026-03-02 09:00:00');
"""


def older(url: str, revision: str, rows: str) -> Engine:
    """A ledger as a mailbot of that revision left it."""
    engine = open_ledger(url)
    if url.startswith("sqlite"):
        Path(engine.url.database or "").touch()
    binary = "BLOB" if url.startswith("sqlite") else "BYTEA"
    with engine.connect() as raw:
        conn = raw.execution_options(ledger_writes=True)
        with conn.begin():
            config: Config = upgrade._config(conn)
            command.upgrade(config, revision)
            for statement in rows.replace("{binary}", binary).split(";\n"):
                if statement.strip():
                    conn.exec_driver_sql(statement)
    return engine


def test_mails_that_wait_for_an_answer_keep_their_bytes(empty_url: str) -> None:
    engine = older(empty_url, "0009", _MAILS)

    migrate(engine)

    with reading(engine) as conn:
        assert [outgoing.get(conn, "a", number).raw for number in (3, 4)] == [b"the bytes", None]
    engine.dispose()


def test_payments_that_were_booked_before_undo_existed_are_kept(empty_url: str) -> None:
    engine = older(empty_url, "0002", _BEFORE)

    migrate(engine)

    with reading(engine) as conn:
        [kept] = allocations.standing(conn, "a", "l1")
        assert (kept.client, kept.invoice, kept.kind, kept.amount, kept.used, kept.how) == (
            7, "FA-1", "paid", Decimal("40.00"), Decimal("40.00"), "auto",
        )  # fmt: skip
    engine.dispose()
