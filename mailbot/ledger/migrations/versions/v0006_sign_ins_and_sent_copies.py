"""Sign-ins of mailboxes (sealed), who put sent mails into Sent, and which key this ledger belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Adds three tables; the key of an older ledger is taken as the right one at the next start."""
    op.create_table(
        "installation",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_installation"),
    )
    op.create_table(
        "sign_in",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("refused_at", INSTANT),
        sa.Column("why", sa.Text()),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_sign_in_business"),
        sa.PrimaryKeyConstraint("business", name="pk_sign_in"),
    )
    op.create_table(
        "sent_copy",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("outgoing", ID, nullable=False, autoincrement=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("by IN ('server', 'mailbot', 'nobody')", name=op.f("ck_sent_copy_by")),
        sa.ForeignKeyConstraint(
            ["business", "outgoing"], ["outgoing.business", "outgoing.id"], name="fk_sent_copy_business_outgoing"
        ),
        sa.PrimaryKeyConstraint("business", "outgoing", name="pk_sent_copy"),
    )
