"""Which of some keys the hub knows a record by: asked for a page's keys at a time, each looked up in an index."""

from collections.abc import Collection, Sequence

from sqlalchemy import (
    BigInteger,
    Connection,
    Index,
    MetaData,
    Select,
    column,
    exists,
    inspect,
    select,
    values,
)
from sqlalchemy.schema import CreateIndex

from canonical_model.entities import ENTITIES
from rules.references import ReferenceKey, Target
from storage.schema.canonical import CANONICAL_TABLES, RECORD_KEY
from storage.schema.columns import STILL_KNOWN

_MOST_KEYS = 400
"""Keys in one statement; SQLite takes 32,766 values, and is slow to plan a long list."""
_LONGEST_NAME = 60


def known_keys(connection: Connection, target: Target, keys: Collection[ReferenceKey]) -> set[ReferenceKey]:
    """Those of some keys that a record bears which is known now.

    Args:
        connection: of a transaction.
        target: whose records count.
        keys: values in the order of the target's fields, none of them missing.
    """
    wanted = list(dict.fromkeys(keys))
    known: set[ReferenceKey] = set()
    for start in range(0, len(wanted), _MOST_KEYS):
        some = wanted[start : start + _MOST_KEYS]
        known.update(some[place] for place in connection.execute(_places(target, some)).scalars())
    return known


def prepare_index(connection: Connection, target: Target) -> str | None:
    """Make the database able to look keys up without reading a table through; most it can look up already.

    Args:
        connection: of a writing transaction of its own, as an index over a large table takes a while.
        target: where keys will be looked up.

    Returns:
        Name of the index that was made; None where none was needed.
    """
    table = CANONICAL_TABLES[ENTITIES[target.entity]]
    led_by = {found["column_names"][0] for found in inspect(connection).get_indexes(table.name)} | {RECORD_KEY[0]}
    if led_by.intersection(target.fields):
        return None
    name = f"ix_{table.name}_asked_{'_'.join(target.fields)}"[:_LONGEST_NAME]
    # of a twin of the table, as the schema that every hub has does not know of it
    twin = table.to_metadata(MetaData())
    connection.execute(CreateIndex(Index(name, *(twin.c[field] for field in target.fields)), if_not_exists=True))
    return name


def _places(target: Target, keys: Sequence[ReferenceKey]) -> Select[tuple[int]]:
    """Places of those keys of a list that are known: one look-up a key, which no planner can turn round."""
    table = CANONICAL_TABLES[ENTITIES[target.entity]].alias("known")
    parts = [column(f"part_{number}", table.c[field].type) for number, field in enumerate(target.fields)]
    rows = [(place, *key) for place, key in enumerate(keys)]
    asked = values(column("place", BigInteger()), *parts, name="asked").data(rows).cte("asked")
    alike = [table.c[field] == asked.c[part.name] for field, part in zip(target.fields, parts, strict=True)]
    alike.append(table.c.known_to == STILL_KNOWN)
    if target.systems:
        alike.append(table.c.source_system.in_(target.systems))
    if target.stream is not None:
        alike.append(table.c.stream == target.stream)
    return select(asked.c.place).where(exists().where(*alike))
