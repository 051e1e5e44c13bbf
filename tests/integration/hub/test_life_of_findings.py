"""A finding lives from judgement to judgement: it ends when somebody looked and did not see it, and only then."""

import dataclasses
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from canonical_model.errors import RetryableError, UnsafeToContinue
from hub.reconcile import MarketOutcome, keep, reconcile_market, reconcile_snapshot
from hub.workplace import Hub
from reconciliation.findings import Reconciliation
from reconciliation.report import MarketReport
from reconciliation.run import reconcile
from reconciliation.snapshot.manifest import read_manifest
from storage.findings import StoredFinding, findings_of
from storage.runs import run_with, start_run
from storage.schema.reconciliation import FINDING, RECONCILIATION_RUN
from tests.fakes.judged_once import pulled_and_judged
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator
from tests.forked import PROCESSES
from tests.integration.hub.judging_process import judge_and_die

DAY = timedelta(days=1)


def underbilled(*accounts: str, rate: str = "50.00", **lines: str) -> SmallOperator:
    """Silver customers who pay another price than the catalogue's 60.00; ``lines`` are codes of a strange line."""
    operator = SmallOperator()
    operator.clean("7")
    for account in accounts:
        operator.installed(account)
        operator.whole_months(account, lines.get(f"code_{account}", "SLV"), rate, (1, 2, 3))
    return operator


@pytest.fixture
def small(tmp_path: Path) -> SmallHub:
    return SmallHub(tmp_path)


def judged(small: SmallHub, operator: SmallOperator, day: int) -> MarketOutcome:
    return pulled_and_judged(small, operator, AS_OF + day * DAY)


def judge(hub: Hub, day: int) -> MarketOutcome:
    moment = AS_OF + day * DAY
    return reconcile_market(hub, "oldtown", moment, moment)


def stored(small: SmallHub) -> dict[tuple[str, str], StoredFinding]:
    with small.open() as hub, hub.database.reading() as connection:
        found = findings_of(connection, "oldtown", status=None)
    return {(each.finding.rule_id, each.finding.subject): each for each in found}


def but_for_the_run(report: MarketReport) -> MarketReport:
    """A report without the numbers of the runs that it tells of."""
    history = tuple(dataclasses.replace(one, run_id=0) for one in report.history)
    return dataclasses.replace(report, history=history)


def life(small: SmallHub) -> dict[tuple[str, str], str]:
    return {key: each.status for key, each in stored(small).items()}


def test_a_bill_that_was_mended_ends_its_finding(small: SmallHub) -> None:
    judged(small, underbilled("1", "2"), day=0)
    judged(small, underbilled("2"), day=1)

    assert life(small) == {("RL-C05", "1"): "vanished", ("RL-C05", "2"): "open"}


def test_an_account_that_cannot_be_judged_any_more_keeps_its_findings(small: SmallHub) -> None:
    first = judged(small, underbilled("1", "2"), day=0)
    second = judged(small, underbilled("1", "2", code_1="SLV-2019"), day=1)

    assert any("billed under SLV-2019 only" in entry.reason for entry in second.report.not_judged)
    assert {finding.subject for finding in second.report.findings if finding.rule_id == "RL-C05"} == {"2"}
    assert [life(small)["RL-C05", account] for account in ("1", "2")] == ["open", "open"]
    assert (stored(small)["RL-C05", "1"].last_seen_run, stored(small)["RL-C05", "1"].last_seen) == (
        first.run_id,
        AS_OF,
    )

    judged(small, underbilled("2"), day=2)
    assert life(small)["RL-C05", "1"] == "vanished"


def test_a_remark_on_an_account_that_is_judged_does_not_hold_its_findings(small: SmallHub) -> None:
    """That no element sees the device of an account is worth a look, and says nothing of its bills."""
    unseen = underbilled("1")
    unseen.records = [record for record in unseen.records if record.source_id != "ABCD00000001"]
    judged(small, unseen, day=0)
    assert life(small)["RL-C05", "1"] == "open"

    mended = underbilled("1", rate="60.00")
    mended.records = [record for record in mended.records if record.source_id != "ABCD00000001"]
    outcome = judged(small, mended, day=1)
    assert any("is not seen by any network element" in entry.reason for entry in outcome.report.not_judged)
    assert life(small)["RL-C05", "1"] == "vanished"


def test_an_account_that_the_order_system_lost_keeps_its_findings(small: SmallHub) -> None:
    judged(small, underbilled("1"), day=0)
    lost = underbilled("1")
    lost.records = [
        record
        for record in lost.records
        if record.source_system != "crm" or getattr(record, "account_number", "") != "1"
    ]
    judged(small, lost, day=1)

    assert life(small)["RL-C05", "1"] == "open"


def test_a_ghost_that_may_be_a_mistyped_serial_stays_a_finding(small: SmallHub) -> None:
    ghost = underbilled()
    ghost.seen("CXNK12AB34CD", "S", AS_OF.date() - 60 * DAY)
    judged(small, ghost, day=0)
    assert life(small)["RL-B01", "CXNK12AB34CD"] == "open"

    nearly = underbilled()
    nearly.seen("CXNK12AB34CD", "S", AS_OF.date() - 60 * DAY)
    nearly.account("1")
    nearly.order("1", "91", effective_on=AS_OF.date() - 90 * DAY, offering_id="silver", install_fee_waived=True)
    nearly.job("91", AS_OF.date() - 90 * DAY, "silver", "CXNK12AB34CE")
    nearly.whole_months("1", "SLV", "60.00", (1, 2, 3))
    judged(small, nearly, day=1)
    assert life(small)["RL-B01", "CXNK12AB34CD"] == "open"

    judged(small, underbilled(), day=2)
    assert life(small)["RL-B01", "CXNK12AB34CD"] == "vanished"


def test_a_rule_that_was_switched_off_leaves_its_findings_open(small: SmallHub) -> None:
    judged(small, underbilled("1"), day=0)
    (small.folder / "rules").mkdir()
    (small.folder / "rules" / "own.yaml").write_text("override: RL-C05\noff: true\n")
    off = judged(small, underbilled(), day=1)

    assert "RL-C05" not in off.report.rules
    assert life(small) == {("RL-C05", "1"): "open"}

    (small.folder / "rules" / "own.yaml").unlink()
    judged(small, underbilled(), day=2)
    assert life(small) == {("RL-C05", "1"): "vanished"}


def test_an_older_snapshot_judged_again_is_reported_and_undoes_nothing(small: SmallHub) -> None:
    old = judged(small, underbilled("1"), day=0)
    new = judged(small, underbilled("2"), day=1)
    before = stored(small)
    newest_page = new.files.page.read_bytes()

    with small.open() as hub:
        again = reconcile_snapshot(hub, old.snapshot, AS_OF + 2 * DAY)
        between = judge(hub, day=0)

    for outcome in (again, between):
        assert not outcome.stands
        assert {finding.subject for finding in outcome.report.findings} == {"1"}
        assert outcome.files.page.name == "oldtown-2026-03-as-of-20260405T120000Z.html"
        assert outcome.files.page.is_file()
    assert stored(small) == before
    assert life(small) == {("RL-C05", "1"): "vanished", ("RL-C05", "2"): "open"}
    assert new.files.page.read_bytes() == newest_page


def test_the_newest_snapshot_judged_again_changes_nothing_but_the_run(small: SmallHub) -> None:
    first = judged(small, underbilled("1"), day=0)
    with small.open() as hub:
        again = reconcile_snapshot(hub, first.snapshot, AS_OF + DAY)

    assert again.stands
    assert but_for_the_run(again.report) == but_for_the_run(first.report)
    assert life(small) == {("RL-C05", "1"): "open"}
    assert stored(small)["RL-C05", "1"].last_seen_run == again.run_id


def begun(hub: Hub, outcome: MarketOutcome) -> int:
    manifest = read_manifest(outcome.snapshot)
    with hub.database.writing() as connection:
        return start_run(connection, "oldtown", manifest.as_of, "x", manifest.checksum, {}, AS_OF)


def test_findings_that_do_not_add_up_are_neither_recorded_nor_reported(small: SmallHub) -> None:
    first = judged(small, underbilled("1"), day=0)
    before, page = stored(small), first.files.page.read_bytes()
    manifest = read_manifest(first.snapshot)
    right = reconcile(first.snapshot, small.parent / "output")
    (found,) = right.findings
    wrong = dataclasses.replace(right, findings=(dataclasses.replace(found, exposure_minor=1),))

    with small.open() as hub:
        run_id = begun(hub, first)
        with pytest.raises(UnsafeToContinue, match="does not add up: the lines of finding"):
            keep(hub.archive, manifest, run_id, wrong, AS_OF)
        assert stored(small) == before
        assert first.files.page.read_bytes() == page
        keep(hub.archive, manifest, run_id, right, AS_OF)
    assert stored(small)["RL-C05", "1"].last_seen_run == run_id


def test_a_run_over_a_damaged_snapshot_ends_as_failed_and_changes_no_finding(small: SmallHub) -> None:
    first = judged(small, underbilled("1"), day=0)
    (first.snapshot / "dimensions/charge.parquet").unlink()

    with small.open() as hub, pytest.raises(UnsafeToContinue, match="is missing; restore the folder"):
        reconcile_snapshot(hub, first.snapshot, AS_OF + DAY)
    with small.open() as hub, hub.database.reading() as connection:
        failed = run_with(connection, first.run_id + 1)
    assert failed is not None
    assert failed.outcome == "failed"
    assert failed.message.startswith("UnsafeToContinue: snapshot 20260405T120000Z: dimensions/charge.parquet is miss")
    assert life(small) == {("RL-C05", "1"): "open"}


def test_reports_that_cannot_be_written_leave_the_findings_stored_and_say_how_to_go_on(small: SmallHub) -> None:
    small.workspace.mkdir()
    (small.workspace / "reports").write_text("a file where a folder should be")
    with pytest.raises(RetryableError, match=r"Run 1 has judged and is stored: `splice report oldtown` writes its"):
        judged(small, underbilled("1"), day=0)

    assert life(small) == {("RL-C05", "1"): "open"}
    with small.open() as hub, hub.database.reading() as connection:
        run = run_with(connection, 1)
    assert run is not None
    assert run.outcome == "succeeded"


@pytest.mark.parametrize("buckets", [1, 2])
def test_a_reconciliation_that_was_killed_goes_on_and_does_nothing_twice(
    small: SmallHub, tmp_path: Path, buckets: int
) -> None:
    undisturbed = SmallHub(tmp_path / "undisturbed")
    expected = judged(undisturbed, underbilled("1", "2"), day=0)
    small.pull(underbilled("1", "2"), AS_OF)

    killed = PROCESSES.Process(target=judge_and_die, args=(small.folder, small.workspace, AS_OF, buckets))
    killed.start()
    killed.join(600)
    assert killed.exitcode == -signal.SIGKILL
    assert life(small) == {}
    done = {path: path.stat().st_mtime_ns for path in small.workspace.glob("runs/oldtown/*/by_*/*/hit.parquet")}
    assert len(done) == buckets

    judged_now: list[str] = []
    with small.open() as hub:
        outcome = reconcile_market(hub, "oldtown", AS_OF, AS_OF, judged_now.append)

    assert len(judged_now) == 3 - buckets
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert but_for_the_run(outcome.report) == but_for_the_run(expected.report)
    assert {path.name for path in (small.workspace / "snapshots/oldtown").iterdir()} == {"20260405T120000Z"}
    assert len(list((small.workspace / "runs/oldtown").iterdir())) == 1
    with small.open() as hub, hub.database.reading() as connection:
        rows = connection.execute(FINDING.select()).all()
        outcomes = connection.execute(RECONCILIATION_RUN.select().order_by(RECONCILIATION_RUN.c.id)).all()
    assert len(rows) == len(expected.report.findings)
    assert [row.outcome for row in outcomes] == ["failed", "succeeded"]
    assert outcomes[0].message == "was broken off; run 2 took its place"


def test_nobody_asked_means_nobody_answered() -> None:
    silent = Reconciliation((), (), 0, 0, {"RL-A01": "inconclusive", "RL-B01": "clean", "RL-C05": "off"})
    assert silent.judged_rules == {"RL-B01"}
