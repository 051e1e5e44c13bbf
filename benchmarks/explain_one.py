"""Explain one service of a snapshot: ``python -m benchmarks.explain_one SNAPSHOT SERVICE LEAST_MINOR``."""

import sys
from pathlib import Path

from hub.explain import explained_subject
from reconciliation.snapshot.manifest import read_manifest, verify_checksums


def explain_one(snapshot: Path, subject: str, least_minor: int) -> None:
    """Explain a service that was never billed; its differences are at least what the finding tells.

    Raises:
        SystemExit: they are not.
    """
    manifest = read_manifest(snapshot)
    verify_checksums(snapshot, manifest)
    (explained,) = explained_subject(snapshot, manifest, subject)
    missing = sum(month.expected_minor - month.billed_minor for month in explained.explanation.months)
    if missing < least_minor:
        raise SystemExit(f"{subject}: {missing} is explained of {least_minor}")


if __name__ == "__main__":
    explain_one(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
