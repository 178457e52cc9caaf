"""The tables.

Every row belongs to one business, and foreign keys carry the business, so that none can point across.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    false,
)

from mailbot.ledger.columns import Id, Instant, Money, Name, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

APPEND_ONLY = ("event", "outgoing_event", "allocation", "sealed")
"""Tables whose rows are never changed nor deleted; triggers of the migrations see to it.

One change is let through: the `data` of an event becomes `{"erased": true}`, which the chain of seals tells of.
"""


def _of_business() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["business"], ["business.key"])


def _of(*columns: str, table: str, key: str) -> ForeignKeyConstraint:
    """A reference within the same business."""
    return ForeignKeyConstraint(["business", *columns], [f"{table}.business", f"{table}.{key}"])


business = Table(
    "business",
    metadata,
    Column("key", Name, primary_key=True),
    Column("name", Words, nullable=False),
    Column("created_at", Instant, nullable=False),
)

owner = Table(
    "owner",
    metadata,
    Column("business", Name, primary_key=True),
    Column("address", Name, primary_key=True),
    _of_business(),
)

client = Table(
    "client",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("business", Name, nullable=False),
    Column("identity", Name, nullable=False),
    Column("name", Words, nullable=False),
    Column("name_key", Name, nullable=False),
    Column("nickname", Words),
    Column("aliases", JSON, nullable=False),
    Column("language", Words, nullable=False),
    Column("vat", Name),
    Column("siren", Name),
    Column("category", Words, nullable=False),
    Column("do_not_contact", Boolean, nullable=False),
    Column("tone", Words),
    Column("profile", Words),
    Column("next_look", Date),
    _of_business(),
    UniqueConstraint("business", "id"),
    UniqueConstraint("business", "identity"),
    Index(None, "business", "name_key"),
    Index(None, "business", "next_look"),
)

contact = Table(
    "contact",
    metadata,
    Column("business", Name, primary_key=True),
    Column("client", Id, primary_key=True),
    Column("email", Name, primary_key=True),
    Column("name", Words, nullable=False),
    Column("usable", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
    _of("client", table="client", key="id"),
    Index(None, "business", "email"),
)

letter = Table(
    "letter",
    metadata,
    Column("business", Name, primary_key=True),
    Column("id", Name, primary_key=True),
    Column("direction", Words, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("message_id", Name, nullable=False),
    Column("size", Integer, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("state", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("kind", Words),
    Column("reading", JSON(none_as_null=True)),
    Column("sender", Words),
    Column("subject", Words),
    Column("client", Id),
    Column("read_at", Instant),
    Column("why", Words),
    CheckConstraint("state IN ('new', 'read', 'unreadable')", name="state"),
    CheckConstraint("direction IN ('in', 'out', 'document')", name="direction"),
    _of_business(),
    _of("client", table="client", key="id"),
    Index(None, "business", "message_id"),
    Index(None, "business", "state", "received_at"),
)

letter_place = Table(
    "letter_place",
    metadata,
    Column("business", Name, primary_key=True),
    Column("folder", Name, primary_key=True),
    Column("uidvalidity", Id, primary_key=True, autoincrement=False),
    Column("uid", Id, primary_key=True, autoincrement=False),
    Column("letter", Name, nullable=False),
    _of("letter", table="letter", key="id"),
)

invoice = Table(
    "invoice",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("business", Name, nullable=False),
    Column("client", Id, nullable=False),
    Column("number", Name, nullable=False),
    Column("kind", Words, nullable=False),
    Column("issued", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("currency", Words, nullable=False),
    Column("amount", Money, nullable=False),
    Column("open_amount", Money, nullable=False),
    Column("reference", Words, nullable=False),
    Column("document", JSON, nullable=False),
    Column("document_name", Words),
    Column("document_bytes", LargeBinary),
    Column("letter", Name),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("kind IN ('invoice', 'credit_note')", name="kind"),
    _of_business(),
    _of("client", table="client", key="id"),
    _of("letter", table="letter", key="id"),
    UniqueConstraint("business", "number"),
    Index(None, "business", "client"),
)

statement = Table(
    "statement",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("business", Name, nullable=False),
    Column("sha256", Name, nullable=False),
    Column("format", Words, nullable=False),
    Column("letter", Name),
    Column("raw", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    _of_business(),
    _of("letter", table="letter", key="id"),
    UniqueConstraint("business", "id"),
    UniqueConstraint("business", "sha256"),
)

line = Table(
    "line",
    metadata,
    Column("business", Name, primary_key=True),
    Column("id", Name, primary_key=True),
    Column("statement", Id, nullable=False),
    Column("position", Integer, nullable=False),
    Column("account", Words, nullable=False),
    Column("booked", Date, nullable=False),
    Column("amount", Money, nullable=False),
    Column("currency", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("memo", Words, nullable=False),
    Column("reference", Words, nullable=False),
    Column("type", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("payer", Words, nullable=False, server_default=""),
    Column("payer_iban", Words, nullable=False, server_default=""),
    Column("end_to_end", Words, nullable=False, server_default=""),
    Column("creditor_reference", Words, nullable=False, server_default=""),
    Column("bank_id", Name, nullable=False, server_default=""),
    Column("corrects", Name, nullable=False, server_default=""),
    Column("reverses", Words, nullable=False, server_default=""),
    Column("reason", Words, nullable=False, server_default=""),
    Column("original_currency", Words, nullable=False, server_default=""),
    Column("reversal", Boolean, nullable=False, server_default=false()),
    Column("original_amount", Money),
    Column("fee", Money, nullable=False, server_default="0"),
    Column("count", Integer, nullable=False, server_default="1"),
    CheckConstraint("state IN ('new', 'matched', 'asked', 'ignored')", name="state"),
    _of("statement", table="statement", key="id"),
    Index(None, "business", "state"),
    Index("ix_line_bank_id", "business", "account", "bank_id"),
)

bank_cover = Table(
    "bank_cover",
    metadata,
    Column("business", Name, primary_key=True),
    Column("account", Name, primary_key=True),
    Column("first_day", Date, primary_key=True),
    Column("last_day", Date, primary_key=True),
    _of_business(),
)

allocation = Table(
    "allocation",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("business", Name, nullable=False),
    Column("line", Name, nullable=False),
    Column("client", Id, nullable=False),
    Column("invoice", Name),
    Column("kind", Words, nullable=False),
    Column("amount", Money, nullable=False),
    Column("used", Money, nullable=False),
    Column("how", Words, nullable=False),
    Column("why", Words, nullable=False),
    Column("takes_back", Id),
    Column("at", Instant, nullable=False),
    CheckConstraint("how IN ('auto', 'owner')", name="how"),
    CheckConstraint("kind IN ('paid', 'waived', 'credit')", name="kind"),
    _of("line", table="line", key="id"),
    _of("client", table="client", key="id"),
    _of("invoice", table="invoice", key="number"),
    _of("takes_back", table="allocation", key="id"),
    UniqueConstraint("business", "id"),
    UniqueConstraint("business", "takes_back"),
    Index(None, "business", "line"),
    Index(None, "business", "invoice"),
)

payer_alias = Table(
    "payer_alias",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("business", Name, nullable=False),
    Column("client", Id, nullable=False),
    Column("kind", Words, nullable=False),
    Column("value", Name, nullable=False),
    Column("line", Name, nullable=False),
    Column("by", Words, nullable=False),
    Column("taught_at", Instant, nullable=False),
    Column("forgotten_at", Instant),
    CheckConstraint("kind IN ('name', 'iban')", name="kind"),
    _of("client", table="client", key="id"),
    _of("line", table="line", key="id"),
    UniqueConstraint("business", "client", "kind", "value"),
    Index(None, "business", "line"),
)

event = Table(
    "event",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=True),
    Column("business", Name, nullable=False),
    Column("id", Name, nullable=False),
    Column("name", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("day", Date, nullable=False),
    Column("client", Id),
    Column("invoice", Name),
    Column("data", JSON, nullable=False),
    Column("letter", Name),
    Column("line", Name),
    _of_business(),
    _of("client", table="client", key="id"),
    _of("letter", table="letter", key="id"),
    _of("line", table="line", key="id"),
    UniqueConstraint("business", "id"),
    Index(None, "business", "client", "day"),
    Index(None, "business", "at"),
)

sealed = Table(
    "sealed",
    metadata,
    Column("business", Name, primary_key=True),
    Column("n", Id, primary_key=True, autoincrement=False),
    Column("event", Id, nullable=False),
    Column("event_sha256", Words, nullable=False),
    Column("sources", Words, nullable=False),
    Column("link", Words, nullable=False),
    Column("at", Instant, nullable=False),
    _of_business(),
    UniqueConstraint("business", "event"),
)
"""No foreign key leads to the event: a seal outlives what it seals, and so tells that it is gone."""

sealed_content = Table(
    "sealed_content",
    metadata,
    Column("business", Name, primary_key=True),
    Column("kind", Name, primary_key=True),
    Column("key", Name, primary_key=True),
    Column("n", Id, primary_key=True, autoincrement=False),
    Column("source", Words, nullable=False),
    _of_business(),
)
"""Which stored contents a seal names, so that sealing finds the others fast; a check reads it from the seals anew."""

rules_version = Table(
    "rules_version",
    metadata,
    Column("business", Name, primary_key=True),
    Column("hash", Name, primary_key=True),
    Column("text", Words, nullable=False),
    Column("first_used_at", Instant, nullable=False),
    _of_business(),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("business", Name, nullable=False),
    Column("client", Id, nullable=False),
    Column("day", Date, nullable=False),
    Column("verdict", Words, nullable=False),
    Column("body", JSON, nullable=False),
    Column("body_hash", Words, nullable=False),
    Column("times", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    _of_business(),
    _of("client", table="client", key="id"),
    UniqueConstraint("business", "id"),
    Index(None, "business", "client", "day"),
)

outgoing = Table(
    "outgoing",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("business", Name, nullable=False),
    Column("dedupe_key", Name, nullable=False),
    Column("kind", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("template", Words, nullable=False),
    Column("recipient", Words, nullable=False),
    Column("client", Id),
    Column("decision", Id),
    Column("invoices", JSON, nullable=False),
    Column("levels", JSON, nullable=False),
    Column("amounts_hash", Words, nullable=False),
    Column("context", JSON, nullable=False),
    Column("message_id", Name, nullable=False),
    Column("thread", Name),
    Column("trigger_event", Words),
    Column("generation", Words),
    Column("tone", Words),
    Column("date_header", Instant),
    Column("state", Words, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("lease_owner", Words),
    Column("lease_until", Instant),
    Column("armed_at", Instant),
    Column("smtp_code", Integer),
    Column("smtp_reply", Words),
    Column("evidence", Words),
    Column("why", Words),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("sent_at", Instant),
    CheckConstraint("kind IN ('client', 'owner')", name="kind"),
    CheckConstraint(
        "state IN ('queued', 'claimed', 'transmitting', 'sent', 'rejected', 'cancelled', 'in_doubt')",
        name="state",
    ),
    _of_business(),
    _of("client", table="client", key="id"),
    _of("decision", table="decision", key="id"),
    UniqueConstraint("business", "id"),
    UniqueConstraint("business", "dedupe_key"),
    UniqueConstraint("message_id"),
    Index(None, "business", "state", "due_at"),
    Index(None, "business", "armed_at"),
    Index(None, "business", "client", "state"),
    Index(None, "business", "thread"),
    Index(None, "business", "changed_at"),
)

outgoing_bytes = Table(
    "outgoing_bytes",
    metadata,
    Column("business", Name, nullable=False),
    Column("outgoing", Id, primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),
    _of("outgoing", table="outgoing", key="id"),
)
"""Apart from the row: SQLite writes a row anew at each change, and a mail's bytes never change."""

outgoing_event = Table(
    "outgoing_event",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("business", Name, nullable=False),
    Column("outgoing", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("change", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("detail", Words, nullable=False),
    _of("outgoing", table="outgoing", key="id"),
    Index(None, "business", "outgoing"),
)

question = Table(
    "question",
    metadata,
    Column("business", Name, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Words, nullable=False),
    Column("dedupe_key", Name, nullable=False),
    Column("text", Words, nullable=False),
    Column("choices", JSON, nullable=False),
    Column("about", JSON, nullable=False),
    Column("client", Id),
    Column("invoice", Name),
    Column("letter", Name),
    Column("state", Words, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("choice", Words),
    Column("answer", Words),
    Column("answer_letter", Name),
    Column("closed_at", Instant),
    Column("why", Words),
    CheckConstraint("state IN ('open', 'answered', 'expired')", name="state"),
    _of_business(),
    _of("client", table="client", key="id"),
    _of("letter", table="letter", key="id"),
    _of("answer_letter", table="letter", key="id"),
    UniqueConstraint("business", "dedupe_key"),
    Index(None, "business", "state"),
    Index(None, "business", "client", "state"),
)

owner_order = Table(
    "owner_order",
    metadata,
    Column("business", Name, primary_key=True),
    Column("letter", Name, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("verb", Words, nullable=False),
    Column("target", Words),
    Column("fields", JSON, nullable=False),
    Column("line", Words, nullable=False),
    Column("result", Words, nullable=False),
    Column("at", Instant, nullable=False),
    _of("letter", table="letter", key="id"),
)

lease = Table(
    "lease",
    metadata,
    Column("name", Name, primary_key=True),
    Column("owner", Words, nullable=False),
    Column("until", Instant, nullable=False),
)

web_link = Table(
    "web_link",
    metadata,
    Column("id", Name, primary_key=True),
    Column("business", Name, nullable=False),
    Column("outgoing", Id, nullable=False),
    Column("made_at", Instant, nullable=False),
    _of("outgoing", table="outgoing", key="id"),
    UniqueConstraint("business", "outgoing"),
)

consent = Table(
    "consent",
    metadata,
    Column("business", Name, primary_key=True),
    Column("email", Name, primary_key=True),
    Column("given", Boolean, nullable=False),
    Column("by", Words, nullable=False),
    Column("note", Words, nullable=False),
    Column("at", Instant, nullable=False),
    _of_business(),
)

job_run = Table(
    "job_run",
    metadata,
    Column("name", Name, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("seconds", Float, nullable=False),
)

installation = Table(
    "installation",
    metadata,
    Column("name", Name, primary_key=True),
    Column("value", Words, nullable=False),
    Column("at", Instant, nullable=False),
)

sign_in = Table(
    "sign_in",
    metadata,
    Column("business", Name, primary_key=True),
    Column("sealed", Words, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("refused_at", Instant),
    Column("why", Words),
    _of_business(),
)

sent_copy = Table(
    "sent_copy",
    metadata,
    Column("business", Name, primary_key=True),
    Column("outgoing", Id, primary_key=True, autoincrement=False),
    Column("by", Words, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("by IN ('server', 'mailbot', 'nobody')", name="by"),
    _of("outgoing", table="outgoing", key="id"),
)

layout = Table(
    "layout",
    metadata,
    Column("business", Name, primary_key=True),
    Column("fingerprint", Name, primary_key=True),
    Column("learned", JSON, nullable=False),
    Column("confirmed", Integer, nullable=False),
    Column("invoice", Words),
    Column("changed_at", Instant, nullable=False),
    _of_business(),
)
