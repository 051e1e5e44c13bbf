"""How a snapshot is judged: bucket by bucket, broken off and gone on with, confined, and the same every time."""

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from judged import JudgeAll, Judged, small_operator

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from reconciliation.engines.bucket import judge_bucket
from reconciliation.engines.duckdb_engine import EngineLimits, bucket_tasks, judge_snapshot
from reconciliation.engines.question import RuleSql
from reconciliation.run import judge, reconcile
from reconciliation.snapshot.manifest import read_manifest
from tests.fakes.shipped_rules import ROOT, rules_text
from tests.fakes.small_operator import SmallOperator, serial_of

FEBRUARY = date(2026, 2, 1)


def leaking() -> SmallOperator:
    """A dozen accounts with one mistake or another, a device on two of them, and a ghost."""
    operator = small_operator()
    for number in range(10, 22):
        account = str(number)
        operator.installed(account, offering="gold" if number % 3 else "silver", ordered="silver", router="leased")
        if number % 4:
            operator.whole_months(account, "SLV", "55.00" if number % 2 else "60.00", (1, 2, 3))
    operator.account("30")
    operator.order("30", "930", offering_id="silver", install_fee_waived=True)
    operator.job("930", FEBRUARY, "silver", serial_of("11"))
    operator.whole_months("30", "SLV", "60.00", (2, 3))
    operator.seen("GHST00000001", "S", FEBRUARY)
    return operator


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    leaking().snapshot(tmp_path / "snapshot", rules_text(), buckets=1)
    return tmp_path / "snapshot"


def test_the_number_of_buckets_changes_nothing_but_where_things_lie(judge_all: JudgeAll) -> None:
    one, several = judge_all(leaking(), buckets=1), judge_all(leaking(), buckets=3)

    assert len({line.split()[0] for line in one.told()}) >= 6
    assert several.outcome == one.outcome
    assert several.manifest.service_buckets == 3
    assert len(list(several.output.glob("by_service/*"))) == 3


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.parquet"))
    }


def test_judging_twice_writes_the_same_bytes(snapshot: Path, tmp_path: Path) -> None:
    first = Judged(snapshot, tmp_path / "first", reconcile(snapshot, tmp_path / "first"))
    second = Judged(snapshot, tmp_path / "second", reconcile(snapshot, tmp_path / "second"))

    assert first.told()
    assert second.outcome == first.outcome
    assert files(second.output) == files(first.output)


def test_a_snapshot_is_not_changed_by_being_judged(snapshot: Path, tmp_path: Path) -> None:
    before = files(snapshot)
    judge(snapshot, tmp_path / "output")

    assert files(snapshot) == before


KILLED_AFTER_A_BUCKET = """
import os, pathlib, sys
from reconciliation.run import judge
judge(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), on_bucket=lambda bucket: os._exit(9))
"""


def test_a_run_that_was_killed_goes_on_where_it_stopped(snapshot: Path, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    expected = reconcile(snapshot, whole)

    process = subprocess.run(
        [sys.executable, "-c", KILLED_AFTER_A_BUCKET, snapshot, killed], cwd=ROOT, check=False, timeout=600
    )
    assert process.returncode == 9
    (done,) = killed.glob("by_*/*/hit.parquet")
    stamp = done.stat().st_mtime_ns
    buckets: list[str] = []
    again = reconcile(snapshot, killed, on_bucket=buckets.append)

    assert again == expected
    assert done.stat().st_mtime_ns == stamp
    assert buckets == ["by_serial/0000", "by_document/0000"]


def test_a_half_written_bucket_counts_for_nothing(snapshot: Path, tmp_path: Path) -> None:
    expected = reconcile(snapshot, tmp_path / "whole")
    broken = tmp_path / "broken"
    half = broken / "by_service" / "0000.partial"
    half.mkdir(parents=True)
    (half / "hit.parquet").write_bytes(b"PAR1 and then the power went")

    assert reconcile(snapshot, broken) == expected
    assert not half.exists()


def test_a_snapshot_with_a_changed_file_is_not_judged(snapshot: Path, tmp_path: Path) -> None:
    with (snapshot / "by_service/0000/billed.parquet").open("ab") as file:
        file.write(b"\0")

    with pytest.raises(UnsafeToContinue, match=r"by_service/0000/billed\.parquet differs from its manifest; restore"):
        judge(snapshot, tmp_path / "output")
    assert not (tmp_path / "output").exists()


def test_a_snapshot_without_one_of_its_files_is_not_judged(snapshot: Path, tmp_path: Path) -> None:
    (snapshot / "records/ChargeLine.parquet").unlink()

    with pytest.raises(UnsafeToContinue, match=r"records/ChargeLine\.parquet is missing; restore the folder"):
        judge(snapshot, tmp_path / "output")


def test_a_folder_that_holds_no_snapshot_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"holds no snapshot: manifest\.json is missing"):
        judge(tmp_path, tmp_path / "output")


def asked(snapshot: Path, output: Path, rules: Sequence[RuleSql], **limits: float) -> list[str]:
    """Judge by rules that no check ever saw, as a broken rule checker would let them through."""
    return list(judge_snapshot(snapshot, read_manifest(snapshot), rules, output, EngineLimits(**limits)))  # type: ignore[arg-type]


def rule(when: str, exposure: str = "missing_amount") -> RuleSql:
    return RuleSql("X-1", "charge", when, exposure, "under_billed", "at_risk")


ENDLESS = "(SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range + b.range = 7) > 0"


def test_a_rule_that_never_ends_is_stopped_and_named(snapshot: Path, tmp_path: Path) -> None:
    with pytest.raises(UnsafeToContinue, match=r"rule X-1 ran longer than 5 s on one bucket and was stopped"):
        asked(snapshot, tmp_path / "output", [rule(ENDLESS)], seconds_per_rule=5)
    assert not list((tmp_path / "output").glob("by_service/0000"))


def test_a_rule_that_fails_on_the_data_is_named(snapshot: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"rule X-1 fails on the data: .*string 'residential'"):
        asked(snapshot, tmp_path / "output", [rule("CAST(segment AS INTEGER) > 0")])


def test_of_rules_that_are_asked_at_once_the_one_that_fails_is_named(snapshot: Path, tmp_path: Path) -> None:
    fine = [replace(rule("true"), rule_id=name) for name in ("X-0", "X-2")]

    with pytest.raises(ConfigurationError, match=r"rule X-1 fails on the data: .*string 'residential'"):
        asked(snapshot, tmp_path / "output", [fine[0], rule("CAST(segment AS INTEGER) > 0"), fine[1]])


def test_rules_that_are_asked_at_once_find_what_each_finds_alone(snapshot: Path, tmp_path: Path) -> None:
    rules = [
        RuleSql("X-1", "charge", "missing_amount <> 0", "missing_amount", "by_sign", "by_direction"),
        RuleSql("X-2", "charge", "true", "price_amount", "by_sign", "by_direction", may_point=False),
        RuleSql("X-3", "charge", "delivered_days > 0", "expected_amount", "cost", "cost"),
        RuleSql("X-4", "service_state", "never_billed", "expected_amount", "under_billed", "lost_or_recoverable"),
        RuleSql("X-5", "service_state", "false", "billed_amount", "cost", "cost"),
    ]
    asked(snapshot, tmp_path / "all", rules)
    for each in rules:
        asked(snapshot, tmp_path / each.rule_id, [each])

    with duckdb.connect() as connection:
        for table in ("hit", "proof"):
            at_once, alone = (
                connection.execute(
                    f"SELECT * FROM '{tmp_path}/{folder}/by_service/0000/{table}.parquet' ORDER BY ALL"
                ).fetchall()
                for folder in ("all", "X-*")
            )
            assert {row[0] for row in at_once} == {"X-1", "X-2", "X-3", "X-4"}
            assert at_once == alone


def test_a_rule_that_finds_nothing_to_compare_finds_nothing(snapshot: Path, tmp_path: Path) -> None:
    """A condition that is neither true nor false is no finding."""
    asked(snapshot, tmp_path / "output", [rule("ceased_on > DATE '2020-01-01'")])

    with duckdb.connect() as connection:
        hits = connection.read_parquet(str(tmp_path / "output/by_service/0000/hit.parquet"))
        assert hits.fetchall() == []


OUTSIDE = {
    "a text file": "read_text('{secret}')",
    "a listing of a folder": "glob('{folder}/*')",
    "a table": "read_csv('{secret}')",
    "the snapshot of another market": "read_parquet('{folder}/other/dimensions/charge.parquet')",
    "the parent of the snapshot": "read_text('{folder}/snapshot/../secret.csv')",
}


@pytest.mark.parametrize("source", OUTSIDE.values(), ids=OUTSIDE)
def test_a_rule_reaches_no_file_outside_its_snapshot(snapshot: Path, tmp_path: Path, source: str) -> None:
    (tmp_path / "secret.csv").write_text("password\nhunter2\n")
    small_operator().snapshot(tmp_path / "other")
    query = f"(SELECT count(*) FROM {source.format(secret=tmp_path / 'secret.csv', folder=tmp_path)}) > 0"

    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {query}").fetchone() == (True,)
    with pytest.raises(ConfigurationError, match="rule X-1 fails on the data: Permission Error"):
        asked(snapshot, tmp_path / "output", [rule(query)])


def test_a_rule_calls_nobody(snapshot: Path, tmp_path: Path) -> None:
    query = "(SELECT count(*) FROM read_csv('http://127.0.0.1:9/x.csv')) > 0"

    with pytest.raises(ConfigurationError, match="rule X-1 fails on the data: Permission Error"):
        asked(snapshot, tmp_path / "output", [rule(query)])


def test_a_bucket_without_memory_says_how_much_it_was_given(snapshot: Path, tmp_path: Path) -> None:
    with pytest.raises(RetryableError, match="bucket by_service/0000 needs more than 1 MB: raise the memory limit"):
        asked(snapshot, tmp_path / "output", [], memory_limit_mb=1)


def test_each_bucket_is_a_task_of_its_own_files(snapshot: Path, tmp_path: Path) -> None:
    tasks = bucket_tasks(snapshot, read_manifest(snapshot), [rule("true")], tmp_path / "output", EngineLimits())

    assert [(task.bucket, len(task.rules)) for task in tasks] == [
        ("by_service/0000", 1),
        ("by_serial/0000", 0),
        ("by_document/0000", 0),
    ]
    assert judge_bucket(tasks[0]) == "by_service/0000"
    assert {path.name for path in tasks[0].output.iterdir()} == {
        "hit.parquet",
        "proof.parquet",
        "difference.parquet",
    }
