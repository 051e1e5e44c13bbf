"""Bill-to-bill over a whole wave of the simulated estate: every cent between two bills has a cause."""

import pytest

from reconciliation.bill_to_bill import DUE_CHANGED, BillToBill, compare_bills
from reconciliation.run import reconcile
from reconciliation.snapshot.manifest import Feed
from reconciliation.snapshot.write import SnapshotRequest, write_snapshot
from simulated_estate.cast import BLOCK
from simulated_estate.estate import Estate, build_estate
from tests.fakes.estate_records import estate_records
from tests.fakes.judged_estate import CATALOGUE, MARKETS
from tests.fakes.shipped_rules import rules_text, shipped_rules
from tests.fakes.small_operator import batches_by_entity

MONTHS = 5


@pytest.fixture(scope="module")
def wave(tmp_path_factory: pytest.TempPathFactory) -> tuple[Estate, BillToBill]:
    estate = build_estate(BLOCK, months=MONTHS, seed=5)
    folder = tmp_path_factory.mktemp("wave")
    (market,) = [market for market in MARKETS if market.id == "mesa"]
    records = [record for record in estate_records(estate) if record.market == market.id]
    roles = ("crm", "billing", "field", "network")
    feeds = tuple(Feed(role=role, system=role, stream="all", last_success_at=estate.as_of) for role in roles)
    request = SnapshotRequest("LV", market, estate.as_of, CATALOGUE, rules_text(), {}, feeds, months=MONTHS)
    manifest = write_snapshot(folder / "snapshot", request, batches_by_entity(records))
    found = reconcile(folder / "snapshot", folder / "judged")
    return estate, compare_bills(folder / "snapshot", manifest, found.findings)


def test_every_moved_account_is_compared_or_listed(wave: tuple[Estate, BillToBill]) -> None:
    estate, comparison = wave
    listed = {row["account"].removeprefix("A-").lstrip("0") for row in estate.books.target_billing["cut_overs"]}
    compared = {row.service for row in comparison.classes}
    silent = listed - compared - {service for service, _ in comparison.not_compared}
    assert compared <= listed
    assert silent.isdisjoint(entry.subject for entry in estate.ledger)
    assert len(compared) >= 8


def test_the_parts_add_up_and_nothing_is_unexplained(wave: tuple[Estate, BillToBill]) -> None:
    _, comparison = wave
    for row in comparison.classes:
        parts = sum(cause.amount_minor for cause in row.causes) + row.unexplained_minor
        assert parts == row.difference_minor
    assert [row for row in comparison.classes if row.unexplained_minor] == []


def test_each_cause_is_one_that_was_planted_on_the_account(wave: tuple[Estate, BillToBill]) -> None:
    estate, comparison = wave
    planted = {(entry.subject, entry.rule) for entry in estate.ledger}
    checks = {rule.id: rule.check or rule.id for rule in shipped_rules()}
    named = {(row.service, cause.name) for row in comparison.classes for cause in row.causes}
    of_rules = {(service, checks[name]) for service, name in named if name != DUE_CHANGED}
    assert of_rules <= planted
    assert {rule for _, rule in of_rules} >= {"RL-J01", "RL-J04", "RL-C05"}


def test_what_was_taken_over_wrong_is_in_both_bills_and_comes_to_nothing(wave: tuple[Estate, BillToBill]) -> None:
    _, comparison = wave
    both = [row for row in comparison.classes if {cause.name for cause in row.causes} == {"RL-C05"}]
    assert both
    for row in both:
        assert {cause.side for cause in row.causes} == {"legacy", "target"}
        assert row.difference_minor == 0
        assert row.target_minor != row.expected_minor
