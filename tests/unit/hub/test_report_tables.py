"""The sums of a report equal the sums of its findings, and no sum mixes directions or exposure classes."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given

from hub.reports import tables
from hub.reports.tables import Kind
from reconciliation.report import MarketReport
from tests.unit.hub.market_reports import finding, line, market_report, reports

RECOVERABLE = Kind("under_billed", "recoverable")
REFUND = Kind("over_billed", "refund_due")


def money_by_kind(report: MarketReport) -> Counter[Kind]:
    money: Counter[Kind] = Counter()
    for item in report.findings:
        money[tables.kind_of(item)] += item.exposure_minor
    return +money


@given(reports)
def test_totals_equal_the_sums_of_the_findings(report: MarketReport) -> None:
    totals = tables.totals(report.findings)
    assert +Counter({total.kind: total.exposure_minor for total in totals}) == money_by_kind(report)
    assert sum(total.findings + total.explained for total in totals) == len(report.findings)


@given(reports)
def test_the_months_equal_the_sums_of_the_findings(report: MarketReport) -> None:
    table = tables.by_month(report)
    sums = Counter({kind: sum(table.cell(month, kind) for month in table.months) for kind in table.kinds})
    assert sums == money_by_kind(report)


@given(reports)
def test_the_rules_equal_the_sums_of_the_findings(report: MarketReport) -> None:
    sums: Counter[Kind] = Counter()
    for row in tables.by_rule(report):
        for total in row.totals:
            sums[total.kind] += total.exposure_minor
    assert +sums == money_by_kind(report)


@pytest.mark.parametrize("clock", ["evidence_from", "first_seen"])
@given(report=reports)
def test_the_ages_equal_the_sums_of_the_findings(report: MarketReport, clock: tables.AgeClock) -> None:
    rows = tables.ageing(report, clock)
    assert +Counter({row.kind: sum(row.exposure_minor) for row in rows}) == money_by_kind(report)
    assert sum(sum(row.findings) for row in rows) == sum(item.explained_by is None for item in report.findings)


@given(reports)
def test_findings_of_one_kind_never_change_an_amount_of_another(report: MarketReport) -> None:
    for kind in {tables.kind_of(item) for item in report.findings}:
        alone = replace(report, findings=tuple(it for it in report.findings if tables.kind_of(it) == kind))
        assert [it for it in tables.totals(report.findings) if it.kind == kind] == list(tables.totals(alone.findings))
        assert [it for it in tables.ageing(report, "evidence_from") if it.kind == kind] == list(
            tables.ageing(alone, "evidence_from")
        )


@given(reports)
def test_months_follow_each_other_without_a_gap_and_cover_the_judged_period(report: MarketReport) -> None:
    months = tables.by_month(report).months
    steps = {(later.year - month.year) * 12 + later.month - month.month for month, later in pairwise(months)}
    assert steps <= {1}
    assert {date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)} <= set(months)


def test_the_order_of_findings_does_not_matter() -> None:
    some = [finding("RB-1"), finding("RB-2"), finding("RB-3", lines=[line(exposure=9)])]
    assert tables.ranked(some) == tables.ranked(reversed(some))
    assert tables.ranked(some)[-1].subject == "RB-3"


def test_a_finding_that_another_explains_is_counted_apart() -> None:
    carrying = finding("RB-1", "RL-A01")
    explained = finding("RB-1", lines=[line(exposure=0)], run_rate_minor=500, explained_by=carrying.fingerprint)
    (total,) = tables.totals([carrying, explained])
    assert (total.findings, total.explained, total.subjects) == (1, 1, 1)
    assert total.run_rate_minor == carrying.run_rate_minor


@pytest.mark.parametrize(("days", "bucket"), [(0, 0), (30, 0), (31, 1), (60, 1), (61, 2), (90, 2), (91, 3), (400, 3)])
def test_ages_fall_into_the_bucket_of_their_days(days: int, bucket: int) -> None:
    start = date.fromordinal(date(2026, 11, 2).toordinal() - days)
    (row,) = tables.ageing(market_report(finding(evidence_from=start)), "evidence_from")
    assert row.findings.index(1) == bucket


def test_the_clock_stops_on_the_reports_day_in_the_markets_zone() -> None:
    late_evening_in_chicago = datetime(2026, 11, 3, 4, tzinfo=UTC)
    item = finding(evidence_from=date(2026, 11, 1))
    report = market_report(item, as_of=late_evening_in_chicago)
    assert tables.age_in_days(report, item, "evidence_from") == 1


def test_a_finding_is_first_found_on_the_local_day_of_its_first_run() -> None:
    item = finding()
    report = market_report(item, first_seen={item.fingerprint: datetime(2026, 10, 1, 3, tzinfo=UTC)})
    assert tables.first_found(report, item) == date(2026, 9, 30)
    assert tables.first_found(market_report(item), item) == date(2026, 11, 2)


def test_a_rule_that_found_nothing_still_has_its_row() -> None:
    report = market_report(finding(), outcomes={"RL-B02": "inconclusive"})
    assert [(row.rule.id, len(row.totals)) for row in tables.by_rule(report)] == [("RL-B02", 0), ("RL-C03", 1)]


def test_a_finding_of_a_rule_that_has_left_the_packs_is_still_shown() -> None:
    report = market_report(finding(rule_id="OLD-1"), rules={})
    assert [row.rule.title for row in tables.by_rule(report)] == ["OLD-1"]


def test_the_leakage_rate_leaves_out_what_is_deferred_at_risk_or_owed_to_customers() -> None:
    report = market_report(
        finding("RB-1", lines=[line(exposure=1000)]),
        finding("RB-2", exposure_class="lost", lines=[line(exposure=500)]),
        finding("RB-3", exposure_class="deferred", lines=[line(exposure=70_000)]),
        finding("RB-4", exposure_class="at_risk", lines=[line(exposure=70_000)]),
        finding("RB-5", direction="over_billed", exposure_class="refund_due", lines=[line(exposure=70_000)]),
        billed_minor=98_500,
    )
    leak = tables.leakage(report)
    assert (leak.lost_minor, leak.recoverable_minor, leak.rate) == (500, 1000, Decimal("0.015"))


def test_there_is_no_leakage_rate_of_nothing() -> None:
    assert tables.leakage(market_report(billed_minor=0)).rate is None
