"""Sinks that are opened when they are first needed, and what they say in the words of the state tables."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from canonical_model.errors import (
    ConfigurationError,
    RetryableError,
    SpliceError,
    UnsafeToContinue,
    defect_of,
)
from connectors.commands import reference_in, shown_of, sight_of
from connectors.discovery import open_observer
from connectors.ports import Look, Observer, ObserverOfMany, RawRecord, Sink, SystemSettings, Write
from handoffs.effect_states import Sight, Told
from hub.effects.stream_looks import StreamLooks
from hub.sync import settings_of
from hub.workplace import Hub

log = logging.getLogger(__name__)

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
    """Sinks and what looks for them, each opened when it is needed; to be used in one thread.

    What failed is opened anew for the next use: a login may have ended, or a connection.
    """

    def __init__(self, hub: Hub, open_sink: OpenSink, clock: Callable[[], datetime]) -> None:
        self._hub = hub
        self._open = open_sink
        self._clock = clock
        self._streams = StreamLooks(hub, clock)
        self._opened: dict[str, Sink] = {}
        self._looking: dict[str, Observer] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close everything that is open; it is opened again where it is needed."""
        for each in (*self._opened.values(), *self._looking.values()):
            each.close()
        self._opened.clear()
        self._looking.clear()

    def lease(self, least: timedelta) -> timedelta:
        """How long an effect may be held: a sending and a look, each with a login, at the slowest system."""
        slowest = max(block.timeout_s for block in self._hub.operator.file.systems.values())
        return max(least, 6 * timedelta(seconds=slowest) + _MARGIN)

    def send(self, system: str, write: Write) -> Answer:
        """Send a write once."""
        is_open = False
        try:
            sink = self._sink(system)
            is_open = True
            receipt = sink.send(replace(write, at=self._clock()))
        except UnsafeToContinue as error:  # OutcomeUnknown, or a system that contradicts itself
            self._let_go(system)
            return Answer("unknown", said=str(error), error=error)
        except (RetryableError, ConfigurationError) as error:
            self._let_go(system)
            return Answer("nothing", said=str(error), error=error)
        except Exception as error:  # noqa: BLE001 - a defect of ours costs one effect its turn, not everybody's worker
            defect = _defect("a sending failed", system, error)
            self._let_go(system)
            return Answer("unknown" if is_open else "nothing", said=str(defect), error=defect)
        return Answer("refused" if receipt.is_refusal else "acknowledged", receipt.reference, receipt.said)

    def look(self, system: str, write: Write, sent_at: datetime | None = None) -> Seen:
        """Look at everything that tells whether a write is done.

        Args:
            system: that was written to.
            write: what was, or will be, sent.
            sent_at: when it last went out; None where it never did.
        """
        if not write.looks:
            return Seen("unobservable")
        try:
            records = self._all_observed(system, write.looks, sent_at)
        except (RetryableError, ConfigurationError, UnsafeToContinue) as error:
            for each in (system, *(look.system for look in write.looks)):
                self._let_go(each)
            return Seen("unreadable", said=str(error), error=error)
        except Exception as error:  # noqa: BLE001 - as above
            defect = _defect("a look failed", system, error)
            for each in (system, *(look.system for look in write.looks)):
                self._let_go(each)
            return Seen("unreadable", said=str(defect), error=defect)
        seen = list(zip(write.looks, records, strict=True))
        references = [reference for look, record in seen if (reference := reference_in(look, record))]
        return Seen(
            together([sight_of(look, record) for look, record in seen]),
            references[0] if references else "",
            shown=json.dumps([shown_of(look, record) for look, record in seen], sort_keys=True),
        )

    def _all_observed(self, system: str, looks: Sequence[Look], sent_at: datetime | None) -> list[RawRecord | None]:
        if len(looks) > 1 and all(not look.stream and look.system in ("", system) for look in looks):
            sink = self._sink(system)
            if isinstance(sink, ObserverOfMany):
                return sink.observe_all(looks)
        return [self._observed(system, look, sent_at) for look in looks]

    def _observed(self, system: str, look: Look, sent_at: datetime | None) -> RawRecord | None:
        if look.stream:
            return self._streams.observe(look.system or system, look, sent_at)
        if look.system in ("", system):
            return self._sink(system).observe(look)
        if look.system not in self._looking:
            self._looking[look.system] = open_observer(self._settings(look.system))
        return self._looking[look.system].observe(look)

    def _sink(self, system: str) -> Sink:
        if system not in self._opened:
            self._opened[system] = self._open(self._settings(system))
        return self._opened[system]

    def _let_go(self, system: str) -> None:
        for opened in (self._opened.pop(system, None), self._looking.pop(system, None)):
            if opened is not None:
                opened.close()

    def _settings(self, system: str) -> SystemSettings:
        if system not in self._hub.operator.file.systems:
            raise ConfigurationError(f"there is no system {system} in operator.yaml any more; bring it back")
        return settings_of(self._hub, system)


def _defect(what: str, system: str, error: Exception) -> SpliceError:
    log.exception(what, extra={"system": system})
    return defect_of(error)


def together(sights: list[Sight]) -> Sight:
    """What several looks mean together, as the records of one write are done all or none."""
    kinds = set(sights)
    if len(kinds) == 1:
        return sights[0]
    told: tuple[Sight, ...] = ("refused", "in_progress")
    return next((sight for sight in told if sight in kinds), "differs")
