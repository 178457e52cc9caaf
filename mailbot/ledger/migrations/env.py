"""Called by Alembic: runs the migrations on the connection that `upgrade` opened, inside its transaction."""

from alembic import context

from mailbot.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
