"""The two records of a link side by side, for the person who decides."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from canonical_model.record import Record, SourceReference
from canonical_model.record_fields import fields_of
from hub.identity.records import ENTITIES_OF
from storage.history import known
from storage.identity_links import IdentityLink
from storage.schema.canonical import CANONICAL_TABLES

_SOURCE = ("source_system", "source_object", "source_id")


def compared_fields(connection: Connection, link: IdentityLink) -> dict[str, tuple[str, str]]:
    """What both records say now, by field, those left out that neither fills; a record that is gone says nothing."""
    entity = ENTITIES_OF[link.subject]
    one, other = (_values(connection, entity, end) for end in link.ends)
    names = [field.name for field in fields_of(entity) if field.name not in _SOURCE]
    return {name: (one.get(name, ""), other.get(name, "")) for name in names if name in one or name in other}


def _values(connection: Connection, entity: type[Record], source: SourceReference) -> dict[str, str]:
    table = CANONICAL_TABLES[entity]
    query = select(table).where(
        table.c.source_id == source.id,
        table.c.source_object == source.object,
        table.c.source_system == source.system,
        known(table, None),
    )
    row: Mapping[str, Any] = dict(connection.execute(query).mappings().one_or_none() or {})
    return {field.name: str(row[field.name]) for field in fields_of(entity) if row.get(field.name) is not None}
