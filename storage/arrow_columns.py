"""Canonical records as columns of Arrow: what a snapshot is written from. Needs no database, nor its libraries."""

from functools import cache

import pyarrow as pa

from canonical_model.record import Record
from canonical_model.record_fields import Kind, fields_of

ARROW: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "real": pa.float64(),
    "day": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
}


@cache
def arrow_schema(entity: type[Record]) -> pa.Schema:
    """The columns of an entity in a snapshot: the model's fields, in its order."""
    return pa.schema(
        [pa.field(field.name, ARROW[field.kind], nullable=field.nullable) for field in fields_of(entity)]
    )
