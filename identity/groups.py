"""Links put together: all records of one subject, and none that a person keeps apart."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from identity.pairs import Names


@dataclass(frozen=True, slots=True)
class Grouping:
    """Records by subject.

    Attributes:
        groups: the records of each subject that has more than one, in order.
        refused: links that were not followed, each with the reason.
    """

    groups: tuple[tuple[str, ...], ...]
    refused: dict[Names, str] = field(default_factory=dict)


BY_A_PERSON = "which a person keeps apart"


def group(links: Iterable[Names], apart: Mapping[Names, str] = {}, largest: int | None = None) -> Grouping:
    """Follow links, the most trusted first, as long as no two records come together that are kept apart.

    Args:
        links: pairs of records that are the same; earlier ones win over later ones.
        apart: pairs that are kept apart, in either order, each with the reason.
        largest: a link that would make a larger group is not followed: so many records of one subject are a mistake.
    """
    barred: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for (one, other), why in apart.items():
        barred[one][other] = barred[other][one] = why
    members: dict[str, set[str]] = {}
    refused: dict[Names, str] = {}
    for one, other in links:
        left, right = members.setdefault(one, {one}), members.setdefault(other, {other})
        if left is right:
            continue
        if reason := _objection(left, right, barred, largest):
            refused[one, other] = reason
            continue
        left |= right
        members.update(dict.fromkeys(right, left))
    distinct = {id(each): each for each in members.values() if len(each) > 1}
    return Grouping(tuple(sorted(tuple(sorted(each)) for each in distinct.values())), refused)


def _objection(left: set[str], right: set[str], barred: Mapping[str, dict[str, str]], largest: int | None) -> str:
    smaller, larger = sorted((left, right), key=len)
    for name in sorted(smaller):
        if name in barred and (met := barred[name].keys() & larger):
            return f"it would make {name} and {min(met)} one, {barred[name][min(met)]}"
    if largest is not None and len(left) + len(right) > largest:
        return f"it would make a group of more than {largest} records"
    return ""
