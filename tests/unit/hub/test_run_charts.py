"""Lines stand where their figures are, break where nothing is known, and mark what was judged in part."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.reports.run_charts import kinds_of, run_charts
from reconciliation.kpis.definition import named_kpi
from reconciliation.kpis.results import KpiResult, Measured
from reconciliation.run_history import PastRun, RuleTotal
from tests.unit.hub.market_reports import AS_OF

DAY = timedelta(days=1)


def run(day: int, *minors: int, silent: tuple[str, ...] = (), accuracy: int | None = None) -> PastRun:
    totals = tuple(
        RuleTotal(f"RL-A{place}", "", "under_billed", "lost", 1, 0, minor, 0) for place, minor in enumerate(minors)
    )
    kpis = {}
    if accuracy is not None:
        measured = Measured(100, {}, accuracy, 100)
        kpis["invoice_accuracy"] = KpiResult(named_kpi("invoice_accuracy"), "m", "", measured)
    return PastRun(day, AS_OF + day * DAY, len(minors), 0, totals, silent=silent, kpis=kpis)


def test_one_run_makes_no_line() -> None:
    assert run_charts([run(1, 100)], "USD", "UTC") == ()
    assert run_charts([], "USD", "UTC") == ()


@given(st.lists(st.integers(0, 10**13), min_size=2, max_size=9), st.sampled_from(["USD", "JPY", "NOK"]))
def test_points_stay_inside_and_stand_as_high_as_their_money(minors: list[int], currency: str) -> None:
    history = [run(day, minor) for day, minor in enumerate(minors)]
    for chart in run_charts(history, currency, "America/Chicago"):
        for line in chart.lines:
            assert len(line.points) == len(minors)
            for point in line.points:
                assert chart.left <= point.x <= chart.width
                assert 0 <= point.y <= chart.base
            xs = [point.x for point in line.points]
            assert xs == sorted(xs)
            heights = [chart.base - point.y for point in line.points]
            if chart.tone:
                ranked = sorted(zip(minors, heights, strict=True))
                assert [height for _, height in ranked] == sorted(heights)


def test_a_run_that_could_not_judge_is_marked_and_says_so() -> None:
    charts = run_charts([run(1, 900), run(2, 100, silent=("RL-A1", "RL-A2")), run(3, 800)], "USD", "UTC")
    for chart in charts:
        assert [point.is_partial for point in chart.lines[0].points] == [False, True, False]
    money = charts[0].lines[0].points
    assert money[1].title == "4 Nov 2026, lost: $1.00; 2 rules could not judge"
    assert money[2].title == "5 Nov 2026, lost: $8.00"


def test_a_line_breaks_where_a_figure_is_not_known() -> None:
    known = (90, None, 80, 70, None, 60)
    (chart,) = (
        one
        for one in run_charts([run(day, accuracy=share) for day, share in enumerate(known)], "USD", "UTC")
        if one.link == "kpi-invoice_accuracy"
    )
    (line,) = chart.lines
    assert len(line.points) == 4
    assert [len(stroke.split(" ")) for stroke in line.strokes] == [2]
    assert line.points[0].title.endswith("90.00 %")


def test_directions_and_classes_are_never_one_line() -> None:
    refund = RuleTotal("RL-B1", "", "over_billed", "refund_due", 1, 0, 500, 0)
    risk = RuleTotal("RL-B2", "", "under_billed", "at_risk", 1, 0, 700, 0)
    history = [PastRun(day, AS_OF + day * DAY, 3, 0, (*run(day, 100).totals, refund, risk)) for day in (1, 2)]
    assert [tuple(kind) for kind in kinds_of(history)] == [
        ("under_billed", "lost"),
        ("under_billed", "at_risk"),
        ("over_billed", "refund_due"),
    ]
    charts = {chart.tone: [line.name for line in chart.lines] for chart in run_charts(history, "USD", "UTC")}
    assert charts == {"under_billed": ["lost", "at_risk"], "over_billed": ["refund_due"], "": [""]}
