"""Bring a database to the schema of this version, from the installed package alone.

Revisions are written by hand in ``storage/migrations/versions/`` and never import the live schema: a revision
says what was true when it was written. A test compares the migrated database with the live schema.
"""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from canonical_model.errors import ConfigurationError
from storage.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x53504C49
"""Advisory lock of PostgreSQL that migrations hold, so that two starting processes do not both migrate."""


def upgrade(database: Database) -> None:
    """Bring the schema up to date in one transaction; a database that is up to date is left as it is.

    Raises:
        RetryableError: the database is locked or out of reach.
        ConfigurationError: login, database name or file are wrong, or a later version has worked there.
    """
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        known, newest = MigrationContext.configure(connection).get_current_revision(), newest_revision()
        if known is not None and known > newest:
            raise ConfigurationError(
                f"database {database.name} is of a later version (schema {known}; this one knows {newest}): "
                "install that version again, or restore the backup that was taken before"
            )
        if known != newest:
            command.upgrade(alembic_config(connection), "head")


@cache
def newest_revision() -> str:
    """The revision of this version, by the names of the files, which are not loaded for it."""
    return max(file.name.partition("_")[0] for file in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def alembic_config(connection: Connection) -> Config:
    """What Alembic needs to run its commands over a connection."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
