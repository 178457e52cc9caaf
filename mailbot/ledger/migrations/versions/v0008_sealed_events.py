"""The chain of seals over the events, and the one change that an event allows: its words are erased."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
KEPT = ("seq", "business", "id", "name", "at", "day", "client", "invoice", "letter", "line")
"""What stays of an event whose words are erased."""


def upgrade() -> None:
    """Events of before are sealed by the first look of the clock."""
    op.create_table(
        "sealed",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("n", ID, nullable=False, autoincrement=False),
        sa.Column("event", ID, nullable=False),
        sa.Column("event_sha256", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_sealed_business"),
        sa.PrimaryKeyConstraint("business", "n", name="pk_sealed"),
        sa.UniqueConstraint("business", "event", name="uq_sealed_business_event"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()


def _guard_sqlite() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER sealed_no_{change.lower()} BEFORE {change} ON sealed "
            "BEGIN SELECT RAISE(ABORT, 'sealed is append-only'); END"
        )
    same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in KEPT)
    op.execute("DROP TRIGGER event_no_update")
    op.execute(
        "CREATE TRIGGER event_no_update BEFORE UPDATE ON event "
        f"""WHEN NOT (NEW.data = '{{"erased": true}}' AND {same}) """
        "BEGIN SELECT RAISE(ABORT, 'event is append-only'); END"
    )


def _guard_postgres() -> None:
    op.execute(
        "CREATE FUNCTION sealed_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'sealed is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER sealed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sealed "
        "FOR EACH STATEMENT EXECUTE FUNCTION sealed_is_append_only()"
    )
    same = " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in KEPT)
    op.execute("DROP TRIGGER event_append_only ON event")
    op.execute(
        "CREATE TRIGGER event_append_only BEFORE DELETE OR TRUNCATE ON event "
        "FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only()"
    )
    op.execute(
        "CREATE TRIGGER event_no_update BEFORE UPDATE ON event FOR EACH ROW "
        f"""WHEN (NOT (NEW.data::text = '{{"erased": true}}' AND {same})) """
        "EXECUTE FUNCTION event_is_append_only()"
    )
