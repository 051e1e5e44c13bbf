"""Sinks that are opened when they are first needed, and what they say in the words of the state tables."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from canonical_model.errors import (
    ConfigurationError,
    RetryableError,
    SpliceError,
    UnsafeToContinue,
)
from connectors.commands import reference_in, sight_of
from connectors.ports import Look, Sink, SystemSettings, Write
from handoffs.effect_states import Sight, Told
from hub.sync import settings_of
from hub.workplace import Hub

OpenSink = Callable[[SystemSettings], Sink]
_MARGIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a sending: ``told`` is ``nothing`` where it is certain that nothing arrived."""

    told: Told
    reference: str = ""
    said: str = ""
    error: SpliceError | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a look."""

    sight: Sight
    reference: str = ""
    said: str = ""
    error: SpliceError | None = None


class OpenSinks:
    """The sinks of one drain, each opened once; to be used in one thread."""

    def __init__(self, hub: Hub, open_sink: OpenSink) -> None:
        self._hub = hub
        self._open = open_sink
        self._opened: dict[str, Sink] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for sink in self._opened.values():
            sink.close()
        self._opened.clear()

    def lease(self, least: timedelta) -> timedelta:
        """How long an effect may be held: a sending and a look, each with a login, at the slowest system."""
        slowest = max(block.timeout_s for block in self._hub.operator.file.systems.values())
        return max(least, 6 * timedelta(seconds=slowest) + _MARGIN)

    def send(self, system: str, write: Write) -> Answer:
        """Send a write once."""
        try:
            receipt = self._sink(system).send(write)
        except UnsafeToContinue as error:  # OutcomeUnknown, or a system that contradicts itself
            return Answer("unknown", said=str(error), error=error)
        except (RetryableError, ConfigurationError) as error:
            return Answer("nothing", said=str(error), error=error)
        return Answer("refused" if receipt.is_refusal else "acknowledged", receipt.reference, receipt.said)

    def look(self, system: str, write: Write) -> Seen:
        """Look at everything that tells whether a write is done."""
        if not write.looks:
            return Seen("unobservable")
        seen: list[Seen] = []
        for look in write.looks:
            try:
                seen.append(self._seen(system, look))
            except (RetryableError, ConfigurationError, UnsafeToContinue) as error:
                return Seen("unreadable", said=str(error), error=error)
        references = [each.reference for each in seen if each.reference]
        return Seen(together([each.sight for each in seen]), references[0] if references else "")

    def _seen(self, system: str, look: Look) -> Seen:
        record = self._sink(system).observe(look)
        return Seen(sight_of(look, record), reference_in(look, record))

    def _sink(self, system: str) -> Sink:
        if system not in self._opened:
            if system not in self._hub.operator.file.systems:
                raise ConfigurationError(f"there is no system {system} in operator.yaml any more; bring it back")
            self._opened[system] = self._open(settings_of(self._hub, system))
        return self._opened[system]


def together(sights: list[Sight]) -> Sight:
    """What several looks mean together, as the records of one write are done all or none."""
    kinds = set(sights)
    if len(kinds) == 1:
        return sights[0]
    told: tuple[Sight, ...] = ("refused", "in_progress")
    return next((sight for sight in told if sight in kinds), "differs")
