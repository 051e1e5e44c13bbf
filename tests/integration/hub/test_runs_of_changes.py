"""A run the same day judges what changed; cases, reports and explanations are those of a run over everything."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from console.main import app
from hub.explain import explain_finding, explain_subject
from hub.reconcile import MarketOutcome, reconcile_market, reconcile_snapshot
from reconciliation.snapshot.manifest import read_manifest
from storage.findings import findings_of
from storage.runs import run_with
from storage.schema.cases import CASE_EVENT, FINDING_CASE
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator
from tests.postgresql import PostgresServer

HOUR = timedelta(hours=1)
OF_ANY_SIZE = {"changes_from": 0}


def operator_at(step: int) -> SmallOperator:
    """Three moments: a price that is wrong and put right, an account that comes, one that goes."""
    operator = SmallOperator()
    operator.clean("7")
    operator.installed("10")
    operator.whole_months("10", "SLV", "55.00" if step < 2 else "60.00", (1, 2, 3))
    operator.installed("20", offering="gold", ordered="silver", router="leased")
    operator.whole_months("20", "SLV", "60.00", (1, 2, 3))
    operator.seen("GHST00000001", "S", date(2026, 2, 10))
    if step >= 1:
        operator.installed("30", date(2026, 2, 10))
    return operator


def judged(small: SmallHub, step: int, whole: bool = False) -> MarketOutcome:
    moment = AS_OF + step * HOUR
    small.pull(operator_at(step), moment)
    with small.open() as hub:
        return reconcile_market(hub, "oldtown", moment, moment, whole=whole)


def all_rows(small: SmallHub) -> Any:
    with small.open() as hub, hub.database.reading() as connection:
        stored = [
            (one.finding, one.status, one.first_seen, one.last_seen)
            for one in findings_of(connection, "oldtown", status=None)
        ]
        cases = connection.execute(select(FINDING_CASE).order_by(FINDING_CASE.c.fingerprint)).all()
        events = connection.execute(select(CASE_EVENT).order_by(CASE_EVENT.c.fingerprint, CASE_EVENT.c.number)).all()
        return stored, [_timeless(row) for row in cases], [_timeless(row) for row in events]


def _timeless(row: Any) -> dict[str, Any]:
    """A row without the moment at which it was written."""
    return {name: value for name, value in row._mapping.items() if not isinstance(value, datetime)}


@pytest.fixture
def hub_in(tmp_path: Path) -> Callable[[str], SmallHub]:
    return lambda name: SmallHub(tmp_path / name, engine=OF_ANY_SIZE)


def test_runs_of_changes_leave_the_findings_and_cases_of_whole_runs(hub_in: Callable[[str], SmallHub]) -> None:
    by_changes, by_whole = hub_in("changes"), hub_in("whole")
    for step in (0, 1, 2):
        changed, whole = judged(by_changes, step), judged(by_whole, step, whole=True)
        assert changed.report.findings == whole.report.findings
        assert changed.report.not_judged == whole.report.not_judged
        assert changed.report.rules == whole.report.rules
        assert (changed.report.compared, changed.report.billed_minor) == (
            whole.report.compared,
            whole.report.billed_minor,
        )
        assert changed.report.cases == whole.report.cases
        assert all_rows(by_changes) == all_rows(by_whole)
        assert (read_manifest(changed.snapshot).changes is None) == (step == 0)
        assert read_manifest(whole.snapshot).changes is None


def test_the_record_and_the_report_say_what_was_judged_and_why(hub_in: Callable[[str], SmallHub]) -> None:
    small = hub_in("one")
    first, second = judged(small, 0), judged(small, 1)
    (small.folder / "rules").mkdir()
    (small.folder / "rules" / "other.yaml").write_text("{override: RL-A02, parameters: {grace_days: 30}}\n")
    third = judged(small, 2)
    moment = AS_OF + timedelta(days=2)
    small.pull(operator_at(2), moment)
    with small.open() as hub:
        fourth = reconcile_market(hub, "oldtown", moment, moment)

    told = [one.judged for one in (first, second, third, fourth)]
    assert told == [
        "everything: the market was never judged before",
        f"1 account that changed since snapshot {first.snapshot.name}, all others as they were judged there",
        "everything: the rules changed",
        "everything: another day: what waits has waited longer, and a bill run may have become due",
    ]
    with small.open() as hub, hub.database.reading() as connection:
        runs = [run_with(connection, one.run_id) for one in (first, second, third, fourth)]
    assert [run.message for run in runs if run] == told
    assert second.report.versions["judged"] == told[1]
    assert first.report.versions["judged"] == "everything"


def test_a_snapshot_of_changes_is_judged_again_and_explained(hub_in: Callable[[str], SmallHub]) -> None:
    small = hub_in("one")
    judged(small, 0)
    second = judged(small, 1)
    with small.open() as hub:
        again = reconcile_snapshot(hub, second.snapshot, AS_OF + 9 * HOUR)
        assert again.report.findings == second.report.findings
        assert again.report.versions == second.report.versions
        for finding in second.report.findings:
            explained = explain_finding(hub.archive, finding.fingerprint)
            assert explained.finding == finding
        assert {one.explanation.subject for one in explain_subject(hub.archive, "30", "oldtown")} == {"30"}
        assert {one.explanation.subject for one in explain_subject(hub.archive, "7", "oldtown")} == {"7"}


def test_a_person_may_ask_for_everything(hub_in: Callable[[str], SmallHub]) -> None:
    small = hub_in("one")
    judged(small, 0)
    small.pull(operator_at(1), AS_OF + HOUR)
    words = ["reconcile", "--full", "--as-of", "2026-04-05T13:00:00"]
    done = CliRunner().invoke(app, [*words, "--operator", str(small.folder), "--workspace", str(small.workspace)])
    assert done.exception is None, done.exception
    assert "judged everything: it was asked for" in done.output


def test_postgresql_tells_what_changed(tmp_path: Path, postgres: PostgresServer) -> None:
    address = postgres.url(postgres.create_database())
    small = SmallHub(
        tmp_path, database="env:SMALL_DATABASE", environment={"SMALL_DATABASE": address}, engine=OF_ANY_SIZE
    )
    judged(small, 0)
    changed = judged(small, 2)
    since = read_manifest(changed.snapshot).changes
    assert since is not None
    assert since.accounts == 2
    assert {one.subject for one in changed.report.findings} == {"20", "30", "GHST00000001"}


def test_a_small_market_is_judged_whole(tmp_path: Path) -> None:
    small = SmallHub(tmp_path)
    judged(small, 0)
    assert judged(small, 1).judged == (
        "everything: a market of fewer than 20000 services is judged whole as soon as in part"
    )
