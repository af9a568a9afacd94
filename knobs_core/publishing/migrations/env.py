"""Runs the migrations on the connection that ``database.py`` hands over."""

from alembic import context

from knobs_core.publishing.tables import Table

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Table.metadata, render_as_batch=True
)
context.run_migrations()
