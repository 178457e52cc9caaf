"""The first tables, and the triggers that keep the two logs append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
MONEY = sa.Numeric().with_variant(sa.Text(), "sqlite")

_APPEND_ONLY = ("event", "outgoing_event")


def upgrade() -> None:
    """Creates everything."""
    _create_tables()
    for table in _APPEND_ONLY:
        if op.get_bind().dialect.name == "sqlite":
            _guard_sqlite(table)
        else:
            _guard_postgres(table)


def _guard_sqlite(table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _guard_postgres(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
    )


def _create_tables() -> None:
    op.create_table(
        "business",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_business"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.create_table(
        "bank_cover",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_bank_cover_business"),
        sa.PrimaryKeyConstraint("business", "account", "first_day", "last_day", name="pk_bank_cover"),
    )
    op.create_table(
        "client",
        sa.Column("id", ID, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("nickname", sa.Text(), nullable=True),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("vat", sa.Text(), nullable=True),
        sa.Column("siren", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("do_not_contact", sa.Boolean(), nullable=False),
        sa.Column("tone", sa.Text(), nullable=True),
        sa.Column("profile", sa.Text(), nullable=True),
        sa.Column("next_look", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_client_business"),
        sa.PrimaryKeyConstraint("id", name="pk_client"),
        sa.UniqueConstraint("business", "id", name="uq_client_business_id"),
        sa.UniqueConstraint("business", "identity", name="uq_client_business_identity"),
    )
    op.create_index("ix_client_business_name_key", "client", ["business", "name_key"])
    op.create_index("ix_client_business_next_look", "client", ["business", "next_look"])
    op.create_table(
        "owner",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_owner_business"),
        sa.PrimaryKeyConstraint("business", "address", name="pk_owner"),
    )
    op.create_table(
        "rules_version",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_used_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_rules_version_business"),
        sa.PrimaryKeyConstraint("business", "hash", name="pk_rules_version"),
    )
    op.create_table(
        "contact",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("client", ID, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("usable", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business", "client"], ["client.business", "client.id"], name="fk_contact_business_client"
        ),
        sa.PrimaryKeyConstraint("business", "client", "email", name="pk_contact"),
    )
    op.create_index("ix_contact_business_email", "contact", ["business", "email"])
    op.create_table(
        "decision",
        sa.Column("id", ID, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("client", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["business", "client"], ["client.business", "client.id"], name="fk_decision_business_client"
        ),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_decision_business"),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
        sa.UniqueConstraint("business", "id", name="uq_decision_business_id"),
    )
    op.create_index("ix_decision_business_client_day", "decision", ["business", "client", "day"])
    op.create_table(
        "letter",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("reading", sa.JSON(), nullable=True),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("client", ID, nullable=True),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint("direction IN ('in', 'out', 'document')", name=op.f("ck_letter_direction")),
        sa.CheckConstraint("state IN ('new', 'read', 'unreadable')", name=op.f("ck_letter_state")),
        sa.ForeignKeyConstraint(
            ["business", "client"], ["client.business", "client.id"], name="fk_letter_business_client"
        ),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_letter_business"),
        sa.PrimaryKeyConstraint("business", "id", name="pk_letter"),
    )
    op.create_index("ix_letter_business_message_id", "letter", ["business", "message_id"])
    op.create_index("ix_letter_business_state_received_at", "letter", ["business", "state", "received_at"])
    op.create_table(
        "invoice",
        sa.Column("id", ID, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("client", ID, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("open_amount", MONEY, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("document_name", sa.Text(), nullable=True),
        sa.Column("document_bytes", sa.LargeBinary(), nullable=True),
        sa.Column("letter", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_invoice_kind")),
        sa.ForeignKeyConstraint(
            ["business", "client"], ["client.business", "client.id"], name="fk_invoice_business_client"
        ),
        sa.ForeignKeyConstraint(
            ["business", "letter"], ["letter.business", "letter.id"], name="fk_invoice_business_letter"
        ),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_invoice_business"),
        sa.PrimaryKeyConstraint("id", name="pk_invoice"),
        sa.UniqueConstraint("business", "number", name="uq_invoice_business_number"),
    )
    op.create_index("ix_invoice_business_client", "invoice", ["business", "client"])
    op.create_table(
        "letter_place",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", ID, autoincrement=False, nullable=False),
        sa.Column("uid", ID, autoincrement=False, nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business", "letter"], ["letter.business", "letter.id"], name="fk_letter_place_business_letter"
        ),
        sa.PrimaryKeyConstraint("business", "folder", "uidvalidity", "uid", name="pk_letter_place"),
    )
    op.create_table(
        "outgoing",
        sa.Column("id", ID, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("client", ID, nullable=True),
        sa.Column("decision", ID, nullable=True),
        sa.Column("invoices", sa.JSON(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("amounts_hash", sa.Text(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("trigger_event", sa.Text(), nullable=True),
        sa.Column("generation", sa.Text(), nullable=True),
        sa.Column("tone", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("date_header", INSTANT, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("armed_at", INSTANT, nullable=True),
        sa.Column("smtp_code", sa.Integer(), nullable=True),
        sa.Column("smtp_reply", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('client', 'owner')", name=op.f("ck_outgoing_kind")),
        sa.CheckConstraint(
            "state IN ('queued', 'claimed', 'transmitting', 'sent', 'rejected', 'cancelled', 'in_doubt')",
            name=op.f("ck_outgoing_state"),
        ),
        sa.ForeignKeyConstraint(
            ["business", "client"], ["client.business", "client.id"], name="fk_outgoing_business_client"
        ),
        sa.ForeignKeyConstraint(
            ["business", "decision"],
            ["decision.business", "decision.id"],
            name="fk_outgoing_business_decision",
        ),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_outgoing_business"),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing"),
        sa.UniqueConstraint("business", "dedupe_key", name="uq_outgoing_business_dedupe_key"),
        sa.UniqueConstraint("business", "id", name="uq_outgoing_business_id"),
        sa.UniqueConstraint("message_id", name="uq_outgoing_message_id"),
    )
    op.create_index("ix_outgoing_business_changed_at", "outgoing", ["business", "changed_at"])
    op.create_index("ix_outgoing_business_client_state", "outgoing", ["business", "client", "state"])
    op.create_index("ix_outgoing_business_thread", "outgoing", ["business", "thread"])
    op.create_index("ix_outgoing_state_due_at", "outgoing", ["state", "due_at"])
    op.create_table(
        "owner_order",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["business", "letter"], ["letter.business", "letter.id"], name="fk_owner_order_business_letter"
        ),
        sa.PrimaryKeyConstraint("business", "letter", "position", name="pk_owner_order"),
    )
    op.create_table(
        "question",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("client", ID, nullable=True),
        sa.Column("invoice", sa.Text(), nullable=True),
        sa.Column("letter", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("choice", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answer_letter", sa.Text(), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'answered', 'expired')", name=op.f("ck_question_state")),
        sa.ForeignKeyConstraint(
            ["business", "answer_letter"],
            ["letter.business", "letter.id"],
            name="fk_question_business_answer_letter",
        ),
        sa.ForeignKeyConstraint(
            ["business", "client"], ["client.business", "client.id"], name="fk_question_business_client"
        ),
        sa.ForeignKeyConstraint(
            ["business", "letter"], ["letter.business", "letter.id"], name="fk_question_business_letter"
        ),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_question_business"),
        sa.PrimaryKeyConstraint("business", "number", name="pk_question"),
        sa.UniqueConstraint("business", "dedupe_key", name="uq_question_business_dedupe_key"),
    )
    op.create_index("ix_question_business_state", "question", ["business", "state"])
    op.create_table(
        "statement",
        sa.Column("id", ID, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["business", "letter"], ["letter.business", "letter.id"], name="fk_statement_business_letter"
        ),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_statement_business"),
        sa.PrimaryKeyConstraint("id", name="pk_statement"),
        sa.UniqueConstraint("business", "id", name="uq_statement_business_id"),
        sa.UniqueConstraint("business", "sha256", name="uq_statement_business_sha256"),
    )
    op.create_table(
        "line",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("statement", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("booked", sa.Date(), nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('new', 'matched', 'asked', 'ignored')", name=op.f("ck_line_state")),
        sa.ForeignKeyConstraint(
            ["business", "statement"],
            ["statement.business", "statement.id"],
            name="fk_line_business_statement",
        ),
        sa.PrimaryKeyConstraint("business", "id", name="pk_line"),
    )
    op.create_index("ix_line_business_state", "line", ["business", "state"])
    op.create_table(
        "outgoing_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("outgoing", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business", "outgoing"],
            ["outgoing.business", "outgoing.id"],
            name="fk_outgoing_event_business_outgoing",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing_event"),
    )
    op.create_index("ix_outgoing_event_business_outgoing", "outgoing_event", ["business", "outgoing"])
    op.create_table(
        "allocation",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("invoice", sa.Text(), nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("how IN ('auto', 'owner')", name=op.f("ck_allocation_how")),
        sa.ForeignKeyConstraint(
            ["business", "invoice"],
            ["invoice.business", "invoice.number"],
            name="fk_allocation_business_invoice",
        ),
        sa.ForeignKeyConstraint(["business", "line"], ["line.business", "line.id"], name="fk_allocation_business_line"),
        sa.PrimaryKeyConstraint("business", "line", "invoice", name="pk_allocation"),
    )
    op.create_table(
        "event",
        sa.Column("seq", ID, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("client", ID, nullable=True),
        sa.Column("invoice", sa.Text(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=True),
        sa.Column("line", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["business", "client"], ["client.business", "client.id"], name="fk_event_business_client"
        ),
        sa.ForeignKeyConstraint(
            ["business", "letter"], ["letter.business", "letter.id"], name="fk_event_business_letter"
        ),
        sa.ForeignKeyConstraint(["business", "line"], ["line.business", "line.id"], name="fk_event_business_line"),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_event_business"),
        sa.PrimaryKeyConstraint("seq", name="pk_event"),
        sa.UniqueConstraint("business", "id", name="uq_event_business_id"),
    )
    op.create_index("ix_event_business_at", "event", ["business", "at"])
    op.create_index("ix_event_business_client_day", "event", ["business", "client", "day"])
