"""Buckets that several processes judge for one run: nothing is lost or counted twice, whatever becomes of them."""

import subprocess
import sys
from pathlib import Path

import pytest
from judged import small_operator

from reconciliation.run import judge_share, reconcile
from tests.fakes.shipped_rules import ROOT, rules_text

SHARES = 2


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    operator = small_operator()
    for number in range(10, 20):
        operator.installed(str(number))
        operator.whole_months(str(number), "SLV", "50.00", (1, 2, 3))
    operator.snapshot(tmp_path / "snapshot", rules_text(), buckets=4)
    return tmp_path / "snapshot"


def buckets_in(output: Path) -> list[str]:
    return sorted(str(path.relative_to(output)) for path in output.glob("by_*/*") if path.is_dir())


def test_shares_are_disjoint_and_together_all_buckets(snapshot: Path, tmp_path: Path) -> None:
    shares = [set(judge_share(snapshot, tmp_path / "output", share, SHARES)) for share in range(SHARES)]

    assert shares[0].isdisjoint(shares[1])
    assert abs(len(shares[0]) - len(shares[1])) <= 1
    assert sorted(shares[0] | shares[1]) == buckets_in(tmp_path / "output")
    assert len(shares[0] | shares[1]) == 12


def test_who_concludes_finds_what_it_would_have_found_alone(snapshot: Path, tmp_path: Path) -> None:
    alone = reconcile(snapshot, tmp_path / "alone")
    for share in range(SHARES):
        judge_share(snapshot, tmp_path / "output", share, SHARES)
    judged_here: list[str] = []

    assert reconcile(snapshot, tmp_path / "output", on_bucket=judged_here.append) == alone
    assert judged_here == []
    assert alone.findings


def test_a_share_that_is_taken_twice_is_judged_once(snapshot: Path, tmp_path: Path) -> None:
    first = judge_share(snapshot, tmp_path / "output", 0, SHARES)

    assert len(first) == 6
    assert judge_share(snapshot, tmp_path / "output", 0, SHARES) == ()


ENDLESSLY = """
import sys, time
from pathlib import Path
import reconciliation.engines.bucket as bucket
from reconciliation.run import judge_share

put, done = bucket._put_in_place, []

def slowly(task):
    if done:
        print("judging", flush=True)
        time.sleep(3600)
    done.append(put(task))

bucket._put_in_place = slowly
judge_share(Path(sys.argv[1]), Path(sys.argv[2]), 0, 1)
"""


def test_a_killed_share_is_finished_by_who_concludes(snapshot: Path, tmp_path: Path) -> None:
    """The process is killed with one bucket in place and the next one written and not yet in place."""
    output = tmp_path / "output"
    command = [sys.executable, "-c", ENDLESSLY, str(snapshot), str(output)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "judging\n"
        worker.kill()
    assert [name for name in buckets_in(output) if ".partial" in name]
    judged_here: list[str] = []
    found = reconcile(snapshot, output, on_bucket=judged_here.append)

    assert found == reconcile(snapshot, tmp_path / "alone")
    assert len(judged_here) == 11
    assert not [name for name in buckets_in(output) if ".partial" in name]


def test_there_is_no_share_beyond_the_last(snapshot: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no share 2 of 2"):
        judge_share(snapshot, tmp_path / "output", 2, 2)
