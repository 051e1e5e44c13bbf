"""Have a stream read anew from its beginning: a person's decision, with the old resume point kept in the audit."""

from canonical_model.errors import ConfigurationError
from connectors.ports import REPLAY
from hub.decision import Decision
from hub.sync import mapping_of
from hub.workplace import Hub
from storage.audit import note
from storage.pulls import finish_pull, owner, start_pull
from storage.streams import stream_state
from storage.undecided import go_back


def reset_stream(hub: Hub, system: str, stream: str, decision: Decision) -> None:
    """Clear a stream's resume point in one transaction, under the stream's own lock.

    The next pull reads all that the source holds; a source of files reads those in its archive again too. What is
    stored stays as it is, and what comes again changes only what differs. What is in quarantine stays there until the
    pull shows it again, and what it waits for may come meanwhile. A pull that is under way can write no more. Until
    the next one has come to its end the feed is in doubt, and rules that need it are inconclusive.

    Args:
        hub: the operator's hub.
        system: name in operator.yaml.
        stream: name of the mapping.
        decision: who wants it, when and why.

    Raises:
        ConfigurationError: there is no such stream, it was never pulled, or no reason is given.
    """
    mapping_of(hub, system, stream)
    if not decision.why.strip():
        raise ConfigurationError("a reset needs a reason, for whoever asks later")
    takes_once = hub.operator.mapped_systems[system].capabilities.takes_once
    with hub.database.writing() as connection:
        if owner(connection, system, stream) is None:
            raise ConfigurationError(f"{system}.{stream} was never pulled: the first pull reads everything")
        state = stream_state(connection, system, stream)
        # a pull of its own: it takes the stream from one that is under way, and stands in its history
        taken_over_by = start_pull(connection, system, stream, decision.at)
        go_back(connection, system, stream, REPLAY if takes_once else None)
        told = f"reset by {decision.actor}, the next pull reads everything: {decision.why}"
        finish_pull(connection, taken_over_by, decision.at, "superseded", told)
        detail = {
            "resume": state.resume,
            "since": state.undecided.since if state.undecided else None,
            "why": decision.why,
        }
        note(connection, decision.at, decision.actor, "stream.reset", f"{system}.{stream}", detail)
