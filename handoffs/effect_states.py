"""States of an effect, as tables: what is known of it, what a look at the other system means, what comes next.

An effect is a command on its way to another system. What the system *said* proves nothing; what it *shows* when it
is looked at does. So the next state follows from two things only: what was told at the last sending, and what the
last look showed. Nothing that may have arrived is sent again before a look has shown that it did not.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

EffectState = Literal["queued", "sending", "unknown", "done", "refused", "parked", "discarded"]
Outcome = Literal["pending", "unknown", "done", "refused"]
Told = Literal["nothing", "acknowledged", "accepted", "refused", "unknown"]
Sight = Literal["applied", "absent", "differs", "changed", "in_progress", "refused", "unreadable", "unobservable"]
Verdict = Literal["done", "refused", "look_again", "send_again", "ask"]
Repeats = Literal["keyed", "harmless", "harmful"]
Unsure = Literal["ask", "drop"]


@dataclass(frozen=True, slots=True)
class StateMeaning:
    """What a state means.

    Attributes:
        outcome: how it is told to a person.
        moves_by_itself: whether draining takes it up.
        lets_next_pass: whether the next effect about the same subject may go.
        meaning: in a sentence.
    """

    outcome: Outcome
    moves_by_itself: bool
    lets_next_pass: bool
    meaning: str


STATES: dict[EffectState, StateMeaning] = {
    "queued": StateMeaning("pending", True, False, "written down; it is certain that nothing has arrived"),
    "sending": StateMeaning("unknown", True, False, "the wire may have been touched; whoever holds the lease knows"),
    "unknown": StateMeaning("unknown", True, False, "may have happened; the other system is looked at"),
    "done": StateMeaning("done", False, True, "the other system shows it"),
    "refused": StateMeaning("refused", False, False, "it did not happen and will not by itself; a person decides"),
    "parked": StateMeaning("unknown", False, False, "a bound was reached or no look can tell; a person decides"),
    "discarded": StateMeaning("unknown", False, True, "given up, with the reason; it will never be sent again"),
}
"""Every state with its meaning. A refused or parked effect holds the next ones about its subject back."""

WAITING: tuple[EffectState, ...] = tuple(name for name, state in STATES.items() if state.moves_by_itself)
HOLDING_BACK: tuple[EffectState, ...] = tuple(name for name, state in STATES.items() if not state.lets_next_pass)

MOVES: dict[EffectState, frozenset[EffectState]] = {
    "queued": frozenset({"queued", "sending", "unknown", "refused", "parked", "discarded"}),
    "sending": frozenset({"queued", "unknown", "done", "refused", "parked", "discarded"}),
    "unknown": frozenset({"queued", "unknown", "done", "refused", "parked", "discarded"}),
    "done": frozenset(),
    "refused": frozenset({"queued", "discarded"}),
    "parked": frozenset({"queued", "unknown", "discarded"}),
    "discarded": frozenset(),
}
"""Where each state may lead."""

TOLD: dict[Told, str] = {
    "nothing": "nothing was sent, or it is certain that nothing arrived",
    "acknowledged": "it said that it did",
    "accepted": "it shows that it is working on it",
    "refused": "it said that it will not",
    "unknown": "no answer, or none that can be understood",
}
"""What the other system said at the last sending."""

SIGHTS: dict[Sight, str] = {
    "applied": "shows what was wanted",
    "absent": "shows nothing",
    "differs": "shows something else",
    "changed": "shows what somebody else has written since",
    "in_progress": "shows that it is working on it",
    "refused": "shows that it has refused",
    "unreadable": "could not be looked at",
    "unobservable": "cannot be looked at by its nature",
}
"""What a look shows."""

VERDICTS: dict[Told, dict[Sight, Verdict]] = {
    "acknowledged": {
        "applied": "done",
        "absent": "look_again",
        "differs": "look_again",
        "changed": "ask",
        "in_progress": "look_again",
        "refused": "refused",
        "unreadable": "look_again",
        "unobservable": "done",
    },
    "accepted": {
        "applied": "done",
        "absent": "look_again",
        "differs": "look_again",
        "changed": "ask",
        "in_progress": "look_again",
        "refused": "refused",
        "unreadable": "look_again",
        "unobservable": "ask",
    },
    "refused": {
        "applied": "done",
        "absent": "refused",
        "differs": "refused",
        "changed": "refused",
        "in_progress": "look_again",
        "refused": "refused",
        "unreadable": "look_again",
        "unobservable": "refused",
    },
    "unknown": {
        "applied": "done",
        "absent": "send_again",
        "differs": "send_again",
        "changed": "ask",
        "in_progress": "look_again",
        "refused": "refused",
        "unreadable": "look_again",
        "unobservable": "ask",
    },
}
"""What follows from what was told and what a look shows. Whatever was told: what shows as wanted is done."""


@dataclass(frozen=True, slots=True)
class EffectPolicy:
    """Bounds of the effort for one effect.

    Attributes:
        most_sends: sendings before a person is asked.
        most_looks: looks after one sending before a person is asked.
        settling_looks: looks that must have shown nothing before it is sent again; between two of them lies a wait,
            so that a request that is still under way has arrived.
        waits: before the second try, the third and so on; the last one repeats.
        lease: how long a process may hold an effect before another one takes it for lost.
    """

    most_sends: int = 8
    most_looks: int = 12
    settling_looks: int = 2
    waits: tuple[timedelta, ...] = tuple(timedelta(seconds=s) for s in (30, 120, 600, 1800, 3600, 10_800))
    lease: timedelta = timedelta(minutes=5)

    def wait_after(self, tries: int) -> timedelta:
        """How long to wait after so many tries."""
        return self.waits[min(max(tries, 1), len(self.waits)) - 1]


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of an effect.

    Attributes:
        state: the state it goes to.
        told: what to remember of the last sending.
        reason: for a person, in words that hold no value.
        wait: until it is taken up again.
    """

    state: EffectState
    told: Told
    reason: str
    wait: timedelta = timedelta()


def may_move(current: EffectState, target: EffectState) -> bool:
    """Whether an effect may go from one state to another."""
    return target in MOVES[current]


def outcome_of(state: EffectState, told: Told) -> Outcome:
    """How a state is told to a person: what did not arrive is not unknown, and work that shows is pending."""
    if state == "parked" and told == "nothing":
        return "pending"
    if state == "discarded" and told in ("nothing", "refused"):
        return "refused"
    return "pending" if state == "unknown" and told == "accepted" else STATES[state].outcome


def after_silence(sends: int, policy: EffectPolicy, why: str) -> Move:
    """What follows when it is certain that nothing arrived: the system is away, or lets us in no more.

    Args:
        sends: sendings so far, this one included.
        policy: bounds.
        why: what the connector said.
    """
    if sends >= policy.most_sends:
        return Move("parked", "nothing", f"tried {sends} times; {why}")
    return Move("queued", "nothing", why, policy.wait_after(sends))


def after_look(
    told: Told, sight: Sight, *, repeats: Repeats, unsure: Unsure, sends: int, looks: int, policy: EffectPolicy
) -> Move:
    """What follows from a look at the other system.

    Args:
        told: what was said at the last sending.
        sight: what the look showed.
        repeats: what a second sending of the same would do.
        unsure: what to do where nothing can tell whether it arrived: ask a person, or drop it (at most once).
        sends: sendings so far.
        looks: looks since the last sending, this one included.
        policy: bounds.
    """
    verdict = VERDICTS[told][sight]
    said = f"{TOLD[told]}; {SIGHTS[sight]}"
    remembered: Told = "accepted" if sight == "in_progress" else told
    if verdict == "done":
        return Move("done", told, said)
    if verdict == "refused":
        return Move("refused", told, said)
    if verdict == "ask" and sight != "unobservable":
        return Move("parked", told, said)
    if verdict == "ask":
        dropped = "dropped, since at most one was wanted"
        return Move("discarded", told, f"{said}; {dropped}") if unsure == "drop" else Move("parked", told, said)
    if verdict == "send_again" and looks >= policy.settling_looks:
        return _again(told, said, repeats, sends, policy)
    if looks >= policy.most_looks:
        return Move("parked", remembered, f"looked {looks} times; {said}")
    return Move("unknown", remembered, said, policy.wait_after(looks))


def _again(told: Told, said: str, repeats: Repeats, sends: int, policy: EffectPolicy) -> Move:
    if repeats == "harmful":
        return Move("parked", told, f"{said}; sending it again might do it twice")
    if sends >= policy.most_sends:
        return Move("parked", told, f"sent {sends} times; {said}")
    return Move("queued", "nothing", f"{said}; it goes out again")
