"""A machine with too little memory, time or disk, or with a process that is killed: told for what it is."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pyarrow as pa
import pytest
from judged import small_operator

from canonical_model.errors import RetryableError, UnsafeToContinue
from reconciliation.engines.bucket import BucketTask, judge_bucket
from reconciliation.engines.duckdb_engine import EngineLimits, bucket_tasks
from reconciliation.engines.question import RuleSql
from reconciliation.findings import Reconciliation
from reconciliation.one_at_a_time import one_at_a_time
from reconciliation.run import reconcile
from reconciliation.snapshot.manifest import read_manifest
from reconciliation.snapshot.write import SnapshotRequest, write_snapshot
from tests.fakes.shipped_rules import ROOT, rules_text
from tests.fakes.small_operator import AS_OF, FRESH, MARKET, SmallOperator, batches_by_entity, catalogue

ENDLESS = "(SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range + b.range = 7) > 0"
A_BIG_LIST = "(SELECT len(list(r)) FROM range(60000000) t(r)) > 0"
MUCH_TO_SORT = "(SELECT count(DISTINCT r || repeat('x', 60)) FROM range(3000000) t(r)) > 0"
SEVERAL = {"buckets": 3}


def leaking() -> SmallOperator:
    operator = small_operator()
    for number in range(10, 30):
        operator.installed(str(number))
        operator.whole_months(str(number), "SLV", "50.00", (1, 2, 3))
    return operator


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    leaking().snapshot(tmp_path / "snapshot", rules_text(), **SEVERAL)
    return tmp_path / "snapshot"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


def task(snapshot: Path, output: Path, when: str = "true", **limits: float) -> BucketTask:
    """The first bucket, judged by one rule that no check ever saw."""
    rule = RuleSql("X-1", "charge", when, "missing_amount", "under_billed", "at_risk")
    return bucket_tasks(snapshot, read_manifest(snapshot), [rule], output, EngineLimits(**limits))[0]  # type: ignore[arg-type]


def left_behind(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if ".partial" in path.name or path.name in ("spill", ".tmp")]


def test_a_view_that_never_ends_is_stopped_and_named(snapshot: Path, output: Path) -> None:
    steps = {"90_x": f"CREATE TABLE x AS SELECT {ENDLESS}"}

    with pytest.raises(UnsafeToContinue, match=r"view 90_x ran longer than 0\.3 s on one bucket and was stopped"):
        judge_bucket(replace(task(snapshot, output, seconds_per_rule=0.3), steps=steps))
    assert left_behind(output) == []


def test_a_rule_without_memory_may_be_tried_again_with_more(snapshot: Path, output: Path) -> None:
    with pytest.raises(RetryableError, match="bucket by_service/0000 needs more than 90 MB: raise the memory limit"):
        judge_bucket(task(snapshot, output, A_BIG_LIST, memory_limit_mb=90))
    assert left_behind(output) == []


def test_a_rule_that_writes_more_to_disk_than_it_may_names_that_limit(snapshot: Path, output: Path) -> None:
    with pytest.raises(RetryableError, match="bucket by_service/0000 needs more than 3 MB of disk beside its memory"):
        judge_bucket(task(snapshot, output, MUCH_TO_SORT, memory_limit_mb=90, spill_limit_mb=3))
    assert left_behind(output) == []


def test_an_assembly_is_held_to_the_memory_of_all_processes_together(tmp_path: Path) -> None:
    with pytest.raises(RetryableError, match="snapshot taken needs more than 2 MB: raise the memory limit"):
        write(tmp_path / "taken", EngineLimits(processes=2, memory_limit_mb=1))
    assert list(tmp_path.iterdir()) == []


def write(folder: Path, limits: EngineLimits | None = None, records: object = None) -> None:
    request = SnapshotRequest("Small", MARKET, AS_OF, catalogue(), rules_text(), {}, FRESH)
    write_snapshot(folder, request, records or batches_by_entity(leaking().records), limits)  # type: ignore[arg-type]


NO_FILE_ABOVE = """
import pathlib, resource, sys
from canonical_model.errors import RetryableError
from reconciliation.engines.bucket import judge_bucket
sys.path.insert(0, "tests/integration/reconciliation")
import test_scarce_resources as these
what, snapshot, output, size = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), int(sys.argv[4])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
work = {
    "snapshot": lambda: these.write(output),
    "bucket": lambda: judge_bucket(these.task(snapshot, output)),
    "spill": lambda: judge_bucket(these.task(snapshot, output, these.MUCH_TO_SORT, memory_limit_mb=90)),
}
try:
    work[what]()
except RetryableError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("work", "largest_file", "told"),
    [
        ("snapshot", 1_000, "snapshot output could not read or write a file ("),
        ("bucket", 300, "bucket by_service/0000 could not read or write a file ("),
        ("spill", 100_000, "bucket by_service/0000 could not read or write a file ("),
    ],
)
def test_a_disk_that_takes_no_more_is_told_and_left_clean(
    snapshot: Path, output: Path, work: str, largest_file: int, told: str
) -> None:
    """A bound on the size of a file stands for the disk that is full, which not everybody may make."""
    said = subprocess.run(
        [sys.executable, "-c", NO_FILE_ABOVE, work, snapshot, output, str(largest_file)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert said.stdout.startswith(told), said.stdout + said.stderr
    assert "see that the disk has room, and try again" in said.stdout
    assert left_behind(output.parent) == []


def workers() -> list[psutil.Process]:
    living = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in living if "spawn_main" in " ".join(child.cmdline())]


def test_a_killed_worker_is_told_and_the_next_run_goes_on(snapshot: Path, output: Path, tmp_path: Path) -> None:
    done: list[str] = []

    def kill_the_others(bucket: str) -> None:
        done.append(bucket)
        for worker in workers():
            worker.kill()

    with pytest.raises(RetryableError, match="a process that judged buckets of snapshot was killed, most likely"):
        reconcile(snapshot, output, on_bucket=kill_the_others)
    assert done
    assert workers() == []

    kept: list[str] = []
    again = reconcile(snapshot, output, on_bucket=kept.append)
    assert not set(kept) & set(done)
    assert left_behind(output) == []
    assert again == reconcile(snapshot, tmp_path / "undisturbed")


KILLED_WITH_WORKERS = """
import os, pathlib, sys, psutil
from reconciliation.run import judge
def die(bucket):
    print(*(child.pid for child in psutil.Process().children()), flush=True)
    os._exit(9)
if __name__ == "__main__":
    judge(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), on_bucket=die)
"""


def test_no_worker_outlives_a_run_that_was_killed(snapshot: Path, output: Path, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED_WITH_WORKERS)
    killed = subprocess.run(
        [sys.executable, script, snapshot, output],
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=600,
        check=False,
    )
    assert killed.returncode == 9
    started = [psutil.Process(int(pid)) for pid in killed.stdout.split() if psutil.pid_exists(int(pid))]
    _, alive = psutil.wait_procs(started, timeout=120)
    assert alive == []
    assert reconcile(snapshot, output).findings


def test_two_runs_do_not_judge_into_one_folder_at_once(snapshot: Path, output: Path) -> None:
    refused: list[str] = []

    def second(_: str) -> None:
        try:
            reconcile(snapshot, output)
        except RetryableError as error:
            refused.append(str(error))

    first = reconcile(snapshot, output, on_bucket=second)

    assert set(refused) == {"somebody else is judging snapshot snapshot right now: try again when that is done"}
    assert reconcile(snapshot, output) == first
    assert {path.name for path in output.parent.iterdir()} == {"snapshot", "output"}


def test_two_runs_do_not_write_one_snapshot_at_once(tmp_path: Path) -> None:
    whole = batches_by_entity(leaking().records)
    refused: list[str] = []

    def while_it_is_read(batches: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            write(tmp_path / "taken")
        except RetryableError as error:
            refused.append(str(error))
        yield from batches

    slowly = {name: (schema, while_it_is_read(batches)) for name, (schema, batches) in whole.items()}
    write(tmp_path / "taken", records=slowly)

    assert set(refused) == {"somebody else is writing snapshot taken right now: try again when that is done"}
    assert reconcile(tmp_path / "taken", tmp_path / "output") == judged_undisturbed(tmp_path)


def judged_undisturbed(tmp_path: Path) -> Reconciliation:
    write(tmp_path / "alone")
    return reconcile(tmp_path / "alone", tmp_path / "alone-output")


HOLDS_A_LOCK = """
import pathlib, sys, time
from reconciliation.one_at_a_time import one_at_a_time
with one_at_a_time(pathlib.Path(sys.argv[1]), "waiting"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_lock_does_not_outlive_its_process(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_LOCK, tmp_path / "place"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(RetryableError, match="somebody else is at work right now"),
            one_at_a_time(tmp_path / "place", "at work"),
        ):
            pass
        holder.kill()
        holder.wait(120)
        with one_at_a_time(tmp_path / "place", "at work"):
            assert [path.name for path in tmp_path.iterdir()] == [".place.lock"]
    assert list(tmp_path.iterdir()) == []
