"""Replayed over a simulated estate, a hand-off shows the mistakes that its true ledger knows, and no others."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from canonical_model.billing import CustomerBill
from canonical_model.intervals import DateInterval
from canonical_model.markets import Market
from canonical_model.orders import ProductOrder
from canonical_model.record import Record
from handoffs.shadow.comparing import Compared
from handoffs.stages import Handoff
from hub.operator_folder.comparisons_folder import shipped_comparisons
from hub.operator_folder.load import load_operator
from hub.takeover.shadow.replay import ReplayReport, replay_snapshot
from hub.takeover.shadow.tables import market_tables
from reconciliation.findings import Reconciliation
from reconciliation.run import reconcile
from reconciliation.snapshot.manifest import Feed, Manifest
from reconciliation.snapshot.write import SnapshotRequest, write_snapshot
from simulated_estate.cast import BLOCK
from simulated_estate.estate import Estate, build_estate
from tests.fakes.estate_plant_records import plant_records
from tests.fakes.estate_records import estate_records
from tests.fakes.judged_estate import CATALOGUE, MARKETS, ROLES, estate_months, in_market
from tests.fakes.lumen_valley import FOLDER
from tests.fakes.shipped_rules import rules_text
from tests.fakes.small_operator import batches_by_entity


@dataclass(frozen=True)
class Replayed:
    """A market of an estate, its snapshot and the run that judged it."""

    estate: Estate
    market: Market
    folder: Path
    manifest: Manifest
    outcome: Reconciliation
    orders: dict[str, ProductOrder]

    def replay(self, handoff: Handoff, *, judged: bool = True) -> ReplayReport:
        operator = load_operator(FOLDER)
        return replay_snapshot(
            self.folder,
            self.manifest,
            market_tables(self.market, operator),
            shipped_comparisons()[handoff],
            handoff,
            DateInterval(self.manifest.period_from, self.manifest.period_to),
            findings=self.outcome.findings if judged else (),
        )

    def planted(self, work: str) -> set[str]:
        """Rules of the true ledger that concern an order, its account, its service or its jobs."""
        number = work.removeprefix("order/")
        account = self.orders[number].account_number
        subjects = {account, f"{account}/{number}", number, f"order/{number}"}
        return {each.rule for each in self.estate.ledger if each.subject in subjects}


@pytest.fixture(scope="module", params=MARKETS, ids=lambda market: market.id)
def replayed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    estate, market = build_estate(BLOCK, months=9, seed=11), request.param
    own: list[Record] = estate_records(estate)
    known = in_market([*own, *plant_records(estate)], market.id)
    folder = tmp_path_factory.mktemp(market.id)
    feeds = tuple(Feed(role=role, system=role, stream="all", last_success_at=estate.as_of) for role in ROLES)
    asked = SnapshotRequest(
        "Lumen Valley", market, estate.as_of, CATALOGUE, rules_text(), {}, feeds, months=estate_months(estate)
    )
    manifest = write_snapshot(folder / "snapshot", asked, batches_by_entity(known))
    outcome = reconcile(folder / "snapshot", folder / "judged")
    orders = {each.order_number: each for each in known if isinstance(each, ProductOrder)}
    return Replayed(estate, market, folder / "snapshot", manifest, outcome, orders)


def odd(report: ReplayReport) -> list[Compared]:
    """Works that are neither the same nor the same once they are spelled alike."""
    return list(report.parity.worst)


def is_innocent(compared: Compared) -> bool:
    """A difference that the ledger does not know, because it costs nobody anything or nobody can know.

    An account that is served for nothing by approval, of which the saga would tell billing; a device that no element
    shows, as its serial was mistyped; a start some days late, which rules tolerate.
    """
    fields = {each.field: each for each in compared.differences}
    if "bills" in fields:
        told = fields["bills"]
        if told.kind == "hub_wrong":
            return told.evidence["is_courtesy"] is True
        return told.kind == "unknown" and str(told.evidence["intent_reasons"]).startswith("no element shows")
    late = fields.get("starts_on")
    return late is not None and late.kind == "legacy_wrong" and {each.kind for each in fields.values()} == {late.kind}


def test_every_difference_in_billing_is_one_that_was_planted(replayed: Replayed) -> None:
    report = replayed.replay("field_to_billing")
    assert report.parity.compared > 10
    assert [each for each in odd(report) if not replayed.planted(each.work) and not is_innocent(each)] == []


def test_what_was_planted_is_proven_to_be_legacys_mistake(replayed: Replayed) -> None:
    report = replayed.replay("field_to_billing")
    planted = [each for each in odd(report) if replayed.planted(each.work)]
    assert planted
    for each in planted:
        fields = {difference.field for difference in each.differences if difference.kind != "legacy_wrong"}
        assert fields <= {"monthly_price"}, "no witness proves a price: a person explains it"
    assert {each.kind for each in planted} >= {"legacy_wrong"}
    for each in planted:
        for difference in each.differences:
            assert any(value is not None for value in difference.evidence.values()), difference


def test_without_a_run_nothing_proves_a_bill_wrong_but_it_still_differs(replayed: Replayed) -> None:
    judged, blind = replayed.replay("field_to_billing"), replayed.replay("field_to_billing", judged=False)
    assert blind.parity.counts.get("match") == judged.parity.counts.get("match")
    assert blind.parity.counts.get("unknown", 0) >= judged.parity.counts.get("unknown", 0)


def test_a_bill_that_is_right_is_compared_with_its_bills(replayed: Replayed) -> None:
    """The same is the same because amounts were held against each other, not because none were known."""
    report = replayed.replay("field_to_billing")
    assert sum(week.of for week in report.parity.weeks) == report.parity.compared
    assert CustomerBill.__name__ in {name.removeprefix("records/") for name in replayed.manifest.rows}
    assert report.waiting + report.silent + report.parity.compared == report.orders


def test_an_inventory_that_is_right_gives_the_line_that_legacy_gave(replayed: Replayed) -> None:
    """Where it is not, the network shows the service elsewhere, and the hub would have been wrong."""
    report = replayed.replay("order_to_provisioning")
    lines = [
        each
        for each in report.parity.causes
        if each.field in ("element", "port", "technology") and each.kind != "match_after_normalising"
    ]
    compared = report.parity.compared
    assert compared > 5
    assert sum(each.works for each in lines) <= compared // 4
    crossed = [each for each in report.parity.causes if each.field == "offering"]
    assert {each.kind for each in crossed} <= {"legacy_wrong", "match_after_normalising"}
    for each in crossed:
        assert each.kind == "match_after_normalising" or replayed.planted(each.example)


def test_one_job_is_sent_for_one_order(replayed: Replayed) -> None:
    report = replayed.replay("provisioning_to_dispatch")
    jobs = [each for each in report.parity.causes if each.field == "jobs"]
    assert {each.kind for each in jobs} <= {"legacy_wrong"}
    assert report.parity.clean / report.parity.compared > 0.7
