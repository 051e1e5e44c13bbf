"""Keys are looked up among what is known now, a page's keys at a time, and never by reading a table through."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, inspect

from canonical_model.billing import CustomerBill
from rules.references import Target
from storage.database import Database, open_database
from storage.known_keys import known_keys, prepare_index
from storage.pages import MappedRecord
from tests.integration.conftest import MakeDatabase
from tests.integration.storage.page_builders import Stream, bill

ACCOUNT = Target("ChargeLine", ("account_number",))
COVERED = Target("ChargeLine", ("account_number", "covers_from"))


@pytest.fixture
def bills(database: Database) -> Stream:
    return Stream(database)


def asked(database: Database, target: Target, *keys: tuple[Any, ...]) -> set[tuple[Any, ...]]:
    with database.reading() as connection:
        return known_keys(connection, target, keys)


def test_a_key_is_known_while_a_record_bears_it(database: Database, bills: Stream) -> None:
    bills.store(bill("L1", account_number="1"), bill("L2", account_number="2"))
    assert asked(database, ACCOUNT, ("1",), ("2",), ("3",), ("1",)) == {("1",), ("2",)}
    bills.store(bill("L1", account_number="4"), deleted=["L2"])
    assert asked(database, ACCOUNT, ("1",), ("2",), ("4",)) == {("4",)}


def test_a_key_of_several_fields_is_known_as_a_whole(database: Database, bills: Stream) -> None:
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    bills.store(
        bill("L1", account_number="1", covers_from=march, covers_to=date(2026, 5, 1)),
        bill("L2", account_number="2", covers_from=april, covers_to=date(2026, 5, 1)),
    )
    keys = (("1", march), ("1", april), ("2", march), ("2", april))
    assert asked(database, COVERED, *keys) == {("1", march), ("2", april)}


def test_records_of_other_systems_and_streams_count_only_where_they_are_meant(database: Database) -> None:
    Stream(database).store(bill("L1", account_number="1"))
    Stream(database, stream="credits").store(bill("C1", account_number="2", source_object="credit"))
    Stream(database, system="old").store(bill("L1", account_number="3", source_system="old"))
    keys = [("1",), ("2",), ("3",)]

    def numbers(**narrowed: Any) -> str:
        found = asked(database, Target("ChargeLine", ("account_number",), **narrowed), *keys)
        return "".join(sorted(number for (number,) in found))

    assert numbers() == "123"
    assert numbers(systems=("billing",)) == "12"
    assert numbers(systems=("old", "crm")) == "3"
    assert numbers(stream="lines") == "13"
    assert numbers(systems=("billing",), stream="credits") == "2"


def test_more_keys_than_a_statement_takes(database: Database, bills: Stream) -> None:
    bills.store(*(bill(f"L{number}", account_number=f"{number}") for number in range(1, 1_500)))
    keys = [(str(number),) for number in range(3_000)]
    assert asked(database, ACCOUNT, *keys) == {(str(number),) for number in range(1, 1_500)}
    assert asked(database, ACCOUNT) == set()


def test_an_index_is_made_where_none_would_do_and_only_once(database: Database) -> None:
    by_bill = Target("ChargeLine", ("bill_id", "billing_code"))
    for target, made in ((ACCOUNT, False), (COVERED, False), (by_bill, True), (by_bill, False)):
        with database.writing() as connection:
            assert (prepare_index(connection, target) is not None) == made
    with database.reading() as connection:
        names = {found["name"] for found in inspect(connection).get_indexes("charge_line")}
    assert "ix_charge_line_asked_bill_id_billing_code" in names


def test_no_table_is_read_through(make_database: MakeDatabase) -> None:
    database = open_database(make_database("sqlite"))
    Stream(database).store(bill("L1"), MappedRecord("B1", {}, []))
    targets = [ACCOUNT, COVERED, Target("CustomerBill", ("bill_id",)), Target("ChargeLine", ("source_id",))]
    for target in targets:
        with database.writing() as connection:
            prepare_index(connection, target)
    statements: list[tuple[str, Any]] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda *told: statements.append((told[2], told[3])), once=False
    )
    for target in targets:
        asked(database, target, tuple(date(2026, 3, 1) if name == "covers_from" else "x" for name in target.fields))
    plans = []
    with database.writing() as connection:
        for statement, parameters in [one for one in statements if one[0].startswith("WITH asked")]:
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append([step[-1] for step in steps if "known" in step[-1]])
    database.close()
    assert len(plans) == len(targets)
    assert all(re.match(r"SEARCH known USING (COVERING )?INDEX", step) for steps in plans for step in steps), plans
    assert CustomerBill.identifiers == ("account_number",)  # else the index that was made would not be needed
