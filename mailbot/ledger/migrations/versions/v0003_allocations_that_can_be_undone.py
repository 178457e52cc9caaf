"""Allocations become a log, in which taking one back is a row of its own; payers that an owner named get a table."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
MONEY = sa.Numeric().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Keeps every allocation that was made, as a payment of its client."""
    op.execute("CREATE TABLE allocation_before AS SELECT business, line, invoice, amount, how, at FROM allocation")
    op.drop_table("allocation")
    _create_allocation()
    op.execute(
        "INSERT INTO allocation (business, line, client, invoice, kind, amount, used, how, why, at) "
        "SELECT a.business, a.line, i.client, a.invoice, 'paid', a.amount, a.amount, a.how, '', a.at "
        "FROM allocation_before a JOIN invoice i ON i.business = a.business AND i.number = a.invoice "
        "ORDER BY a.at, a.line, a.invoice"
    )
    op.drop_table("allocation_before")
    _guard()
    _create_payer_alias()


def _create_allocation() -> None:
    op.create_table(
        "allocation",
        sa.Column("id", ID, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("client", ID, nullable=False),
        sa.Column("invoice", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("used", MONEY, nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("takes_back", ID, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("how IN ('auto', 'owner')", name=op.f("ck_allocation_how")),
        sa.CheckConstraint("kind IN ('paid', 'waived', 'credit')", name=op.f("ck_allocation_kind")),
        sa.ForeignKeyConstraint(["business", "line"], ["line.business", "line.id"], name="fk_allocation_business_line"),
        sa.ForeignKeyConstraint(
            ["business", "client"], ["client.business", "client.id"], name="fk_allocation_business_client"
        ),
        sa.ForeignKeyConstraint(
            ["business", "invoice"], ["invoice.business", "invoice.number"], name="fk_allocation_business_invoice"
        ),
        sa.ForeignKeyConstraint(
            ["business", "takes_back"],
            ["allocation.business", "allocation.id"],
            name="fk_allocation_business_takes_back",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_allocation"),
        sa.UniqueConstraint("business", "id", name="uq_allocation_business_id"),
        sa.UniqueConstraint("business", "takes_back", name="uq_allocation_business_takes_back"),
    )
    op.create_index("ix_allocation_business_line", "allocation", ["business", "line"])
    op.create_index("ix_allocation_business_invoice", "allocation", ["business", "invoice"])


def _create_payer_alias() -> None:
    op.create_table(
        "payer_alias",
        sa.Column("id", ID, nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("client", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("taught_at", INSTANT, nullable=False),
        sa.Column("forgotten_at", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('name', 'iban')", name=op.f("ck_payer_alias_kind")),
        sa.ForeignKeyConstraint(
            ["business", "client"], ["client.business", "client.id"], name="fk_payer_alias_business_client"
        ),
        sa.ForeignKeyConstraint(
            ["business", "line"], ["line.business", "line.id"], name="fk_payer_alias_business_line"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_payer_alias"),
        sa.UniqueConstraint("business", "client", "kind", "value", name="uq_payer_alias_business_client_kind_value"),
    )
    op.create_index("ix_payer_alias_business_line", "payer_alias", ["business", "line"])


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER allocation_no_{change.lower()} BEFORE {change} ON allocation "
                "BEGIN SELECT RAISE(ABORT, 'allocation is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION allocation_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'allocation is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER allocation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation "
        "FOR EACH STATEMENT EXECUTE FUNCTION allocation_is_append_only()"
    )
