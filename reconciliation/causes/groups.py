"""Group findings by what their subjects share, and tell which groups are more than chance."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from reconciliation.causes.chance import chance_of_at_least
from reconciliation.causes.dimensions import DIMENSIONS, KINDS, Dimension
from reconciliation.findings import DIRECTIONS, EXPOSURE_CLASSES, Direction, ExposureClass, Finding

LEAST_HIT = 5
"""Subjects with a finding; fewer are no group, however rare the finding is elsewhere."""
LEAST_TIMES = 2
"""How many times the share elsewhere the share of a group is at least."""
MOST_CHANCE = Decimal("0.01")
"""That chance alone would show any group of the market: the chance of each is held against its part of it."""


class Place(NamedTuple):
    """A finding counts to a member of a dimension, for one subject of that member."""

    fingerprint: str
    kind: str
    member: str
    subject: str


class Member(NamedTuple):
    """How many subjects a member of a kind has, with a finding or without."""

    kind: str
    member: str
    subjects: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Money of one direction in one exposure class, minor units; never added to another."""

    direction: Direction
    exposure_class: ExposureClass
    findings: int
    exposure_minor: int


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one rule on subjects that have something in common.

    Attributes:
        kind: of ``member``, a name of ``KINDS``.
        hit: subjects of the member with a finding of the rule.
        subjects: all subjects of the member.
        hit_elsewhere: of all other members of the kind.
        chance: that a blind draw of so many subjects has as many hit, or more.
        money: in the order of directions and classes.
        findings: fingerprints, sorted.
        goes_with: kind and member of the group whose findings make this one: without them it is no more than chance;
            None where it stands for itself.
        in_common: findings that it has in common with that one.
    """

    kind: str
    member: str
    rule_id: str
    hit: int
    subjects: int
    hit_elsewhere: int
    subjects_elsewhere: int
    chance: Decimal
    money: tuple[Sum, ...]
    findings: tuple[str, ...]
    goes_with: tuple[str, str] | None = None
    in_common: int = 0

    @property
    def dimension(self) -> Dimension:
        """That the member is one of."""
        return KINDS[self.kind].dimension

    @property
    def largest_minor(self) -> int:
        """The largest of its amounts, by which groups are ranked."""
        return max((each.exposure_minor for each in self.money), default=0)


@dataclass(frozen=True, slots=True)
class InDimension:
    """How the money of all standing findings lies in one dimension; each finding counts once.

    Attributes:
        members: different ones that findings could count to.
        placed: findings that count to one.
        in_groups: what is in groups that are more than chance.
        rest: everything else, with what counts to no member.
    """

    dimension: Dimension
    members: int
    placed: int
    in_groups: tuple[Sum, ...]
    rest: tuple[Sum, ...]


@dataclass(frozen=True, slots=True)
class CommonCauses:
    """What the findings of a market have in common.

    Attributes:
        groups: most money first; those that go with another one come behind it.
        dimensions: one each, in their order.
        looked_at: groups that could have been found.
        unknown: why nothing can be said; empty where it can.
    """

    groups: tuple[Group, ...] = ()
    dimensions: tuple[InDimension, ...] = ()
    looked_at: int = 0
    unknown: str = ""


def common_causes(findings: Iterable[Finding], places: Iterable[Place], members: Iterable[Member]) -> CommonCauses:
    """Find the groups of findings that are more than chance.

    Args:
        findings: of one market; those that another one explains have no part in it.
        places: of findings; one at most in each dimension.
        members: every member of every kind, those without a finding included.

    Raises:
        ValueError: a finding has two places in a dimension, or more subjects of a member are hit than there are.
    """
    standing = {one.fingerprint: one for one in findings if one.explained_by is None}
    sizes: dict[str, dict[str, int]] = defaultdict(dict)
    for each in members:
        sizes[each.kind][each.member] = each.subjects
    placed = sorted(place for place in set(places) if place.fingerprint in standing)
    _refuse_two_places(placed)
    candidates, looked_at = _candidates(placed, standing, sizes)
    telling = [one for one in candidates if _is_telling(one.group, looked_at)]
    groups = _ranked(_led(telling, looked_at))
    return CommonCauses(
        groups=tuple(groups),
        dimensions=tuple(_in_dimension(name, groups, placed, standing, sizes) for name in DIMENSIONS),
        looked_at=looked_at,
    )


def sums(findings: Iterable[Finding]) -> tuple[Sum, ...]:
    """What findings come to, by direction and class, in their order."""
    amounts: dict[tuple[Direction, ExposureClass], list[int]] = defaultdict(list)
    for one in findings:
        amounts[one.direction, one.exposure_class].append(one.exposure_minor)
    return tuple(
        Sum(direction, exposure_class, len(of_kind), sum(of_kind))
        for direction in DIRECTIONS
        for exposure_class in EXPOSURE_CLASSES
        if (of_kind := amounts[direction, exposure_class])
    )


class _Candidate(NamedTuple):
    """A group with the subject that each of its findings counts for."""

    group: Group
    subjects: Mapping[str, str]


def _refuse_two_places(placed: Sequence[Place]) -> None:
    seen: dict[tuple[str, Dimension], Place] = {}
    for place in placed:
        other = seen.setdefault((place.fingerprint, KINDS[place.kind].dimension), place)
        if other != place:
            raise ValueError(
                f"finding {place.fingerprint} counts to {other.kind} {other.member}"
                f" and to {place.kind} {place.member}"
            )


def _candidates(
    placed: Sequence[Place], standing: Mapping[str, Finding], sizes: Mapping[str, Mapping[str, int]]
) -> tuple[list[_Candidate], int]:
    """Members with findings that are many and frequent, rule by rule, and how many groups could have been found."""
    found: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for place in placed:
        of_rule = found[place.kind, standing[place.fingerprint].rule_id]
        of_rule[place.member][place.fingerprint] = place.subject
    candidates = []
    for (kind, rule_id), by_member in found.items():
        everybody = sum(sizes[kind].values())
        hits = {member: len(set(subjects.values())) for member, subjects in by_member.items()}
        all_hit = sum(hits.values())
        for member, subjects in by_member.items():
            size, hit = sizes[kind].get(member, 0), hits[member]
            if not _is_frequent(hit, size, all_hit, everybody):
                continue
            group = Group(
                kind=kind,
                member=member,
                rule_id=rule_id,
                hit=hit,
                subjects=size,
                hit_elsewhere=all_hit - hit,
                subjects_elsewhere=everybody - size,
                chance=chance_of_at_least(hit, size, all_hit, everybody),
                money=sums(standing[name] for name in subjects),
                findings=tuple(sorted(subjects)),
            )
            candidates.append(_Candidate(group, subjects))
    return candidates, sum(len(sizes[kind]) for kind, _ in found)


def _is_frequent(hit: int, group: int, all_hit: int, everybody: int) -> bool:
    """Whether a group is large and its share high enough; one that has everybody says nothing."""
    return (
        hit >= LEAST_HIT and group < everybody and hit * (everybody - group) >= LEAST_TIMES * (all_hit - hit) * group
    )


def _is_telling(group: Group, looked_at: int) -> bool:
    """Whether a group is frequent, and unlikely for as many as were looked at."""
    everybody, all_hit = group.subjects + group.subjects_elsewhere, group.hit + group.hit_elsewhere
    return _is_frequent(group.hit, group.subjects, all_hit, everybody) and group.chance * looked_at <= MOST_CHANCE


def _led(telling: Sequence[_Candidate], looked_at: int) -> list[Group]:
    """Groups that stand for themselves, and those that are no more than chance without the findings of such.

    The least likely one of a rule comes first; of several that are as unlikely the one of the first dimension.
    """
    groups: list[Group] = []
    leaders: dict[str, list[_Candidate]] = defaultdict(list)
    order = list(KINDS)
    for one in sorted(telling, key=lambda each: (each.group.chance, order.index(each.group.kind), each.group.member)):
        before = leaders[one.group.rule_id]
        if _is_telling(_without(one, before), looked_at):
            before.append(one)
            groups.append(one.group)
            continue
        shared = [len(leader.subjects.keys() & one.subjects.keys()) for leader in before]
        most = before[shared.index(max(shared))].group
        groups.append(replace(one.group, goes_with=(most.kind, most.member), in_common=max(shared)))
    return groups


def _without(candidate: _Candidate, leaders: Sequence[_Candidate]) -> Group:
    """A group as it would be, had the findings of some others never been found."""
    taken = {name for leader in leaders for name in leader.subjects}
    left = {subject for name, subject in candidate.subjects.items() if name not in taken}
    group = candidate.group
    if len(left) == group.hit:
        return group
    # what the others took elsewhere is left where it is: the comparison is the stricter for it
    everybody, all_hit = group.subjects + group.subjects_elsewhere, len(left) + group.hit_elsewhere
    return replace(group, hit=len(left), chance=chance_of_at_least(len(left), group.subjects, all_hit, everybody))


def _ranked(groups: Iterable[Group]) -> list[Group]:
    """Leaders by money, each with those that go with it behind it."""
    followers: dict[tuple[str, str, str], list[Group]] = defaultdict(list)
    leaders = []
    for group in groups:
        if group.goes_with is None:
            leaders.append(group)
        else:
            followers[*group.goes_with, group.rule_id].append(group)
    ranked = []
    for leader in sorted(leaders, key=_by_money):
        ranked.append(leader)
        ranked += sorted(followers[leader.kind, leader.member, leader.rule_id], key=_by_money)
    return ranked


def _by_money(group: Group) -> tuple[int, Decimal, str, str, str]:
    return (-group.largest_minor, group.chance, group.kind, group.member, group.rule_id)


def _in_dimension(
    dimension: Dimension,
    groups: Iterable[Group],
    placed: Iterable[Place],
    standing: Mapping[str, Finding],
    sizes: Mapping[str, Mapping[str, int]],
) -> InDimension:
    inside = {name for group in groups if group.dimension == dimension for name in group.findings}
    return InDimension(
        dimension=dimension,
        members=sum(len(of_kind) for kind, of_kind in sizes.items() if KINDS[kind].dimension == dimension),
        placed=sum(KINDS[place.kind].dimension == dimension for place in placed),
        in_groups=sums(one for name, one in standing.items() if name in inside),
        rest=sums(one for name, one in standing.items() if name not in inside),
    )
