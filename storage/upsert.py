"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL spell alike and SQLAlchemy keeps apart."""

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def conflict_insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert of the connection's dialect, for ``on_conflict_do_update`` and ``excluded``."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
