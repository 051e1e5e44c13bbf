"""The benchmark of the sql connector reads every row once with both contenders, whatever time they take."""

import subprocess
import sys
from pathlib import Path

from tests.peers import require_peer


def test_both_contenders_read_every_row_once() -> None:
    require_peer("postgresql")
    command = [sys.executable, "-m", "benchmarks.read_sql", "--rows", "5000", "--runs", "1"]
    ended = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False)
    assert "both read every row once" in ended.stdout, ended.stdout + ended.stderr
