"""The next page is mapped while one is stored; what breaks on either side costs no page and doubles none."""

import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from canonical_model.errors import UnsafeToContinue
from connectors.mapping import PageMapper
from connectors.ports import Page
from hub.operator_folder.operator_file import Limits
from hub.page_writer import page_writer
from hub.pull_bounds import PullBounds
from hub.pull_shares import PullShares
from hub.stream_pull import StreamOutcome, StreamPull
from storage.database import Database, open_database
from storage.migrate import upgrade
from storage.pulls import start_pull
from storage.seen_keys import SeenKeys
from storage.streams import stream_state
from tests.integration.hub.sweep_process import NOW, stream_mapping


@dataclass
class Workbench:
    database: Database
    mapper: PageMapper
    able: Any
    mapping: Any

    def pull(self, writer: Executor, **changed: Any) -> StreamPull:
        with self.database.writing() as connection:
            pull_id = start_pull(connection, "bills", "lines", NOW)
        clock, outcome = (lambda: NOW), StreamOutcome("bills", "lines")
        bounds = PullBounds(Limits(), "bills.lines", None)
        return StreamPull(
            self.database,
            self.able,
            self.mapping,
            self.mapper,
            bounds,
            PullShares(self.mapping, None, None),
            pull_id,
            NOW,
            clock,
            outcome,
            writer,
            SeenKeys(self.database),
            **changed,
        )

    def stored_to(self) -> Any:
        with self.database.reading() as connection:
            return (stream_state(connection, "bills", "lines").resume or {}).get("to")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    mapping, system = stream_mapping()
    with (
        closing(open_database(f"sqlite:///{tmp_path / 'hub.db'}", lock_wait_s=0.2)) as database,
        closing(PageMapper(mapping, system)) as mapper,
    ):
        upgrade(database)
        yield Workbench(database, mapper, system.capabilities, mapping)


def page(number: int) -> Page:
    records = [{"id": f"R{number}-{row}", "account": "A1", "changed": "2026-11-05T11:00:00Z"} for row in range(3)]
    return Page(records, resume={"to": number}, last=False)


class HeldWriter(ThreadPoolExecutor):
    """Stores when it is let go, as a slow database would."""

    def __init__(self) -> None:
        super().__init__(1)
        self.may_go = threading.Event()
        super().submit(self.may_go.wait)


def test_a_page_is_taken_while_the_one_before_is_still_being_stored(bench: Workbench) -> None:
    told: list[int] = []
    with HeldWriter() as writer:
        pull = bench.pull(writer, on_page=lambda outcome: told.append(outcome.counts.read))
        pull.store(page(1))
        assert (bench.stored_to(), told) == (None, [])
        writer.may_go.set()
        pull.store(page(2))
        assert told == [3]
        assert bench.stored_to() in (1, 2)
        pull.settle()
        assert (bench.stored_to(), told) == (2, [3, 6])
        pull.settle()
    assert told == [3, 6]


def test_nothing_follows_a_page_that_could_not_be_stored(bench: Workbench) -> None:
    with page_writer() as writer:
        pull = bench.pull(writer)
        pull.store(page(1))
        pull.settle()
        other = bench.pull(writer)  # takes the stream over
        pull.store(page(2))
        with pytest.raises(UnsafeToContinue, match="another pull"):
            pull.store(page(3))
        pull.settle()
        assert bench.stored_to() == 1
        other.store(page(2))
    assert bench.stored_to() == 2
    assert pull.outcome.counts.read == 3


def test_a_page_handed_over_is_stored_also_where_the_source_breaks_after_it(bench: Workbench) -> None:
    with suppress(ConnectionResetError), page_writer() as writer:
        bench.pull(writer).store(page(1))
        raise ConnectionResetError
    assert bench.stored_to() == 1


def test_a_page_that_must_not_be_stored_does_not_hinder_the_one_before(bench: Workbench) -> None:
    nameless = [{"id": "", "account": "A1", "changed": f"{row}"} for row in range(30)]
    with page_writer() as writer:
        pull = bench.pull(writer)
        pull.store(page(1))
        with pytest.raises(UnsafeToContinue, match="quarantine list"):
            pull.store(replace(page(2), records=nameless))
    assert bench.stored_to() == 1
