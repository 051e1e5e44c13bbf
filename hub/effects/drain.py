"""Drain the journal: send what is due, look at what may have happened, and write down what came of it.

Every effect goes through the same steps, each of which may be the last of a process that dies: it is taken under a
lease; the journal says that it is being sent, and that is on the disk; it is sent, once; the other system is looked
at; what came of it is written down and the lease given back, and the next effect taken in the same transaction.
"""

from collections.abc import Callable, Mapping
from contextlib import nullcontext

from connectors.discovery import open_sink as open_sink_of_kind
from handoffs.effect_states import EffectState
from handoffs.stages import Authority, Mandate
from hub.effects.handling import DrainOutcome, Handling
from hub.effects.sinks import OpenSink, OpenSinks
from hub.running_clock import Clock
from hub.takeover.authority import MayAct
from hub.this_process import this_process
from hub.workplace import Hub
from storage.effects import Effect

MAY_HAVE_HAPPENED: tuple[EffectState, ...] = ("unknown", "sending")


def _never() -> bool:
    return False


def drain(
    hub: Hub,
    clock: Clock,
    may_act: MayAct,
    *,
    most: int | None = None,
    only: int | None = None,
    owner: str | None = None,
    open_sink: OpenSink = open_sink_of_kind,
    away: Mapping[str, str] | None = None,
    shall_stop: Callable[[], bool] = _never,
    sinks: OpenSinks | None = None,
) -> DrainOutcome:
    """Take up every effect that is due, one after the other; several processes may do so at once.

    Args:
        hub: the operator's hub.
        clock: tells the moment; leases are measured by it.
        may_act: who may act.
        most: effects taken up at most.
        only: the id of the only effect that is wanted, whether it is due or not.
        owner: the name of this process in the history.
        open_sink: opens a system for writing.
        away: systems that are left alone from the start, and why.
        shall_stop: whether to end after the effect that is under way.
        sinks: that stay open for the next drain of this thread; others are closed in the end.

    Raises:
        RetryableError: the database is out of reach; what was settled stays.
    """
    outcome = DrainOutcome(away=dict(away or {}))
    with OpenSinks(hub, open_sink, clock) if sinks is None else nullcontext(sinks) as opened:
        work = Handling(hub, clock, may_act, opened, owner or this_process(), outcome)
        if only is None:
            _see_to_all(work, most, shall_stop)
        else:
            _see_to(work, only, most, shall_stop)
    return outcome


def _see_to_all(work: Handling, most: int | None, shall_stop: Callable[[], bool]) -> None:
    """Take up whatever is due."""
    taken = 0

    def goes_on() -> bool:
        return (most is None or taken < most) and not shall_stop()

    effect = work.take() if goes_on() else None
    while effect is not None:
        taken += 1
        overtaken = work.outcome.overtaken
        effect = work.handle(effect, goes_on)
        if work.outcome.overtaken > overtaken and goes_on():  # it was not settled, and none was taken with it
            effect = work.take()


def _see_to(work: Handling, only: int, most: int | None, shall_stop: Callable[[], bool]) -> None:
    """Take up one effect, again where it is to be sent again."""
    taken = 0
    while (most is None or taken < most) and not shall_stop() and (effect := work.take(only)) is not None:
        work.handle(effect)
        taken += 1
        if work.outcome.left_as.get(effect.id) != "queued":
            break


def resolve_unknown(
    hub: Hub, effect_id: int, clock: Clock, *, open_sink: OpenSink = open_sink_of_kind
) -> Effect | None:
    """Look now at an effect that may have happened; nothing is sent. None where it is not unknown.

    Raises:
        RetryableError: the database is out of reach.
    """
    outcome = DrainOutcome()
    with OpenSinks(hub, open_sink, clock) as sinks:
        work = Handling(hub, clock, _nobody, sinks, this_process(), outcome)
        effect = work.take(effect_id, MAY_HAVE_HAPPENED)
        if effect is not None:
            work.handle(effect)
    return outcome.settled[-1] if outcome.settled else None


def _nobody(_market: str, handoff: Mandate, _subject: str) -> Authority:
    return Authority("legacy", records_intent=False, reason=f"{handoff} was not asked for")
