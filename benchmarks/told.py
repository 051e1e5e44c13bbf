"""What a run tells beside its findings, as a process: ``python -m benchmarks.told FOLDER SERVICES``.

Common causes and cohorts of the first run over the town of ``benchmarks.incremental``, which has to be there. Prints
the CPU seconds of each; fails where they are not what the town gives.
"""

import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.town_books import planted
from reconciliation.causes.groups import CommonCauses
from reconciliation.causes.placing import measure_causes
from reconciliation.cohorts.cohort import Cohort
from reconciliation.cohorts.measure import cohorts
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.findings import Reconciliation
from reconciliation.snapshot.manifest import read_manifest

Told = TypeVar("Told")


def main(folder: Path, services: int) -> None:
    """Tell both and say what they took."""
    snapshot = folder / "snapshots" / "base"
    manifest = read_manifest(snapshot)
    found: Reconciliation = pickle.loads((folder / "base.found").read_bytes())  # noqa: S301 - written by our own process
    causes = _timed("common causes", lambda: measure_causes(snapshot, manifest, found.findings, EngineLimits()))
    divided = _timed("cohorts", lambda: cohorts(snapshot, manifest, found.findings, EngineLimits()))
    if problem := _wrong(causes, divided, services):
        sys.exit(problem)


def _timed(what: str, tell: Callable[[], Told]) -> Told:
    began = time.process_time()
    told = tell()
    print(f"  {what:13} CPU {time.process_time() - began:6.2f} s")
    return told


def _wrong(causes: CommonCauses, divided: list[Cohort], services: int) -> str:
    """What is told wrongly; empty where nothing is. Wrong prices are spread evenly: they have nothing in common."""
    findings, exposure_minor = planted(services, changed=False)
    if causes.unknown or causes.groups or not causes.looked_at:
        return f"common causes where there are none: {causes.unknown or causes.groups}"
    for kind in ("month", "hub"):
        of_kind = [cohort for cohort in divided if cohort.kind == kind]
        money = [each for cohort in of_kind for each in cohort.money]
        told = (
            sum(cohort.services for cohort in of_kind),
            sum(each.findings for each in money),
            sum(each.exposure_minor for each in money),
        )
        if told != (services, findings, exposure_minor):
            return f"cohorts by {kind} come to {told} services, findings and cents"
    return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
