"""One table for each canonical entity, with its history.

A row is one version of a record: known from ``known_from`` up to and without ``known_to``, which is
``STILL_KNOWN`` while the version is current. What was known at a moment is a WHERE over the two, and the primary
key says that a record has one current version.

Indexes begin with the column that tells most rows apart, and none is partial: a planner without statistics
takes a partial index for tiny and reads all of it for each row.
"""

import re

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, Text

from canonical_model.entities import ENTITIES
from canonical_model.record import Record
from canonical_model.record_fields import fields_of
from storage.schema.columns import COLUMN_TYPES, METADATA, UtcInstant

RECORD_KEY = ("source_id", "source_object", "source_system")


def table_name(entity: type[Record]) -> str:
    """The entity's name in snake case, singular: ``charge_line``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", entity.__name__).lower()


def _canonical_table(entity: type[Record]) -> Table:
    name = table_name(entity)
    table = Table(
        name,
        METADATA,
        *(Column(each.name, COLUMN_TYPES[each.kind], nullable=each.nullable) for each in fields_of(entity)),
        Column("stream", Text, nullable=False),  # the mapping that gave it
        Column("landed_id", Text, nullable=False),  # the raw record it was mapped from
        Column("content_hash", Text, nullable=False),
        Column("known_from", UtcInstant, nullable=False),
        Column("known_to", UtcInstant, nullable=False),
        PrimaryKeyConstraint(*RECORD_KEY, "known_to"),
        CheckConstraint("known_to > known_from", name="known_for_some_time"),
        Index(f"ix_{name}_landed", "landed_id", "stream", "source_system", "known_to"),
        Index(f"ix_{name}_known", "known_to", "known_from"),  # what changed since a moment
    )
    for column in (*entity.identifiers, *entity.looked_up_by):
        Index(f"ix_{name}_{column}", table.c[column])
    return table


CANONICAL_TABLES: dict[type[Record], Table] = {entity: _canonical_table(entity) for entity in ENTITIES.values()}
"""The table of each entity."""
