"""Runs one contender over one snapshot, in a process of its own: ``python -m benchmarks.contender NAME SNAPSHOT OUTPUT``.

Each contender is imported only when it runs, so that none pays for the imports of another.
"""

import sys
from collections.abc import Callable
from pathlib import Path


def _splice(snapshot: Path, output: Path) -> None:
    from reconciliation.run import judge

    judge(snapshot, output)


def _by_hand(snapshot: Path, output: Path) -> None:
    from benchmarks.handwritten import judge_by_hand

    judge_by_hand(snapshot, output)


def _pandas(snapshot: Path, output: Path) -> None:
    from benchmarks.with_pandas import judge_with_pandas

    judge_with_pandas(snapshot, output)


CONTENDERS: dict[str, Callable[[Path, Path], None]] = {"splice": _splice, "by hand": _by_hand, "pandas": _pandas}

if __name__ == "__main__":
    CONTENDERS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
