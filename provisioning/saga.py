"""Sagas as tables: how a service is brought to life, changed and ended, step by step, and what follows from each.

A saga takes one step after the other. A step looks at the world, brings a layer of the network to a state, or
decides; what came of it is one of four outcomes, and the next state follows from the outcome alone. Nothing here
knows a database, a device or the time of day.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from provisioning.line import Layer

SagaKind = Literal[
    "activate",
    "take_on",
    "adopt",
    "activate_voice",
    "reapply",
    "customize",
    "change_tier",
    "add_part",
    "end_part",
    "suspend",
    "restore",
    "hold",
    "wake",
    "swap_device",
    "move",
    "cease",
]
SagaState = Literal["running", "held", "undoing", "undone", "done"]
StepName = Literal[
    "compare",
    "discover",
    "match",
    "configure_access",
    "configure_aaa",
    "configure_cpe",
    "end_session",
    "verify",
    "verify_voice",
    "soak",
    "gate",
    "retire_access",
    "retire_aaa",
    "retire_cpe",
    "release",
]
Nature = Literal["looks", "acts", "decides", "tells"]
Person = Literal["technician", "dispatcher", "network_engineer", "finance"]


@dataclass(frozen=True, slots=True)
class StateMeaning:
    """What a state means.

    Attributes:
        moves_by_itself: whether a worker takes it up when it is due.
        meaning: in a sentence.
    """

    moves_by_itself: bool
    meaning: str


STATES: dict[SagaState, StateMeaning] = {
    "running": StateMeaning(True, "its next step is taken when it is due"),
    "held": StateMeaning(False, "a person has to do or to decide something; nothing is billed meanwhile"),
    "undoing": StateMeaning(True, "what was changed is brought back, the last change first"),
    "undone": StateMeaning(False, "the network is as it was before, and no other system was told that it is done"),
    "done": StateMeaning(False, "proven, and every other system was told"),
}

MOVES: dict[SagaState, frozenset[SagaState]] = {
    "running": frozenset({"running", "held", "undoing", "undone", "done"}),
    "held": frozenset({"running", "undoing"}),
    "undoing": frozenset({"undoing", "held", "undone"}),
    "undone": frozenset(),
    "done": frozenset(),
}
"""Where each state may lead."""


@dataclass(frozen=True, slots=True)
class StepMeaning:
    """What a step is.

    Attributes:
        nature: whether it looks at the world, acts on a layer, decides, or tells other systems.
        layer: that it acts on.
        previous: whether it takes away what that layer holds of the line before, instead of telling it of the line.
        person: who is asked when it can go no further.
        patience: how long it may wait for the world before that person is asked.
        gives_up: nobody is asked then, and the saga ends: nothing was changed for it yet.
        again_after: when it looks again, and how that grows.
        meaning: in a sentence.
    """

    nature: Nature
    person: Person
    patience: timedelta
    meaning: str
    layer: Layer | None = None
    previous: bool = False
    gives_up: bool = False
    again_after: tuple[timedelta, ...] = (timedelta(seconds=2), timedelta(seconds=10), timedelta(seconds=60))

    def wait_after(self, tries: int) -> timedelta:
        """How long to wait after so many tries."""
        return self.again_after[min(max(tries, 1), len(self.again_after)) - 1]


_MINUTES = timedelta(minutes=1)
_HOURS = timedelta(hours=1)
_WOKEN = (timedelta(seconds=30), timedelta(seconds=60))

STEPS: dict[StepName, StepMeaning] = {
    "compare": StepMeaning(
        "looks",
        "network_engineer",
        24 * _HOURS,
        "a line that another has set up stands as the hub would have set it up",
        gives_up=True,
    ),
    "discover": StepMeaning(
        "looks", "dispatcher", 12 * _HOURS, "the element sees the terminal that the technician has connected"
    ),
    "match": StepMeaning("decides", "technician", timedelta(), "the terminal is the one that the order expects"),
    "configure_access": StepMeaning(
        "acts", "network_engineer", 30 * _MINUTES, "the OLT, switch or access point carries the service", "access"
    ),
    "configure_aaa": StepMeaning(
        "acts", "network_engineer", 30 * _MINUTES, "AAA knows the subscriber with the attributes of the tier", "aaa"
    ),
    "configure_cpe": StepMeaning(
        "acts", "network_engineer", 24 * _HOURS, "the router behind the terminal has its settings", "cpe"
    ),
    "end_session": StepMeaning(
        "acts", "network_engineer", 30 * _MINUTES, "no session is left that began before AAA was told", "aaa"
    ),
    "verify": StepMeaning(
        "looks", "technician", 30 * _MINUTES, "the service is seen to work: registered, in level, in session, fast"
    ),
    "verify_voice": StepMeaning(
        "looks", "technician", 14 * 24 * _HOURS, "the telephone, which was missing, is seen to be registered"
    ),
    "soak": StepMeaning("looks", "technician", 24 * _HOURS, "the service has worked for a while without a break"),
    "gate": StepMeaning("decides", "dispatcher", 14 * 24 * _HOURS, "the completion of the job is there and good"),
    "retire_access": StepMeaning(
        "acts", "network_engineer", 30 * _MINUTES, "the element before holds nothing of the line", "access", True
    ),
    "retire_aaa": StepMeaning(
        "acts", "network_engineer", 30 * _MINUTES, "AAA holds nothing of the line before", "aaa", True
    ),
    "retire_cpe": StepMeaning(
        "acts", "network_engineer", 24 * _HOURS, "the router before is no longer that of the service", "cpe", True
    ),
    "release": StepMeaning(  # it is woken by what it waits for
        "tells", "finance", 2 * _HOURS, "CRM, billing, field service and customer are told", again_after=_WOKEN
    ),
}

_FIND: tuple[StepName, ...] = ("discover", "match")
_LINE: tuple[StepName, ...] = ("configure_access", "configure_aaa", "configure_cpe")
_STAND: tuple[StepName, ...] = ("configure_aaa", "end_session", "configure_access", "verify", "release")
_BESIDE: tuple[StepName, ...] = ("configure_cpe", "verify", "release")
_RETIRE: tuple[StepName, ...] = ("retire_access", "retire_aaa", "retire_cpe")

SEQUENCES: dict[SagaKind, tuple[StepName, ...]] = {
    "activate": (*_FIND, *_LINE, "verify", "soak", "gate", "release"),
    "take_on": ("verify", "soak", "gate", "release"),
    "adopt": ("compare",),
    "activate_voice": ("verify_voice", "release"),
    "reapply": ("configure_cpe", "verify"),
    "customize": ("configure_cpe", "verify"),
    "change_tier": (*_LINE, "end_session", "verify", "release"),
    "add_part": _BESIDE,
    "end_part": _BESIDE,
    "suspend": _STAND,
    "restore": _STAND,
    "hold": _STAND,
    "wake": _STAND,
    "swap_device": (*_FIND, "configure_access", "configure_cpe", "retire_cpe", "verify", "gate", "release"),
    "move": (*_FIND, *_LINE, "verify", "soak", "gate", *_RETIRE, "release"),
    "cease": ("configure_aaa", "end_session", "configure_cpe", "configure_access", "verify", "release"),
}
"""The steps of each kind of saga, in order."""

BEGINNINGS: tuple[SagaKind, ...] = ("activate", "take_on")
"""Kinds with which a service begins for the hub: it brings it to life, or bills what legacy has brought to life.

One that is only adopted has long begun, and its bill as well.
"""


@dataclass(frozen=True, slots=True)
class Passed:
    """The step is through.

    Attributes:
        said: what was seen, for the timeline.
        learned: facts for the steps that follow, by their name in ``SagaFacts``.
    """

    said: str
    learned: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waits:
    """The world is not ready: the same step later.

    Attributes:
        said: for what it waits.
        learned: as in ``Passed``.
        not_before: it cannot come earlier, as before a visit or while the line is stopped: nobody is late until then.
    """

    said: str
    learned: dict[str, object] = field(default_factory=dict)
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Holds:
    """A person has to do or to decide something.

    Attributes:
        said: what, with what was seen.
        person: who; None for the one that the step names.
        proposal: facts that the person may accept, by their name in ``SagaFacts``.
        learned: as in ``Passed``.
    """

    said: str
    person: Person | None = None
    proposal: dict[str, object] = field(default_factory=dict)
    learned: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GivesUp:
    """It is not to be, and nothing was changed for it yet.

    Attributes:
        said: why.
        learned: as in ``Passed``.
    """

    said: str
    learned: dict[str, object] = field(default_factory=dict)


Outcome = Passed | Waits | Holds | GivesUp


@dataclass(frozen=True, slots=True)
class SagaMove:
    """What becomes of a saga.

    Attributes:
        state: that it goes to.
        step: that it takes next, or at which it stands.
        said: why, for a person; never a secret.
        wait: until it is taken up again.
        person: who is asked, where one is.
    """

    state: SagaState
    step: StepName
    said: str
    wait: timedelta = timedelta()
    person: Person | None = None


def first_step(kind: SagaKind) -> StepName:
    """The step that a saga begins with."""
    return SEQUENCES[kind][0]


def after_step(
    kind: SagaKind, step: StepName, outcome: Outcome, *, tries: int, began_at: datetime, now: datetime
) -> SagaMove:
    """What follows from the outcome of a step.

    Args:
        kind: of the saga.
        step: that was taken.
        outcome: of it.
        tries: how often it was taken since it began, this time included.
        began_at: when the step was taken for the first time.
        now: this moment.
    """
    meaning, since = STEPS[step], waited_since(began_at, outcome, now)
    match outcome:
        case Passed(said=said):
            steps = SEQUENCES[kind]
            place = steps.index(step) + 1
            return SagaMove("running", steps[place], said) if place < len(steps) else SagaMove("done", step, said)
        case Waits(said=said) if now - since < meaning.patience:
            return SagaMove("running", step, said, meaning.wait_after(tries))
        case Waits(said=said):
            said = f"waited since {since:%Y-%m-%d %H:%M} UTC: {said}"
            if meaning.gives_up:
                return _given_up(kind, step, said)
            return SagaMove("held", step, said, person=meaning.person)
        case Holds(said=said, person=person):
            return SagaMove("held", step, said, person=person or meaning.person)
        case GivesUp(said=said):
            return _given_up(kind, step, said)


def _given_up(kind: SagaKind, step: StepName, said: str) -> SagaMove:
    steps = SEQUENCES[kind]
    if any(STEPS[each].nature == "acts" for each in steps[: steps.index(step)]):
        raise ValueError(f"{step} of {kind} may not give up: what was changed has to be brought back")
    return SagaMove("undone", step, said)


def waited_since(began_at: datetime, outcome: Outcome, now: datetime) -> datetime:
    """Since when a step has waited, as its patience counts it: what cannot come yet was not waited for.

    Args:
        began_at: since when it had waited before.
        outcome: of taking it now.
        now: this moment.
    """
    if isinstance(outcome, Waits) and outcome.not_before is not None:
        return max(began_at, min(outcome.not_before, now))
    return began_at


def after_undoing(
    step: StepName, outcome: Outcome, *, tries: int, began_at: datetime, now: datetime, changes_left: int
) -> SagaMove:
    """What follows when the last change that stands was brought back, or could not be.

    Args:
        step: at which the saga had failed.
        outcome: of bringing one change back.
        tries: how often that was tried, this time included.
        began_at: when the undoing began.
        now: this moment.
        changes_left: changes that still stand after this one, where it was brought back.
    """
    match outcome:
        case Passed(said=said):
            return SagaMove("undoing" if changes_left else "undone", step, said)
        case Waits(said=said) if now - waited_since(began_at, outcome, now) < STEPS["configure_access"].patience:
            return SagaMove("undoing", step, said, STEPS["configure_access"].wait_after(tries))
        case Waits(said=said) | Holds(said=said) | GivesUp(said=said):
            return SagaMove("held", step, f"it could not be brought back: {said}", person="network_engineer")


def may_move(current: SagaState, target: SagaState) -> bool:
    """Whether a saga may go from one state to another."""
    return target in MOVES[current]
