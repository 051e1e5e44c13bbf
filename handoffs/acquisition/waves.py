"""How far the waves of an acquisition are, by what persons have said; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handoffs.acquisition.steps import Phase
from handoffs.questions import QuestionState


@dataclass(frozen=True, slots=True)
class WaveQuestion:
    """Whether a wave shall begin, or is signed.

    Attributes:
        as_of: of the reconciliation that it rests on.
        steps: what every step came to then, as JSON text.
        reminded_at: when somebody was told last.
        answered_by, why: of the answer.
    """

    id: int
    market: str
    wave: str
    phase: Phase
    as_of: datetime
    steps: str
    asked_at: datetime
    state: QuestionState = "open"
    reminded_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class WaveStanding:
    """Where a wave stands: None where it was not begun, or is not signed."""

    wave: str
    begun: WaveQuestion | None
    signed: WaveQuestion | None

    @property
    def phase(self) -> Phase | None:
        """What a person is asked next; None at the end."""
        if self.signed is not None:
            return None
        return "begin" if self.begun is None else "sign_off"


def standings(waves: Sequence[str], asked: Sequence[WaveQuestion]) -> tuple[WaveStanding, ...]:
    """Where each wave stands, in their order."""
    approved = {(each.wave, each.phase): each for each in asked if each.state == "approved"}
    return tuple(
        WaveStanding(wave, approved.get((wave, "begin")), approved.get((wave, "sign_off"))) for wave in waves
    )


def open_wave(found: Sequence[WaveStanding]) -> WaveStanding | None:
    """The wave that is at work: the first that is not signed; None where all are."""
    return next((each for each in found if each.phase is not None), None)


def wave_before(found: Sequence[WaveStanding], wave: str) -> str:
    """The first wave before another that is not signed; empty where there is none."""
    for each in found:
        if each.wave == wave:
            return ""
        if each.phase is not None:
            return each.wave
    return ""
