"""The harness of the sql connector: the books of a simulated estate as a table of a real database."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from source_harnesses import Harness, fill_charge_lines

from connectors.ports import StreamRead
from simulated_estate.books import Books
from tests.fakes.sql_databases import KINDS, SqlDatabase, SqlServers
from tests.fakes.tcp_relay import TcpRelay, tcp_relay

_STAMPS = {"sqlite": "TEXT", "postgresql": "timestamptz", "mariadb": "datetime(6)"}


@dataclass
class SqlEstate:
    """A table that holds what the books said when they were last published, behind a relay.

    Attributes:
        addresses: as of a running estate.
        credentials: likewise.
    """

    books: Books
    database: SqlDatabase
    relay: TcpRelay | None
    addresses: dict[str, str]
    credentials: dict[str, dict[str, str]]

    def publish(self) -> None:
        """Make the table say what the books say now."""
        self.database.run("DELETE FROM charge_line")
        self._insert(self.books.billing["charge_lines"])

    def set_faults(self, spec: str) -> None:
        """Let the relay misbehave: ``billing:reset=0.1``, ``latency``, ``missing``; ``missing_feed`` empties it."""
        faults = dict(one.partition(":")[2].partition("=")[::2] for one in spec.split(",") if one)
        if self.relay is not None:
            self.relay.reset = float(faults.get("reset", 0))
            self.relay.latency_s = float(faults.get("latency", 0))
            self.relay.is_missing = "missing" in faults
        elif (
            "latency" in faults
        ):  # nobody writes so long to a file that its readers notice; a lock is what delays them
            self.database.run("BEGIN EXCLUSIVE")
        if "missing_feed" in faults:
            self.database.run("DELETE FROM charge_line")

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        stamp = "%Y-%m-%d %H:%M:%S" if self.database.kind == "mariadb" else "%Y-%m-%d %H:%M:%S+00:00"
        self.database.fill(
            "charge_line",
            [
                (row["lineId"], str(row["amount"]), row["modified"].strftime(stamp), bool(row.get("is_deleted")))
                for row in rows
            ],
        )


@contextmanager
def _served(kind: str, servers: SqlServers, books: Books, faults: str = "", seed: int = 0) -> Iterator[SqlEstate]:
    with ExitStack() as stack:
        database = stack.enter_context(servers.database(kind, "billing"))
        relay = stack.enter_context(tcp_relay(database.port, seed)) if database.port else None
        address = database.by_way_of(relay.port).address if relay else database.settings.address
        secrets = {name: value.get_secret_value() for name, value in database.settings.secrets.items()}
        estate = SqlEstate(books, database, relay, {"billing": address}, {"billing": secrets})
        key = "`lineId`" if kind == "mariadb" else '"lineId"'
        database.run(
            f"CREATE TABLE charge_line ({key} varchar(20) PRIMARY KEY, amount numeric(10, 2), "
            f"modified {_STAMPS[kind]}, is_deleted boolean)"
        )
        estate.publish()
        estate.set_faults(faults)
        yield estate


def _harness(kind: str) -> Harness:
    return Harness(
        name=f"sql-{kind}",
        kind="sql",
        target="billing",
        address="billing",
        read=StreamRead(
            "charge-lines",
            "charge_line",
            ("lineId", "amount", "modified"),
            ("lineId",),
            "modified",
            page_size=10,
            options={"deleted_column": "is_deleted", "deleted_values": [True], "rows_per_statement": 12},
        ),
        fill=fill_charge_lines,
        rows=lambda books: books.billing["charge_lines"],
        key=lambda row: str(row["lineId"]),
        options=lambda known: {},
        secrets=dict,
        passing=("reset=0.02",) if kind != "sqlite" else (),
        lasting=("reset=1", "missing") if kind != "sqlite" else ("latency=8",),
        serve=partial(_served, kind),
        fixtures=("servers",),
        publish=lambda estate: estate.publish(),
        is_remote=kind != "sqlite",
        deleted_mark="is_deleted",
    )


SQL = tuple(_harness(kind) for kind in KINDS)
