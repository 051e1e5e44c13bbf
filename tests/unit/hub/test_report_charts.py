"""Bars are as long as their money, parts stack without a gap, and axes end on round amounts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.reports import charts
from hub.reports.tables import by_month
from reconciliation.report import MarketReport
from tests.unit.hub.market_reports import finding, line, market_report, reports


@given(st.integers(0, 10**15), st.sampled_from([0, 2]))
def test_an_axis_begins_at_nothing_and_ends_just_above_the_largest_amount(largest: int, digits: int) -> None:
    steps = charts.axis_steps(largest, digits)
    assert steps[0] == 0
    assert steps[-1] >= largest
    assert len(steps) <= 5
    assert all(str(step).rstrip("0") in {"1", "2", "5"} for step in steps[1:2])


def test_a_single_chart_has_the_whole_width_and_several_share_it() -> None:
    refund = finding("RB-2", "RL-B04", "over_billed", "refund_due")
    (alone,) = charts.trends(by_month(market_report(finding())), "USD")
    both = charts.trends(by_month(market_report(finding(), refund)), "USD")
    assert [chart.direction for chart in both] == ["under_billed", "over_billed"]
    assert alone.width > both[0].width


@given(reports)
def test_bars_stay_inside_their_chart_and_stand_on_each_other(report: MarketReport) -> None:
    for chart in charts.trends(by_month(report), "USD"):
        for column in chart.columns:
            assert chart.left <= column.x
            assert column.x + chart.bar_width <= chart.width
            foot = chart.base
            for segment in column.segments:
                assert segment.height >= 1
                assert abs(segment.y + segment.height - foot) <= 1
                foot = segment.y
            assert foot >= 0


def test_a_bar_of_twice_the_money_is_twice_as_tall() -> None:
    item = finding(lines=[line("2026-09", 10_000), line("2026-10", 20_000)])
    (chart,) = charts.trends(by_month(market_report(item)), "USD")
    small, tall = (column.segments[0].height for column in chart.columns if column.segments)
    assert tall == 2 * small


def test_a_bar_tells_its_month_class_and_exact_amount() -> None:
    (chart,) = charts.trends(by_month(market_report(finding(lines=[line(exposure=123_456)]))), "USD")
    assert chart.columns[-1].segments[0].title == "October 2026, recoverable: $1,234.56"


def test_the_year_stands_under_the_first_month_and_under_every_january_only() -> None:
    item = finding(lines=[line("2025-11"), line("2026-10")])
    (chart,) = charts.trends(by_month(market_report(item)), "USD")
    assert [(column.label, column.year) for column in chart.columns if column.year] == [
        ("Nov", "2025"),
        ("Jan", "2026"),
    ]


def test_many_months_leave_out_labels_rather_than_write_them_over_each_other() -> None:
    refund = finding("RB-2", "RL-B04", "over_billed", "refund_due")
    item = finding(lines=[line("2023-01"), line("2026-10")])
    chart = charts.trends(by_month(market_report(item, refund)), "USD")[0]
    labelled = [column.middle for column in chart.columns if column.label]
    assert min(later - place for place, later in pairwise(labelled)) >= 34


@pytest.mark.parametrize(("minor", "length"), [(0, "0.0%"), (1, "0.4%"), (500, "50.0%"), (1000, "100.0%")])
def test_a_share_is_a_percentage_of_the_largest_and_never_quite_nothing(minor: int, length: str) -> None:
    assert charts.share(minor, 1000) == length


def test_a_share_of_nothing_is_nothing() -> None:
    assert charts.share(0, 0) == "0.0%"
