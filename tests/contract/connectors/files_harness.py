"""The harness of the files connector: the books of a simulated estate as CSV files that tell everything."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from source_harnesses import Harness, fill_charge_lines

from connectors.ports import StreamRead
from simulated_estate.books import Books
from tests.fakes.sftp_server import PASSWORD, USER, sftp_server
from tests.fakes.tcp_relay import TcpRelay, tcp_relay

_COLUMNS = ("lineId", "amount", "modified", "is_deleted")


@dataclass
class FilesEstate:
    """A folder with a file of everything that the books said each time they were published.

    Attributes:
        addresses: as of a running estate.
        credentials: likewise.
    """

    books: Books
    folder: Path
    relay: TcpRelay | None
    numbers: Iterator[int]
    addresses: dict[str, str]
    credentials: dict[str, dict[str, str]]

    def publish(self, *, is_empty: bool = False) -> None:
        """Lay down what the books say now."""
        name = f"lines-{next(self.numbers):04}.csv"
        with (self.folder / f"{name}.part").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)
            writer.writerows(
                (row["lineId"], row["amount"], row["modified"].isoformat(), "X" if row.get("is_deleted") else "")
                for row in ([] if is_empty else self.books.billing["charge_lines"])
            )
        (self.folder / f"{name}.part").rename(self.folder / name)

    def set_faults(self, spec: str) -> None:
        """Let the relay misbehave: ``billing:reset=0.1``, ``latency``, ``missing``; ``missing_feed`` has no rows."""
        faults = dict(one.partition(":")[2].partition("=")[::2] for one in spec.split(",") if one)
        if self.relay is not None:
            self.relay.reset = float(faults.get("reset", 0))
            self.relay.latency_s = float(faults.get("latency", 0))
            self.relay.is_missing = "missing" in faults
        if "missing_feed" in faults:
            self.publish(is_empty=True)


@contextmanager
def _served(kind: str, books: Books, faults: str = "", seed: int = 0) -> Iterator[FilesEstate]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        relay, address, known = None, str(folder), {}
        if kind == "sftp":
            server = stack.enter_context(sftp_server(folder))
            relay = stack.enter_context(tcp_relay(server.port, seed))
            address, known = f"sftp://{USER}@127.0.0.1:{relay.port}/", {"password": PASSWORD}
            known["host_key"] = server.host_key
        estate = FilesEstate(books, folder, relay, count(1), {"billing": address}, {"billing": known})
        estate.publish()
        estate.set_faults(faults)
        yield estate


def _harness(kind: str) -> Harness:
    is_remote = kind == "sftp"
    return Harness(
        name=f"files-{kind}",
        kind="files",
        target="billing",
        address="billing",
        read=StreamRead(
            "charge-lines",
            "lines-*.csv",
            ("lineId", "amount", "modified"),
            ("lineId",),
            page_size=10,
            options={"mode": "full", "deleted_column": "is_deleted", "settle_s": 0.02},
        ),
        fill=fill_charge_lines,
        rows=lambda books: books.billing["charge_lines"],
        key=lambda row: str(row["lineId"]),
        options=lambda known: {"host_key": known["host_key"]} if is_remote else {},
        secrets=lambda known: {"password": known["password"]} if is_remote else {},
        passing=("reset=0.02",) if is_remote else (),
        lasting=("reset=1", "missing") if is_remote else (),
        serve=partial(_served, kind),
        publish=lambda estate: estate.publish(),
        is_remote=is_remote,
        deleted_mark="is_deleted",
    )


FILES = tuple(_harness(kind) for kind in ("folder", "sftp"))
