"""How a group of findings is said: what is shared, how often here and elsewhere, and how likely that is by chance."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from reconciliation.causes.dimensions import KINDS, Dimension
from reconciliation.causes.groups import LEAST_HIT, LEAST_TIMES, MOST_CHANCE, CommonCauses, Group

DIMENSION_NAMES: dict[Dimension, str] = {
    "hub": "Hub",
    "element": "Network element",
    "crew": "Crew or contractor",
    "plan": "Plan or charge",
    "date": "Day",
    "system": "Billing system",
}
_SMALLEST = Decimal("1E-12")


def definition_of(kind: str) -> str:
    """The word under which it is said what counts to a member of a kind."""
    return f"Common cause: {KINDS[kind].noun}"


CAUSE_DEFINITIONS: tuple[tuple[str, str], ...] = (
    (
        "Common cause",
        (
            "Findings of one rule on subjects that share a hub, crew, plan, day or system, where that is more than"
            f" chance: at least {LEAST_HIT} subjects with a finding, a share at least {LEAST_TIMES} times that of"
            " all other members, and a chance that is small enough for all groups that were looked at. It says what"
            " findings have in common, not why: somebody has to look."
        ),
    ),
    (
        "Money of a common cause",
        (
            "The exposure of its findings, by direction and class. A finding counts to one member of each dimension"
            " at most, so that the amounts of one dimension add up to that of all its findings; amounts of several"
            " dimensions are partly the same money and must not be added. What another finding explains has no part."
        ),
    ),
    (
        "Chance",
        (
            "How likely it is that as many or more of as many subjects are hit, were they drawn blindly from all of"
            " the market (Fisher's exact test, one-sided). Times the number of groups looked at it is at most"
            f" {MOST_CHANCE}: a market without any common cause shows a group once in a hundred runs."
        ),
    ),
    (
        "Goes with another",
        "Without the findings that it has in common with that group it is no more than chance.",
    ),
    *((definition_of(kind.name), kind.meaning) for kind in KINDS.values()),
)


def member_text(kind: str, member: str) -> str:
    """``Hub RB-H02``, ``Crew 3``, ``Bill run of 1 Jul 2026``."""
    noun = KINDS[kind].noun
    if KINDS[kind].dimension == "date":
        day = date.fromisoformat(member)
        return f"{_capital(noun)} of {day.day} {day:%b %Y}"
    return member if member.casefold().startswith(noun) else f"{_capital(noun)} {member}"


def here_text(group: Group) -> str:
    """``14 of 40 services (35.0 %)``."""
    return _of(group.hit, group.subjects, KINDS[group.kind].subjects)


def elsewhere_text(group: Group) -> str:
    """``3 of 600 (0.5 %)``."""
    return _of(group.hit_elsewhere, group.subjects_elsewhere)


def chance_text(group: Group) -> str:
    """``1 in 13,000,000``, in two digits and never too small."""
    if group.chance < _SMALLEST:
        return "less than 1 in a trillion"
    times = int(1 / group.chance)
    step = 10 ** max(0, len(str(times)) - 2)
    return f"1 in {times // step * step:,}"


def relation_text(group: Group, causes: CommonCauses) -> str:
    """What a group that goes with another one has of it; empty for one that stands for itself."""
    if group.goes_with is None:
        return ""
    other = _leaders(causes)[*group.goes_with, group.rule_id]
    name = member_text(other.kind, other.member)
    if group.in_common < len(group.findings):
        return (
            f"{group.in_common:,} of its {len(group.findings):,} findings are those of {name}:"
            " without them no more than chance"
        )
    if len(other.findings) == len(group.findings):
        return f"the same findings as {name}"
    return f"all of its findings are among those of {name}"


def headline(causes: CommonCauses) -> str:
    """How many groups were found, in one sentence."""
    if causes.unknown:
        return f"What findings have in common is unknown: {causes.unknown}."
    found = sum(group.goes_with is None for group in causes.groups)
    looked = f"of {causes.looked_at:,} that were looked at"
    if not found:
        return f"No group of findings is more than chance, {looked}."
    return (
        f"{found:,} {'group of findings is' if found == 1 else 'groups of findings are'} more than chance, {looked}."
    )


def percent_text(hit: int, subjects: int) -> str:
    """A share with as many digits as tell it from nothing."""
    share = Decimal(100 * hit) / Decimal(subjects) if subjects else Decimal(0)
    digits = Decimal("0.1") if share >= 1 or not share else Decimal("0.001")
    return f"{share.quantize(digits, ROUND_HALF_UP)} %"


def _of(hit: int, subjects: int, noun: str = "") -> str:
    return f"{hit:,} of {subjects:,}{' ' * bool(noun)}{noun} ({percent_text(hit, subjects)})"


def _leaders(causes: CommonCauses) -> Mapping[tuple[str, str, str], Group]:
    return {(one.kind, one.member, one.rule_id): one for one in causes.groups}


def _capital(noun: str) -> str:
    return noun[:1].upper() + noun[1:]
