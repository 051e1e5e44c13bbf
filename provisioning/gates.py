"""What follows from what gates say of a completion: who is asked, and what a person's word changes; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from provisioning.saga import Person
from rules.gate_result import GateResult, Waiver

_FIRST: tuple[Person, ...] = ("technician", "network_engineer", "dispatcher", "finance")
"""Who is asked where several are: who is nearest to the premise, before he drives away."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """All gates together.

    Attributes:
        results: of every gate, by id.
        holding: those that do not let it pass.
    """

    results: tuple[GateResult, ...]
    holding: tuple[GateResult, ...]

    @property
    def said(self) -> str:
        """What every gate asks that does not let it pass, with its id; what is refused first."""
        return " / ".join(f"{each.rule}: {each.said}" for each in self.holding)

    @property
    def person(self) -> Person | None:
        """Who is asked; None where nothing holds."""
        asked = {each.person for each in self.holding}
        return next((person for person in _FIRST if person in asked), None)


def judgement(results: Sequence[GateResult]) -> Judgement:
    """Put what gates say together."""
    holding = [each for each in results if each.holds]
    return Judgement(tuple(results), tuple(sorted(holding, key=lambda each: (each.verdict != "refuse", each.rule))))


def waived(results: Iterable[GateResult], waivers: Sequence[Waiver]) -> tuple[GateResult, ...]:
    """The results with those let pass that a person has waived; a waiver of something else changes nothing."""
    return tuple(_waived(each, waivers) for each in results)


def _waived(result: GateResult, waivers: Sequence[Waiver]) -> GateResult:
    word = next((waiver for waiver in waivers if result.waivable and waiver.covers(result)), None)
    if word is None:
        return result
    return result.model_copy(update={"holds": False, "person": None, "waived_by": word.actor})
