"""The operator of many markets that is measured: it is accepted, and what it holds is what is said of it."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from benchmarks.many_markets import many_markets
from benchmarks.markets_at_once import STANDS
from flows.deployments import deployments_of, pools_of, with_pool_per_market
from hub.sync import sync_system
from hub.workplace import open_hub
from tests.integration.conftest import MakeDatabase

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_every_market_holds_its_own_lines_to_the_cent(tmp_path: Path, make_database: MakeDatabase) -> None:
    made = many_markets(tmp_path, 3, 5, make_database("postgresql"))
    with open_hub(made.folder, tmp_path / "work", {}) as hub:
        assert list(hub.operator.markets) == ["m01", "m02", "m03"]
        for system in hub.operator.file.systems:
            sync_system(hub, system, NOW)
        with hub.database.reading() as connection:
            known = {row.market: (row.lines, row.cents) for row in connection.execute(text(STANDS))}
    assert known == {market: (lines, made.cents[market]) for market, lines in made.lines.items()}
    assert known["m01"] == (60, 12 * (5 * 6000 + 1 + 2 + 3 + 4 + 5))
    assert known["m03"][0] == 300
    pools = pools_of(with_pool_per_market(deployments_of(made.prefect_file)))
    assert pools == ["splice-m01", "splice-m02", "splice-m03"]
