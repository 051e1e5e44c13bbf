"""Works of the hub, one after the other, that failed or stand at a check: on one element, or in the whole market.

An element that fails for half of its lines, and another that is well, are told apart. What asks a technician or waits
for papers has not failed. A write that its system does not show as it was wanted is a check that failed as well: each
asks a person by itself, and several in a row are no accident of one of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal

from handoffs.rollback import Signal
from handoffs.stages import HANDOFFS, Handoff
from hub.takeover.signals.acted import ActedSaga, work_of
from hub.takeover.signals.look import Look, signal
from storage.effects import Effect

_LAST = 10
_SHOWN = timedelta(hours=1)
"""A system that shows later than this what it said that it did shows it to nobody who works with it."""
_CHECKS = frozenset(
    {
        *("configure_access", "configure_aaa", "configure_cpe", "end_session"),
        *("verify", "verify_voice", "soak"),
    }
)


def find(look: Look) -> Iterator[Signal]:
    """The longest row of failures that goes on now."""
    by_element = defaultdict(list)
    judged = [each for each in look.acted.sagas if _outcome(each) is not None]
    for each in judged:
        by_element[each.saga.element].append(each)
    rows = [_row(judged), *(_row(each) for each in by_element.values())]
    rows += [_often(each) for each in by_element.values()]
    longest = max(rows, key=len, default=[])
    found = {
        work_of(each.saga.order_number) if each.saga.order_number else f"service/{each.saga.service_id}": (
            f"{each.saga.kind} on {each.saga.element} stands at {each.saga.step}: {each.saga.reason}"
        )
        for each in longest
    }
    yield from signal(look, "failed_checks", "order_to_provisioning", found, Decimal(len(longest)), len(judged))
    for handoff in HANDOFFS:
        if handoff != "order_to_provisioning":
            yield from _writes(look, handoff)


def _writes(look: Look, handoff: Handoff) -> Iterator[Signal]:
    """The longest row of writes to one system that it does not show; what a person has let go on is not counted."""
    rows: dict[str, list[Effect]] = defaultdict(list)
    told = [
        each
        for each in look.acted.effects
        if each.handoff == handoff
        and each.sends
        and not each.command.startswith("notify_")
        and each.enqueued_at >= look.went_on.get(handoff, each.enqueued_at)
    ]
    for each in sorted(told, key=lambda one: (one.enqueued_at, one.id)):
        if each.state == "done":
            rows[each.system] = []
        elif each.state == "parked" or (each.state == "unknown" and look.now - each.enqueued_at > _SHOWN):
            rows[each.system].append(each)
    longest = max(rows.values(), key=len, default=[])
    found = {each.acts_on: f"{each.command} in {each.system} is {each.state}: {each.reason}" for each in longest}
    yield from signal(look, "failed_checks", handoff, found, Decimal(len(longest)), len(told))


def _row(sagas: Iterable[ActedSaga]) -> list[ActedSaga]:
    row: list[ActedSaga] = []
    for each in sorted(sagas, key=lambda one: (one.saga.changed_at, one.saga.id)):
        row = [] if _outcome(each) else [*row, each]
    return row


def _often(sagas: Iterable[ActedSaga]) -> list[ActedSaga]:
    """Failures among the last ten of an element, where they are half of them: it fails, and not every time."""
    last = sorted(sagas, key=lambda one: (one.saga.changed_at, one.saga.id))[-_LAST:]
    failed = [each for each in last if not _outcome(each)]
    return failed if len(last) == _LAST and 2 * len(failed) >= _LAST else []


def _outcome(each: ActedSaga) -> bool | None:
    """Whether a saga came through its checks; None where that is open, or a person has called it off."""
    if each.facts.is_given_up:
        return None
    if each.saga.state == "done" or (
        each.saga.step in ("gate", "release") and each.saga.state in ("running", "held")
    ):
        return True
    if each.saga.state == "undone":
        return False
    return False if each.saga.state in ("held", "undoing") and each.saga.step in _CHECKS else None
