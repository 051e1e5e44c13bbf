"""The migrated database is the schema, on both databases, and every revision can be undone."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from canonical_model.errors import ConfigurationError
from storage.database import Database, open_database
from storage.migrate import alembic_config, newest_revision, upgrade
from storage.schema import METADATA
from tests.integration.conftest import DIALECTS
from tests.postgresql import PostgresServer


@pytest.fixture
def empty_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hub.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url(server.create_database())


def relations(database: Database) -> set[str]:
    with database.reading() as connection:
        found = inspect(connection)
        return {*found.get_table_names(), *found.get_view_names()} - {"alembic_version"}


@pytest.mark.parametrize("empty_address", DIALECTS, indirect=True)
def test_an_empty_database_becomes_the_schema_and_goes_back(empty_address: str) -> None:
    database = open_database(empty_address)
    upgrade(database)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    assert relations(database) == {*METADATA.tables, "cross_reference"}

    with database.writing() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert relations(database) == set()

    upgrade(database)
    assert relations(database) == {*METADATA.tables, "cross_reference"}
    database.close()


@pytest.mark.parametrize("empty_address", DIALECTS, indirect=True)
def test_a_database_of_a_later_version_is_left_as_it_is(empty_address: str) -> None:
    with closing(open_database(empty_address)) as database:
        upgrade(database)
        with database.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(ConfigurationError, match=r"schema 9999; this one knows"):
            upgrade(database)


@pytest.mark.parametrize("empty_address", DIALECTS, indirect=True)
def test_processes_that_start_together_migrate_once(empty_address: str) -> None:
    def start(_: int) -> None:
        database = open_database(empty_address)
        upgrade(database)
        database.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start, range(4)))

    database = open_database(empty_address)
    assert relations(database) == {*METADATA.tables, "cross_reference"}
    database.close()


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/hub.db")
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE finding (mine TEXT)")

    with pytest.raises(Exception, match="finding already exists"):
        upgrade(database)
    assert relations(database) == {"finding"}
    database.close()


def test_a_database_that_is_up_to_date_is_left_alone(database: Database) -> None:
    before = relations(database)
    upgrade(database)
    assert relations(database) == before


def test_the_newest_revision_is_the_head_that_alembic_knows(tmp_path: Path) -> None:
    """Revisions are one chain, and files are named by them, so that a start need not load them all."""
    with closing(open_database(f"sqlite:///{tmp_path}/hub.db")) as database, database.reading() as connection:
        assert ScriptDirectory.from_config(alembic_config(connection)).get_heads() == [newest_revision()]
