"""A workspace in which a snapshot was reconciled, as its database remembers it; the findings are left out."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measured_operator import MARKET
from hub.archive import Archive, open_archive, remember
from hub.explain import explain_subject
from reconciliation.findings import Reconciliation
from reconciliation.snapshot.manifest import read_manifest
from storage.findings import record_findings
from storage.runs import finish_run, start_run


@contextmanager
def open_reconciled(snapshot: Path, workspace: Path) -> Iterator[Archive]:
    """Make the workspace anew, with one run over a snapshot that lies elsewhere, and open its archive.

    Args:
        snapshot: its folder.
        workspace: what is in it is lost.
    """
    manifest = read_manifest(snapshot)
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True)
    remember(workspace, None)
    with open_archive(workspace, {}) as archive:
        with archive.database.writing() as connection:
            at, versions = manifest.as_of, manifest.content_versions()
            place = str(snapshot.resolve())
            run = start_run(connection, manifest.market.id, at, place, manifest.checksum, versions, at)
            lines, billed = manifest.rows["by_service/billed"], manifest.control_totals["billed_minor"]
            record_findings(connection, run, Reconciliation((), (), lines, billed, {}))
            finish_run(connection, run, at, "succeeded")
        yield archive


def explained_minor(archive: Archive, subject: str) -> int:
    """What the explanation of one service says that was not billed, in minor units."""
    (explained,) = explain_subject(archive, subject, MARKET.id)
    return sum(month.expected_minor - month.billed_minor for month in explained.explanation.months)
