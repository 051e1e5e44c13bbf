"""KPIs as files: what is wrong is told with line and key; results put together over markets keep currencies apart."""

from decimal import Decimal

import pytest

from canonical_model.errors import ConfigurationError
from handoffs.stages import HANDOFFS
from reconciliation.kpis.definition import STAGES, Kpi, our_kpis, read_kpis
from reconciliation.kpis.results import KpiResult, Measured, value_of, whole_operator

WORDS = """
- id: lag
  title: A lag
  stage: order
  definition: From here to there.
  population: Orders.
  over: order
  figure: median
  value: minutes_to_activation
  unit: minutes
  good: low
  needs: [ProductOrder]
  left_out:
    - {when: activated_at IS NULL, why: not there yet}
"""


def kpi(figure: str = "share", **changes: object) -> Kpi:
    (read,) = read_kpis({"lag.yaml": WORDS})
    return read.model_copy(update={"figure": figure, **changes})


def test_every_stage_has_kpis_and_stands_for_one_end_of_a_hand_off() -> None:
    assert {one.stage for one in our_kpis()} == set(STAGES)
    assert len(STAGES) == len(HANDOFFS) + 1


def test_every_kpi_says_of_whom_it_is_and_which_way_is_good() -> None:
    for one in our_kpis():
        assert one.definition.endswith(".")
        assert one.population.endswith(".")
        assert one.good in ("low", "high")


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("over: order", "over: ordr", "nearest: order"),
        ("value: minutes_to_activation", "value: minutes_to_activatoin", "minutes_to_activation"),
        ("value: minutes_to_activation", "value: completed_at", "integer"),
        ("when: activated_at IS NULL", "when: visits", "boolean"),
        ("needs: [ProductOrder]", "needs: [ProductOrders]", "ProductOrder"),
        ("stage: order", "stage: ordering", "order"),
        ("good: low", "good: small", "low"),
        ("  unit: minutes\n", "", "unit"),
        ("title: A lag", "titel: A lag", "title"),
    ],
)
def test_a_wrong_definition_is_told_with_its_file_and_what_was_meant(good: str, bad: str, told: str) -> None:
    assert good in WORDS
    with pytest.raises(ConfigurationError) as caught:
        read_kpis({"lag.yaml": WORDS.replace(good, bad)})
    assert "lag.yaml" in str(caught.value)
    assert told in str(caught.value)


def test_a_name_stands_once() -> None:
    with pytest.raises(ConfigurationError, match="another KPI lag"):
        read_kpis({"a.yaml": WORDS, "b.yaml": WORDS})


def test_of_nobody_there_is_no_value() -> None:
    for figure in ("median", "share", "mean", "sum"):
        assert value_of(kpi(figure), Measured()) is None
        assert value_of(kpi(figure), Measured(population=3, left_out={"not there yet": 3})) is None


def test_a_share_of_nothing_is_no_value() -> None:
    assert value_of(kpi(), Measured(population=2, numerator=0, denominator=0)) is None


def test_quotients_are_exact_to_six_decimals_and_rounded_half_up() -> None:
    assert value_of(kpi(), Measured(population=3, numerator=2, denominator=3)) == Decimal("0.666667")
    assert value_of(kpi(), Measured(population=8, numerator=1, denominator=64_000_000)) == Decimal("0.000000")
    assert value_of(kpi(), Measured(population=8, numerator=1, denominator=2_000_000)) == Decimal("0.000001")


def result(market: str, currency: str, numerator: int, unknown: str = "") -> KpiResult:
    whole = Measured() if unknown else Measured(3, {"late": 1}, numerator, 10, ((numerator, 2),))
    return KpiResult(kpi(), market, currency, whole, {} if unknown else {"a": whole}, unknown)


def test_markets_are_put_together_and_currencies_are_not() -> None:
    us, canada = whole_operator([result("a", "USD", 4), result("b", "USD", 5), result("c", "CAD", 6)])
    assert (us.market, us.currency, us.whole.numerator, us.whole.population) == (None, "USD", 9, 6)
    assert us.whole.left_out == {"late": 2}
    assert us.whole.histogram == ((4, 2), (5, 2))
    assert us.groups["a"].denominator == 20
    assert (canada.currency, canada.whole.numerator) == ("CAD", 6)


def test_a_market_of_which_nothing_is_known_is_named_and_is_no_part() -> None:
    (whole,) = whole_operator([result("a", "", 4), result("b", "", 0, unknown="nothing is connected")])
    assert (whole.whole.numerator, whole.whole.population) == (4, 3)
    assert whole.caveat == "unknown in b"
    (nothing,) = whole_operator([result("b", "", 0, unknown="nothing is connected")])
    assert (nothing.unknown, nothing.whole.population) == ("nothing is connected", 0)
