"""`splice explain` needs what was found and the snapshot: no operator's folder, and no certain place on the disk."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from canonical_model.money import Money
from console.main import app
from hub.archive import open_archive
from hub.reconcile import MarketOutcome
from reconciliation.findings import Finding
from storage.schema.reconciliation import RECONCILIATION_RUN
from tests.fakes.judged_once import pulled_and_judged
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator
from tests.postgresql import PostgresServer


def leaking() -> SmallOperator:
    """An account with a wrong price, one that was never billed, and a ghost."""
    operator = SmallOperator()
    operator.clean("7")
    operator.installed("10")
    operator.whole_months("10", "SLV", "55.00", (1, 2, 3))
    operator.installed("11", AS_OF.date().replace(month=2, day=10))
    operator.seen("GHST00000001", "S", AS_OF.date().replace(month=2, day=10))
    return operator


def judged(small: SmallHub, operator: SmallOperator) -> MarketOutcome:
    return pulled_and_judged(small, operator, AS_OF)


def explained(small: SmallHub, workspace: Path, *subject: str) -> str:
    arguments = ["explain", *subject, "--operator", str(small.folder), "--workspace", str(workspace)]
    told = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert told.exit_code == 0, told.output
    return told.output


def head(finding: Finding) -> str:
    money = Money.from_minor(finding.exposure_minor, "USD")
    return f"{finding.rule_id} {finding.subject_kind} {finding.subject}: {money}"


def test_every_finding_is_explained_when_the_operators_folder_is_gone(tmp_path: Path) -> None:
    small = SmallHub(tmp_path)
    findings = judged(small, leaking()).report.findings
    assert {finding.rule_id for finding in findings} == {"RL-A01", "RL-B01", "RL-C05"}

    shutil.rmtree(small.folder)
    for finding in findings:
        told = explained(small, small.workspace, finding.fingerprint)
        assert head(finding) in told
        assert "proration actual_actual" in told
        if finding.subject_kind == "account":
            assert "difference" in told
            assert f"proof: {finding.evidence[0]}" in told
    assert "service start" in explained(small, small.workspace, "10", "--market", "oldtown")
    assert "GHST00000001" in explained(small, small.workspace, "GHST00000001", "--market", "oldtown")


def test_every_finding_is_explained_when_the_operators_folder_is_broken(tmp_path: Path) -> None:
    small = SmallHub(tmp_path)
    (finding, *_) = judged(small, leaking()).report.findings
    (small.folder / "catalogue.yaml").write_text("offerings: [broken")

    assert head(finding) in explained(small, small.workspace, finding.fingerprint)


@pytest.mark.parametrize("stored", ["below the workspace", "whole path", "below the folder of the command"])
def test_a_workspace_may_be_moved(tmp_path: Path, stored: str) -> None:
    small = SmallHub(tmp_path)
    outcome = judged(small, leaking())
    if stored != "below the workspace":
        before = "" if stored == "whole path" else "var/old/"
        path = f"{before or str(small.workspace) + '/'}snapshots/oldtown/{outcome.snapshot.name}"
        with open_archive(small.workspace, {}) as archive, archive.database.writing() as connection:
            connection.execute(update(RECONCILIATION_RUN).values(snapshot_path=path))

    moved = tmp_path / "elsewhere" / "archive"
    moved.parent.mkdir()
    small.workspace.rename(moved)

    finding = outcome.report.findings[0]
    assert head(finding) in explained(small, moved, finding.fingerprint)


def test_a_snapshot_outside_the_workspace_is_found_where_it_is(tmp_path: Path) -> None:
    small = SmallHub(tmp_path)
    outcome = judged(small, leaking())
    outside = tmp_path / "outside"
    outcome.snapshot.rename(outside)
    arguments = ["reconcile", "--snapshot", str(outside), "--operator", str(small.folder)]
    told = CliRunner().invoke(app, [*arguments, "--workspace", str(small.workspace)], catch_exceptions=False)
    assert told.exit_code == 0

    finding = outcome.report.findings[0]
    assert head(finding) in explained(small, small.workspace, finding.fingerprint)


def test_a_snapshot_that_is_gone_or_another_one_is_told(tmp_path: Path) -> None:
    small = SmallHub(tmp_path)
    outcome = judged(small, leaking())
    fingerprint = outcome.report.findings[0].fingerprint
    manifest = outcome.snapshot / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"Small"', '"Other"'), encoding="utf-8")
    with pytest.raises(UnsafeToContinue, match="is not the snapshot that run 1 judged: restore the folder"):
        explained(small, small.workspace, fingerprint)

    shutil.rmtree(outcome.snapshot)
    with pytest.raises(ConfigurationError, match=r"holds no snapshot: manifest\.json is missing"):
        explained(small, small.workspace, fingerprint)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    small = SmallHub(tmp_path)
    judged(small, leaking())
    with pytest.raises(ConfigurationError, match="no finding begins with zzzz"):
        explained(small, small.workspace, "zzzz")
    with pytest.raises(ConfigurationError, match=r"market mesa was never reconciled \(reconciled are: oldtown\)"):
        explained(small, small.workspace, "10", "--market", "mesa")
    with pytest.raises(ConfigurationError, match="no hub has worked in"):
        explained(small, tmp_path / "nowhere", "zzzz")


def test_a_hub_on_postgresql_is_found_again_by_the_reference_it_was_given(
    tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres.url(postgres.create_database())
    small = SmallHub(tmp_path, database="env:SMALL_DATABASE", environment={"SMALL_DATABASE": address})
    outcome = judged(small, leaking())
    shutil.rmtree(small.folder)
    assert address not in (small.workspace / "hub.json").read_text(encoding="utf-8")

    with pytest.raises(ConfigurationError, match="environment variable SMALL_DATABASE is not set"):
        explained(small, small.workspace, outcome.report.findings[0].fingerprint)
    monkeypatch.setenv("SMALL_DATABASE", address)
    for finding in outcome.report.findings:
        assert head(finding) in explained(small, small.workspace, finding.fingerprint)
