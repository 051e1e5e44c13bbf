"""What runs came to stands beside each other, and cohorts add up to all of a run's money; both are kept."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest

from canonical_model.errors import UnsafeToContinue
from canonical_model.orders import ProductOrder
from canonical_model.places import Premise
from hub.archive import open_archive
from hub.reconcile import MarketOutcome, reconcile_market, reconcile_snapshot, report_again
from hub.runs import standing_run
from reconciliation.cohorts.cohort import Cohort
from tests.fakes.judged_once import pulled_and_judged
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator
from tests.integration.hub.test_reports_again import leaking

DAY = timedelta(days=1)


@pytest.fixture
def small(tmp_path: Path) -> SmallHub:
    return SmallHub(tmp_path)


def judged(small: SmallHub, operator: SmallOperator, day: int) -> MarketOutcome:
    return pulled_and_judged(small, operator, AS_OF + day * DAY)


def money(outcome: MarketOutcome) -> Counter[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    for finding in outcome.report.findings:
        if finding.explained_by is None:
            sums[finding.direction, finding.exposure_class] += finding.exposure_minor
    return sums


def test_each_run_stands_with_what_it_found_and_what_changed(small: SmallHub) -> None:
    first = judged(small, leaking("10"), 0)
    second = judged(small, leaking("10", "11"), 1)
    third = judged(small, leaking("11"), 2)

    runs = third.report.history
    assert [run.run_id for run in runs] == [first.run_id, second.run_id, third.run_id]
    for run, outcome in zip(runs, (first, second, third), strict=True):
        carrying = [finding for finding in outcome.report.findings if finding.explained_by is None]
        assert run.findings == len(carrying)
        assert run.explained == len(outcome.report.findings) - len(carrying)
        assert {kind: run.exposure_minor(*kind) for kind in money(outcome)} == money(outcome)  # type: ignore[arg-type]
        assert sum(total.exposure_minor for total in run.totals) == sum(money(outcome).values())
    prints = [{finding.fingerprint for finding in outcome.report.findings} for outcome in (first, second, third)]
    assert [run.new for run in runs] == [len(prints[0]), len(prints[1] - prints[0]), 0]
    assert [run.vanished for run in runs] == [0, 0, len(prints[1] - prints[2])]
    assert runs[2].vanished > 0
    assert {total.handoff for total in runs[2].totals} >= {"field_to_billing"}
    assert second.report.history == runs[:2]


def test_a_run_that_could_not_judge_is_marked_so_that_a_fall_is_no_success(small: SmallHub) -> None:
    judged(small, leaking("10"), 0)
    late = AS_OF + 4 * DAY
    small.pull(leaking("10"), late, systems=("crm", "billing", "fsm"))
    with small.open() as hub:
        stale = reconcile_market(hub, "oldtown", late, late)

    before, after = stale.report.history
    assert before.silent == ()
    assert after.silent == tuple(
        sorted(rule.id for rule in stale.report.rules.values() if rule.outcome == "inconclusive")
    )
    assert after.silent
    assert sum(total.exposure_minor for total in after.totals) < sum(total.exposure_minor for total in before.totals)


def test_runs_that_failed_or_were_of_the_past_are_left_out_and_one_moment_counts_once(small: SmallHub) -> None:
    first = judged(small, leaking("10"), 0)
    second = judged(small, leaking("10", "11"), 1)
    with small.open() as hub:
        assert reconcile_market(hub, "oldtown", AS_OF, AS_OF + DAY).report.history == ()
        again = reconcile_snapshot(hub, second.snapshot, AS_OF + 2 * DAY)
        (second.snapshot / "dimensions" / "charge.parquet").unlink()
        with pytest.raises(UnsafeToContinue):
            reconcile_snapshot(hub, second.snapshot, AS_OF + 3 * DAY)
    runs = again.report.history
    assert [run.run_id for run in runs] == [first.run_id, again.run_id]
    assert runs[1].new == second.report.history[1].new > 0


def by_kind(cohorts: Iterable[Cohort], kind: str) -> dict[str, Cohort]:
    return {cohort.name: cohort for cohort in cohorts if cohort.kind == kind}


def placed(operator: SmallOperator, account: str, premise: str, hub: str, **where: float) -> None:
    """Say where the order of an account was for, and which hub serves it."""
    orders = [one for one in operator.records if isinstance(one, ProductOrder) and one.account_number == account]
    assert orders
    for order in orders:
        operator.records[operator.records.index(order)] = order.model_copy(update={"premise_id": premise})
    operator.records.append(
        Premise(
            market="oldtown",
            source_system="crm",
            source_object="premise",
            source_id=premise,
            address="1 Way",
            hub=hub,
            **where,  # type: ignore[arg-type]
        )
    )


def test_cohorts_add_up_to_all_money_by_month_and_by_hub(small: SmallHub) -> None:
    operator = leaking("10", "11")
    placed(operator, "10", "P-1", "North", latitude=41.5, longitude=-87.25)
    placed(operator, "11", "P-2", "South", latitude=41.0, longitude=-87.75)
    outcome = judged(small, operator, 0)
    cohorts = outcome.report.cohorts

    for kind in ("month", "hub"):
        sums: Counter[tuple[str, str]] = Counter()
        for cohort in by_kind(cohorts, kind).values():
            assert cohort.services_found <= cohort.services
            for one in cohort.money:
                sums[one.direction, one.exposure_class] += one.exposure_minor
        assert sums == money(outcome)
    of_ten = sum(f.exposure_minor for f in outcome.report.findings if f.subject == "10" and not f.explained_by)
    hubs = by_kind(cohorts, "hub")
    assert (hubs["North"].services, hubs["North"].services_found) == (1, 1)
    assert sum(one.exposure_minor for one in hubs["North"].money) == of_ten > 0
    assert (hubs["North"].latitude_micro, hubs["North"].longitude_micro) == (41_500_000, -87_250_000)
    months = by_kind(cohorts, "month")
    assert sum(cohort.services for cohort in months.values()) == sum(cohort.services for cohort in hubs.values())
    begun = date.fromordinal(AS_OF.date().toordinal() - 60)
    assert months[f"{begun:%Y-%m}"].services >= 1

    with open_archive(small.workspace, {}) as archive:
        again = report_again(archive, standing_run(archive, "oldtown"))
    assert again.report.cohorts == cohorts
