"""An index by which a client's open questions are found, however many others are open."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The client is asked for with each decision."""
    op.create_index("ix_question_business_client_state", "question", ["business", "client", "state"])
