"""What the web part needs: random names of letters in links, who agreed to tracking, when each loop last did well."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Adds three tables; letters sent before have no page, and nobody has agreed to anything yet."""
    op.create_table(
        "web_link",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("outgoing", ID, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["business", "outgoing"], ["outgoing.business", "outgoing.id"], name="fk_web_link_business_outgoing"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_web_link"),
        sa.UniqueConstraint("business", "outgoing", name="uq_web_link_business_outgoing"),
    )
    op.create_table(
        "consent",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_consent_business"),
        sa.PrimaryKeyConstraint("business", "email", name="pk_consent"),
    )
    op.create_table(
        "job_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_job_run"),
    )
