"""What changed between two sets of records, as an incremental run is told of it."""

from collections.abc import Iterable

import pyarrow as pa

from canonical_model.entities import ENTITIES
from canonical_model.record import Record
from reconciliation.incremental.closure import EntityChanges
from reconciliation.incremental.links import LINKS, RECORD_KEY, UNJUDGED
from storage.arrow_columns import arrow_schema


def changes_between(before: Iterable[Record], after: Iterable[Record]) -> dict[str, EntityChanges]:
    """By entity the records that are new or otherwise, and the keys and links of those that are gone or otherwise."""
    was, is_now = {_key(one): one for one in before}, {_key(one): one for one in after}
    found: dict[str, EntityChanges] = {}
    for name in sorted(ENTITIES.keys() - UNJUDGED):
        entity = ENTITIES[name]
        now = [one for key, one in is_now.items() if type(one) is entity and was.get(key) != one]
        ended = [key for key, one in was.items() if type(one) is entity and is_now.get(key) != one]
        if now or ended:
            told = list(dict.fromkeys((*RECORD_KEY, *(column for _, column in LINKS.get(name, ())))))
            keys = [{column: getattr(was[key], column) for column in told} for key in ended]
            found[name] = EntityChanges(
                pa.Table.from_pylist([one.to_row() for one in now], schema=arrow_schema(entity)),
                pa.Table.from_pylist(keys, schema=pa.schema([(each, pa.string()) for each in told])),
            )
    return found


def _key(record: Record) -> tuple[str, str, str, str]:
    return type(record).__name__, record.source_system, record.source_object, record.source_id
