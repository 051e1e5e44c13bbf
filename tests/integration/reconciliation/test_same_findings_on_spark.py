"""The same snapshots judged by both engines: the same findings to the cent, over every rule that ships."""

from pathlib import Path
from typing import Any

import pytest
from test_true_ledger import CHECKS, USUAL_WORLD

from reconciliation.findings import Reconciliation
from reconciliation.run import reconcile
from simulated_estate.estate import Estate, build_estate
from tests.fakes.judged_estate import MARKETS, reconciled
from tests.fakes.spark_sessions import SMALL

pytestmark = [pytest.mark.peer("spark"), pytest.mark.xdist_group("spark")]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Estate, Path, dict[str, Reconciliation]]:
    """The estate, its snapshots, and what DuckDB finds in them."""
    seed, subscribers, months = USUAL_WORLD
    estate, folder = build_estate(subscribers, months=months, seed=seed), tmp_path_factory.mktemp("estate")
    return estate, folder, reconciled(estate, folder)


@pytest.mark.parametrize("market", [market.id for market in MARKETS])
def test_every_field_of_every_finding_is_the_same(
    spark: Any, judged: tuple[Estate, Path, dict[str, Reconciliation]], market: str, tmp_path: Path
) -> None:
    _, folder, by_duckdb = judged

    by_spark = reconcile(folder / market, tmp_path / "judged", spark=SMALL)

    assert by_spark.findings == by_duckdb[market].findings
    assert by_spark.not_judged == by_duckdb[market].not_judged
    assert by_spark == by_duckdb[market]


def test_together_the_snapshots_make_every_check_find_something(
    judged: tuple[Estate, Path, dict[str, Reconciliation]],
) -> None:
    _, _, by_duckdb = judged
    found = {CHECKS[finding.rule_id] for outcome in by_duckdb.values() for finding in outcome.findings}

    assert found == set(CHECKS.values())
