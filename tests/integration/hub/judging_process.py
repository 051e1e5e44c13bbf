"""A process that judges a market, and dies when so many of its buckets are done."""

import os
from datetime import datetime
from pathlib import Path

from hub.reconcile import reconcile_market
from hub.workplace import open_hub
from tests.fakes.doomed import kill_this_process


def judge_and_die(folder: Path, workspace: Path, moment: datetime, buckets: int) -> None:
    """Judge the old town at a moment."""
    done: list[str] = []

    def count(bucket: str) -> None:
        done.append(bucket)
        if len(done) == buckets:
            kill_this_process()

    with open_hub(folder, workspace, os.environ) as hub:
        reconcile_market(hub, "oldtown", moment, moment, count)
