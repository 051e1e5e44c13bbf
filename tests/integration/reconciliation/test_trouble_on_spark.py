"""Spark with a damaged file, a rule that fails, too little time, nothing installed, or its Java machine killed."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from judged import small_operator

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.engines.question import RuleSql
from reconciliation.engines.spark_engine import judge_snapshot_on_spark
from reconciliation.engines.spark_session import NO_JAVA, check_installed
from reconciliation.run import reconcile
from reconciliation.snapshot.manifest import read_manifest
from tests.fakes.shipped_rules import ROOT, rules_text
from tests.fakes.spark_sessions import SMALL

pytestmark = [pytest.mark.peer("spark"), pytest.mark.xdist_group("spark")]


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    operator = small_operator()
    operator.installed("10")
    operator.whole_months("10", "SLV", "50.00", (1, 2, 3))
    operator.snapshot(tmp_path / "taken here", rules_text("RL-A01", "RL-C05"), buckets=2)
    return tmp_path / "taken here"


def judged(snapshot: Path, output: Path, rule: RuleSql, limits: EngineLimits) -> list[str]:
    return list(judge_snapshot_on_spark(snapshot, read_manifest(snapshot), [rule], output, limits, SMALL))


def asking(when: str, exposure: str = "`missing_amount`") -> RuleSql:
    return RuleSql("X-1", "charge", when, exposure, "under_billed", "at_risk")


def test_a_file_that_differs_from_its_manifest_is_not_judged(snapshot: Path, tmp_path: Path) -> None:
    damaged = snapshot / "by_service" / "0000" / "billed.parquet"
    damaged.write_bytes(damaged.read_bytes() + b"x")

    with pytest.raises(UnsafeToContinue, match=r"billed\.parquet"):
        reconcile(snapshot, tmp_path / "output", spark=SMALL)


DAMAGED = """
import pathlib, sys
sys.path.insert(0, "tests/integration/reconciliation")
from canonical_model.errors import UnsafeToContinue
from reconciliation.engines.duckdb_engine import EngineLimits
from test_trouble_on_spark import asking, judged
snapshot, output = map(pathlib.Path, sys.argv[1:])
try:
    judged(snapshot, output, asking("true"), EngineLimits())
except UnsafeToContinue as error:
    print(error)
"""


def test_a_file_that_cannot_be_read_is_told_without_spark_s_stack(snapshot: Path, tmp_path: Path) -> None:
    """In a process of its own, whose session ends before the error is read."""
    damaged = snapshot / "by_service" / "0001" / "billed.parquet"
    damaged.write_bytes(b"PAR1 and nothing else that says anything PAR1")
    command = [sys.executable, "-c", DAMAGED, str(snapshot), str(tmp_path / "output")]
    told = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)

    assert told.stdout.startswith("snapshot taken here: Spark cannot read a file of it"), told.stderr
    assert len(told.stdout) < 300
    assert not list((tmp_path / "output").rglob("*.parquet"))


def test_a_damaged_file_that_tells_no_columns_is_told_alike(spark: Any, snapshot: Path, tmp_path: Path) -> None:
    (snapshot / "by_service" / "0000" / "billed.parquet").write_bytes(b"PAR1 and nothing else PAR1")

    with pytest.raises(UnsafeToContinue, match="snapshot taken here: Spark cannot read a file of it"):
        judged(snapshot, tmp_path / "output", asking("true"), EngineLimits())


def test_a_rule_that_fails_on_the_data_is_named(spark: Any, snapshot: Path, tmp_path: Path) -> None:
    fails = asking("true", "`billed_amount` DIV (`billed_amount` - `billed_amount`)")

    with pytest.raises(ConfigurationError, match=r"rule X-1 fails on the data: .*DIVIDE_BY_ZERO"):
        judged(snapshot, tmp_path / "output", fails, EngineLimits())


def test_what_runs_over_its_time_is_stopped_and_nothing_stays(spark: Any, snapshot: Path, tmp_path: Path) -> None:
    with pytest.raises(UnsafeToContinue, match=r"ran longer than .* s over all buckets and was stopped"):
        judged(snapshot, tmp_path / "output", asking("true"), EngineLimits(seconds_per_rule=0.001))
    assert not [path for path in (tmp_path / "output").rglob("*") if ".partial" in path.name]


def test_what_the_other_engine_left_is_not_counted_twice(spark: Any, snapshot: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    first = reconcile(snapshot, output)

    assert first.findings
    assert reconcile(snapshot, output, spark=SMALL) == first
    assert reconcile(snapshot, output) == first


def test_without_java_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(ConfigurationError, match=NO_JAVA):
        check_installed()

    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match=NO_JAVA):
        check_installed()


WITHOUT_SPARK = """
import sys
sys.modules["pyspark"] = None
from reconciliation.engines.spark_session import check_installed
check_installed()
"""


def test_without_spark_the_extra_is_named() -> None:
    command = [sys.executable, "-c", WITHOUT_SPARK]
    told = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)

    assert "install its extra 'spark'" in told.stderr


KILLED = """
import pathlib, signal, sys
sys.path.insert(0, "tests/integration/reconciliation")
from canonical_model.errors import RetryableError
from pyspark import SparkContext
from reconciliation.run import reconcile
from tests.fakes.spark_sessions import SMALL

def kill(bucket):
    SparkContext._gateway.proc.send_signal(signal.SIGKILL)
    SparkContext._gateway.proc.wait()  # nobody listens any more, which is told in its own way

snapshot, output = map(pathlib.Path, sys.argv[1:])
try:
    reconcile(snapshot, output, spark=SMALL, on_bucket=kill)
except RetryableError as error:
    print(error)
print(sorted(path.name for path in output.glob("by_*")))
told = []
done = reconcile(snapshot, output, spark=SMALL, on_bucket=told.append)
print(told)
print(done == reconcile(snapshot, output.with_name("duckdb")))
"""


def test_a_killed_java_machine_loses_no_partition_and_the_same_process_may_try_again(
    snapshot: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", KILLED, str(snapshot), str(tmp_path / "output")]
    told = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    lines = told.stdout.splitlines()

    assert told.returncode == 0, told.stderr
    assert "the session of Spark ended while snapshot taken here was judged" in lines[0]
    assert lines[1] == "['by_service']"
    assert lines[2:] == ["['by_serial', 'by_document']", "True"]
