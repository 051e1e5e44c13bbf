"""A page is one transaction: raw records, records, quarantine, counts and the cursor, or nothing of it."""

from dataclasses import asdict

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from canonical_model.billing import ChargeLine
from canonical_model.errors import UnsafeToContinue
from storage.database import Database
from storage.pages import MappedRecord, PageCounts, store_page
from storage.pulls import start_pull
from storage.quarantine import quarantined
from storage.schema.columns import STILL_KNOWN
from storage.schema.synchronisation import LANDING, PULL
from storage.streams import landed_ids, stream_state
from tests.integration.storage.page_builders import (
    HOUR,
    NINE,
    Stream,
    amounts,
    bill,
    charge_line,
    contents,
    unusable,
    work_order,
)


@pytest.fixture
def bills(database: Database) -> Stream:
    return Stream(database)


def test_a_page_tells_what_it_did(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", 100), bill("L2", 100), bill("L3", 100), bill("L4", 100, change_order=9))
    counts = bills.store(
        bill("L1", 100),
        bill("L2", 200),
        bill("L5", 300),
        bill("L4", 50, change_order=8),
        unusable("L6"),
        deleted=["L3"],
    )

    assert counts == PageCounts(read=5, landed=3, changed=2, unchanged=1, closed=1, rejected=1, deleted=1, late=1)
    with database.reading() as connection:
        pull = connection.execute(select(PULL)).one()
    assert {name: getattr(pull, name) for name in asdict(counts)} == {
        "read": 9,
        "landed": 7,
        "changed": 6,
        "unchanged": 1,
        "closed": 1,
        "rejected": 1,
        "deleted": 1,
        "late": 1,
    }


def test_the_same_page_twice_changes_nothing(database: Database) -> None:
    jobs = Stream(database, "field", "work_orders")
    page = (work_order("W1", [1, 2]), work_order("W2", [1]), work_order("W1", [2]), unusable("W3"))
    jobs.store(work_order("W4", [1]))
    jobs.store(*page, deleted=["W4"])
    with database.reading() as connection:
        once = contents(connection)
    counts = jobs.store(*page, deleted=["W4"], known_at=jobs.now)
    with database.reading() as connection:
        twice = contents(connection)

    assert (counts.landed, counts.changed, counts.closed) == (0, 0, 0)
    once.pop("quarantine")  # tells when a record was last refused
    twice.pop("quarantine")
    assert twice == once


def test_the_cursor_moves_with_the_data(database: Database, bills: Stream) -> None:
    bills.store(bill("L1"), resume={"after": "L1"}, source_total=7, newest_event=NINE)
    bills.store(bill("L2"), resume=None, newest_event=NINE - HOUR)

    with database.reading() as connection:
        state = stream_state(connection, "billing", "lines")
    assert (state.resume, state.source_total, state.last_event_at) == ({"after": "L1"}, 7, NINE)


def test_a_failure_in_the_middle_leaves_neither_data_nor_cursor(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", 100), resume={"after": "L1"})
    with database.reading() as connection:
        before = contents(connection, without=())
    broken = ChargeLine.model_construct(**{**dict(charge_line("L3")), "account_number": None})
    page = bills.page(
        [bill("L1", 200), unusable("L2"), MappedRecord("L3", {}, [broken])],
        known_at=NINE + HOUR,
        resume={"after": "L3"},
    )
    with pytest.raises((IntegrityError, psycopg.IntegrityError)), database.writing() as connection:
        store_page(connection, page)

    with database.reading() as connection:
        assert contents(connection, without=()) == before


def test_raw_records_are_kept_in_every_version_that_differs(database: Database, bills: Stream) -> None:
    for amount in (100, 100, 200):
        bills.store(bill("L1", amount))

    with database.reading() as connection:
        versions = connection.execute(select(LANDING).order_by(LANDING.c.known_from)).all()
    assert [(row.payload, row.known_from, row.known_to) for row in versions] == [
        ('{"amount":100,"id":"L1"}', NINE, NINE + 2 * HOUR),
        ('{"amount":200,"id":"L1"}', NINE + 2 * HOUR, STILL_KNOWN),
    ]


def test_a_raw_record_lands_whether_or_not_it_is_usable(database: Database, bills: Stream) -> None:
    bills.store(bill("L1"), unusable("L2"), MappedRecord("L3", {"kind": "of no interest"}), bill("L4"))
    bills.store(deleted=["L4"])

    with database.reading() as connection:
        assert landed_ids(connection, "billing", "lines") == {"L1", "L2", "L3"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"description": "a\0b"}, "description holds a NUL character"),
        ({"amount_minor": 2**63}, "amount_minor does not fit into 64 bits"),
        ({"amount_minor": -(2**63) - 1}, "amount_minor does not fit into 64 bits"),
    ],
)
def test_a_record_that_not_every_database_keeps_is_set_aside(
    database: Database, bills: Stream, changes: dict[str, object], reason: str
) -> None:
    bad = ChargeLine.model_construct(**{**dict(charge_line("L1")), **changes})
    counts = bills.store(MappedRecord("L1", {"text": "a\0b"}, [bad]), bill("L2", 100))

    assert counts.rejected == 1
    assert amounts(database) == {"L2": 100}
    with database.reading() as connection:
        (aside,) = quarantined(connection)
    assert (aside.reason, aside.payload) == (reason, {"text": "a\0b"})


def test_a_pull_that_another_one_took_over_writes_no_more(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", 100))
    with database.writing() as connection:
        start_pull(connection, "billing", "lines", NINE + HOUR)

    with pytest.raises(UnsafeToContinue, match=r"billing\.lines: another pull has started"):
        bills.store(bill("L1", 200))
    assert amounts(database) == {"L1": 100}


def test_a_record_of_another_system_is_a_defect(bills: Stream) -> None:
    stray = MappedRecord("L1", {}, [charge_line("L1", source_system="crm")])
    with pytest.raises(ValueError, match=r"a record of crm came in a page of billing\.lines"):
        bills.store(stray)
