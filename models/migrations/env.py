"""Alembic's way into our tables. Run through ``models.migrate``, with a connection of the house's own engine."""

from alembic import context
from sqlmodel import SQLModel

import models.tables  # noqa: F401  # fills the metadata


def run() -> None:
    """Carry out the migrations on the connection we were given, in one transaction."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
