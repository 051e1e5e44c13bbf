"""The benchmark of single accounts explains what was planted, by the command itself."""

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.generate import Made, make_snapshot
from benchmarks.measure import run_module
from benchmarks.measured_operator import MARKET
from benchmarks.reconciled import explained_minor, open_reconciled
from benchmarks.truth import service_name

SERVICES = 2_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_snapshot(tmp_path_factory.mktemp("bench"), SERVICES)


def test_a_service_that_was_never_billed_is_explained(made: Made, tmp_path: Path) -> None:
    with open_reconciled(made.snapshot, tmp_path / "workspace") as archive:
        never_billed = pq.read_table(made.truth, filters=[("rule_id", "=", "RL-A01")])
        planted = Counter[str]()
        for row in never_billed.to_pylist():
            planted[row["subject"]] += row["exposure_minor"]
        subject, missing = planted.most_common(1)[0]
        assert explained_minor(archive, subject) >= missing > 0


def test_the_command_finds_the_run_and_its_snapshot(made: Made, tmp_path: Path) -> None:
    with open_reconciled(made.snapshot, tmp_path / "workspace") as archive:
        asked = ["console.main", "explain", service_name(7), "--market", MARKET.id]
        run_module([*asked, "--workspace", str(archive.workspace)], "explaining", is_silent=True)
        with pytest.raises(RuntimeError, match="ended with 2"):
            run_module([*asked, "--workspace", str(tmp_path / "empty")], "explaining", is_silent=True)
