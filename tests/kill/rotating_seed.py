"""The seed that the suite begins with: another one with each commit and day."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path


def rotating_seed() -> int:
    """The first seed; ``KILL_SEED`` names one, to see a failure again."""
    if "KILL_SEED" in os.environ:
        return int(os.environ["KILL_SEED"])
    told = subprocess.run(
        ["git", "-c", "safe.directory=*", "rev-parse", "HEAD"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return (int(told[:7] or "0", 16) + datetime.now(UTC).toordinal()) * 1000 % 10**9
