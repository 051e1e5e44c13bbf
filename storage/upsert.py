"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL spell alike and SQLAlchemy keeps apart."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, TextClause, bindparam, text
from sqlalchemy.dialects import postgresql, sqlite


def conflict_insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert of the connection's dialect, for ``on_conflict_do_update`` and ``excluded``."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def insert_if_absent(table: Table, names: Sequence[str]) -> TextClause:
    """An insert that leaves what is there as it is, for both dialects; to be built once, and given values by column.

    As text, since SQLAlchemy compiles its own kind of it anew for each use.
    """
    columns, values = ", ".join(names), ", ".join(f":{name}" for name in names)
    statement = text(f"INSERT INTO {table.name} ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING")  # noqa: S608
    return statement.bindparams(*(bindparam(name, type_=table.c[name].type) for name in names))
