"""Pull every stream of some systems as tasks, and say in one sentence what came of each system."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from canonical_model.errors import SpliceError
from flows.artifacts import show_pulls, show_quality, show_set_aside
from flows.asked import SourceRequest
from flows.opening import HubAtHand
from flows.steps import pull_stream
from hub.reports.quality_page import write_quality_page
from hub.stream_pull import StreamOutcome
from hub.stream_quality import quality_of
from hub.sync import streams_in_order
from hub.workplace import Hub


@dataclass(slots=True)
class SystemPull:
    """What a pull of a system came to.

    Attributes:
        pulled: streams that were pulled to their end.
        failed: the error of each stream that was not; what it had stored before stays.
        untried: streams that were left out, since two before them had failed for one and the same reason.
    """

    system: str
    pulled: list[StreamOutcome] = field(default_factory=list)
    failed: dict[str, SpliceError] = field(default_factory=dict)
    untried: list[str] = field(default_factory=list)

    @property
    def is_given_up(self) -> bool:
        """Whether two streams failed for one reason: the system is away or refuses us; more logins would not help."""
        return any(count > 1 for count in Counter(map(str, self.failed.values())).values())

    def faults(self) -> Iterator[str]:
        """One sentence for each reason, with the streams that it kept from being pulled."""
        reasons: dict[str, list[str]] = {}
        for stream, error in self.failed.items():
            reasons.setdefault(f"{type(error).__name__}: {error}", []).append(stream)
        for reason, streams in reasons.items():
            yield f"{self.system} {', '.join(streams)}: {reason}"
        if self.untried:
            yield f"{self.system} {', '.join(self.untried)}: not tried after that"

    def __str__(self) -> str:
        counts = [outcome.counts for outcome in self.pulled]
        read, changed = sum(each.read for each in counts), sum(each.changed for each in counts)
        set_aside = sum(each.rejected for each in counts)
        text = f"{self.system}: {read} records read, {changed} new or changed"
        return f"{text}, {set_aside} set aside" if set_aside else text


def pull_systems(
    at_hand: HubAtHand, requests: Sequence[SourceRequest], only: Mapping[str, Collection[str]] | None = None
) -> list[SystemPull]:
    """Pull every stream of some systems, one after the other; one that fails does not keep the next from its turn.

    A stream comes behind those that its records refer to, whichever system they are of; else system by system.

    Args:
        at_hand: the operator's hub.
        requests: which systems.
        only: of the streams of each system these alone; all where None.

    Raises:
        ConfigurationError: there is no such system.
    """
    asked = {request.system: request for request in requests}
    pulls = {system: SystemPull(system) for system in asked}
    in_order = streams_in_order(at_hand.hub, list(asked))
    streams = [(system, stream) for system, stream in in_order if only is None or stream in only[system]]
    left = Counter(system for system, _ in streams)
    for system, stream in streams:
        pull = pulls[system]
        if pull.is_given_up:
            pull.untried.append(stream)
        else:
            try:
                pull.pulled.append(pull_stream(at_hand, asked[system], stream))
            except SpliceError as error:
                pull.failed[stream] = error
        left[system] -= 1
        if not left[system]:
            _show(at_hand.hub, asked[system], pull)
    return list(pulls.values())


def _show(hub: Hub, request: SourceRequest, pull: SystemPull) -> None:
    """Leave what people open: the counts, what was set aside, and how good what came is."""
    show_pulls(pull.system, pull.pulled, pull.failed)
    show_set_aside(pull.system, pull.pulled)
    quality = quality_of(hub, pull.system, request.moment)
    show_quality(quality, write_quality_page(quality, hub.reports))


def ended(pulls: Sequence[SystemPull]) -> State[Any]:
    """The state that pulls leave behind: completed with the counts, or failed with every message.

    The first error is the state's own, so that who called the flow gets it as it was raised.
    """
    errors = [error for pull in pulls for error in pull.failed.values()]
    if errors:
        return Failed(message="\n".join(text for pull in pulls for text in pull.faults()), data=errors[0])
    return Completed(message="; ".join(str(pull) for pull in pulls))
