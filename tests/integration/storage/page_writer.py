"""A process that pulls a made-up source page by page, to be killed while it does so."""

import os
import random
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection as Pipe

from storage.database import open_database
from storage.pages import MappedPage, MappedRecord, store_page
from storage.pulls import finish_pull, start_pull
from storage.streams import stream_state
from tests.integration.storage.page_builders import NINE, unusable, work_order

PAGES = 60
RECORDS_IN_A_PAGE = 20
JOBS = 150
SEED = 11


def source_page(number: int) -> tuple[list[MappedRecord], list[str]]:
    """Raw records and deletions of a page; the same ones every time."""
    rnd = random.Random(SEED * 1000 + number)
    records = []
    for _ in range(RECORDS_IN_A_PAGE):
        job = f"W{rnd.randrange(JOBS)}"
        if rnd.random() < 0.1:
            records.append(unusable(job))
        else:
            visits = rnd.sample(range(1, 6), rnd.randrange(4))
            records.append(work_order(job, visits, state=rnd.choice(["scheduled", "completed"])))
    deleted = [f"W{rnd.randrange(JOBS)}" for _ in range(rnd.randrange(3))]
    return records, deleted


def pull(address: str, before_page: Callable[[int], None] = lambda number: None) -> None:
    """Store the pages that are not stored yet, from the stream's resume point on."""
    database = open_database(address)
    with database.writing() as connection:
        pull_id = start_pull(connection, "field", "work_orders", NINE)
    with database.reading() as connection:
        resume = stream_state(connection, "field", "work_orders").resume or {"next": 0}
    for number in range(resume["next"], PAGES):
        before_page(number)
        records, deleted = source_page(number)
        page = MappedPage(
            system="field",
            stream="work_orders",
            pull_id=pull_id,
            known_at=NINE + timedelta(minutes=number),
            records=records,
            deleted=deleted,
            resume={"next": number + 1},
        )
        with database.writing() as connection:
            store_page(connection, page)
    with database.writing() as connection:
        finish_pull(connection, pull_id, NINE, "succeeded")
    database.close()


def pull_and_tell(address: str, pipe: Pipe) -> None:
    """Say which page is about to be stored, and wait for leave to do so."""

    def ask(number: int) -> None:
        pipe.send(number)
        pipe.recv()

    pull(address, ask)


def die_before_commit(address: str) -> None:
    """Write a page and leave without a word before its transaction is committed."""
    database = open_database(address)
    with database.writing() as connection:
        pull_id = start_pull(connection, "field", "work_orders", NINE)
    with database.writing() as connection:
        records, deleted = source_page(0)
        store_page(connection, MappedPage("field", "work_orders", pull_id, NINE, records, deleted, {"next": 1}))
        os._exit(1)
