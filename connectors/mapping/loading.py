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

_CARRIED = ("#row", "#place", "#number", "#landed")


@dataclass(frozen=True, slots=True)
class Level:
    """What becomes one table.

    Attributes:
        table: its name in the session.
        path: the nested list; None for the raw records themselves.
        fields: the declared fields.
    """

    table: str
    path: str | None
    fields: Schema


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


def load(
    session: duckdb.DuckDBPyConnection,
    level: Level,
    records: Sequence[RawRecord],
    landed_ids: Sequence[str],
    findings: Findings,
) -> Entries:
    """Fill the table of a level from a page; values that cannot be read are told as findings of their raw record.

    The table has a column for each field, the raw record's row, the entry's place, number and landed id, and
    ``#faults``, which is NULL for entries that can be used.
    """
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
    session.execute(f"CREATE OR REPLACE TEMP TABLE {level.table} AS {typed_select(level.fields, _CARRIED, 'raw')}")
    session.unregister("raw")
    faulty = f'SELECT "#place", "#faults" FROM {level.table} WHERE "#faults" IS NOT NULL'  # noqa: S608
    for place, codes in session.execute(faulty).fetchall():
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
