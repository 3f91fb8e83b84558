"""The migrations make exactly the tables that the code works with, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

import models.tables  # noqa: F401
from models.house import House
from models.migrate import current, latest, migrate


def test_a_migrated_database_differs_in_nothing_from_what_the_code_declares(house: House) -> None:
    with house.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrating_again_changes_nothing(house: House) -> None:
    assert migrate(house.engine) == latest()
    assert current(house.engine) == latest()
