"""Whatever world the seed makes: reconciliation finds the true ledger of the estate, all of it, to the cent."""

from collections import Counter
from collections.abc import Iterable, Mapping

import pytest

from canonical_model.identifiers import parse_number
from reconciliation.findings import Finding, NotJudged, Reconciliation
from simulated_estate.cast import BLOCK, HALF_BLOCK
from simulated_estate.estate import Estate, build_estate
from simulated_estate.life.stage import Unjoinable
from tests.fakes.judged_estate import reconciled
from tests.fakes.shipped_rules import shipped_rules

CHECKS = {rule.id: rule.check or rule.id for rule in shipped_rules()}

Cause = tuple[str, str, str, str, str, str]
"""Market, check, subject, direction, exposure class and month."""

USUAL_WORLD = (1, BLOCK, 12)
"""Seed, subscribers and months."""

WORLDS = {
    "a-year": USUAL_WORLD,
    "two-months": (2, BLOCK, 2),
    "a-year-and-a-half": (3, HALF_BLOCK, 18),
    "another-year": (4, 2 * BLOCK, 12),
    "seven-months": (5, BLOCK, 7),
    "a-quarter": (6, BLOCK, 3),
    "six-people": (7, 6, 12),
    "thirteen-months": (8, HALF_BLOCK, 13),
    "raises-late-in-february": (34, 2 * BLOCK, 18),
}


def true_causes(estate: Estate) -> Counter[Cause]:
    causes: Counter[Cause] = Counter()
    for entry in estate.ledger:
        for month, cents in entry.by_month.items():
            key = (entry.market, entry.rule, entry.subject, entry.direction, entry.exposure_class, month)
            causes[key] += cents
    return causes


def found_causes(findings: Iterable[Finding]) -> Counter[Cause]:
    causes: Counter[Cause] = Counter()
    for one in findings:
        for line in one.lines:
            key = (one.market, CHECKS[one.rule_id], one.subject, one.direction, one.exposure_class)
            causes[*key, f"{line.period:%Y-%m}"] += line.exposure_minor
    return Counter({key: cents for key, cents in causes.items() if cents})


def is_listed(missing: Unjoinable, not_judged: Iterable[NotJudged]) -> bool:
    """Whether a person who reads the list is led to the record that joins nothing."""
    subject = missing.subject.removeprefix("SO-")
    if missing.kind == "account_number":
        subject = parse_number(subject)
    return any(subject in f"{one.subject} {one.reason}" for one in not_judged)


@pytest.fixture(
    scope="module",
    params=[pytest.param(world, id=name, marks=pytest.mark.xdist_group(name)) for name, world in WORLDS.items()],
)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Estate, dict[str, Reconciliation]]:
    seed, subscribers, months = request.param
    estate = build_estate(subscribers, months=months, seed=seed)
    return estate, reconciled(estate, tmp_path_factory.mktemp("estate"))


World = tuple[Estate, dict[str, Reconciliation]]


def test_every_planted_cause_is_found_month_by_month_to_the_cent_and_nothing_else_is(world: World) -> None:
    estate, outcomes = world
    findings = [finding for outcome in outcomes.values() for finding in outcome.findings]

    assert found_causes(findings) == true_causes(estate)


def test_findings_add_up_to_their_lines(world: World) -> None:
    _, outcomes = world
    for finding in (one for outcome in outcomes.values() for one in outcome.findings):
        assert finding.exposure_minor == sum(line.exposure_minor for line in finding.lines)
        assert finding.exposure_minor > 0 or finding.explained_by


def test_no_difference_is_left_without_a_cause(world: World) -> None:
    _, outcomes = world
    assert [one for outcome in outcomes.values() for one in outcome.not_judged if one.scope == "difference"] == []


def test_what_no_exact_key_joins_is_listed_as_not_judged(world: World) -> None:
    estate, outcomes = world
    lists: Mapping[str, tuple[NotJudged, ...]] = {name: outcome.not_judged for name, outcome in outcomes.items()}

    assert [one for one in estate.unjoinable if not is_listed(one, lists[one.market])] == []


def test_the_worlds_plant_every_check_that_ships() -> None:
    seed, subscribers, months = USUAL_WORLD
    planted = {entry.rule for entry in build_estate(subscribers, months=months, seed=seed).ledger}

    assert planted == set(CHECKS.values())
