"""All contenders of the benchmark find what was planted, to the cent."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks.contender import CONTENDERS
from benchmarks.generate import Made, make_snapshot
from benchmarks.measure import compare, measure
from reconciliation.snapshot.manifest import read_manifest, verify_checksums
from rules.rulebook import load_rules
from tests.peers import require_peer

SERVICES = 2_000
QUICK = tuple(each for each in CONTENDERS if each != "spark")
"""Spark takes a minute and a half; all its findings are held against DuckDB's in test_same_findings_on_spark."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_snapshot(tmp_path_factory.mktemp("bench"), SERVICES)


@pytest.mark.parametrize("contender", QUICK)
def test_a_contender_finds_what_was_planted_and_nothing_else(contender: str, made: Made, tmp_path: Path) -> None:
    if contender == "postgresql":
        require_peer("postgresql")
    run = measure(contender, made, SERVICES, tmp_path / "output")

    assert (run.missing, run.extra, run.wrong) == (0, 0, 0)
    assert run.cpu_s > 0
    assert run.peak_mb > 10


def test_every_rule_of_the_pack_has_something_to_find(made: Made) -> None:
    planted = set(pq.read_table(made.truth)["rule_id"].to_pylist())

    assert planted == {rule.id for rule in load_rules(read_manifest(made.snapshot).rules)}


def test_the_snapshot_is_sealed_like_any_other(made: Made) -> None:
    manifest = read_manifest(made.snapshot)

    verify_checksums(made.snapshot, manifest)
    assert manifest.rows["by_service/service"] == SERVICES
    assert 2.0 < made.lines / SERVICES / 12 < 2.2


def test_a_snapshot_that_was_made_is_taken_again(made: Made) -> None:
    before = (made.snapshot / "manifest.json").stat().st_mtime_ns

    again = make_snapshot(made.snapshot.parents[1], SERVICES)

    assert again == made
    assert (made.snapshot / "manifest.json").stat().st_mtime_ns == before


def test_a_cent_too_much_and_a_finding_too_few_are_seen(made: Made, tmp_path: Path) -> None:
    truth = pq.read_table(made.truth)
    cents = pc.add(truth["exposure_minor"], pa.array([1] + [0] * (truth.num_rows - 1)))
    spoilt = truth.set_column(truth.column_names.index("exposure_minor"), "exposure_minor", cents)
    pq.write_table(spoilt.slice(0, truth.num_rows - 1), tmp_path / "finding.parquet")

    assert compare(made.truth, tmp_path / "finding.parquet") == (1, 0, 1)


def test_wrong_findings_end_the_benchmark_with_status_1(made: Made, tmp_path: Path) -> None:
    folder = made.snapshot.parents[1]
    kept = made.truth.read_bytes()
    with duckdb.connect() as connection:
        connection.execute(f"COPY (FROM '{made.truth}' LIMIT 1) TO '{tmp_path / 'one.parquet'}' (FORMAT parquet)")
    made.truth.write_bytes((tmp_path / "one.parquet").read_bytes())
    try:
        command = [
            sys.executable,
            "-m",
            "benchmarks",
            "--sizes",
            str(SERVICES),
            "--runs",
            "1",
            "--folder",
            str(folder),
        ]
        ended = subprocess.run(
            command, cwd=Path(__file__).parents[3], env=os.environ, capture_output=True, text=True, check=False
        )
    finally:
        made.truth.write_bytes(kept)

    assert ended.returncode == 1
    assert "splice" in ended.stdout
