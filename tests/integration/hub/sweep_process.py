"""A sweep over many keys in a process of its own: ``python -m tests.integration.hub.sweep_process ADDRESS KEYS``.

Prints by how many megabytes the process grew after the first twentieth of the keys.
"""

import resource
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from canonical_model.errors import Fault
from connectors.discovery import capabilities_by_kind
from connectors.mapping import MappedSystem, PageMapper, StreamMapping, read_mappings
from connectors.ports import Page
from hub.operator_folder.operator_file import Limits
from hub.page_writer import page_writer
from hub.pull_bounds import PullBounds
from hub.pull_shares import PullShares
from hub.stream_pull import StreamOutcome, StreamPull
from storage.database import Database, open_database
from storage.pulls import start_pull
from storage.seen_keys import SeenKeys

SYSTEM, STREAM = "bills", "lines"
NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
IN_A_PAGE = 10_000
MAPPING = """
system: bills
stream: lines
market: "'oldtown'"
read:
  object: lines
  key: [id]
  cursor: changed
  options: {rows: data, since_parameter: since}
  fields: {id: text, account: text, changed: timestamp}
records:
  - entity: Customer
    fields: {account_number: account, name: id}
"""


def stream_mapping() -> tuple[StreamMapping, MappedSystem]:
    """The mapping, and whose it is."""
    faults: list[Fault] = []
    system = MappedSystem(SYSTEM, capabilities_by_kind()["rest"])
    (mapping,) = read_mappings({"lines.yaml": MAPPING}, faults, systems={SYSTEM: system}, markets=["oldtown"])
    assert not faults
    return mapping, system


def stream_pull(
    database: Database, mapper: PageMapper, seen: SeenKeys, writer: Executor, **limits: Any
) -> StreamPull:
    """A new pull of the stream."""
    with database.writing() as connection:
        pull_id = start_pull(connection, SYSTEM, STREAM, NOW)
    mapping, system = stream_mapping()
    bounds = PullBounds(Limits(**limits), f"{SYSTEM}.{STREAM}", None)
    outcome, shares = StreamOutcome(SYSTEM, STREAM), PullShares(mapping, None, None)
    return StreamPull(
        database,
        system.capabilities,
        mapping,
        mapper,
        bounds,
        shares,
        pull_id,
        NOW,
        lambda: NOW,
        outcome,
        writer,
        seen,
    )


def records(*names: str) -> list[dict[str, Any]]:
    """Raw records by their keys."""
    changed = "2026-10-01T00:00:00Z"
    return [{"id": name, "account": f"A{number}", "changed": changed} for number, name in enumerate(names, 1)]


def sweep(keys: int) -> Iterator[Page]:
    """The pages of a sweep over keys K0, K1 ... and no other."""
    for first in range(0, keys, IN_A_PAGE):
        held = [(f"K{number}",) for number in range(first, min(first + IN_A_PAGE, keys))]
        is_last = first + IN_A_PAGE >= keys
        yield Page([], resume={"swept": is_last}, last=is_last, held=held, swept=is_last)


def main() -> None:
    """Store three records, and sweep over keys among which one of them is missing."""
    address, keys = sys.argv[1], int(sys.argv[2])
    grown_from = 0
    with (
        closing(open_database(address)) as database,
        closing(PageMapper(*stream_mapping())) as mapper,
        closing(SeenKeys(database)) as seen,
        page_writer() as writer,
    ):
        pull = stream_pull(database, mapper, seen, writer)
        pull.store(Page(records("K0", f"K{keys - 1}", "gone"), resume={}, last=False))
        for number, page in enumerate(sweep(keys)):
            pull.store(page)
            if number == keys // IN_A_PAGE // 20:
                grown_from = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        pull.settle()
    sys.stdout.write(f"{(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - grown_from) // 1024}\n")


if __name__ == "__main__":
    main()
