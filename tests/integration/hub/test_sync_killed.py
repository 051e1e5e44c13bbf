"""A pull that is killed at any moment and started again ends in the state of one that was never disturbed."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storage.extract import row_counts
from storage.schema.canonical import CANONICAL_TABLES
from tests.fakes.lumen_valley import LumenValley, lumen_valley

SYSTEMS = ("crm", "billing", "fsm")
SMALL_PAGES = 60
PULL = """
import os, sys
from datetime import datetime
from pathlib import Path
from hub.sync import sync_system
from hub.workplace import open_hub
folder, workspace, as_of = sys.argv[1:]
with open_hub(Path(folder), Path(workspace), os.environ) as hub:
    print("ready", flush=True)
    for system in ("crm", "billing", "fsm"):
        sync_system(hub, system, datetime.fromisoformat(as_of))
"""


def unpaged(mapping: Path) -> str:
    return re.sub(r"(?m)^  page_size: .*\n", "", mapping.read_text(encoding="utf-8"))


def start(operator: LumenValley, workspace: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PULL, str(operator.folder), str(workspace), operator.estate.as_of.isoformat()]
    environment = os.environ | operator.environment
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def whole_pull(operator: LumenValley, workspace: Path) -> float:
    process = start(operator, workspace)
    assert process.stdout is not None
    process.stdout.readline()
    began = time.monotonic()
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return time.monotonic() - began


def killed_pull(operator: LumenValley, workspace: Path, after: float) -> None:
    process = start(operator, workspace)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.communicate()


def state(operator: LumenValley, workspace: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every current canonical record, without when it became known."""
    held: dict[str, list[tuple[object, ...]]] = {}
    with operator.hub(workspace) as hub, hub.database.reading() as connection:
        counts = row_counts(connection)
        for entity, table in CANONICAL_TABLES.items():
            columns = [table.c[name] for name in entity.model_fields]
            rows = connection.execute(table.select().with_only_columns(*columns)).all()
            held[entity.__name__] = sorted(map(tuple, rows), key=repr)
            assert len(rows) == counts[entity.__name__], "a version was written twice"
    return held


@pytest.mark.parametrize("seed", [11, 12])
def test_killed_at_random_moments_and_started_again(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with lumen_valley(tmp_path / "operator", subscribers=30, smallest_page=1) as operator:
        for mapping in (operator.folder / "mappings").glob("*.yaml"):
            text = re.sub(r"(?m)^read:$", f"read:\n  page_size: {SMALL_PAGES}", unpaged(mapping))
            mapping.write_text(text, encoding="utf-8")
        undisturbed = tmp_path / "undisturbed"
        takes = whole_pull(operator, undisturbed)
        disturbed = tmp_path / "disturbed"
        for _ in range(4):
            killed_pull(operator, disturbed, chance.uniform(0.05, takes * 0.6))
        whole_pull(operator, disturbed)
        assert state(operator, disturbed) == state(operator, undisturbed)
