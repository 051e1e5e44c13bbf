"""Every KPI as it comes through protocols, landing, records and a snapshot, held against the lives of the estate."""

from collections import Counter
from collections.abc import Iterator

import pytest

from hub.kpis import MarketKpis, market_kpis
from hub.reconcile import reconcile_market
from hub.sync import sync_system
from reconciliation.kpis.definition import our_kpis
from reconciliation.kpis.results import KpiResult
from simulated_estate.cast import HALF_BLOCK
from simulated_estate.estate import slots
from simulated_estate.markets import MARKETS
from tests.fakes.estate_kpis import Truth, order_truths, visit_truths
from tests.fakes.estate_market import EstateMarket, market_of
from tests.fakes.estate_money_kpis import bill_truths, leakage_truths, month_truths
from tests.fakes.lumen_valley import lumen_valley

SUBSCRIBERS, MONTHS, SEED = HALF_BLOCK, 4, 3
Known = dict[str, tuple[MarketKpis, dict[str, Truth]]]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """What the hub says of each market, and what is true."""
    folder = tmp_path_factory.mktemp("kpis")
    with lumen_valley(folder / "operator", SUBSCRIBERS, MONTHS, SEED) as valley, valley.hub(folder / "work") as hub:
        now, told = valley.estate.as_of, list(slots(SUBSCRIBERS, valley.estate.window, SEED))
        for system in hub.operator.mappings:
            sync_system(hub, system, now)
        found = {}
        for market in MARKETS:
            reconcile_market(hub, market, now, now)
            found[market] = (market_kpis(hub.archive, market), truths_of(market_of(valley.estate, told, market)))
        yield found


def truths_of(market: EstateMarket) -> dict[str, Truth]:
    truths: dict[str, Truth] = {}
    for of_some in (order_truths, visit_truths, bill_truths, month_truths, leakage_truths):
        truths |= of_some(market)
    return truths


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("kpi", [kpi.id for kpi in our_kpis()])
def test_a_kpi_is_what_happened(known: Known, market: str, kpi: str) -> None:
    kpis, truths = known[market]
    result, truth = kpis.result(kpi), truths[kpi]
    assert result.unknown == ""
    assert said(result) == true(result, truth)
    groups = {name: (one.numerator, one.measured) for name, one in result.groups.items()}
    assert groups == {name: (sum(values), len(values)) for name, values in truth.groups.items()}


def said(result: KpiResult) -> tuple[object, ...]:
    whole = result.whole
    return (whole.population, dict(whole.left_out), whole.numerator, whole.denominator, whole.median, whole.p90)


def true(result: KpiResult, truth: Truth) -> tuple[object, ...]:
    spread: list[int] = []
    if result.kpi.spread_unit is not None:
        spread = sorted(truth.spread or (value for value, _ in truth.values))
    # the smallest value that at least so many percent do not exceed
    ranked = [
        next((one for one in spread if 100 * sum(each <= one for each in spread) >= percent * len(spread)), None)
        for percent in (50, 90)
    ]
    return (truth.population, dict(truth.left_out), truth.numerator, truth.denominator, *ranked)


def test_the_estate_has_something_of_almost_everything(known: Known) -> None:
    counted: Counter[str] = Counter()
    for _, truths in known.values():
        counted.update({name: truth.numerator for name, truth in truths.items()})
    nothing = {name for name, number in counted.items() if number == 0}
    assert nothing <= {"recovery_ratio", "days_to_recovery"}  # what comes back is told in the tests of cases
