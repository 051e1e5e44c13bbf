"""Writes to a Salesforce org: records by their external id, all or none in one composite request.

A composite request answers 200 even where every record in it failed, so that each part is looked at. An update names
its record with ``updateOnly``, since an upsert of an id that is not there makes a new record.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, SpliceError
from connectors.http.write_errors import write_errors, write_status_error
from connectors.nesting import nested
from connectors.ports import Look, Part, RawRecord, Receipt, SystemSettings, Write
from connectors.salesforce.org import Org
from connectors.salesforce.soql import QueryRefused

UPDATE_ONLY_SINCE = 61
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_LATER = frozenset({"UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT"})
_ROLLED_BACK = "PROCESSING_HALTED"


class CompositeUpsert:
    """Writes to one org."""

    def __init__(self, settings: SystemSettings, org: Org) -> None:
        self._name = settings.name
        self._org = org

    def send(self, write: Write) -> Receipt:
        """Send a write; see ``connectors.ports.Sink``."""
        doing = f"write {', '.join(part.target for part in write.parts)}"
        body = {
            "allOrNone": True,
            "compositeRequest": [self._request(number, part) for number, part in enumerate(write.parts)],
        }
        told = self._told(body, doing)
        answers = told.get("compositeResponse") if isinstance(told, dict) else None
        if not isinstance(answers, list) or len(answers) != len(write.parts):
            raise OutcomeUnknown(f"{self._name}: {doing}: the answer is not in Salesforce's words; look first")
        return self._receipt(doing, answers)

    def observe(self, look: Look) -> RawRecord | None:
        """What the org shows; see ``connectors.ports.Sink``."""
        doing = f"look at {look.target}"
        with self._in_words(doing):
            return self._org.record(_path(look.target, look.key), _fields(look), doing)

    def observe_all(self, looks: Sequence[Look]) -> list[RawRecord | None]:
        """What the org shows of several records, in one call; see ``connectors.ports.ObserverOfMany``."""
        doing = f"look at {', '.join(look.target for look in looks)}"
        with self._in_words(doing):
            return [*self._org.records([(_path(look.target, look.key), _fields(look)) for look in looks], doing)]

    @contextmanager
    def _in_words(self, doing: str) -> Iterator[None]:
        try:
            yield
        except QueryRefused as refusal:
            raise ConfigurationError(
                f"{self._name}: {doing}: {refusal.code}: {refusal.said}; check the command file"
            ) from refusal

    def close(self) -> None:
        """Close the connection."""
        self._org.close()

    def _request(self, number: int, part: Part) -> dict[str, Any]:
        may_create = part.options.get("create") is True
        if not may_create and int(self._org.version.partition(".")[0]) < UPDATE_ONLY_SINCE:
            raise ConfigurationError(
                f"system {self._name}: options: api_version: {UPDATE_ONLY_SINCE}.0 or later is needed to change a "
                "record without making a new one (or set create: true in the command file)"
            )
        only = "" if may_create else "?updateOnly=true"
        return {
            "method": "PATCH",
            "url": f"/services/data/v{self._org.version}/sobjects/{_path(part.target, part.key)}{only}",
            "referenceId": f"part{number}",
            "body": nested(part.values),
        }

    def _told(self, body: dict[str, Any], doing: str) -> Any:
        try:
            return self._once(body, doing, self._org.client(doing))
        except SalesforceExpiredSession:
            client = self._org.client(doing, anew=True)  # turned away at the door, so it may go once more
        try:
            return self._once(body, doing, client)
        except SalesforceExpiredSession as error:
            raise self._org.ended(doing) from error

    def _once(self, body: dict[str, Any], doing: str, client: Salesforce) -> Any:
        try:
            with write_errors(self._name, doing):
                return client.restful("composite", method="POST", json=body)
        except SalesforceExpiredSession:
            raise
        except SalesforceError as error:
            raise self._refused_whole(doing, error) from error

    def _refused_whole(self, doing: str, error: SalesforceError) -> SpliceError:
        """The org did not even begin: what is wrong is the request or the user, not a record."""
        code, said = _words(error.content)
        if code in _LATER and error.status < 500:
            return RetryableError(f"{self._name}: {doing}: {code}; try again later")
        if code and error.status in {400, 404}:
            return ConfigurationError(f"{self._name}: {doing}: {code}: {said}; check the command file")
        return write_status_error(self._name, doing, error.status, {}, code)

    def _receipt(self, doing: str, answers: list[Any]) -> Receipt:
        failed = [answer for answer in answers if _status(answer) >= 300]
        if not failed:
            return Receipt(is_refusal=False, reference=_reference(answers[0]))
        told = [(*_words(answer.get("body")), _status(answer)) for answer in failed]
        code, said, status = next((each for each in told if each[0] != _ROLLED_BACK), told[0])
        if code in _LATER:
            raise RetryableError(f"{self._name}: {doing}: {code}, and nothing was changed; try again later")
        if status >= 500 or not code:
            raise OutcomeUnknown(f"{self._name}: {doing}: HTTP {status} {code}; it may have happened all the same")
        return Receipt(is_refusal=True, said=f"{code}: {said}")


def _fields(look: Look) -> list[str]:
    return ["Id", *dict.fromkeys(each.field.partition(".")[0] for each in look.expected)]


def _path(target: str, key: Any) -> str:
    ((field, value),) = key.items()
    for name in (target, field):
        if not _NAME.fullmatch(name):
            raise ConfigurationError(f"{name!r} is no name of a Salesforce object or field; check the command file")
    if value in {".", ".."}:
        raise ConfigurationError(f"{target}: {field} names no record; check the command file")
    return f"{target}/{field}/{quote(value, safe='')}"


def _status(answer: Any) -> int:
    """Status of one part; one that tells none counts as a failure of the org."""
    status = answer.get("httpStatusCode") if isinstance(answer, dict) else None
    return status if isinstance(status, int) else 500


def _reference(answer: Any) -> str:
    body = answer.get("body")
    told = body.get("id") if isinstance(body, dict) else None
    return told if isinstance(told, str) else ""


def _words(content: Any) -> tuple[str, str]:
    """Error code and first line of what the org says, both empty where it does not speak as Salesforce does."""
    entry = content[0] if isinstance(content, list) and content else None
    if not isinstance(entry, dict):
        return "", ""
    lines = str(entry.get("message", "")).strip().splitlines()
    return str(entry.get("errorCode", "")), lines[0][:200] if lines else ""
