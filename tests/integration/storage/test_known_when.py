"""What was known when: versions are opened and closed, and never rewritten."""

from datetime import timedelta

import pytest

from canonical_model.field_work import WorkOrder
from storage.database import Database
from tests.integration.storage.page_builders import (
    HOUR,
    NINE,
    Stream,
    amounts,
    bill,
    charge_line,
    rows,
    unusable,
    visits,
    work_order,
)

BEFORE_NINE = NINE - timedelta(microseconds=1)


@pytest.fixture
def bills(database: Database) -> Stream:
    return Stream(database)


@pytest.fixture
def jobs(database: Database) -> Stream:
    return Stream(database, "field", "work_orders")


def test_a_changed_record_is_known_as_it_was_at_each_moment(database: Database, bills: Stream) -> None:
    for amount in (100, 200, 300):
        bills.store(bill("L1", amount))

    assert amounts(database, BEFORE_NINE) == {}
    assert amounts(database, NINE) == {"L1": 100}
    assert amounts(database, NINE + HOUR - timedelta(microseconds=1)) == {"L1": 100}
    assert amounts(database, NINE + HOUR) == {"L1": 200}
    assert amounts(database, NINE + 5 * HOUR) == {"L1": 300}
    assert amounts(database) == {"L1": 300}


def test_an_unchanged_record_keeps_its_one_version(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", 100))
    counts = bills.store(bill("L1", 100), bill("L2", 50))

    assert (counts.changed, counts.unchanged) == (1, 1)
    assert amounts(database, NINE) == {"L1": 100}
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM charge_line WHERE source_id = 'L1'").scalar() == 1


def test_a_value_that_comes_back_is_a_version_of_its_own(database: Database, bills: Stream) -> None:
    for amount in (100, 200, 100):
        bills.store(bill("L1", amount))

    assert [amounts(database, NINE + hours * HOUR)["L1"] for hours in range(3)] == [100, 200, 100]


def test_a_nested_row_that_the_source_no_longer_gives_is_closed(database: Database, jobs: Stream) -> None:
    jobs.store(work_order("W1", [1, 2, 3]), work_order("W2", [1]))
    counts = jobs.store(work_order("W1", [1, 3]))

    assert counts.closed == 1
    assert visits(database) == ["W1/1", "W1/3", "W2/1"]
    assert visits(database, NINE) == ["W1/1", "W1/2", "W1/3", "W2/1"]


def test_the_last_nested_row_is_closed_although_its_entity_is_not_in_the_page(
    database: Database, jobs: Stream
) -> None:
    jobs.store(work_order("W1", [1]))
    jobs.store(work_order("W1", []))

    assert visits(database) == []
    assert [row["source_id"] for row in rows(database, WorkOrder)] == ["W1"]


def test_a_nested_row_that_moves_to_another_raw_record_stays_there(database: Database, jobs: Stream) -> None:
    first, second = work_order("W1", [1]), work_order("W2", [])
    jobs.store(first, second)
    moved = [record for record in first.records if record.source_object == "visit"]
    jobs.store(type(second)("W2", {"number": "W2", "visits": ["W1/1"]}, [*second.records, *moved]))
    jobs.store(work_order("W1", []))

    assert visits(database) == ["W1/1"]


def test_a_deletion_closes_everything_that_the_raw_record_said(database: Database, jobs: Stream) -> None:
    jobs.store(work_order("W1", [1, 2]), work_order("W2", [1]))
    counts = jobs.store(deleted=["W1", "never-seen"])

    assert counts.closed == 3
    assert visits(database) == ["W2/1"]
    assert visits(database, NINE) == ["W1/1", "W1/2", "W2/1"]


def test_a_record_that_returns_after_its_deletion_is_known_again(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", 100))
    bills.store(deleted=["L1"])
    bills.store(bill("L1", 100))

    assert [amounts(database, NINE + hours * HOUR) for hours in range(3)] == [{"L1": 100}, {}, {"L1": 100}]


def test_a_rejected_record_leaves_what_was_known(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", 100))
    counts = bills.store(unusable("L1"))

    assert counts.rejected == 1
    assert amounts(database) == {"L1": 100}


def test_the_later_of_two_copies_in_a_page_wins_with_its_nested_rows(database: Database, jobs: Stream) -> None:
    jobs.store(work_order("W1", [1, 2], state="dispatched"), work_order("W1", [1], state="completed"))

    assert visits(database) == ["W1/1"]
    assert [row["state"] for row in rows(database, WorkOrder)] == ["completed"]


def test_a_deletion_wins_over_a_copy_in_the_same_page(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", 100), bill("L2", 50), deleted=["L1"])

    assert amounts(database) == {"L2": 50}


def test_a_copy_that_is_older_at_the_source_is_late_and_ignored(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", 200, change_order=20))
    counts = bills.store(bill("L1", 100, change_order=10), bill("L2", 50, change_order=10))

    assert (counts.late, counts.landed, counts.changed) == (1, 1, 1)
    assert amounts(database) == {"L1": 200, "L2": 50}


def test_a_late_copy_within_a_page_is_ignored_too(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", 200, change_order=20), bill("L1", 100, change_order=10))

    assert amounts(database) == {"L1": 200}


def test_a_late_rejected_copy_does_not_reach_quarantine(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", 200, change_order=20))
    late = unusable("L1")
    bills.store(type(late)("L1", late.payload, rejection=late.rejection, change_order=10))

    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM quarantine").scalar() == 0


def test_pages_of_the_same_moment_follow_each_other(database: Database, bills: Stream) -> None:
    for amount in (100, 200):
        bills.store(bill("L1", amount), known_at=NINE)

    assert amounts(database, NINE) == {"L1": 100}
    assert amounts(database, NINE + timedelta(microseconds=1)) == {"L1": 200}


def test_a_clock_that_was_set_back_does_not_rewrite_history(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", 100), known_at=NINE)
    bills.store(bill("L1", 200), known_at=NINE - 3 * HOUR)

    assert amounts(database, NINE - HOUR) == {}
    assert amounts(database, NINE) == {"L1": 100}
    assert amounts(database) == {"L1": 200}


def test_a_stream_under_a_new_name_takes_its_records_over(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", 100), bill("L2", 50))
    renamed = Stream(database, "billing", "charge_lines")
    renamed.store(bill("L1", 100))
    renamed.store(deleted=["L1"])

    assert amounts(database) == {"L2": 50}


def test_two_systems_may_use_the_same_key(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", 100))
    other = Stream(database, "old_billing", "lines")
    other.store(type(bill("L1"))("L1", {}, [charge_line("L1", 7, source_system="old_billing")]))
    other.store(deleted=["L1"])

    assert amounts(database) == {"L1": 100}
