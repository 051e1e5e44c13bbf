"""How many bytes each table of a hub's database takes on the disk, its indexes included."""

from collections.abc import Mapping

from sqlalchemy import text

from storage.database import Database
from storage.schema import METADATA

_POSTGRESQL = text(
    "SELECT relname AS name, pg_total_relation_size(oid) AS bytes FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
_SQLITE = text(
    "SELECT coalesce(m.tbl_name, s.name) AS name, sum(s.pgsize) AS bytes"
    " FROM dbstat AS s LEFT JOIN sqlite_master AS m ON m.name = s.name GROUP BY 1"
)


def table_bytes(database: Database) -> dict[str, int]:
    """Bytes by table."""
    with database.reading() as connection:
        found = connection.execute(_POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE)
        return {row.name: int(row.bytes) for row in found if row.name in METADATA.tables}


def row_numbers(database: Database, tables: Mapping[str, int]) -> dict[str, int]:
    """Rows by table."""
    with database.reading() as connection:
        return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in tables}


def growth(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """By how much each table that grew has grown."""
    return {name: size - before.get(name, 0) for name, size in after.items() if size > before.get(name, 0)}
