"""A small operator with two databases: accounts in the CRM, and bill lines in billing that name them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hub.sync import StreamOutcome, streams_in_order, sync_stream
from hub.workplace import Hub
from storage.quarantine import Quarantined, quarantined
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.columns import STILL_KNOWN
from tests.fakes.prepared_hub import prepared_hub

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)

OPERATOR = """
operator: Small Fiber
markets:
  oldtown: {{name: Old Town, zone: America/Denver, currency: USD, technology: pon}}
systems:
  bills: {{kind: sql, role: billing, address: env:BILLS}}
  crm: {{kind: sql, role: crm, address: env:CRM}}
limits: {{shrink_percent: 100, rejected_percent: {rejected_percent}, rejected_at_least: 1000}}
{database}"""
CATALOGUE = """
price_digits: 2
back_bill_months: 6
proration: {oldtown: actual_actual}
offerings:
  - {id: silver, charge: access, delivered_by: access, technologies: [pon], billing_codes: [SLV],
     network_profiles: ["500/500"], prices: [{amount: 60.00, valid_from: 2020-01-01}]}
"""
ACCOUNTS = """
system: crm
stream: accounts
market: "'oldtown'"
read:
  object: account
  key: [id]
  cursor: changed
  options: {zone: UTC, deleted_column: gone, deleted_values: [1]}
  fields: {id: text, number: text, changed: timestamp}
records:
  - entity: BillingAccount
    fields: {account_number: number}
"""
LINES = """
system: bills
stream: lines
market: "'oldtown'"
read:
  object: line
  key: [id]
  cursor: changed
  page_size: PAGE_SIZE
  options: {zone: UTC}
  fields: {id: text, account: text?, bill: text?, corrects: text?, amount: money(2), changed: timestamp}
records:
  - entity: ChargeLine
    fields:
      account_number: account
      subscription_id: corrects
      bill_id: bill
      billing_code: "'SLV'"
      rate_minor: amount
      amount_minor: amount
      currency: "'USD'"
      covers_from: DATE '2026-10-01'
      covers_to: DATE '2026-11-01'
      billed_on: DATE '2026-11-01'
"""
ACCOUNT_IS_KNOWN = (
    "{name: the account is known, expectation: expect_column_values_to_be_known, column: account_number,"
    " among: {entity: BillingAccount}}"
)


@dataclass
class Books:
    """The operator's folder, its databases, and what is believed there."""

    folder: Path
    crm: sqlite3.Connection
    bills: sqlite3.Connection
    environment: dict[str, str]

    def quality(self, *expectations: str, entity: str = "ChargeLine", more: str = "") -> None:
        """Judge lines by these from now on."""
        suite = "".join(f"    - {one}\n" for one in expectations)
        text = _text(self, "bills-lines.yaml").partition("\nquality:\n")[0].partition("\nfeed:")[0]
        suite = f"\nquality:\n  {entity}:\n{suite}" if expectations else "\n"
        (self.folder / "mappings" / "bills-lines.yaml").write_text(f"{text}{suite}{more}\n", encoding="utf-8")

    def limits(self, rejected_percent: int) -> None:
        """Let so many records be set aside from now on."""
        path = self.folder / "operator.yaml"
        head, _, tail = path.read_text(encoding="utf-8").partition("rejected_percent: ")
        path.write_text(f"{head}rejected_percent: {rejected_percent},{tail.partition(',')[2]}", encoding="utf-8")

    def accounts(self, *numbers: int, minute: int = 0, gone: bool = False) -> None:
        """The CRM has these accounts, changed at a minute of the day."""
        rows = [(f"a{number}", str(number), stamp(minute), int(gone)) for number in numbers]
        self.crm.executemany("INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?)", rows)

    def lines(self, **accounts: Any) -> None:
        """Billing has these lines by id, each of an account, changed a minute after the other."""
        (count,) = self.bills.execute("SELECT count(*) FROM line").fetchone()
        for minute, (name, account) in enumerate(accounts.items(), start=count):
            self.line(name, account, minute=minute)

    def line(
        self,
        name: str,
        account: object,
        *,
        bill: str | None = None,
        corrects: str | None = None,
        amount: object = "54.99",
        minute: int = 0,
    ) -> None:
        """Billing has this line, changed at a minute of the day."""
        row = (name, None if account is None else str(account), bill, corrects, amount, stamp(minute))
        self.bills.execute("INSERT OR REPLACE INTO line VALUES (?, ?, ?, ?, ?, ?)", row)

    @contextmanager
    def hub(self, workspace: Path) -> Iterator[Hub]:
        """The hub at work, by the folder as it is now."""
        with prepared_hub(self.folder, workspace, self.environment) as hub:
            yield hub

    def pulled(self, workspace: Path, *systems: str, hours: int = 0) -> dict[str, StreamOutcome]:
        """Pull everything of some systems, in the order that its references ask for; gives outcomes by stream."""
        with self.hub(workspace) as hub:
            streams = streams_in_order(hub, systems or ("bills", "crm"))
            moment = NOW + timedelta(hours=hours)
            return {stream: sync_stream(hub, system, stream, moment) for system, stream in streams}


def stamp(minute: int) -> str:
    """A minute of the day before, as the databases spell it."""
    return (NOW - timedelta(hours=24) + timedelta(minutes=minute)).strftime("%Y-%m-%d %H:%M:%S")


def known_lines(hub: Hub) -> dict[str, str]:
    """Account of each line that is known now, by the line's id."""
    return {row.source_id: row.account_number for row in records(hub, "ChargeLine")}


def records(hub: Hub, entity: str) -> list[Any]:
    """What is known now of an entity."""
    table = next(table for kind, table in CANONICAL_TABLES.items() if kind.__name__ == entity)
    with hub.database.reading() as connection:
        return list(connection.execute(select(table).where(table.c.known_to == STILL_KNOWN)))


def aside(hub: Hub) -> dict[str, Quarantined]:
    """What is in quarantine, by id."""
    with hub.database.reading() as connection:
        return {one.landed_id: one for one in quarantined(connection)}


def _text(books: Books, name: str) -> str:
    return (books.folder / "mappings" / name).read_text(encoding="utf-8")


@contextmanager
def small_books(
    parent: Path, *, page_size: int = 100, database: str | None = None, rejected_percent: int = 100
) -> Iterator[Books]:
    """The folder ``operator`` and two databases beside it; nothing is in them."""
    folder = parent / "operator"
    (folder / "mappings").mkdir(parents=True)
    own = f"database: {database}\n" if database else ""
    (folder / "operator.yaml").write_text(OPERATOR.format(rejected_percent=rejected_percent, database=own))
    (folder / "catalogue.yaml").write_text(CATALOGUE)
    (folder / "mappings" / "bills-lines.yaml").write_text(LINES.replace("PAGE_SIZE", str(page_size)))
    (folder / "mappings" / "crm-accounts.yaml").write_text(ACCOUNTS)
    addresses = {name: parent / f"{name.lower()}.db" for name in ("CRM", "BILLS")}
    crm, bills = (sqlite3.connect(path, isolation_level=None) for path in addresses.values())
    for owner in (crm, bills):
        owner.execute("PRAGMA synchronous=OFF")  # each statement is a transaction of its own
    crm.execute("CREATE TABLE account (id TEXT PRIMARY KEY, number, changed, gone)")
    bills.execute("CREATE TABLE line (id TEXT PRIMARY KEY, account, bill, corrects, amount, changed)")
    yield Books(folder, crm, bills, {name: f"sqlite:///{path}" for name, path in addresses.items()})
    crm.close()
    bills.close()
