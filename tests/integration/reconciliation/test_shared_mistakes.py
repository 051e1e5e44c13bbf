"""Mistakes that many customers of an estate share are named, with all of their money, and nothing else is."""

from dataclasses import asdict, replace

import pytest

from console.cause_proof import HELD_FROM, CauseProof, prove_causes
from reconciliation.causes.groups import CommonCauses
from reconciliation.causes.placing import measure_causes
from reconciliation.findings import Finding
from reconciliation.snapshot.manifest import read_manifest
from simulated_estate.estate import Estate, build_estate
from tests.fakes.judged_estate import reconciled
from tests.fakes.shipped_rules import shipped_rules

CHECKS = {rule.id: rule.check or rule.id for rule in shipped_rules()}
SUBSCRIBERS, MONTHS = 1300, 6

World = tuple[Estate, list[Finding], dict[str, CommonCauses]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("shared")
    estate = build_estate(SUBSCRIBERS, MONTHS)
    outcomes = reconciled(estate, folder)
    told = {
        market: measure_causes(folder / market, read_manifest(folder / market), outcome.findings)
        for market, outcome in outcomes.items()
    }
    return estate, [one for outcome in outcomes.values() for one in outcome.findings], told


def proven(world: World, ledger: list[dict[str, object]] | None = None) -> tuple[list[CauseProof], list[str]]:
    estate, findings, told = world
    return prove_causes(told, findings, CHECKS, ledger or [asdict(entry) for entry in estate.ledger])


def test_each_shared_mistake_is_named_with_its_money_to_the_cent_and_nothing_else_is(world: World) -> None:
    proofs, unplanted = proven(world)

    assert [(one.market, one.check, one.shared) for one in proofs] == [
        ("northshore", "RL-C05", "offering air-200"),
        ("riverbend", "RL-C03", "crew Crew 4"),
    ]
    assert all(one.is_named and one.is_exact and one.subjects >= HELD_FROM for one in proofs)
    assert unplanted == []


def test_the_crew_stands_for_itself_and_the_plan_goes_with_the_bill_run_since_which_it_is_wrong(world: World) -> None:
    _, _, told = world
    assert [(one.kind, one.member, one.rule_id, one.goes_with) for one in told["riverbend"].groups] == [
        ("crew", "Crew 4", "RL-C03", None)
    ]
    run, plan = told["northshore"].groups
    assert (run.kind, run.rule_id, run.goes_with) == ("bill_run", "RL-C05", None)
    assert (plan.kind, plan.member, plan.goes_with) == ("offering", "air-200", ("bill_run", run.member))


def test_a_cent_less_is_seen(world: World) -> None:
    estate, _, _ = world
    ledger = [asdict(entry) for entry in estate.ledger]
    shared = next(entry for entry in ledger if entry["shared"])
    shared["amount_minor"] -= 1
    proofs, _ = proven(world, ledger)
    assert sorted(one.difference_minor for one in proofs) == [0, 1]
    assert not all(one.is_exact for one in proofs)


def test_what_is_not_named_is_held_against_it_where_enough_customers_share_it(world: World) -> None:
    estate, findings, told = world
    silent = {market: replace(causes, groups=()) for market, causes in told.items()}
    ledger = [asdict(entry) for entry in estate.ledger]
    proofs, _ = prove_causes(silent, findings, CHECKS, ledger)
    assert not any(one.is_named or one.is_exact for one in proofs)
    few = {name for entry in ledger if (name := entry["subject"] if entry["shared"] else "")}
    kept = set(sorted(few)[:10])
    proofs, _ = prove_causes(
        silent, findings, CHECKS, [entry for entry in ledger if entry["subject"] in kept and entry["shared"]]
    )
    assert all(one.is_exact and one.subjects < HELD_FROM for one in proofs)


def test_a_group_of_nothing_that_was_planted_together_is_told(world: World) -> None:
    _, unplanted = proven(world, [asdict(entry) | {"shared": ""} for entry in world[0].ledger])
    assert [group.rpartition(", ")[2] for group in unplanted] == ["RL-C03", "RL-C05"]
