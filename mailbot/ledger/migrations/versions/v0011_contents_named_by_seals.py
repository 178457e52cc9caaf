"""Which stored contents (mails, bank files, documents) a seal names: an index for sealing, no proof of anything.

The proof is the chain itself, whose seals list them; a check reads it and not this table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the table, empty: the next sealing names every content of before, and says that it does so late."""
    op.create_table(
        "sealed_content",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("n", ID, nullable=False, autoincrement=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["business"], ["business.key"], name="fk_sealed_content_business"),
        sa.PrimaryKeyConstraint("business", "kind", "key", "n", name="pk_sealed_content"),
    )
