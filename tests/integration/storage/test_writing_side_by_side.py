"""Several writers at once: each page waits for its turn, and nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from canonical_model.errors import RetryableError, UnsafeToContinue
from storage.database import Database, open_database
from storage.pages import store_page
from storage.pulls import start_pull
from tests.integration.conftest import MakeDatabase
from tests.integration.storage.page_builders import NINE, Stream, amounts, bill, charge_line

WRITERS = 4
PAGES = 12


def test_streams_that_are_pulled_at_once_all_arrive(database: Database) -> None:
    together = Barrier(WRITERS)

    def pull(writer: int) -> None:
        system = f"billing_{writer % 2}"
        stream = Stream(database, system, f"lines_{writer}")
        together.wait()
        for page in range(PAGES):
            source_id = f"{writer}-{page}"
            raw = bill(source_id, page)
            line = charge_line(source_id, page, source_system=system)
            stream.store(type(raw)(source_id, raw.payload, [line]))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(pull, range(WRITERS)))

    expected = {f"{writer}-{page}": page for writer in range(WRITERS) for page in range(PAGES)}
    assert amounts(database) == expected


def test_of_two_pulls_of_one_stream_only_the_newer_writes(database: Database) -> None:
    together = Barrier(WRITERS)

    def pull(writer: int) -> list[int]:
        stream = Stream(database)
        together.wait()
        stored = []
        for page in range(PAGES):
            try:
                stream.store(bill(f"{stream.pull_id}-{page}", page))
            except UnsafeToContinue:
                break
            stored.append(stream.pull_id)
        return stored

    with ThreadPoolExecutor(WRITERS) as pool:
        stored = [pull_id for pulled in pool.map(pull, range(WRITERS)) for pull_id in pulled]

    assert len(stored) == PAGES
    assert set(amounts(database)) == {f"{max(stored)}-{page}" for page in range(PAGES)}


def test_a_writer_that_waits_too_long_may_try_again(make_database: MakeDatabase, database_address: str) -> None:
    patient, hasty = open_database(database_address), open_database(database_address, lock_wait_s=0.1)
    with patient.writing() as connection:
        pull_id = start_pull(connection, "billing", "lines", NINE)
    bills = Stream(patient)
    with patient.writing() as holding:
        store_page(holding, bills.page([bill("L1")], known_at=NINE))
        with pytest.raises(RetryableError, match="try again later"), hasty.writing() as connection:
            start_pull(connection, "billing", "lines", NINE)

    with hasty.writing() as connection:
        assert start_pull(connection, "billing", "lines", NINE) > pull_id
    patient.close()
    hasty.close()
