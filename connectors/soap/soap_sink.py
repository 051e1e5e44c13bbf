"""Writes to a SOAP service, and asks it what became of a request.

A typed fault that the WSDL declares is a refusal; whether it refuses because the request has been carried out before
is told by the look that follows. Any other fault leaves it open whether something happened.
"""

from collections.abc import Iterable
from typing import Any

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError
from connectors.nesting import nested
from connectors.ports import Look, RawRecord, Receipt, SystemSettings, Write
from connectors.soap.wsdl_service import SoapService
from connectors.soap.xml_records import Shapes


class SoapSink:
    """Writes to one service."""

    def __init__(self, settings: SystemSettings, service: SoapService, shapes: Shapes) -> None:
        self._name = settings.name
        self._service = service
        self._shapes = shapes

    def send(self, write: Write) -> Receipt:
        """Send a write; see ``connectors.ports.Sink``."""
        (part,) = write.parts
        request, _ = self._service.types(part.target)
        self._check(part.target, request, part.values)
        told = self._service.tell(part.target, nested(part.values))
        if told.content is None:
            later = set(_names(part.options.get("retry_faults"))) & set(told.faults)
            said = f"{told.faults[0]} ({told.said})"
            if later:
                raise RetryableError(f"{self._name}: call {part.target}: {said}; try again later")
            return Receipt(is_refusal=True, said=said)
        return Receipt(is_refusal=False)

    def observe(self, look: Look) -> RawRecord | None:
        """What became of a request; see ``connectors.ports.Sink``."""
        row = str(look.options.get("row") or "")
        request, answer = self._service.types(look.target)
        self._check(look.target, request, look.values)
        self._check(look.target, answer, [row] if row else [])
        try:
            told = self._service.tell(look.target, nested(look.values))
        except OutcomeUnknown as error:
            raise RetryableError(
                f"{self._name}: {look.target}: gave no answer to a look; look again later"
            ) from error
        if told.content is None:
            if set(_names(look.options.get("absent_faults"))) & set(told.faults):
                return None
            raise ConfigurationError(f"{self._name}: {look.target}: {told.faults[0]} ({told.said}); check the look")
        nodes = self._shapes.nodes(told.content, answer, row) if row else [told.content]
        if len(nodes) > 1:
            raise ConfigurationError(f"{self._name}: {look.target}: element {row} stands more than once")
        if not nodes or not len(nodes[0]):
            return None
        shown: RawRecord = self._shapes.record(nodes[0], self._shapes.at(answer, row) if row else answer)
        return shown

    def close(self) -> None:
        """Close the connection."""
        self._service.close()

    def _check(self, operation: str, kind: Any, names: Iterable[str]) -> None:
        """Hold names against the WSDL; every fault is told at once."""
        faults = self._shapes.missing((kind, name) for name in names)
        if faults:
            raise ConfigurationError(f"{self._name}: {operation}: {'; '.join(faults)}; check the command file")


def _names(listed: Any) -> list[str]:
    return [str(name) for name in listed] if isinstance(listed, list) else []
