"""What the owner's confirmations taught about the layouts of the business's own invoices."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Adds a table; nothing was learned before."""
    op.create_table(
        "layout",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("learned", sa.JSON(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("invoice", sa.Text()),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_layout_business"),
        sa.PrimaryKeyConstraint("business", "fingerprint", name="pk_layout"),
    )
