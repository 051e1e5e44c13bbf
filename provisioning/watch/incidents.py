"""Symptoms with one cause are one incident: one crew for a cut splitter leg, not ten; pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from provisioning.watch.line_seen import PLACES, LineSeen, PlaceKind
from provisioning.watch.symptoms import Family, Symptom, WatchLimits

Action = Literal["crew", "remote", "contact", "wait"]


@dataclass(frozen=True, slots=True)
class ActionMeaning:
    """What is done about an incident.

    Attributes:
        sends_a_truck: whether somebody drives there.
        meaning: in a sentence.
    """

    sends_a_truck: bool
    meaning: str


ACTIONS: dict[Action, ActionMeaning] = {
    "crew": ActionMeaning(True, "a crew looks at the plant at the place that the lines have in common"),
    "remote": ActionMeaning(False, "it can be mended from afar; nobody drives"),
    "contact": ActionMeaning(False, "the customer is asked first: an unplugged terminal looks like a broken fibre"),
    "wait": ActionMeaning(False, "the premises have no electricity; nobody drives"),
}


@dataclass(frozen=True, slots=True)
class Incident:
    """What is wrong at one place.

    Attributes:
        kind: of the place, and ``member`` which one.
        of: how many lines hang there.
        symptoms: of the lines that are hit, worst first.
    """

    family: Family
    kind: PlaceKind
    member: str
    of: int
    symptoms: tuple[Symptom, ...]

    @property
    def action(self) -> Action:
        """What is done about it."""
        if self.family == "locked":
            return "remote"
        if self.family == "power":
            return "wait"
        alone = self.kind == "line"
        return "contact" if alone and self.symptoms[0].is_down else "crew"

    @property
    def said(self) -> str:
        """What is wrong, in a sentence."""
        down = sum(each.is_down for each in self.symptoms)
        if self.kind == "line":
            return f"line {self.member}: {self.symptoms[0].said}"
        hit = f"{len(self.symptoms)} of {self.of} lines at {self.kind} {self.member}"
        parts = [f"{down} down"] if down else []
        parts += (
            [f"{len(self.symptoms) - down} weaker than at their installation"] if down < len(self.symptoms) else []
        )
        return f"{hit}: {', '.join(parts)}"


def incidents_of(symptoms: Sequence[Symptom], lines: Iterable[LineSeen], limits: WatchLimits) -> tuple[Incident, ...]:
    """Put symptoms together that have their place in common, the largest place first.

    A place is the cause where enough of its lines are hit and they do not all hang at one smaller place. What is left
    over stands alone, so that each line is in one incident.

    Args:
        symptoms: of lines, one each at most.
        lines: all that were seen.
        limits: of the watch.
    """
    population = {kind: Counter(line.member(kind) for line in lines) for kind in PLACES}
    found: list[Incident] = []
    for family in ("signal", "power", "locked"):
        left = {each.line.serial: each for each in symptoms if each.family == family}
        for kind in PLACES:
            for member, group in sorted(_by_member(left.values(), kind).items()):
                if kind == "line" or _is_the_cause(kind, population[kind][member], group, limits):
                    found.append(Incident(family, kind, member, population[kind][member], _worst_first(group)))
                    for each in group:
                        del left[each.line.serial]
    return tuple(found)


def _by_member(symptoms: Iterable[Symptom], kind: PlaceKind) -> Mapping[str, list[Symptom]]:
    groups: dict[str, list[Symptom]] = defaultdict(list)
    for each in symptoms:
        member = each.line.member(kind)
        if member is not None:
            groups[member].append(each)
    return groups


def _is_the_cause(kind: PlaceKind, of: int, group: Sequence[Symptom], limits: WatchLimits) -> bool:
    if len(group) < limits.least or len(group) * 100 < limits.share_percent * of:
        return False
    smaller = PLACES[PLACES.index(kind) + 1 : -1]
    return not any(_hang_at_one(group, each) for each in smaller)


def _hang_at_one(group: Sequence[Symptom], kind: PlaceKind) -> bool:
    members = {each.line.member(kind) for each in group}
    return len(members) == 1 and None not in members


def _worst_first(group: Sequence[Symptom]) -> tuple[Symptom, ...]:
    def fall(each: Symptom) -> float:
        now, then = each.line.power, each.line.baseline
        return 0.0 if now is None or then is None else float(then.dbm - now.dbm)

    return tuple(sorted(group, key=lambda each: (not each.is_down, -fall(each), each.line.serial)))
