"""Entry point of Alembic: runs in the transaction of the connection that ``storage.migrate`` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
