"""Asks the rules of one side: ``python -m benchmarks.all_rules.contender NAME FOLDER OUTPUT [STATEMENTS]``.

Two processes of one thread each, a bucket at a time, with the same memory. Each side is imported only when it runs.
"""

import multiprocessing
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TypeVar

Task = TypeVar("Task")
PROCESSES, MEMORY_MB = 2, 300
RULES_FILE = "rules.yaml"
STATEMENTS = Path(__file__).parent
CONTENDERS = {
    "splice": ("by_splice", True),
    "by hand": ("by_hand", True),
    "splice, no rules": ("by_splice", False),
    "by hand, no rules": ("by_hand", False),
}
"""Module of each and whether it asks; without, it only reads the views, so that asking alone can be told."""


def in_processes(do: Callable[[Task], object], tasks: Sequence[Task]) -> None:
    """Do something with each task, in as many processes as everybody has."""
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(do, tasks))


def run(name: str, folder: Path, output: Path, statements: Path = STATEMENTS) -> None:
    """Let one side ask."""
    module, asks = CONTENDERS[name]
    import_module(f"benchmarks.all_rules.{module}").ask(folder, output, asks, statements)


if __name__ == "__main__":
    run(sys.argv[1], *map(Path, sys.argv[2:]))
