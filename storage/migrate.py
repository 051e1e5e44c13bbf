"""Bring a database to the schema of this version, from the installed package alone.

Revisions are written by hand in ``storage/migrations/versions/`` and never import the live schema: a revision
says what was true when it was written. A test compares the migrated database with the live schema.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from storage.database import Database

_LOCK = 0x53504C49
"""Advisory lock of PostgreSQL that migrations hold, so that two starting processes do not both migrate."""


def upgrade(database: Database) -> None:
    """Bring the schema up to date in one transaction; a database that is up to date is left as it is.

    Raises:
        RetryableError: the database is locked or out of reach.
        ConfigurationError: login, database name or file are wrong.
    """
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> Config:
    """What Alembic needs to run its commands over a connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
