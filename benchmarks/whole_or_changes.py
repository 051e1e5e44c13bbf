"""One way of judging a changed town, as a process: ``python -m benchmarks.whole_or_changes WAY FOLDER SERVICES``.

WAY is ``base`` (the whole snapshot and its run, before the change), ``whole`` (all of it anew, after the change) or
``changes``. What is found is left beside, to be compared, and so are the CPU seconds until it was.
"""

import pickle
import resource
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.shipped_rules import every_rule
from benchmarks.town_books import AS_OF, MARKET, Town, catalogue
from reconciliation.findings import Reconciliation
from reconciliation.incremental.closure import EntityChanges
from reconciliation.incremental.judge import judge_changes
from reconciliation.incremental.links import RECORD_KEY
from reconciliation.incremental.take import NeedsWhole, take_changes
from reconciliation.run import judgement_key, reconcile
from reconciliation.snapshot.manifest import Feed
from reconciliation.snapshot.write import SnapshotRequest, write_snapshot

LATER = AS_OF + timedelta(hours=1)


def main(way: str, folder: Path, services: int) -> None:
    """Judge the town in one way and keep what is found."""
    found = _by_changes(folder, services) if way == "changes" else _whole(folder, services, way)
    own, of_workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    spent = own.ru_utime + own.ru_stime + of_workers.ru_utime + of_workers.ru_stime
    (folder / f"{way}.cpu").write_text(str(spent), encoding="utf-8")
    (folder / f"{way}.found").write_bytes(pickle.dumps(found))


def _whole(folder: Path, services: int, way: str) -> Reconciliation:
    is_later = way == "whole"
    snapshot = folder / "snapshots" / way
    request = _request() if is_later else replace(_request(), as_of=AS_OF)
    manifest = write_snapshot(snapshot, request, Town(services).records(changed=is_later))
    return reconcile(snapshot, folder / "runs" / judgement_key(manifest))


def _by_changes(folder: Path, services: int) -> Reconciliation:
    now = Town(services).changed_lines()
    changes = {"ChargeLine": EntityChanges(now, now.select([*RECORD_KEY, "account_number"]))}
    snapshot = folder / "snapshots" / "changes"
    taken = take_changes(snapshot, folder / "snapshots" / "base", _request(), changes)
    found = taken if isinstance(taken, NeedsWhole) else judge_changes(snapshot, folder / "runs")
    if isinstance(found, Reconciliation):
        return found
    raise RuntimeError(found.why)


def _request() -> SnapshotRequest:
    return SnapshotRequest(
        operator="Benchmark",
        market=MARKET,
        as_of=LATER,
        catalogue=catalogue(),
        rules=every_rule(),
        sources={},
        feeds=tuple(
            Feed(role=role, system=role, stream="all", last_success_at=AS_OF)
            for role in ("crm", "billing", "field", "network")
        ),
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
