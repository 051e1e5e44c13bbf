"""One pull of all accounts in a process of its own.

``python -m benchmarks.bulk_puller NAME ADDRESS OUTPUT KEY SECRET``; each way is imported only when it runs.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from decimal import Decimal
from importlib import import_module
from pathlib import Path

PULLERS = {
    "bare": ("benchmarks.bulk_with_library", "pull_with_library"),
    "splice": ("benchmarks.bulk_with_splice", "pull_with_splice"),
}
FIELDS = (
    *("Id", "Name", "AccountNumber", "Market__c", "Credit__c"),
    *("Active__c", "Since__c", "Note__c", "SystemModstamp"),
)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What was read: records, the sum of their credits, and the time it took from the import of the library on."""

    rows: int
    cents: int
    wall_s: float
    cpu_s: float


def main(name: str, address: str, output: str, key: str, secret: str) -> None:
    """Pull, and tell what came in how much time."""
    started, worked = time.perf_counter(), time.process_time()
    module, function = PULLERS[name]
    pull = getattr(import_module(module), function)
    rows, cents = 0, Decimal(0)
    for record in pull(address, key, secret, FIELDS):
        rows += 1
        cents += Decimal(record["Credit__c"]) * 100
    pulled = Pulled(rows, int(cents), time.perf_counter() - started, time.process_time() - worked)
    Path(output).write_text(json.dumps(asdict(pulled)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
