"""A case: the life of a finding across runs and in the hands of people, as one table of states and events.

Everything that happens to a finding is an event; events are only ever added, and the state is what the table makes of
them, one after the other. Nothing else sets a state.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

CaseState = Literal[
    "new",
    "open",
    "acknowledged",
    "in_remedy",
    "recovered",
    "refunded",
    "written_off",
    "dismissed",
    "reopened",
    "vanished",
]
CaseEventKind = Literal[
    "found",
    "seen_again",
    "amount_changed",
    "gone",
    "recovered",
    "refunded",
    "found_again",
    "assigned",
    "acknowledged",
    "dismissed",
    "written_off",
    "reopened",
    "remedy_proposed",
    "remedy_revised",
    "remedy_approved",
    "remedy_sent",
    "remedy_done",
    "remedy_verified",
    "remedy_returned",
    "remedy_withdrawn",
    "remedy_failed",
    "out_of_remedy",
]
EndedBy = Literal["mended", "out_of_window", "past_limit"]
"""Why a finding vanished: the mistake is not there any more; its months are older than those that are judged; its
months became too old to be billed and go on as a finding of what is lost."""

STATES: dict[CaseState, str] = {
    "new": "the last run found it for the first time",
    "open": "found by more than one run, nobody has decided",
    "acknowledged": "a person has accepted that it is right",
    "in_remedy": "a remedy is approved, and on its way until a run sees that the money came",
    "recovered": "gone, and the money of its remedy came to the operator",
    "refunded": "gone, and the money of its remedy went to the customer",
    "written_off": "given up by a person, with the reason; more money than was given up opens it again",
    "dismissed": "set aside by a person until a day, with the reason",
    "reopened": "had ended, was dismissed or written off, and is there again",
    "vanished": "not found any more, without a remedy whose money came",
}
"""Every state and what it means."""

IN_HAND: tuple[CaseState, ...] = ("new", "open", "acknowledged", "in_remedy", "reopened")
"""States that somebody has to work at."""
UNDECIDED: tuple[CaseState, ...] = ("new", "open", "acknowledged", "reopened")
"""States in which a person may decide what becomes of it."""
ENDED: tuple[CaseState, ...] = ("vanished", "recovered", "refunded")
"""States of a finding that is not there; one that is found again leaves them."""

CONFIRMED: tuple[CaseState, ...] = ("acknowledged", "recovered", "refunded")
"""States in which a finding is more than what we compute: a person has accepted it, or its money came."""
ACCEPTING: tuple[CaseEventKind, ...] = ("acknowledged", "remedy_approved")
"""Events by which a person accepts that a finding is right."""

_STAYS: dict[CaseState, CaseState] = {state: state for state in get_args(CaseState)}


def _same(*states: CaseState) -> dict[CaseState, CaseState]:
    return {state: state for state in states}


def _to(target: CaseState, *states: CaseState) -> dict[CaseState, CaseState]:
    return dict.fromkeys(states, target)


MOVES: dict[CaseEventKind, dict[CaseState, CaseState]] = {
    "found": {},  # the first event of all
    "seen_again": _to("open", "new"),
    "amount_changed": _STAYS,
    "gone": _to("vanished", *IN_HAND, "dismissed"),
    "recovered": _to("recovered", *IN_HAND, "vanished"),  # the money may show later than that the finding is gone
    "refunded": _to("refunded", *IN_HAND, "vanished"),
    "found_again": _to("reopened", *ENDED, "dismissed", "written_off"),
    "assigned": _same(*IN_HAND, "dismissed", "written_off"),
    "acknowledged": _to("acknowledged", "new", "open", "reopened"),
    "dismissed": _to("dismissed", *UNDECIDED, "dismissed"),
    "written_off": _to("written_off", *UNDECIDED),
    "reopened": _to("reopened", "dismissed", "written_off"),
    "remedy_proposed": _same(*IN_HAND),
    "remedy_revised": _same(*IN_HAND),
    "remedy_approved": _to("in_remedy", *UNDECIDED, "in_remedy"),
    "remedy_sent": _same("in_remedy"),
    "remedy_done": _STAYS,  # the outbox settles it in its own time
    "remedy_verified": _STAYS,
    "remedy_returned": _same("in_remedy"),
    "remedy_withdrawn": _STAYS,
    "remedy_failed": _STAYS,
    "out_of_remedy": _to("open", "in_remedy"),
}
"""By event: the states it may happen in, and where each of them leads."""


@dataclass(frozen=True, slots=True)
class CaseChange:
    """An event before it is written down.

    Attributes:
        why: the reason, in a sentence; never empty where a person decides.
        amount_minor: the money it is about, minor units: the finding's, or the remedy's.
        remedy: the number of the remedy it is about.
    """

    kind: CaseEventKind
    why: str = ""
    amount_minor: int | None = None
    remedy: int | None = None


def may_happen(state: CaseState, kind: CaseEventKind) -> bool:
    """Whether an event may happen to a case in that state."""
    return state in MOVES[kind]


def state_after(state: CaseState | None, kind: CaseEventKind) -> CaseState:
    """The state behind an event.

    Args:
        state: before it; None where there is no case yet.
        kind: what happens.

    Raises:
        ValueError: it cannot happen in that state.
    """
    if state is None:
        if kind != "found":
            raise ValueError(f"the first event of a case is that it was found, not {kind}")
        return "new"
    if not may_happen(state, kind):
        raise ValueError(f"a case that is {state} cannot be {kind}")
    return MOVES[kind][state]


def state_of(kinds: Iterable[CaseEventKind]) -> CaseState | None:
    """The state that the events of a case lead to, oldest first; None without any."""
    state: CaseState | None = None
    for kind in kinds:
        state = state_after(state, kind)
    return state
