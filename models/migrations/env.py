"""Alembic's entry: runs the revisions on the connection that `models.migrate` or `make revision` hands over."""

from alembic import context

from models.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
context.run_migrations()
