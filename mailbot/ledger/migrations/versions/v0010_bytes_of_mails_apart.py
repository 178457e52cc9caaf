"""The bytes of outgoing mails move into a table of their own.

In SQLite each change of a row writes the whole row anew: three changes of state wrote every mail three times.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Moves what there is."""
    op.create_table(
        "outgoing_bytes",
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("outgoing", ID, nullable=False, autoincrement=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business", "outgoing"], ["outgoing.business", "outgoing.id"], name="fk_outgoing_bytes_business_outgoing"
        ),
        sa.PrimaryKeyConstraint("outgoing", name="pk_outgoing_bytes"),
    )
    op.execute(
        "INSERT INTO outgoing_bytes (business, outgoing, raw) "
        "SELECT business, id, raw FROM outgoing WHERE raw IS NOT NULL"
    )
    op.drop_column("outgoing", "raw")
