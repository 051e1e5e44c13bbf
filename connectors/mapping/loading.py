"""Raw values of a page into typed tables of the session: one of the raw records, one of each nested list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from connectors.mapping.conversion import typed_select
from connectors.mapping.raw_values import elements, text_columns
from connectors.mapping.reasons import Findings, reading_problems
from connectors.ports import RawRecord
from rules.types import Schema

_CARRIED = {
    "#row": '"#row" BIGINT',
    "#place": '"#place" BIGINT',
    "#number": '"#number" BIGINT',
    "#landed": '"#landed" VARCHAR',
}
"""Columns beside the fields, and their definitions."""


@dataclass(frozen=True, slots=True)
class Level:
    """What becomes a table of texts and a table of typed values.

    Attributes:
        table: the second one's name in the session.
        path: the nested list; None for the raw records themselves.
        fields: the declared fields.
    """

    table: str
    path: str | None
    fields: Schema

    @property
    def texts(self) -> str:
        """Name of the table of texts."""
        return f"{self.table}_texts"


@dataclass(frozen=True, slots=True)
class Entries:
    """What stands in one table, in its order.

    Attributes:
        values: raw records, or elements of a nested list.
        rows: the raw record that each belongs to.
        numbers: the element's number in its list, from 1; 0 for a raw record.
    """

    values: Sequence[Any]
    rows: Sequence[int]
    numbers: Sequence[int]


def make_tables(session: duckdb.DuckDBPyConnection, level: Level) -> None:
    """Make the tables of a level and prepare what fills them: a statement is planned once, and not for each page.

    The first table takes a page's values as text; the second has a column for each field, the raw record's row, the
    entry's place, number and landed id, and ``#faults``, which is NULL for entries that can be used.
    """
    texts = ", ".join([*(f'"#c{number}" VARCHAR' for number in range(len(level.fields))), *_CARRIED.values()])
    session.execute(f"CREATE TABLE {level.texts} ({texts})")
    typed = typed_select(level.fields, tuple(_CARRIED), level.texts)
    session.execute(f"CREATE TABLE {level.table} AS {typed}")
    session.execute(f"PREPARE fill_{level.table} AS INSERT INTO {level.table} {typed}")
    faulty = f'SELECT "#place", "#faults" FROM {level.table} WHERE "#faults" IS NOT NULL'  # noqa: S608
    session.execute(f"PREPARE faulty_{level.table} AS {faulty}")


def load(
    session: duckdb.DuckDBPyConnection,
    level: Level,
    records: Sequence[RawRecord],
    landed_ids: Sequence[str],
    findings: Findings,
) -> Entries:
    """Fill the tables of a level from a page; values that cannot be read are told as findings of their raw record."""
    entries = _entries(level, records, findings)
    unsound: set[int] = set()

    def problem(place: int, name: str, what: str) -> None:
        unsound.add(place)
        findings.add(entries.rows[place], f"{_prefix(level, entries, place)}{name}", what)

    columns = text_columns(entries.values, level.fields, problem)
    table = pa.table(
        {
            **{f"#c{number}": column for number, column in enumerate(columns.values())},
            "#row": pa.array(entries.rows, pa.int64()),
            "#place": pa.array(range(len(entries.values)), pa.int64()),
            "#number": pa.array(entries.numbers, pa.int64()),
            "#landed": pa.array([landed_ids[row] for row in entries.rows], pa.string()),
        }
    )
    if unsound:
        table = table.filter(pa.array([place not in unsound for place in range(len(entries.values))], pa.bool_()))
    session.register("raw", table)
    session.execute(f"TRUNCATE {level.texts}")
    session.execute(f"INSERT INTO {level.texts} SELECT * FROM raw")  # noqa: S608
    session.unregister("raw")
    session.execute(f"TRUNCATE {level.table}")
    session.execute(f"EXECUTE fill_{level.table}")
    for place, codes in session.execute(f"EXECUTE faulty_{level.table}").fetchall():
        prefix = _prefix(level, entries, place)
        for name, what in reading_problems(entries.values[place], level.fields, codes, prefix):
            findings.add(entries.rows[place], name, what)
    return entries


def _entries(level: Level, records: Sequence[RawRecord], findings: Findings) -> Entries:
    if level.path is None:
        return Entries(records, range(len(records)), [0] * len(records))
    rows, numbers, found = elements(records, level.path, findings.add)
    return Entries(found, rows, numbers)


def _prefix(level: Level, entries: Entries, place: int) -> str:
    return "" if level.path is None else f"{level.path}[{entries.numbers[place]}]."
