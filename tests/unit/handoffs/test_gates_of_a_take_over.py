"""What a gate of a take-over comes to: pass, fail, inconclusive; and that too little never promotes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoffs.criteria import Beside, Criterion, Exemption, Figure, Measure, Number
from handoffs.gates import GatePolicy, GateVerdict, judge, judge_criterion
from handoffs.metrics import METRICS
from handoffs.statistics import Share

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CLOCK = NOW - timedelta(days=40)
V1 = "v1"


def gate(*criteria: Criterion, **measures: Measure) -> GateVerdict:
    policy = GatePolicy("mesa", "field_to_billing", "shadow", "canary", criteria)
    return judge(policy, measures, NOW, versions=V1, clock_since=CLOCK)


def line(criterion: Criterion, figure: Figure | None, **facts: object) -> tuple[str, str]:
    measure = replace(Measure(figure), **facts)  # type: ignore[arg-type]
    judged = judge_criterion(criterion, measure, NOW, V1, NOW.date())
    return judged.result, judged.said


PARITY = Criterion("parity", Decimal(99), sample=300, confidence=Decimal(95))


def test_three_hundred_clean_comparisons_prove_ninety_nine_percent_and_the_interval_is_shown() -> None:
    result, said = line(PARITY, Share(300, 300))
    assert result == "pass"
    assert "300 of 300 (100 %), which proves 99 % at 95 % (interval 98.73 % to 100 %)" in said


def test_298_of_300_does_not_prove_ninety_nine_percent_and_says_what_would() -> None:
    result, said = line(PARITY, Share(298, 300))
    assert result == "inconclusive"
    assert "99 % is asked for: 328 more without a bad one would prove it" in said


def test_a_share_that_is_proven_to_be_below_fails_before_its_sample_is_whole() -> None:
    assert line(PARITY, Share(100, 120))[0] == "fail"


def test_too_few_say_how_many_more() -> None:
    result, said = line(PARITY, Share(120, 120))
    assert (result, "180 more" in said) == ("inconclusive", True)


@pytest.mark.parametrize(("good", "result"), [(500, "pass"), (499, "fail")])
def test_every_serial_is_every_serial(good: int, result: str) -> None:
    assert line(Criterion("serials_reconciled", Decimal(100)), Share(good, 500))[0] == result


def test_whoever_reads_the_works_is_told_where_they_are_not_all() -> None:
    serials = Criterion("serials_reconciled", Decimal(100))
    named = tuple(f"ABCD{number:08X}" for number in range(7))
    all_said, some_said = (line(serials, Share(500 - bad, 500), works=named)[1] for bad in (7, 9))
    judged = judge_criterion(serials, Measure(Share(493, 500), works=named), NOW, V1, NOW.date())
    assert "are named" not in all_said
    assert some_said.endswith(" Of 9 bad ones the first 7 are named.")
    assert judged.works_named(7) == ", ".join(named)
    assert judged.works_named(2) == "ABCD00000000, ABCD00000001 and 5 more"


def test_of_no_devices_at_all_nothing_is_shown() -> None:
    assert line(Criterion("serials_reconciled", Decimal(100)), Share(0, 0))[0] == "inconclusive"


def test_days_that_are_yet_to_come_are_no_failure() -> None:
    result, said = line(Criterion("days", Decimal(30)), Number(Decimal(12)))
    assert (result, said) == ("inconclusive", "Days: 12 of 30 days; 18 to go.")
    assert line(Criterion("days", Decimal(30)), Number(Decimal(30)))[0] == "pass"


def test_one_critical_comparison_fails() -> None:
    assert line(Criterion("critical", Decimal(0)), Number(Decimal(1)))[0] == "fail"
    assert line(Criterion("critical", Decimal(0)), Number(Decimal(0)))[0] == "pass"


def test_a_count_of_nothing_seen_in_nothing_looked_at_says_nothing() -> None:
    asked = Criterion("duplicate_jobs", Decimal(0), sample=20)
    assert line(asked, Number(Decimal(0), of=0))[0] == "inconclusive"
    assert line(asked, Number(Decimal(1), of=3))[0] == "fail"
    assert line(asked, Number(Decimal(0), of=20))[0] == "pass"


def test_like_markets_lend_their_evidence_and_not_their_good_name() -> None:
    asked = replace(PARITY, here=50, pooled=("mesa", "riverbend"))
    elsewhere = {"riverbend": Share(280, 280), "harbor": Share(9000, 9000)}
    assert line(asked, Share(60, 60), elsewhere=elsewhere)[0] == "pass"
    assert line(asked, Share(30, 30), elsewhere=elsewhere)[0] == "inconclusive"
    result, said = line(asked, Share(80, 100), elsewhere=elsewhere | {"riverbend": Share(9000, 9000)})
    assert (result, "this market alone" in said) == ("fail", True)
    assert "harbor" not in said


def test_evidence_of_other_versions_counts_no_more() -> None:
    result, said = line(PARITY, Share(900, 900), versions="v0")
    assert (result, "other versions" in said) == ("inconclusive", True)


@pytest.mark.parametrize("age", [timedelta(hours=49), timedelta(hours=-1)])
def test_evidence_that_is_old_or_of_tomorrow_says_nothing(age: timedelta) -> None:
    assert line(PARITY, Share(900, 900), as_of=NOW - age)[0] == "inconclusive"


def test_what_is_not_asked_for_is_shown_with_its_owner_until_its_day_is_over() -> None:
    off = Exemption("anna", "no visits in this market", date(2026, 6, 1))
    asked = Criterion("critical", Decimal(0), off=off)
    assert gate(asked, Criterion("days", Decimal(30)), days=Measure(Number(Decimal(40)))).result == "pass"
    over = replace(asked, off=replace(off, until=date(2026, 5, 31)))
    judged = gate(over, Criterion("days", Decimal(30)), days=Measure(Number(Decimal(40))))
    assert (judged.result, "which is over" in judged.lines[0].said) == ("inconclusive", True)


def test_a_gate_that_asks_for_nothing_shows_nothing() -> None:
    off = Exemption("anna", "all of it", date(2026, 12, 31))
    assert gate().result == "inconclusive"
    assert gate(Criterion("critical", Decimal(0), off=off)).result == "inconclusive"


def test_what_lacks_is_told_failures_first() -> None:
    asked = [Criterion("days", Decimal(30)), Criterion("critical", Decimal(0)), Criterion("compared", Decimal(1))]
    judged = gate(
        *asked,
        days=Measure(Number(Decimal(3))),
        critical=Measure(Number(Decimal(2))),
        compared=Measure(Number(Decimal(5))),
    )
    assert [each.metric for each in judged.lacking] == ["critical", "days"]


figures: dict[str, st.SearchStrategy[Figure]] = {
    "share": st.builds(lambda good, bad: Share(good, good + bad), st.integers(0, 800), st.integers(0, 5)),
    "number": st.builds(Number, st.integers(0, 60).map(Decimal), st.none() | st.integers(0, 60)),
}
figures["shares_beside"] = st.builds(Beside, figures["share"], figures["share"])
figures["numbers_beside"] = st.builds(Beside, figures["number"], figures["number"])


@st.composite
def asked_and_measured(draw: st.DrawFn) -> tuple[list[Criterion], dict[str, Measure]]:
    names = draw(st.lists(st.sampled_from(sorted(METRICS)), min_size=1, max_size=6, unique=True))
    criteria = [
        Criterion(
            name,
            draw(st.integers(0, 100).map(Decimal)),
            sample=draw(st.integers(0, 300)),
            confidence=draw(st.none() | st.sampled_from([Decimal(90), Decimal(95)])),
        )
        for name in names
    ]
    measures = {name: Measure(draw(figures[METRICS[name].kind])) for name in names}
    return criteria, measures


@given(asked_and_measured(), st.data())
def test_a_measure_less_never_promotes(case: tuple[list[Criterion], dict[str, Measure]], data: st.DataObject) -> None:
    criteria, measures = case
    name = data.draw(st.sampled_from(sorted(measures)))
    less = data.draw(
        st.sampled_from(
            [
                {each: measure for each, measure in measures.items() if each != name},
                measures | {name: Measure(None, "the feed is gone")},
                measures | {name: replace(measures[name], as_of=NOW - timedelta(days=30))},
                measures | {name: replace(measures[name], versions="v0")},
            ]
        )
    )
    assert gate(*criteria, **less).result != "pass"


@given(asked_and_measured())
def test_a_gate_is_no_better_than_its_worst_line(case: tuple[list[Criterion], dict[str, Measure]]) -> None:
    criteria, measures = case
    judged = gate(*criteria, **measures)
    results = [each.result for each in judged.lines]
    assert judged.result == ("fail" if "fail" in results else "inconclusive" if "inconclusive" in results else "pass")
    assert len(judged.lines) == len(criteria)
    assert all(each.said.startswith(METRICS[each.metric].title) for each in judged.lines)


@given(st.integers(0, 299), st.integers(0, 20))
def test_a_sample_that_is_too_small_never_passes(good: int, bad: int) -> None:
    if good + bad < 300:
        assert line(PARITY, Share(good, good + bad))[0] != "pass"
