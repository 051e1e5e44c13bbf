"""What a database tells of itself: tables and views, columns, keys, and tables whose rows are parts of others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Inspector, types

from canonical_model.errors import ConfigurationError
from connectors.drafting.changes import changing_field, deletion_mark
from connectors.ports import Source
from connectors.probing import Description, FoundField, FoundObject, sampled
from connectors.settings import near
from connectors.sql.database import Database
from rules.types import ColumnType, Kind

_OF_THE_DATABASE = frozenset(("information_schema", "pg_catalog", "mysql", "performance_schema", "sys"))
_KINDS: tuple[tuple[Any, Kind], ...] = (
    (types.Boolean, "boolean"),
    (types.DateTime, "timestamp"),
    (types.Date, "date"),
    (types.Integer, "integer"),
    (types.Float, "number"),
)
_LARGEST_SCALE = 4
"""Decimals of a number beyond which it is no amount."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table or view as SQLAlchemy names it."""

    schema: str | None
    name: str
    label: str

    def full_name(self, usual: str | None) -> str:
        return self.name if self.schema in (None, usual) else f"{self.schema}.{self.name}"


class SqlProbe:
    """Looks around in one database."""

    def __init__(self, source: Source, database: Database) -> None:
        self._source = source
        self._database = database

    def objects(self) -> Sequence[FoundObject]:
        """Tables and views with their schemas; those of the database itself are left out."""
        with self._database.session("the catalogue") as session:
            return [FoundObject(name, table.label) for name, table in _tables(session.inspector()).items()]

    def describe(self, name: str, limit: int) -> Description:
        """See ``connectors.probing.Probe``."""
        with self._database.session(name) as session:
            inspector = session.inspector()
            tables = _tables(inspector)
            if name not in tables:
                raise ConfigurationError(f"there is no table or view {name}{near(name, tables)}")
            found = _described(inspector, tables, name)
        # how many rows there are is no matter here, and counting may take long
        told = sampled(self._source, replace(found, options={**found.options, "total": False}), limit)
        return _with_deletions(replace(told, options=found.options))

    def close(self) -> None:
        """Close the connections."""
        self._source.close()
        self._database.close()


def _tables(inspector: Inspector) -> dict[str, _Table]:
    """Every table and view by the name that a mapping uses."""
    usual = inspector.default_schema_name
    schemas = [usual, *(name for name in inspector.get_schema_names() if name != usual)]
    found: dict[str, _Table] = {}
    for schema in schemas:
        if schema in _OF_THE_DATABASE or str(schema).startswith("pg_"):
            continue
        for label, names in (
            ("table", inspector.get_table_names(schema)),
            ("view", inspector.get_view_names(schema)),
        ):
            for name in names:
                table = _Table(schema, name, label)
                found[table.full_name(usual)] = table
    return found


def _described(inspector: Inspector, tables: dict[str, _Table], name: str) -> Description:
    table = tables[name]
    columns = inspector.get_columns(table.name, table.schema)
    fields = tuple(FoundField(each["name"], _type(each), each.get("comment") or "") for each in columns)
    key, notes = _key(inspector, table)
    options: dict[str, Any] = {}
    if any(isinstance(each["type"], types.DateTime) and not each["type"].timezone for each in columns):
        options["zone"] = "UTC"
        notes.append("Its date-times bear no zone: options.zone says which one is meant.")
    lists: dict[str, tuple[FoundField, ...]] = {}
    for path, child, columns_of_parent in _parts(inspector, tables, name, key):
        lists[path] = tuple(
            FoundField(each["name"], _type(each), each.get("comment") or "")
            for each in inspector.get_columns(child.name, child.schema)
            if each["name"] not in columns_of_parent
        )
        order = [column for column in _primary(inspector, child) if column not in columns_of_parent]
        usual = inspector.default_schema_name
        options.setdefault("lists", {})[path] = {
            "object": child.full_name(usual),
            "parent": list(columns_of_parent),
            "order": order,
        }
    cursor = changing_field(fields)
    if cursor is not None and lists:
        notes.append(f"{cursor} grows with each change; as a cursor it needs options.children_touch_parent: true.")
    if lists:
        fields = (*fields, *(FoundField(path) for path in lists))
    return Description(name, fields, key, None if lists else cursor, lists, options, notes=tuple(notes))


def _with_deletions(found: Description) -> Description:
    """The description with the column that seems to mark deleted rows, and the values that may say so."""
    mark = deletion_mark(found.fields)
    if mark is None:
        return found
    kind = mark.type.kind if mark.type else "text"
    is_ever_filled = any(record.get(mark.name) is not None for record in found.samples)
    values: dict[str, Any] = {"boolean": [True], "integer": [1], "text": ["Y"] if is_ever_filled else None}
    said = {"deleted_values": values[kind]} if values.get(kind) else {}
    note = f"{mark.name} seems to mark deleted rows: hold options.deleted_values against its values."
    return replace(found, options={**found.options, "deleted_column": mark.name, **said}, notes=(*found.notes, note))


def _key(inspector: Inspector, table: _Table) -> tuple[tuple[str, ...], list[str]]:
    primary = _primary(inspector, table)
    if primary:
        return primary, []
    if table.label == "table":
        for constraint in inspector.get_unique_constraints(table.name, table.schema):
            return tuple(constraint["column_names"]), ["It has no primary key; a unique constraint stands for one."]
    return (), []


def _primary(inspector: Inspector, table: _Table) -> tuple[str, ...]:
    if table.label != "table":
        return ()
    return tuple(inspector.get_pk_constraint(table.name, table.schema)["constrained_columns"])


def _parts(
    inspector: Inspector, tables: dict[str, _Table], name: str, key: tuple[str, ...]
) -> Iterator[tuple[str, _Table, tuple[str, ...]]]:
    """Tables whose rows are parts of a row of this one: their key begins with its key."""
    parent, usual = tables[name], inspector.default_schema_name
    for child in tables.values():
        if child == parent or child.label != "table" or not key:
            continue
        for link in inspector.get_foreign_keys(child.name, child.schema):
            to = (link.get("referred_schema") or usual, link["referred_table"])
            by = dict(zip(link["referred_columns"], link["constrained_columns"], strict=True))
            if to != (parent.schema or usual, parent.name) or set(by) != set(key):
                continue
            columns = tuple(by[each] for each in key)
            if set(columns) < set(_primary(inspector, child)):
                yield child.name, child, columns


def _type(column: Any) -> ColumnType | None:
    """The type of a column in our words; None where only its values can tell."""
    kind, nullable = column["type"], bool(column.get("nullable", True))
    for known, ours in _KINDS:
        if isinstance(kind, known):
            return ColumnType(ours, nullable=nullable)
    if isinstance(kind, types.Numeric):
        scale = kind.scale
        if scale == 0:
            return ColumnType("integer", nullable=nullable)
        if scale is None or scale > _LARGEST_SCALE:
            return ColumnType("number", nullable=nullable)
        return ColumnType("money", scale, nullable)
    if isinstance(kind, types.String | types.Uuid | types.Enum):
        return ColumnType("text", nullable=nullable)
    return None
