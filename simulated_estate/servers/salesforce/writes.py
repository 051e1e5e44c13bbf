"""What the org takes: records by their external id, alone or several in a composite request, all or none.

``PATCH sobjects/NAME/FIELD/VALUE`` changes the record with that external id or makes one (201); with
``updateOnly=true``, which versions before 61.0 do not know, it never makes one. ``GET`` of the same path reads it.
``POST composite`` runs up to 25 such requests and answers 200 whatever became of them; with ``allOrNone`` one that
fails takes the others back. ``Status`` of an Order is one of its labels, and its ``StatusCode`` follows.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from simulated_estate.bookkeeping.crm import CATEGORY_OF_LABEL, EXTERNAL_IDS
from simulated_estate.books import Row
from simulated_estate.servers.instants import as_instant
from simulated_estate.servers.salesforce.columns import written
from simulated_estate.servers.salesforce.errors import OrgError, not_found
from simulated_estate.servers.salesforce.schema import SYSTEM_FIELDS, Schema
from simulated_estate.servers.write_log import WriteLog

UPDATE_ONLY_SINCE = 61
TELLS_CREATED_SINCE = 46
MOST_PARTS = 25
_RECORD = re.compile(r"/services/data/v(\d+)\.0/sobjects/(\w+)/(\w+)/([^/]+)")
_NOT_WRITABLE = {*SYSTEM_FIELDS, "StatusCode", "CreatedDate", "OrderNumber", "Account_Number__c", "Order_Number__c"}
_NEEDED = {"Account": ("Name",), "Order": ("AccountId", "EffectiveDate", "Status")}
_HALTED = "The transaction was rolled back since another operation in the same transaction failed."
_PREFIXES = {"Account": "001", "Order": "801"}


class Writes:
    """Changes the rows of the org."""

    def __init__(
        self, rows: dict[str, list[Row]], schema: Schema, clock: Callable[[], datetime], log: WriteLog
    ) -> None:
        self._rows = rows
        self._schema = schema
        self._clock = clock
        self._log = log

    def read(self, entity: str, field: str, value: str, fields: list[str]) -> dict[str, Any]:
        """Fields of the record with an external id.

        Raises:
            OrgError: NOT_FOUND, INVALID_FIELD.
        """
        name, _, row = self._found(entity, field, value)
        if row is None:
            raise not_found()
        if unknown := [wanted for wanted in fields if self._schema.kind(name, wanted) is None]:
            raise OrgError(400, "INVALID_FIELD", f"No such column '{unknown[0]}' on sobject of type {name}")
        wanted = fields or list(self._schema.fields(name))
        return {"attributes": {"type": name}, **{field: written(row.get(field)) for field in wanted}}

    def upsert(
        self, path: tuple[str, str, str], body: Any, version: int, *, update_only: bool
    ) -> tuple[int, dict[str, Any] | None]:
        """Change a record or make it: status and body of the answer.

        Raises:
            OrgError: NOT_FOUND, INVALID_FIELD, REQUIRED_FIELD_MISSING and others.
        """
        entity, field, value = path
        name, column, row = self._found(entity, field, value)
        if not isinstance(body, dict):
            raise OrgError(400, "JSON_PARSER_ERROR", "The body is no JSON object")
        values = self._checked(name, body)
        is_new = row is None
        if row is None:
            if update_only and version >= UPDATE_ONLY_SINCE:
                raise not_found()
            row = self._made(name, column, value, values)
        row.update(values, SystemModstamp=self._clock())
        self._log.note("crm", f"PATCH {name}", "", value)
        told = {"id": row["Id"], "success": True, "errors": []}
        if version >= TELLS_CREATED_SINCE:
            told["created"] = is_new
        return (201, told) if is_new else (200, told) if version >= TELLS_CREATED_SINCE else (204, None)

    def composite(self, body: bytes) -> dict[str, Any]:
        """Run a composite request.

        Raises:
            OrgError: JSON_PARSER_ERROR, INVALID_INPUT; then nothing of it was begun.
        """
        try:
            asked: Any = json.loads(body)
            parts = asked["compositeRequest"]
            references = [part["referenceId"] for part in parts]
        except (ValueError, TypeError, KeyError):
            raise OrgError(400, "JSON_PARSER_ERROR", "The request is no composite request") from None
        if len(parts) > MOST_PARTS or len(set(references)) < len(references):
            raise OrgError(400, "INVALID_INPUT", "Too many parts, or a referenceId that stands twice")
        before = [(row, dict(row)) for row in map(self._row_of, parts) if row is not None]
        known = {name: len(rows) for name, rows in self._rows.items()}
        noted = len(self._log.applied)
        answers = [self._part(part) for part in parts]
        failed = [status for status, _ in answers if status >= 300]
        if failed and asked.get("allOrNone"):
            self._take_back(before, known)
            del self._log.applied[noted:]
            halted = [{"errorCode": "PROCESSING_HALTED", "message": _HALTED}]
            answers = [(status, told) if status >= 300 else (400, halted) for status, told in answers]
        told_parts = [
            {"body": told, "httpHeaders": {}, "httpStatusCode": status, "referenceId": reference}
            for (status, told), reference in zip(answers, references, strict=True)
        ]
        return {"compositeResponse": told_parts}

    def _part(self, part: Any) -> tuple[int, Any]:
        url, match = _place_of(part)
        if match is None or part.get("method") not in ("GET", "PATCH"):
            return 404, not_found().body()
        asked = parse_qs(url.query)
        path = (match[2], match[3], unquote(match[4]))
        try:
            if part["method"] == "GET":
                return 200, self.read(*path, [name for name in asked.get("fields", [""])[0].split(",") if name])
            only = asked.get("updateOnly", [""])[0] == "true"
            return self.upsert(path, part.get("body"), int(match[1]), update_only=only)
        except OrgError as error:
            return error.status, error.body()

    def _row_of(self, part: Any) -> Row | None:
        """The row that a part names, where there is one."""
        _, match = _place_of(part)
        try:
            return None if match is None else self._found(match[2], match[3], unquote(match[4]))[2]
        except OrgError:
            return None

    def _take_back(self, before: list[tuple[Row, Row]], known: dict[str, int]) -> None:
        """Restore rows in place, since others hold them, and forget those that were made."""
        for row, copy in before:
            row.clear()
            row.update(copy)
        for name, number in known.items():
            del self._rows[name][number:]

    def _found(self, entity: str, field: str, value: str) -> tuple[str, str, Row | None]:
        """The sObject, its external id field, and the record that has the value.

        Raises:
            OrgError: NOT_FOUND; 300 where several records have it.
        """
        name = self._schema.entity(entity)
        known = EXTERNAL_IDS.get(name or "", ())
        column = next((known_field for known_field in known if known_field.lower() == field.lower()), None)
        if name is None or column is None:
            message = f"Provided external ID field does not exist or is not accessible: {field}"
            raise OrgError(404, "NOT_FOUND", message)
        rows = [row for row in self._rows[name] if row.get(column) == value and not row.get("IsDeleted")]
        if len(rows) > 1:
            raise OrgError(300, "MULTIPLE_CHOICES", "Several records have this external id")
        return name, column, rows[0] if rows else None

    def _checked(self, entity: str, body: Row) -> Row:
        values: Row = {}
        for name, value in body.items():
            kind = self._schema.kind(entity, name)
            if kind is None:
                raise OrgError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {entity}")
            if name in _NOT_WRITABLE or name in EXTERNAL_IDS.get(entity, ()):
                message = f"Unable to create/update fields: {name}."
                raise OrgError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message)
            values[name] = _typed(name, value, kind)
        if entity == "Order" and "Status" in values:
            if values["Status"] not in CATEGORY_OF_LABEL:
                message = f"Status: bad value for restricted picklist field: {values['Status']}"
                raise OrgError(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message)
            values["StatusCode"] = CATEGORY_OF_LABEL[values["Status"]]
        return values

    def _made(self, entity: str, column: str, value: str, values: Row) -> Row:
        if missing := [name for name in _NEEDED.get(entity, ()) if values.get(name) is None]:
            message = f"Required fields are missing: [{', '.join(missing)}]"
            raise OrgError(400, "REQUIRED_FIELD_MISSING", message)
        number = len(self._rows[entity]) + 1
        row: Row = dict.fromkeys(self._schema.fields(entity))
        row |= {"Id": f"{_PREFIXES.get(entity, 'a00')}HUB{number:09d}AAA", "IsDeleted": False, column: value}
        row["CreatedDate"] = self._clock()
        self._rows[entity].append(row)
        return row


def _place_of(part: Any) -> tuple[SplitResult, re.Match[str] | None]:
    """Where a part of a composite request goes, and the record that it names."""
    url = urlsplit(str(part.get("url")))
    return url, _RECORD.fullmatch(url.path)


def _typed(name: str, value: Any, kind: str) -> Any:
    if kind != "datetime" or value is None:
        return value
    try:
        return as_instant(str(value))
    except ValueError:
        raise OrgError(400, "JSON_PARSER_ERROR", f"Cannot deserialize a datetime for {name}") from None
