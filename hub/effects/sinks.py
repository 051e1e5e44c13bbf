"""Sinks that are opened when they are first needed, and what they say in the words of the state tables."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from canonical_model.errors import (
    ConfigurationError,
    RetryableError,
    SpliceError,
    UnsafeToContinue,
)
from connectors.commands import reference_in, shown_of, sight_of
from connectors.ports import Sink, SystemSettings, Write
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
    """What came of a look; ``shown`` is what is shown in the fields that the looks are about, as JSON."""

    sight: Sight
    reference: str = ""
    said: str = ""
    error: SpliceError | None = None
    shown: str | None = None

    def against(self, shown_before: str | None) -> "Seen":
        """The same, where what differs is known from before the sending, or is what somebody else wrote since."""
        is_foreign = self.sight == "differs" and shown_before is not None and self.shown != shown_before
        return replace(self, sight="changed") if is_foreign else self


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
        try:
            records = [self._sink(system).observe(look) for look in write.looks]
        except (RetryableError, ConfigurationError, UnsafeToContinue) as error:
            return Seen("unreadable", said=str(error), error=error)
        seen = list(zip(write.looks, records, strict=True))
        references = [reference for look, record in seen if (reference := reference_in(look, record))]
        return Seen(
            together([sight_of(look, record) for look, record in seen]),
            references[0] if references else "",
            shown=json.dumps([shown_of(look, record) for look, record in seen], sort_keys=True),
        )

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
