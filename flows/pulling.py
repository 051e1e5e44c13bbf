"""Pull every stream of a system as tasks, and say in one sentence what came of it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from canonical_model.errors import SpliceError
from flows.artifacts import show_pulls, show_quality, show_set_aside
from flows.asked import SourceRequest, opened
from flows.steps import pull_stream
from hub.reports.quality_page import write_quality_page
from hub.stream_pull import StreamOutcome
from hub.stream_quality import quality_of
from hub.sync import streams_of


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


def pull_system(request: SourceRequest, only: Collection[str] | None = None) -> SystemPull:
    """Pull every stream of a system, one after the other; one that fails does not keep the next from its turn.

    Two that fail for the same reason do: the system is away or refuses us, and more logins would not help.

    Args:
        request: which system.
        only: of its streams these alone; all where None.

    Raises:
        ConfigurationError: there is no such system, or the operator's folder is wrong.
    """
    with opened(request) as hub:
        streams = [name for name in streams_of(hub, request.system) if only is None or name in only]
    pull = SystemPull(request.system)
    for number, stream in enumerate(streams):
        try:
            pull.pulled.append(pull_stream(request, stream))
        except SpliceError as error:
            is_known = str(error) in map(str, pull.failed.values())
            pull.failed[stream] = error
            if is_known:
                pull.untried += streams[number + 1 :]
                break
    show_pulls(pull.system, pull.pulled, pull.failed)
    show_set_aside(pull.system, pull.pulled)
    with opened(request) as hub:
        show_quality(write_quality_page(quality_of(hub, pull.system, datetime.now(UTC)), hub.reports))
    return pull


def ended(pulls: list[SystemPull]) -> State[Any]:
    """The state that pulls leave behind: completed with the counts, or failed with every message.

    The first error is the state's own, so that who called the flow gets it as it was raised.
    """
    errors = [error for pull in pulls for error in pull.failed.values()]
    if errors:
        return Failed(message="\n".join(text for pull in pulls for text in pull.faults()), data=errors[0])
    return Completed(message="; ".join(str(pull) for pull in pulls))
