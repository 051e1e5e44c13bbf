"""Writes to a REST service, and looks at what it shows.

Our request id travels in the header that the command file names (``Idempotency-Key`` is usual). An update may ask to
be applied only to what was just read (``match: true``: ``ETag`` and ``If-Match``, RFC 9110 section 13).
"""

from collections.abc import Mapping
from typing import Any

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from connectors.http.rest_service import RestAnswer, RestService
from connectors.nesting import filled, nested
from connectors.ports import Look, Part, RawRecord, Receipt, SystemSettings, Write
from connectors.settings import at_path, choice

METHODS = ("POST", "PUT", "PATCH")


class RestSink:
    """Writes to one service."""

    def __init__(self, settings: SystemSettings, service: RestService) -> None:
        self._name = settings.name
        self._service = service

    def send(self, write: Write) -> Receipt:
        """Send a write; see ``connectors.ports.Sink``."""
        (part,) = write.parts
        options, path = part.options, filled(part.target, part.key)
        method = choice(f"{self._name}: {write.command}: method", options.get("method", METHODS[0]), METHODS)
        headers: dict[str, str] = {}
        if options.get("key_header"):
            headers[str(options["key_header"])] = write.request_id
        if options.get("match") is True:
            tag = self._tag(path, part)
            if tag is None:
                return Receipt(is_refusal=True, said="nothing is there to be changed")
            headers["If-Match"] = tag
        answer = self._service.write(method, path, nested(part.values), headers, part.target)
        if answer.refusal:
            return Receipt(is_refusal=True, said=answer.refusal)
        return Receipt(is_refusal=False, reference=_reference(answer, str(options.get("reference", "id"))))

    def observe(self, look: Look) -> RawRecord | None:
        """What the service shows; see ``connectors.ports.Sink``."""
        found = self._service.find(filled(look.target, look.key), look.values, look.target)
        if found is None:
            return None
        rows = look.options.get("rows")
        if rows is None:
            return self._one([found.body], look)
        try:
            listed = at_path(found.body, str(rows))
        except KeyError as error:
            raise ConfigurationError(f"{self._name}: {look.target}: the answer has no {error.args[0]}") from error
        if not isinstance(listed, list):
            raise ConfigurationError(f"{self._name}: {look.target}: {rows} is no list")
        return self._one(listed, look) if listed else None

    def close(self) -> None:
        """Close the connection."""
        self._service.close()

    def _one(self, records: list[Any], look: Look) -> RawRecord:
        record, *others = records
        if not isinstance(record, Mapping):
            raise RetryableError(f"{self._name}: {look.target}: shows no object; look again later")
        if others:
            raise UnsafeToContinue(
                f"{self._name}: {look.target}: shows {len(records)} records where one was expected"
            )
        return dict(record)

    def _tag(self, path: str, part: Part) -> str | None:
        found = self._service.find(path, {}, part.target)
        if found is None:
            return None
        tag = found.headers.get("ETag")
        if not tag:
            raise ConfigurationError(f"{self._name}: {part.target}: has no ETag; leave match out of the command file")
        return tag


def _reference(answer: RestAnswer, path: str) -> str:
    try:
        told = at_path(answer.body, path)
    except KeyError:
        return ""
    return str(told)[:200] if isinstance(told, str | int) and not isinstance(told, bool) else ""
