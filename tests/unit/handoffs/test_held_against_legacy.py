"""The hub's figure beside legacy's: worse is what is shown to be worse, and legacy of before where none is left."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoffs.criteria import Baseline, Beside, Criterion, Measure, Number
from handoffs.gates import judge_criterion
from handoffs.metrics import METRICS
from handoffs.policy_blocks import CriterionBlock
from handoffs.statistics import Share, bounds_of_difference, difference
from hub.operator_folder.handoffs_file import shipped_policy

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NINETY_FIVE = Decimal(95)


def line(criterion: Criterion, figure: Beside) -> tuple[str, str]:
    judged = judge_criterion(criterion, Measure(figure), NOW, "v1", NOW.date())
    return judged.result, judged.said


def baseline(figure: Share | Number, weeks_ago: int = 20) -> Baseline:
    until = NOW - timedelta(weeks=weeks_ago)
    return Baseline(figure, until - timedelta(weeks=8), until)


FIRST_VISITS = Criterion("first_visit_completion", Decimal(0), sample=50, confidence=NINETY_FIVE)


def test_what_looks_worse_by_chance_passes_and_what_is_shown_to_be_worse_fails() -> None:
    assert line(FIRST_VISITS, Beside(Share(180, 200), Share(920, 1000)))[0] == "pass"
    assert line(FIRST_VISITS, Beside(Share(160, 200), Share(920, 1000)))[0] == "fail"


def test_what_may_be_ten_points_worse_is_not_shown_to_be_as_good() -> None:
    result, said = line(FIRST_VISITS, Beside(Share(44, 50), Share(920, 1000)))
    assert (result, "have to rule out that it is 10 points worse" in said) == ("inconclusive", True)


def test_the_hub_may_be_worse_by_as_much_as_is_said() -> None:
    asked = Criterion("activation_success", Decimal(5), sample=50)
    assert line(asked, Beside(Share(940, 1000), Share(985, 1000)))[0] == "pass"
    assert line(replace(asked, bound=Decimal(1)), Beside(Share(940, 1000), Share(985, 1000)))[0] == "fail"


def test_of_late_charges_fewer_are_better() -> None:
    asked = Criterion("late_charges", Decimal(0), sample=50)
    assert line(asked, Beside(Share(1, 100), Share(50, 1000)))[0] == "pass"
    assert line(asked, Beside(Share(30, 100), Share(50, 1000)))[0] == "fail"


def test_time_is_held_against_legacys() -> None:
    asked = Criterion("activation_time", Decimal("1.1"), sample=20)
    assert line(asked, Beside(Number(Decimal(22), 50), Number(Decimal(20), 400)))[0] == "pass"
    assert line(asked, Beside(Number(Decimal(23), 50), Number(Decimal(20), 400)))[0] == "fail"
    assert line(asked, Beside(Number(Decimal(2), 5), Number(Decimal(20), 400)))[0] == "inconclusive"


def hours(*found: int) -> Number:
    values = sorted(Decimal(each) for each in found)
    return Number(values[len(values) * 9 // 10], len(values), tuple(values))


def test_a_few_slow_ones_of_a_small_sample_prove_no_tenth_of_all() -> None:
    asked = Criterion("activation_time", Decimal("1.1"), sample=20)
    legacy = Number(Decimal(20), 400)
    assert line(asked, Beside(hours(*[10] * 46, *[21] * 4), legacy))[0] == "pass"
    result, said = line(asked, Beside(hours(*[10] * 44, *[30] * 6), legacy))
    assert (result, "6 of 50 took longer" in said) == ("inconclusive", True)
    assert line(asked, Beside(hours(*[10] * 38, *[30] * 12), legacy))[0] == "fail"


def test_times_that_are_alike_seldom_fail_and_much_longer_ones_do() -> None:
    asked = shipped_criterion("canary", "activation_time", "order_to_provisioning")
    chance = Random(7)

    def taken(longer: float, of: int) -> Number:
        return hours(*(round(10_000 * longer * chance.lognormvariate(0, 0.6)) for _ in range(of)))

    alike = Counter(line(asked, Beside(taken(1, 80), taken(1, 800)))[0] for _ in range(200))
    longer = Counter(line(asked, Beside(taken(2, 80), taken(1, 800)))[0] for _ in range(200))
    assert alike["fail"] <= 10
    assert alike["pass"] >= 120
    assert (longer["pass"], longer["fail"] >= 180) == (0, True)


def drawn(chance: Random, share: float, of: int) -> Share:
    return Share(sum(chance.random() < share for _ in range(of)), of)


def outcomes(criterion: Criterion, hub: float, legacy: float, works: tuple[int, int], times: int) -> Counter[str]:
    chance = Random(f"{hub}/{legacy}/{works}")
    return Counter(
        line(criterion, Beside(drawn(chance, hub, works[0]), drawn(chance, legacy, works[1])))[0]
        for _ in range(times)
    )


@pytest.mark.parametrize("rate", [0.8, 0.9, 0.97], ids=str)
def test_a_market_that_is_as_good_passes_and_one_that_is_ten_points_worse_fails(rate: float) -> None:
    """The pure function over drawn samples, the seed fixed: no luck decides, in either direction."""
    asked = shipped_criterion("canary", "first_visit_completion")
    healthy = outcomes(asked, rate, rate, (300, 1000), 200)
    worse = outcomes(asked, rate - 0.1, rate, (300, 1000), 200)
    assert healthy["pass"] >= 180
    assert worse["fail"] >= 180
    assert worse["pass"] <= 10


@pytest.mark.parametrize("of", [50, 80, 150], ids=str)
def test_a_small_sample_does_not_let_a_worse_market_through(of: int) -> None:
    asked = shipped_criterion("canary", "first_visit_completion")
    assert outcomes(asked, 0.8, 0.9, (of, 500), 200)["pass"] <= 20


def test_a_sample_below_what_is_asked_for_says_nothing_either_way() -> None:
    for hub in (Share(49, 49), Share(0, 49)):
        assert line(FIRST_VISITS, Beside(hub, Share(900, 1000)))[0] == "inconclusive"


def shipped_criterion(leaves: str, metric: str, handoff: str = "dispatch_to_field") -> Criterion:
    gate = shipped_policy().gate("", handoff, leaves)  # type: ignore[arg-type]
    return next(each for each in gate.criteria if each.metric == metric)


def test_our_gates_say_with_which_confidence_and_what_has_to_be_ruled_out() -> None:
    policy = shipped_policy()
    for handoff in ("order_to_provisioning", "provisioning_to_dispatch", "dispatch_to_field", "field_to_billing"):
        for leaves in ("canary", "active"):
            for each in policy.gate("", handoff, leaves).criteria:  # type: ignore[arg-type]
                if METRICS[each.metric].ask == "worse_by":
                    assert (each.confidence, each.at_worst is not None) == (NINETY_FIVE, True)


def test_what_is_stated_reaches_the_criterion() -> None:
    block = CriterionBlock(worse_by=Decimal(0)).over(CriterionBlock(at_worst=Decimal(5), sample=100))
    criterion = block.criterion("late_charges")
    assert (criterion.at_worst, criterion.sample) == (5, 100)
    assert CriterionBlock(worse_by=Decimal(5), at_worst=Decimal(4)).is_torn


counted = st.integers(1, 400).flatmap(lambda of: st.builds(Share, st.integers(0, of), st.just(of)))


@given(counted, counted)
def test_what_is_not_worse_is_never_proven_to_be(ours: Share, theirs: Share) -> None:
    found = bounds_of_difference(ours, theirs, NINETY_FIVE)
    assert found.low <= ours.ratio - theirs.ratio <= found.high
    both = difference(ours, theirs, NINETY_FIVE)
    assert both.low <= found.low <= found.high <= both.high


@given(counted, counted, st.integers(0, 20))
def test_a_gate_says_one_thing_at_a_time(ours: Share, theirs: Share, points: int) -> None:
    asked = replace(FIRST_VISITS, bound=Decimal(points), sample=1)
    found = bounds_of_difference(ours, theirs, NINETY_FIVE)
    expected = "pass" if found.low > Fraction(-max(points, 10), 100) else "inconclusive"
    assert line(asked, Beside(ours, theirs))[0] == ("fail" if found.high < Fraction(-points, 100) else expected)


# Legacy of before


def test_while_legacy_works_enough_it_is_legacy_of_the_same_weeks() -> None:
    figure = Beside(Share(95, 100), Share(190, 200), NOW - timedelta(weeks=8), (baseline(Share(0, 500)),))
    result, said = line(FIRST_VISITS, figure)
    assert (result, "legacy 190 of 200 (95 %) in the same weeks since 2026-04-06" in said) == ("pass", True)


def test_once_legacy_does_next_to_nothing_it_is_its_baseline_and_the_line_says_of_when() -> None:
    figure = Beside(Share(95, 100), Share(3, 3), NOW - timedelta(weeks=8), (baseline(Share(480, 500)),))
    result, said = line(FIRST_VISITS, figure)
    assert result == "pass"
    assert "legacy 480 of 500 (96 %) in its baseline of 2025-11-17 to 2026-01-12, before the canary" in said
    assert line(FIRST_VISITS, replace(figure, hub=Share(70, 100)))[0] == "fail"


def test_of_several_baselines_it_is_the_last_that_is_large_enough() -> None:
    known = (baseline(Share(4, 4), 2), baseline(Share(300, 400), 10), baseline(Share(400, 400), 30))
    figure = Beside(Share(75, 100), Share(0, 0), None, known)
    result, said = line(replace(FIRST_VISITS, at_worst=Decimal(12)), figure)
    assert (result, "legacy 300 of 400" in said) == ("pass", True)


def test_without_a_baseline_there_is_nothing_to_hold_it_against() -> None:
    for known in ((), (baseline(Share(9, 9)),)):
        result, said = line(FIRST_VISITS, Beside(Share(95, 100), Share(3, 3), None, known))
        assert (result, "no baseline holds as many" in said) == ("inconclusive", True)


def test_a_number_has_its_baseline_too() -> None:
    asked = Criterion("activation_time", Decimal("1.1"), sample=20)
    known = (baseline(Number(Decimal(20), 300)),)
    assert line(asked, Beside(Number(Decimal(22), 50), Number(Decimal(0), 0), None, known))[0] == "pass"
    result, said = line(asked, Beside(Number(Decimal(23), 50), Number(Decimal(0), 0), None, known))
    assert (result, "legacy 20 over 300 in its baseline" in said) == ("fail", True)
