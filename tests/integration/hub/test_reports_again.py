"""`splice report` writes from the database what the judgement wrote, byte for byte, and judges nothing."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from console.main import app
from hub.archive import open_archive
from hub.reconcile import MarketOutcome, report_again
from hub.reports.files import write_reports
from hub.runs import named_run, standing_run
from reconciliation.snapshot.manifest import MANIFEST_FILE
from tests.fakes.judged_once import pulled_and_judged
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator

DAY = timedelta(days=1)


def leaking(*wrong: str) -> SmallOperator:
    """Findings of several rules and kinds of subject, one that another one explains, and what cannot be judged."""
    operator = SmallOperator()
    operator.clean("7")
    for account in wrong:
        operator.installed(account, offering="gold", ordered="silver", router="leased")
        operator.whole_months(account, "SLV", "55.00", (1, 2, 3))
    operator.installed("30", AS_OF.date() - 60 * DAY, router="leased")  # never billed, and so is its router
    operator.seen("GHST00000001", "S", AS_OF.date() - 60 * DAY)
    operator.clean("31")
    operator.alteration("31", "courtesy_account", valid_from=date(2026, 1, 1), valid_to=date(2026, 3, 1))
    operator.whole_months("404", "SLV", "60.00", (1, 2, 3))
    return operator


@pytest.fixture
def small(tmp_path: Path) -> SmallHub:
    return SmallHub(tmp_path)


def judged(small: SmallHub, operator: SmallOperator, day: int) -> MarketOutcome:
    return pulled_and_judged(small, operator, AS_OF + day * DAY)


def written(outcome: MarketOutcome) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in outcome.files.all}


def test_reports_from_the_database_are_those_of_the_judgement(small: SmallHub) -> None:
    judged(small, leaking("10"), day=0)
    second = judged(small, leaking("10", "11"), day=1)
    as_judged = written(second)
    assert len(second.report.findings) >= 5
    assert len({finding.rule_id for finding in second.report.findings}) >= 3
    assert any(finding.explained_by for finding in second.report.findings)
    assert {"record", "difference"} <= {entry.scope for entry in second.report.not_judged}
    first_seen = set(second.report.first_seen.values())
    assert first_seen == {AS_OF, AS_OF + DAY}

    shutil.rmtree(small.folder)
    shutil.rmtree(small.workspace / "reports")
    shutil.rmtree(small.workspace / "runs")
    for part in ("records", "by_service", "by_serial", "dimensions"):
        shutil.rmtree(second.snapshot / part)
    with open_archive(small.workspace, {}) as archive:
        again = report_again(archive, standing_run(archive, "oldtown"))

    assert again.report == second.report
    assert written(again) == as_judged
    assert again.run_id == second.run_id


def test_the_findings_of_an_older_run_are_not_kept_and_its_snapshot_is_judged_on_request(small: SmallHub) -> None:
    first = judged(small, leaking("10"), day=0)
    second = judged(small, leaking("10", "11"), day=1)
    newest = written(second)
    with open_archive(small.workspace, {}) as archive, pytest.raises(ConfigurationError) as refused:
        report_again(archive, named_run(archive, first.run_id))
    assert str(refused.value) == (
        "the findings of market oldtown are those of run 2, which took the place of run 1's:"
        " judge its snapshot once more with `splice report --run 1 --again`"
    )

    told = CliRunner().invoke(app, ["report", "--run", "1", "--again", *places(small)])
    assert told.exit_code == 0, told.exception
    (beside,) = small.workspace.glob("reports/oldtown/*-as-of-*.json")
    assert beside.read_bytes() == first_report(small, first)
    assert written(second) == newest


def first_report(small: SmallHub, first: MarketOutcome) -> bytes:
    """As it was written then, without what there is of the newest run alone."""
    alone = replace(first.report, kpis=(), cohorts=(), history=(), bills=None)
    return write_reports(alone, small.parent / "first").report_json.read_bytes()


def places(small: SmallHub) -> list[str]:
    return ["--operator", str(small.folder), "--workspace", str(small.workspace)]


def test_the_command_needs_no_operators_folder(small: SmallHub) -> None:
    outcome = judged(small, leaking("10"), day=0)
    as_judged = written(outcome)
    outcome.files.page.unlink()
    (small.folder / "operator.yaml").write_text("operator: [broken")

    told = CliRunner().invoke(app, ["report", *places(small)])

    assert told.exit_code == 0, told.exception
    assert "run 1, reports:" in told.output
    assert written(outcome) == as_judged


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["otown"], r"market otown was never reconciled \(reconciled are: oldtown\)"),
        (["--run", "9"], "there is no run 9"),
    ],
)
def test_what_was_never_judged_cannot_be_reported(small: SmallHub, arguments: list[str], told: str) -> None:
    judged(small, leaking("10"), day=0)
    with pytest.raises(ConfigurationError, match=told):
        CliRunner().invoke(app, ["report", *arguments, *places(small)], catch_exceptions=False)


def test_a_run_that_failed_has_nothing_to_report(small: SmallHub) -> None:
    first = judged(small, leaking("10"), day=0)
    (first.snapshot / "dimensions" / "charge.parquet").unlink()
    with pytest.raises(UnsafeToContinue):
        CliRunner().invoke(app, ["report", "--again", *places(small)], catch_exceptions=False)

    with (
        open_archive(small.workspace, {}) as archive,
        pytest.raises(ConfigurationError, match="it is failed: Unsafe"),
    ):
        named_run(archive, first.run_id + 1)


def test_a_manifest_that_is_another_one_is_not_reported_by(small: SmallHub) -> None:
    outcome = judged(small, leaking("10"), day=0)
    manifest = outcome.snapshot / MANIFEST_FILE
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("Old Town", "New Town"), encoding="utf-8")

    with open_archive(small.workspace, {}) as archive, pytest.raises(UnsafeToContinue, match="that run 1 judged"):
        report_again(archive, standing_run(archive, "oldtown"))
