"""Records that are set aside keep their reason and payload until one of them is accepted."""

import json

import pytest
from sqlalchemy import select

from canonical_model.errors import UnsafeToContinue
from storage.database import Database
from storage.pages import MappedRecord, Rejection, store_again, store_rejected
from storage.pulls import owner, start_pull
from storage.quarantine import Quarantined, quarantined, release, reword
from storage.schema.audit import AUDIT
from storage.schema.synchronisation import LANDING, PULL
from storage.streams import stream_state
from tests.integration.storage.page_builders import HOUR, NINE, Stream, amounts, bill, unusable


@pytest.fixture
def bills(database: Database) -> Stream:
    return Stream(database)


def set_aside(database: Database, system: str | None = None, stream: str | None = None) -> list[Quarantined]:
    with database.reading() as connection:
        return quarantined(connection, system, stream)


def test_a_rejected_record_lies_in_quarantine_with_reason_check_and_payload(
    database: Database, bills: Stream
) -> None:
    bills.store(MappedRecord("L1", {"amount": "1.005"}, rejection=Rejection("three decimals", "two_decimals")))

    assert set_aside(database) == [
        Quarantined("billing", "lines", "L1", "three decimals", "two_decimals", {"amount": "1.005"}, NINE, NINE)
    ]


def test_a_record_that_is_refused_again_keeps_when_that_began(database: Database, bills: Stream) -> None:
    bills.store(unusable("L1", "one"))
    bills.store(unusable("L1", "two"))

    (aside,) = set_aside(database)
    assert (aside.reason, aside.first_seen_at, aside.last_seen_at) == ("two", NINE, NINE + HOUR)


@pytest.mark.parametrize("change", [{"records": [bill("L1")]}, {"deleted": ["L1"]}])
def test_a_record_that_is_accepted_or_deleted_leaves(
    database: Database, bills: Stream, change: dict[str, list[object]]
) -> None:
    bills.store(unusable("L1"), unusable("L2"))
    bills.store(*change.get("records", []), deleted=change.get("deleted", []))

    assert [aside.landed_id for aside in set_aside(database)] == ["L2"]


def refuse(bills: Stream, *records: MappedRecord, **changes: object) -> int:
    bills.now += HOUR
    with bills.database.writing() as connection:
        return store_rejected(connection, bills.page(records, **changes))


def test_of_a_page_that_is_refused_only_what_is_unusable_is_kept(database: Database, bills: Stream) -> None:
    bills.store(bill("L1"), resume={"after": "L1"})
    assert refuse(bills, bill("L2"), unusable("L3", "no amount"), unusable("L4"), resume={"after": "L4"}) == 2

    assert [(aside.landed_id, aside.reason) for aside in set_aside(database)] == [
        ("L3", "no amount"),
        ("L4", "amount has three decimals"),
    ]
    with database.reading() as connection:
        assert stream_state(connection, "billing", "lines").resume == {"after": "L1"}
        assert list(connection.execute(select(LANDING.c.landed_id)).scalars()) == ["L1"]
        pull = connection.execute(select(PULL)).one()
    assert (pull.read, pull.rejected, pull.landed, pull.changed) == (4, 2, 1, 1)


def test_of_a_refused_page_the_copy_that_counts_decides(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", change_order=5))
    late = MappedRecord("L1", {"id": "L1"}, rejection=Rejection("no amount"), change_order=4)
    assert refuse(bills, late, unusable("L2"), bill("L2"), unusable("L3"), deleted=["L3"]) == 0
    assert set_aside(database) == []


def test_a_refused_page_that_comes_again_and_is_accepted_empties_the_quarantine(
    database: Database, bills: Stream
) -> None:
    refuse(bills, bill("L1"), unusable("L2"))
    refuse(bills, bill("L1"), unusable("L2"))
    (aside,) = set_aside(database)
    assert (aside.first_seen_at, aside.last_seen_at) == (NINE, NINE + HOUR)
    bills.store(bill("L1"), bill("L2"))
    assert set_aside(database) == []


def test_a_pull_that_was_overtaken_quarantines_nothing(database: Database, bills: Stream) -> None:
    with database.writing() as connection:
        start_pull(connection, "billing", "lines", NINE)
    with pytest.raises(UnsafeToContinue, match="another pull has started"):
        refuse(bills, unusable("L1"))
    assert set_aside(database) == []


def test_a_person_lets_records_out_and_the_audit_says_who(database: Database, bills: Stream) -> None:
    bills.store(unusable("L1"), unusable("L2"))
    with database.writing() as connection:
        assert release(connection, "billing", "lines", ["L1", "unknown"], "ana", NINE + HOUR, "a test") == {"L1"}

    assert [aside.landed_id for aside in set_aside(database)] == ["L2"]
    with database.reading() as connection:
        note = connection.execute(select(AUDIT)).one()
    assert (note.actor, note.at, note.action) == ("ana", NINE + HOUR, "quarantine.release")
    assert (note.subject, json.loads(note.detail)) == ("billing.lines", {"landed_ids": ["L1"], "why": "a test"})


def test_a_record_that_is_refused_after_its_release_comes_back_as_new(database: Database, bills: Stream) -> None:
    bills.store(unusable("L1"))
    with database.writing() as connection:
        release(connection, "billing", "lines", ["L1"], "ana", NINE, "a test")
    bills.store(unusable("L1"))

    assert [aside.first_seen_at for aside in set_aside(database)] == [NINE + HOUR]


def test_quarantine_is_listed_by_system_and_stream(database: Database, bills: Stream) -> None:
    bills.store(unusable("L1"))
    Stream(database, "field", "work_orders").store(unusable("W1"))

    assert [aside.landed_id for aside in set_aside(database)] == ["L1", "W1"]
    assert [aside.landed_id for aside in set_aside(database, "field")] == ["W1"]
    assert set_aside(database, "field", "photos") == []


def test_a_record_that_stays_may_be_refused_for_another_reason(database: Database, bills: Stream) -> None:
    bills.store(unusable("L1", "one"), unusable("L2", "one"))
    with database.writing() as connection:
        reasons = {"L1": Rejection("two", "a check"), "gone": Rejection("three")}
        reword(connection, "billing", "lines", reasons)

    assert [(aside.landed_id, aside.reason, aside.expectation) for aside in set_aside(database)] == [
        ("L1", "two", "a check"),
        ("L2", "one", None),
    ]


def test_a_record_that_is_mapped_anew_is_stored_without_moving_stream_or_counts(
    database: Database, bills: Stream
) -> None:
    bills.store(unusable("L1"), resume={"after": "L1"}, source_total=7)
    bills.now += HOUR
    with database.writing() as connection:
        assert owner(connection, "billing", "lines") == bills.pull_id
        assert store_again(connection, bills.page([bill("L1", 4200)], resume=None)).changed == 1

    assert set_aside(database) == []
    assert amounts(database) == {"L1": 4200}
    with database.reading() as connection:
        state = stream_state(connection, "billing", "lines")
        pull = connection.execute(select(PULL)).one()
    assert (state.resume, state.source_total) == ({"after": "L1"}, 7)
    assert (pull.read, pull.rejected, pull.changed) == (1, 1, 0)


def test_a_stream_that_was_never_pulled_has_no_owner(database: Database) -> None:
    with database.writing() as connection:
        assert owner(connection, "billing", "lines") is None
