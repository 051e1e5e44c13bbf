"""Pull every stream of a system as tasks, and say in one sentence what came of it."""

from dataclasses import dataclass, field
from typing import Any

from prefect.states import Completed, Failed, State

from canonical_model.errors import SpliceError
from flows.artifacts import show_pulls, show_set_aside
from flows.asked import SourceRequest, opened
from flows.steps import pull_stream
from hub.sync import StreamOutcome, streams_of


@dataclass(slots=True)
class SystemPull:
    """What a pull of a system came to.

    Attributes:
        pulled: streams that were pulled to their end.
        failed: the error of each stream that was not; what it had stored before stays.
    """

    system: str
    pulled: list[StreamOutcome] = field(default_factory=list)
    failed: dict[str, SpliceError] = field(default_factory=dict)

    def __str__(self) -> str:
        counts = [outcome.counts for outcome in self.pulled]
        read, changed = sum(each.read for each in counts), sum(each.changed for each in counts)
        set_aside = sum(each.rejected for each in counts)
        text = f"{self.system}: {read} records read, {changed} new or changed"
        return f"{text}, {set_aside} set aside" if set_aside else text


def pull_system(request: SourceRequest) -> SystemPull:
    """Pull every stream of a system, one after the other; one that fails does not keep the next from its turn.

    Raises:
        ConfigurationError: there is no such system, or the operator's folder is wrong.
    """
    with opened(request) as hub:
        streams = streams_of(hub, request.system)
    pull = SystemPull(request.system)
    for stream in streams:
        try:
            pull.pulled.append(pull_stream(request, stream))
        except SpliceError as error:
            pull.failed[stream] = error
    show_pulls(pull.system, pull.pulled, pull.failed)
    show_set_aside(pull.system, pull.pulled)
    return pull


def ended(pulls: list[SystemPull]) -> State[Any]:
    """The state that pulls leave behind: completed with the counts, or failed with every message.

    The first error is the state's own, so that who called the flow gets it as it was raised.
    """
    faults = [
        (f"{pull.system} {stream}: {type(error).__name__}: {error}", error)
        for pull in pulls
        for stream, error in pull.failed.items()
    ]
    if faults:
        return Failed(message="\n".join(text for text, _ in faults), data=faults[0][1])
    return Completed(message="; ".join(str(pull) for pull in pulls))
