"""Which keys a source has not shown: found in the database, however many it has shown."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import inspect, text

from storage import seen_keys
from storage.database import Database
from storage.pages import store_rejected
from storage.seen_keys import SeenKeys, Unseen
from tests.integration.storage.page_builders import Stream, bill, unusable


@pytest.fixture
def seen(database: Database) -> Iterator[SeenKeys]:
    with closing(SeenKeys(database)) as found:
        yield found


def told(seen: SeenKeys) -> list[str]:
    return [landed_id for batch in seen.unseen() for landed_id in batch]


def test_what_is_held_and_was_not_shown_is_told_and_nothing_else(database: Database, seen: SeenKeys) -> None:
    Stream(database).store(*(bill(f"L{number}") for number in range(6)), unusable("Q1"), unusable("Q2"))
    Stream(database, "billing", "others").store(bill("X1"))
    Stream(database).store(deleted=["L5"])

    seen.add(["L0", "L1", "L1", "Q1"])
    seen.add(["L0", "L4", "never held"])

    # a raw record in quarantine is landed too
    assert seen.find_unseen("billing", "lines", most_named=2) == Unseen(landed=3, held=7, first=("L2", "L3"))
    assert told(seen) == ["L2", "L3", "Q2"]


def test_a_record_that_lies_in_quarantine_alone_is_told_but_not_counted(database: Database, seen: SeenKeys) -> None:
    bills = Stream(database)
    bills.store(bill("L1"))
    with database.writing() as connection:
        store_rejected(connection, bills.page([unusable("Q1")]))

    seen.add(["L1"])

    assert seen.find_unseen("billing", "lines", most_named=2) == Unseen(landed=0, held=1, first=())
    assert told(seen) == ["Q1"]


def test_where_no_key_came_everything_is_unseen(database: Database, seen: SeenKeys) -> None:
    Stream(database).store(bill("L1"), bill("L2"))

    assert seen.find_unseen("billing", "lines", most_named=5).landed == 2
    assert told(seen) == ["L1", "L2"]


def test_keys_come_so_many_at_a_time(database: Database, seen: SeenKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_keys, "BATCH", 2)
    Stream(database).store(*(bill(f"L{number}") for number in range(5)))
    seen.find_unseen("billing", "lines", most_named=1)

    assert list(seen.unseen()) == [["L0", "L1"], ["L2", "L3"], ["L4"]]


def test_nobody_waits_for_it_and_nothing_of_it_is_left(database: Database) -> None:
    with closing(SeenKeys(database)) as seen:
        with database.writing() as connection:
            connection.execute(text("UPDATE pull SET message = ''"))
            seen.add(["L1"])
        seen.find_unseen("billing", "lines", most_named=1)
        with database.writing() as connection:
            connection.execute(text("UPDATE pull SET message = ''"))
    with database.reading() as connection:
        assert {"seen_key", "unseen_key"}.isdisjoint(inspect(connection).get_temp_table_names())
