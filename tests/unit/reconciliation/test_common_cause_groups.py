"""Groups of findings: what is more than chance, what only follows from it, and sums that hold whatever is found."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.causes.document import as_document, from_document
from reconciliation.causes.groups import CommonCauses, Member, Place, Sum, common_causes, sums
from reconciliation.findings import Direction, ExposureClass, Finding, fingerprint

KINDS_OF_MONEY: tuple[tuple[Direction, ExposureClass], ...] = (
    ("under_billed", "lost"),
    ("under_billed", "recoverable"),
    ("over_billed", "refund_due"),
    ("cost", "cost"),
)


def found(subject: str, minor: int = 1000, rule: str = "RL-C01", money: int = 1) -> Finding:
    direction, exposure_class = KINDS_OF_MONEY[money]
    return Finding(
        fingerprint=fingerprint(rule, "oldtown", subject, direction, exposure_class),
        rule_id=rule,
        market="oldtown",
        subject_kind="service",
        subject=subject,
        direction=direction,
        exposure_class=exposure_class,
        exposure_minor=minor,
        run_rate_minor=0,
        currency="USD",
        evidence_from=date(2026, 2, 1),
        evidence_to=date(2026, 3, 1),
    )


def places(findings: Sequence[Finding], kind: str, member: str) -> list[Place]:
    return [Place(one.fingerprint, kind, member, one.subject) for one in findings]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Finding], list[Place], list[Member]]:
    """A market with findings of some rules; each counts to one hub and one crew at most."""
    number = draw(st.integers(0, 60))
    rng = Random(draw(st.integers(0, 1000)))
    findings, told = {}, []
    for subject in range(number):
        one = found(str(subject), rng.randint(1, 9999), f"RL-{rng.randint(1, 2)}", rng.randrange(len(KINDS_OF_MONEY)))
        if rng.random() < 0.1:
            one = replace(one, explained_by="0" * 16, exposure_minor=0)
        findings[one.fingerprint] = one
        # the first hub and the first crew have more than their part
        told += [
            Place(one.fingerprint, kind, f"{kind} {max(0, rng.randint(-6, 3))}", one.subject)
            for kind in ("hub", "crew")
            if rng.random() < 0.9
        ]
    sizes = Counter((place.kind, place.member) for place in told)
    members = [
        Member(kind, f"{kind} {turn}", sizes[kind, f"{kind} {turn}"] + rng.randint(0, 80))
        for kind in ("hub", "crew")
        for turn in range(4)
    ]
    return list(findings.values()), told, members


@given(worlds())
def test_groups_and_the_rest_are_all_the_money_of_a_dimension(
    world: tuple[list[Finding], list[Place], list[Member]],
) -> None:
    findings, told, members = world
    causes = common_causes(findings, told, members)
    total = amounts(sums(one for one in findings if one.explained_by is None))
    for each in causes.dimensions:
        in_groups = [group for group in causes.groups if group.dimension == each.dimension]
        grouped = [amounts(group.money) for group in in_groups]
        assert sum(grouped, start=Counter()) == amounts(each.in_groups)
        assert amounts(each.in_groups) + amounts(each.rest) == total
        counted = [name for group in in_groups for name in group.findings]
        assert len(counted) == len(set(counted))


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_in_which_anything_comes_changes_nothing(
    world: tuple[list[Finding], list[Place], list[Member]], rng: Random
) -> None:
    shuffled = [list(part) for part in world]
    for part in shuffled:
        rng.shuffle(part)
    assert common_causes(*shuffled) == common_causes(*world)  # type: ignore[arg-type]


@given(worlds())
def test_what_is_kept_as_json_comes_back(world: tuple[list[Finding], list[Place], list[Member]]) -> None:
    causes = common_causes(*world)
    assert from_document(as_document(causes)) == causes


def amounts(money: Sequence[Sum]) -> Counter[tuple[str, str]]:
    return Counter({(each.direction, each.exposure_class): each.exposure_minor for each in money})


FOURTEEN = [found(f"h{number}", 100 + number) for number in range(14)]
THREE = [found(f"e{number}") for number in range(3)]
HUBS = [Member("hub", "H1", 40), Member("hub", "H2", 600)]
OF_HUBS = [*places(FOURTEEN, "hub", "H1"), *places(THREE, "hub", "H2")]


def told(causes: CommonCauses) -> list[tuple[str, str, int, tuple[str, str] | None]]:
    return [(group.kind, group.member, group.hit, group.goes_with) for group in causes.groups]


def test_fourteen_of_forty_beside_three_of_six_hundred_is_a_cause() -> None:
    (group,) = common_causes([*FOURTEEN, *THREE], OF_HUBS, HUBS).groups
    assert (group.hit, group.subjects, group.hit_elsewhere, group.subjects_elsewhere) == (14, 40, 3, 600)
    assert group.money == (Sum("under_billed", "recoverable", 14, sum(range(100, 114))),)
    assert group.findings == tuple(sorted(one.fingerprint for one in FOURTEEN))


def test_four_are_too_few_and_what_everybody_has_is_no_cause() -> None:
    assert common_causes(FOURTEEN[:4], places(FOURTEEN[:4], "hub", "H1"), HUBS).groups == ()
    assert common_causes(FOURTEEN, places(FOURTEEN, "hub", "H1"), HUBS[:1]).groups == ()


def test_as_often_as_elsewhere_is_no_cause_in_a_market_of_any_size() -> None:
    often = [found(f"a{number}") for number in range(600)]
    members = [Member("hub", "H1", 40_000), Member("hub", "H2", 60_000)]
    spread = [*places(often[:300], "hub", "H1"), *places(often[300:], "hub", "H2")]
    assert common_causes(often, spread, members).groups == ()


def test_two_kinds_of_money_on_one_subject_are_one_subject_and_two_amounts() -> None:
    lost = [replace(found(one.subject, 7, money=0)) for one in FOURTEEN]
    both = [*FOURTEEN, *lost, *THREE]
    (group,) = common_causes(both, [*OF_HUBS, *places(lost, "hub", "H1")], HUBS).groups
    assert group.hit == 14
    assert [(each.exposure_class, each.findings) for each in group.money] == [("lost", 14), ("recoverable", 14)]


def test_what_another_finding_explains_is_counted_nowhere() -> None:
    explained = [replace(one, explained_by="0" * 16, exposure_minor=0) for one in FOURTEEN]
    assert common_causes([*explained, *THREE], OF_HUBS, HUBS).groups == ()


def test_a_crew_that_only_works_at_a_hub_has_the_same_findings() -> None:
    crews = [Member("crew", "C1", 40), Member("crew", "C2", 600)]
    of_crews = [*places(FOURTEEN, "crew", "C1"), *places(THREE, "crew", "C2")]
    causes = common_causes([*FOURTEEN, *THREE], [*OF_HUBS, *of_crews], [*HUBS, *crews])
    assert told(causes) == [("hub", "H1", 14, None), ("crew", "C1", 14, ("hub", "H1"))]
    assert causes.groups[1].in_common == 14


def test_a_hub_at_which_a_bad_crew_mostly_works_is_told_under_the_crew() -> None:
    crews = [Member("crew", "C1", 20), Member("crew", "C2", 620)]
    of_crews = [*places(FOURTEEN, "crew", "C1"), *places(THREE, "crew", "C2")]
    # twelve of the crew's fourteen are at the hub, where one more is somebody else's
    at_the_hub = [*FOURTEEN[:12], THREE[0]]
    of_hubs = [*places(at_the_hub, "hub", "H1"), *places([*FOURTEEN[12:], *THREE[1:]], "hub", "H2")]
    causes = common_causes([*FOURTEEN, *THREE], [*of_crews, *of_hubs], [*HUBS, *crews])
    assert told(causes) == [("crew", "C1", 14, None), ("hub", "H1", 13, ("crew", "C1"))]
    assert causes.groups[1].in_common == 12


def test_two_causes_of_one_rule_both_stand() -> None:
    other = [found(f"c{number}") for number in range(12)]
    crews = [Member("crew", "C1", 60), Member("crew", "C2", 580)]
    of_crews = [*places(other, "crew", "C1"), *places([*FOURTEEN, *THREE], "crew", "C2")]
    of_hubs = [*OF_HUBS, *places(other, "hub", "H2")]
    causes = common_causes([*FOURTEEN, *THREE, *other], [*of_crews, *of_hubs], [*HUBS, *crews])
    assert {(kind, member, goes_with) for kind, member, _, goes_with in told(causes)} == {
        ("hub", "H1", None),
        ("crew", "C1", None),
    }


def test_a_finding_with_two_places_in_a_dimension_is_refused() -> None:
    twice = [*OF_HUBS, Place(FOURTEEN[0].fingerprint, "hub", "H2", FOURTEEN[0].subject)]
    with pytest.raises(ValueError, match="counts to hub H1 and to hub H2"):
        common_causes([*FOURTEEN, *THREE], twice, HUBS)
