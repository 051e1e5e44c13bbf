"""The main job as a newcomer runs it: four live systems, findings to the cent, reports to open."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.snapshots import take_snapshot
from hub.workplace import open_hub
from reconciliation.snapshot.manifest import read_manifest

PROJECT = Path(__file__).parents[2]


def splice(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "console.main", *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=1200, check=False)


BAD_DAY = "crm:expire_session=7,billing:http_503=0.2,billing:reset=0.1,fsm:truncate=0.2,fsm:429=0.1,network:loss=0.02"

Demo = tuple[subprocess.CompletedProcess[str], Path]
"""What a demo told, and its workspace."""


@pytest.fixture(scope="module")
def bad_day(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The whole way, made once: most of what it costs are a server and imports, whatever the size of the estate."""
    work = tmp_path_factory.mktemp("demo") / "work"
    return splice("demo", "--subscribers", "80", "--seed", "7", "--faults", BAD_DAY, "--workspace", str(work)), work


@pytest.mark.xdist_group("demo")
def test_the_demo_proves_its_findings_on_a_bad_day_of_the_systems(bad_day: Demo) -> None:
    told, _ = bad_day
    assert told.returncode == 0, told.stdout + told.stderr
    assert "RL-A01" in told.stdout
    assert "100%" in told.stdout


@pytest.mark.xdist_group("demo")
def test_the_demo_leaves_reports_and_snapshots_that_can_be_taken_again(bad_day: Demo) -> None:
    _, work = bad_day
    for market in ("riverbend", "mesa", "northshore"):
        endings = {path.suffix for path in (work / "reports" / market).iterdir()}
        assert endings == {".html", ".xlsx", ".csv", ".json", ".pdf"}
    with open_hub(PROJECT / "examples/lumen_valley", work, os.environ) as hub:
        for market in hub.operator.markets:
            (moment,) = (hub.snapshots / market).iterdir()
            taken = [take_snapshot(hub, market, read_manifest(moment).as_of)[0] for _ in range(2)]
            assert taken[0] == taken[1], f"{market}: two snapshots of one moment are not the same files"


def test_one_order_is_brought_to_life_and_one_that_the_network_lies_about_is_held(tmp_path: Path) -> None:
    told = splice("demo", "activate", "--workspace", str(tmp_path / "work"))
    assert told.returncode == 0, told.stdout + told.stderr
    good, bad = told.stdout.split("An order that the network lied about")
    for system in ("crm", "fsm", "billing", "splice"):
        assert f"│ {system} " in good
    assert "start billing: the system shows it as applied" in " ".join(good.split())
    assert "is active since" in good
    assert "access of Nov 2026: 64.99 USD owed, 64.99 USD billed" in good
    assert "static ip of Nov 2026: 8.67 USD owed, 8.67 USD billed" in good
    assert "install fee of Nov 2026: 99.00 USD owed, 99.00 USD billed" in good
    assert "none for 7000002, whose order is held" in good
    assert "nothing is billed" in bad
    assert "start billing" not in bad


def test_a_wrong_fault_is_told_with_the_words_that_are_known(tmp_path: Path) -> None:
    told = splice("demo", "--subscribers", "40", "--faults", "crm:sleepy", "--workspace", str(tmp_path / "work"))
    assert told.returncode != 0
    assert "latency" in told.stderr


def test_a_folder_that_no_demo_made_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "accounts.xlsx").touch()
    told = splice("demo", "--workspace", str(tmp_path))
    assert told.returncode == 2
    assert "name another --workspace" in told.stderr
    assert (tmp_path / "accounts.xlsx").exists()
