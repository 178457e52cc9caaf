"""What a statement says of a line beyond date, amount and label: the other side, references, reversals."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MONEY = sa.Numeric().with_variant(sa.Text(), "sqlite")
_WORDS = (
    "payer",
    "payer_iban",
    "end_to_end",
    "creditor_reference",
    "bank_id",
    "corrects",
    "reverses",
    "reason",
    "original_currency",
)


def upgrade() -> None:
    """Adds the columns; lines kept before say nothing in them."""
    for name in _WORDS:
        op.add_column("line", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("line", sa.Column("reversal", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("line", sa.Column("original_amount", MONEY, nullable=True))
    op.add_column("line", sa.Column("fee", MONEY, nullable=False, server_default="0"))
    op.add_column("line", sa.Column("count", sa.Integer(), nullable=False, server_default="1"))
    op.create_index("ix_line_bank_id", "line", ["business", "account", "bank_id"])
