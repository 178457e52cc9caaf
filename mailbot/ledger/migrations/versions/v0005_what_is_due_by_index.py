"""Indexes by which the next mail to send is found, and those of the last hour are counted, in an outbox of any size."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The business comes first: each looks for its own mails only."""
    op.drop_index("ix_outgoing_state_due_at", "outgoing")
    op.create_index("ix_outgoing_business_state_due_at", "outgoing", ["business", "state", "due_at"])
    op.create_index("ix_outgoing_business_armed_at", "outgoing", ["business", "armed_at"])
