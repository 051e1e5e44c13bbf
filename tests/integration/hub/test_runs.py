"""When a reconciliation began and ended, and which moment it was about."""

from datetime import timedelta
from pathlib import Path

from hub.reconcile import reconcile_market
from hub.sync import sync_stream
from storage.runs import run_with
from tests.fakes.lumen_valley import lumen_valley


def test_a_run_ends_later_than_it_began_whatever_moment_it_is_about(tmp_path: Path) -> None:
    with lumen_valley(tmp_path / "operator", subscribers=10) as operator, operator.hub(tmp_path / "work") as hub:
        now = operator.estate.as_of + timedelta(days=3)
        sync_stream(hub, "crm", "orders", operator.estate.as_of)
        outcome = reconcile_market(hub, "mesa", operator.estate.as_of, now)
        with hub.database.reading() as connection:
            run = run_with(connection, outcome.run_id)
    assert run is not None
    assert run.finished_at is not None
    assert run.as_of == operator.estate.as_of
    assert now < run.started_at < run.finished_at < now + timedelta(minutes=5)
