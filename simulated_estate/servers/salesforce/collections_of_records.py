"""sObject collections: up to 200 records created, changed, read or deleted in one request."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulated_estate.books import Row
from simulated_estate.servers.instants import as_instant
from simulated_estate.servers.salesforce.bodies import json_object
from simulated_estate.servers.salesforce.child_lists import written_record
from simulated_estate.servers.salesforce.columns import Binder, long_id
from simulated_estate.servers.salesforce.errors import OrgError, no_such_object, not_found
from simulated_estate.servers.salesforce.schema import SYSTEM_FIELDS, Schema
from simulated_estate.servers.salesforce.soql import Path

MOST_RECORDS = 200
_FIRST_NEW = 9_000_000_001
_DAWN = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """A row of an sObject, empty where it is to be created, and what is to be written into it."""

    entity: str
    row: Row
    values: Row


class RefusedRecord(Exception):  # noqa: N818 -- one line of an answer, which is no failure of the request
    """A record of a collection that cannot be written."""

    def __init__(self, code: str, message: str, *fields: str) -> None:
        super().__init__(message)
        self.line = {"success": False, "errors": [{"statusCode": code, "message": message, "fields": list(fields)}]}


class Collections:
    """Writes and reads rows of the org by collections; a changed row gets a new SystemModstamp."""

    def __init__(self, rows: dict[str, list[Row]], schema: Schema) -> None:
        self._rows = rows
        self._schema = schema
        self._numbers = count(_FIRST_NEW)
        self._lock = threading.Lock()

    async def write(self, request: Request) -> Response:
        """Create records (POST), change them (PATCH), or move them to the recycle bin (DELETE)."""
        if request.method == "DELETE":
            identities = request.query_params.get("ids", "").split(",")
            wanted = [{"id": identity, "IsDeleted": True} for identity in identities if identity]
            all_or_none = request.query_params.get("allOrNone") == "true"
            return self._written(wanted, self._deletion, all_or_none=all_or_none)
        told = await json_object(request)
        prepare = self._creation if request.method == "POST" else self._update
        return self._written(_records(told.get("records")), prepare, all_or_none=told.get("allOrNone") is True)

    async def read(self, request: Request) -> Response:
        """The records of some Ids, null where there is none."""
        name = request.path_params["entity"]
        entity = self._schema.entity(name)
        if entity is None:
            raise not_found()
        if request.method == "POST":
            told = await json_object(request)
            identities, fields = told.get("ids") or [], told.get("fields") or []
        else:
            identities, fields = (request.query_params.get(part, "").split(",") for part in ("ids", "fields"))
        binder = Binder("", entity, self._rows, self._schema)
        columns = tuple(binder.column(Path(str(field), 0)) for field in dict.fromkeys(["Id", *fields]))
        by_id = {long_id(row["Id"]): row for row in self._rows[entity] if not row.get("IsDeleted")}
        found = [by_id.get(long_id(str(identity))) for identity in identities]
        version = request.path_params["version"]
        return JSONResponse([row and written_record(entity, columns, row, version) for row in found])

    def _written(self, records: list[Row], prepare: Callable[[Row], Change], *, all_or_none: bool) -> Response:
        if len(records) > MOST_RECORDS:
            raise OrgError(400, "EXCEEDED_MAX_SIZE_REQUEST", f"record limit reached: {MOST_RECORDS}")
        with self._lock:
            changes: list[Change | RefusedRecord] = []
            for record in records:
                try:
                    changes.append(prepare(record))
                except RefusedRecord as refusal:
                    changes.append(refusal)
            fails = all_or_none and any(isinstance(change, RefusedRecord) for change in changes)
            return JSONResponse([self._line(change, fails=fails) for change in changes])

    def _line(self, change: Change | RefusedRecord, *, fails: bool) -> dict[str, Any]:
        if isinstance(change, RefusedRecord):
            return change.line
        if fails:
            message = "Record rolled back because not all records were valid and the request was using AllOrNone"
            return RefusedRecord("ALL_OR_NONE_OPERATION_ROLLED_BACK", message).line
        row, listed = change.row, self._rows[change.entity]
        newest = max((as_instant(each["SystemModstamp"]) for each in listed), default=_DAWN)
        stamp = max(datetime.now(UTC), newest + timedelta(milliseconds=1))
        if "Id" not in row:
            prefix = self._schema.summary(change.entity)["keyPrefix"]
            row |= {"Id": f"{prefix}LV{next(self._numbers):010d}AAA", "IsDeleted": False, "CreatedDate": stamp}
            listed.append(row)
        row |= {**change.values, "SystemModstamp": stamp}
        return {"id": row["Id"], "success": True, "errors": []}

    def _creation(self, record: Row) -> Change:
        entity = self._entity_of(record)
        return Change(entity, {}, self._checked(entity, record))

    def _update(self, record: Row) -> Change:
        entity = self._entity_of(record)
        return Change(entity, self._row(entity, str(record.get("id", ""))), self._checked(entity, record))

    def _deletion(self, record: Row) -> Change:
        for entity in self._schema.entities():
            if any(long_id(row["Id"]) == long_id(record["id"]) for row in self._rows[entity]):
                return Change(entity, self._row(entity, record["id"]), {"IsDeleted": True})
        raise RefusedRecord("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")

    def _row(self, entity: str, identity: str) -> Row:
        for row in self._rows[entity]:
            if long_id(row["Id"]) == long_id(identity):
                if row.get("IsDeleted"):
                    raise RefusedRecord("ENTITY_IS_DELETED", "entity is deleted")
                return row
        raise RefusedRecord("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")

    def _entity_of(self, record: Row) -> str:
        attributes = record.get("attributes")
        name = str(attributes.get("type", "")) if isinstance(attributes, dict) else ""
        entity = self._schema.entity(name)
        if entity is None:
            raise no_such_object("", 0, name)
        return entity

    def _checked(self, entity: str, record: Row) -> Row:
        """The fields to be written, in their own spelling."""
        known = {name.lower(): name for name in self._schema.fields(entity)}
        values: Row = {}
        for name, value in _fields(record):
            if name.lower() not in known:
                raise RefusedRecord("INVALID_FIELD", f"No such column '{name}' on sobject of type {entity}", name)
            if known[name.lower()] in SYSTEM_FIELDS:
                message = f"Unable to create/update fields: {name}. Please check the security settings of this field"
                raise RefusedRecord("INVALID_FIELD_FOR_INSERT_UPDATE", message, name)
            values[known[name.lower()]] = value
        return values


def _fields(record: Row) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in record.items() if name not in ("attributes", "id"))


def _records(told: Any) -> list[Row]:
    if not isinstance(told, list) or not all(isinstance(record, dict) for record in told):
        raise OrgError(400, "INVALID_FIELD", "records is required to be a list of objects")
    return told
