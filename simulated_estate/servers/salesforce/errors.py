"""Errors of the org, worded like Salesforce's own."""

from typing import Any

_CUSTOM_FIELD = (
    "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)
_CUSTOM_RELATIONSHIP = (
    "If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship "
    "name. Please reference your WSDL or the describe call for the appropriate names."
)
_CUSTOM_OBJECT = (
    "If you are attempting to use a custom object, be sure to append the '__c' after the entity name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)


class OrgError(Exception):
    """An answer of the REST API other than success: a status and a list with one error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def body(self) -> list[dict[str, Any]]:
        """The JSON list of the REST API."""
        return [{"message": self.message, "errorCode": self.code}]


def malformed_query(message: str) -> OrgError:
    """The query is no SOQL, or none that this org understands."""
    return OrgError(400, "MALFORMED_QUERY", message)


def at_place(soql: str, place: int, message: str) -> str:
    """The message with the clause around a place and a pointer under it."""
    clause = soql[max(0, place - 40) : place + 40]
    pointer = " " * min(place, 40) + "^"
    return f"\n{clause}\n{pointer}\nERROR at Row:1:Column:{place + 1}\n{message}"


def no_such_column(soql: str, place: int, column: str, entity: str) -> OrgError:
    """A field that the sObject does not have."""
    message = f"No such column '{column}' on entity '{entity}'. {_CUSTOM_FIELD}"
    return OrgError(400, "INVALID_FIELD", at_place(soql, place, message))


def no_such_relationship(soql: str, place: int, name: str) -> OrgError:
    """A parent that the sObject does not have."""
    message = f"Didn't understand relationship '{name}' in field path. {_CUSTOM_RELATIONSHIP}"
    return OrgError(400, "INVALID_FIELD", at_place(soql, place, message))


def not_in_quotes(soql: str, place: int, column: str, kind: str) -> OrgError:
    """A text compared with a field that is none."""
    message = (
        f"value of filter criterion for field '{column}' must be of type {kind} and should not be enclosed in quotes"
    )
    return OrgError(400, "INVALID_FIELD", at_place(soql, place, message))


def wrong_literal(soql: str, place: int, column: str, kind: str) -> OrgError:
    """A value of another type than its field's."""
    message = f"value of filter criterion for field '{column}' must be of type {kind}"
    return OrgError(400, "INVALID_FIELD", at_place(soql, place, message))


def no_such_object(soql: str, place: int, name: str) -> OrgError:
    """An sObject that the org does not have."""
    message = f"sObject type '{name}' is not supported. {_CUSTOM_OBJECT}"
    return OrgError(400, "INVALID_TYPE", at_place(soql, place, message))


def not_found() -> OrgError:
    """A path that leads nowhere."""
    return OrgError(404, "NOT_FOUND", "The requested resource does not exist")


def dead_session() -> OrgError:
    """A session that never was, or is no more."""
    return OrgError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def limit_exceeded() -> OrgError:
    """The requests of the day are used up."""
    return OrgError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def dead_locator() -> OrgError:
    """A query cursor that never was, or is no more."""
    return OrgError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
