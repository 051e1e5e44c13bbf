"""Measure how fast records reach the canonical model: ``python -m benchmarks.upsert [--records 1000000]``.

Raw bill lines are mapped, validated, checked by their quality suite and stored with their history as a pull does it,
page by page (``--page``), each page in one transaction with its cursor: into an empty database, and once again where
nothing has changed, on SQLite and on a private PostgreSQL. Ends with status 1 where fewer than 20,000 records a
second get there, or where some are missing.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
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
from storage.extract import row_counts
from storage.migrate import upgrade
from storage.pulls import finish_pull, start_pull
from storage.seen_keys import SeenKeys
from tests.peers import listed_peers
from tests.postgresql import postgres_server

LEAST_A_SECOND = 20_000
PAGE = 10_000
"""Records in a page; a mapping may ask for up to 50,000, and asks for 2,000 where it says nothing."""

BLOCK = 50_000
"""Raw records that are made before the clock runs; nothing is being stored meanwhile."""

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
MAPPING = """
system: bills
stream: lines
market: "'oldtown'"
read:
  object: lines
  key: [id]
  cursor: changed
  options: {rows: data, since_parameter: since}
  fields:
    {id: text, account: text, code: text, rate: money(2), amount: money(2), first: date, last: date, billed: date,
     changed: timestamp}
records:
  - entity: ChargeLine
    fields:
      account_number: account
      subscription_id: account
      billing_code: code
      rate_minor: rate
      amount_minor: amount
      currency: "'USD'"
      covers_from: first
      covers_to: ADD_DAYS(last, 1)
      billed_on: billed
quality:
  ChargeLine:
    - {name: no line is above 10000.00, expectation: expect_column_values_to_be_between, column: amount_minor,
       max_value: 1000000}
    - {name: an account has digits, expectation: expect_column_values_to_match_regex, column: account_number,
       regex: "^[0-9]{1,9}$"}
"""


def main() -> int:
    """Store the records on both databases, twice each, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--page", type=int, default=PAGE, help="records in a page")
    options = parser.parse_args()
    records = options.records
    print(machine())
    found, missing = listed_peers()["postgresql"].find()
    is_well = True
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        addresses = {"sqlite": f"sqlite:///{folder / 'hub.db'}"}
        if missing:
            print(f"PostgreSQL is not installed: no {', '.join(missing)}")
            is_well = False
        else:
            server = stack.enter_context(postgres_server(found))
            addresses["postgresql"] = server.url(server.create_database())
        for kind, address in addresses.items():
            with closing(open_database(address)) as database:
                upgrade(database)
                for turn in ("new", "again"):
                    took = _pulled(database, records, options.page)
                    speed = records / took
                    print(f"{kind:<10} {turn:<5} {took:7.1f} s  {speed:9,.0f} records/s", flush=True)
                    is_well &= speed >= LEAST_A_SECOND
                with database.reading() as connection:
                    is_well &= row_counts(connection)["ChargeLine"] == records
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak {peak:.0f} MB; at least {LEAST_A_SECOND:,} records/s wanted: {'so' if is_well else 'NOT SO'}")
    return 0 if is_well else 1


def _pulled(database: Database, records: int, size: int = PAGE) -> float:
    """Seconds that a whole pull takes; making the raw records does not count."""
    mapping, system = _mapping()
    with database.writing() as connection:
        pull_id = start_pull(connection, "bills", "lines", NOW)
    took = 0.0
    outcome = StreamOutcome("bills", "lines")
    bounds = PullBounds(Limits(), "bills.lines", None)
    able = system.capabilities
    with (
        closing(PageMapper(mapping, system)) as mapper,
        closing(SeenKeys(database)) as seen,
        page_writer() as writer,
    ):
        shares = PullShares(mapping, None, None)
        pull = StreamPull(
            database, able, mapping, mapper, bounds, shares, pull_id, NOW, lambda: NOW, outcome, writer, seen
        )
        for block in range(0, records, BLOCK):
            pages = list(_pages(block, min(block + BLOCK, records), size))
            began = time.perf_counter()
            for page in pages:
                pull.store(page)
            pull.settle()
            took += time.perf_counter() - began
    if outcome.counts.rejected:
        raise SystemExit(f"the mapping refuses its own records: {outcome.set_aside[0]}")
    with database.writing() as connection:
        finish_pull(connection, pull_id, NOW, "succeeded")
    return took


def _mapping() -> tuple[StreamMapping, MappedSystem]:
    faults: list[Fault] = []
    system = MappedSystem("bills", capabilities_by_kind()["rest"])
    mappings = read_mappings({"lines.yaml": MAPPING}, faults, systems={"bills": system}, markets=["oldtown"])
    if faults:
        raise SystemExit("\n".join(map(str, faults)))
    return mappings[0], system


def _pages(first: int, last: int, size: int) -> Iterator[Page]:
    for start in range(first, last, size):
        yield Page(list(_raw(start, min(start + size, last))), resume={"after": start}, last=False)


def _raw(first: int, last: int) -> Iterator[dict[str, Any]]:
    for number in range(first, last):
        amount = f"{30 + number % 90}.{number % 100:02}"
        yield {
            "id": f"L{number:09}",
            "account": f"{1 + number // 12:09}",
            "code": f"C{number % 40}",
            "rate": amount,
            "amount": amount,
            "first": f"2026-{1 + number % 9:02}-01",
            "last": f"2026-{1 + number % 9:02}-28",
            "billed": f"2026-{2 + number % 9:02}-01",
            "changed": f"2026-10-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z",
        }


if __name__ == "__main__":
    sys.exit(main())
