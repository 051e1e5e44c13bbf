"""What goes out is exactly what came in, the same from both databases."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from canonical_model.billing import ChargeLine
from canonical_model.entities import ENTITIES
from canonical_model.network import NetworkObservation
from canonical_model.places import Premise
from canonical_model.record import Record
from storage import extract
from storage.arrow_columns import arrow_schema
from storage.database import Database, open_database
from storage.extract import entity_batches, row_counts
from storage.pages import MappedRecord
from tests.integration.conftest import DIALECTS, MakeDatabase
from tests.integration.storage.page_builders import HOUR, NINE, Stream, bill, charge_line, rows, work_order

ODD_TEXTS = [
    "",
    "plain",
    "comma, and \"quotes\" and 'more'",
    "two\nlines\r\nand a\ttab",
    "\\N",
    "NULL",
    "t",
    "Łódź 東京 🏠",
    "back\\slash",
    "x" * 4000,
]
ODD_FLOATS = [0.0, 0.1, 1 / 3, -27.123456789012345, 5e-324, 1.7976931348623157e308, 89.99999999999999]
ODD_MOMENTS = [
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 3, 8, 2, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 1, 30, 0, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]


def odd_premise(number: int, rnd: random.Random) -> Premise:
    def text() -> str:
        return "".join(rnd.choices("ab ,\"'\\\n\tß東🏠", k=rnd.randrange(8)))

    return Premise.model_construct(
        market="valley",
        source_system="billing",
        source_object="premise",
        source_id=f"P{number}",
        address=ODD_TEXTS[number % len(ODD_TEXTS)],
        unit=rnd.choice([None, text()]),
        city=rnd.choice([None, text()]),
        postal_code=None,
        latitude=rnd.choice([None, ODD_FLOATS[number % len(ODD_FLOATS)]]),
        longitude=rnd.uniform(-180, 180),
        serviceability="planned",
        hub=None,
        terminal=text(),
    )


def odd_observation(number: int) -> NetworkObservation:
    moment = ODD_MOMENTS[number % len(ODD_MOMENTS)]
    return NetworkObservation(
        market="valley",
        source_system="billing",
        source_object="ont",
        source_id=f"O{number}",
        serial="ALCL12345678",
        element="olt-1",
        observed_at=moment,
        last_traffic_at=None if number % 2 else moment,
        operational_state="up",
        optical_dbm=ODD_FLOATS[number % len(ODD_FLOATS)],
        optical_side="olt_rx",
        optical_raw=-(2**53) + number,
        optical_raw_unit="0.01 dBm",
        optical_resolution_db=0.01,
    )


def odd_bill(number: int) -> ChargeLine:
    days = [date(1, 1, 1), date(1900, 2, 28), date(2024, 2, 29), date(9999, 12, 30)]
    first = days[number % len(days)]
    amount = [0, -1, 2**53, -(2**53)][number % 4]
    return charge_line(
        f"L{number}", amount, covers_from=first, covers_to=first + timedelta(days=1), description="a\n"
    )


def odd_records() -> list[Record]:
    rnd = random.Random(20260301)
    records: list[Record] = [odd_premise(number, rnd) for number in range(200)]
    records += [odd_observation(number) for number in range(20)]
    records += [odd_bill(number) for number in range(8)]
    return records


def store_each(database: Database, records: Sequence[Record]) -> None:
    stream = Stream(database)
    stream.store(*(MappedRecord(str(number), {}, [record]) for number, record in enumerate(records)))


@pytest.mark.parametrize("entity", [Premise, NetworkObservation, ChargeLine])
def test_every_value_comes_out_as_it_went_in(database: Database, entity: type[Record]) -> None:
    records = [record for record in odd_records() if isinstance(record, entity)]
    store_each(database, records)

    expected = sorted((record.to_row() for record in records), key=lambda row: row["source_id"])
    assert repr(rows(database, entity)) == repr(_in_arrow(entity, expected))


def _in_arrow(entity: type[Record], expected: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the zone object that Arrow gives to moments."""
    listed: list[dict[str, Any]] = pa.Table.from_pylist(expected, schema=arrow_schema(entity)).to_pylist()
    return listed


def test_both_databases_give_the_same_tables(make_database: MakeDatabase) -> None:
    tables = []
    for dialect in DIALECTS:
        opened = open_database(make_database(dialect))
        store_each(opened, odd_records())
        with opened.reading() as connection:
            tables.append(
                {
                    name: pa.Table.from_batches(entity_batches(connection, entity), arrow_schema(entity)).sort_by(
                        "source_id"
                    )
                    for name, entity in ENTITIES.items()
                }
            )
        opened.close()

    for name in ENTITIES:
        assert tables[0][name].equals(tables[1][name]), name


def test_records_come_in_batches_of_the_declared_schema(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "BATCH_ROWS", 10)
    store_each(database, [odd_bill(number) for number in range(25)])

    with database.reading() as connection:
        batches = list(entity_batches(connection, ChargeLine))
    assert [batch.num_rows for batch in batches] == [10, 10, 5]
    assert all(batch.schema == arrow_schema(ChargeLine) for batch in batches)


def test_an_entity_without_records_gives_no_batch(database: Database) -> None:
    with database.reading() as connection:
        assert list(entity_batches(connection, Premise)) == []


def test_only_the_records_of_a_market_are_given(database: Database) -> None:
    Stream(database).store(bill("L1"), bill("L2", market="coast"))

    assert [row["source_id"] for row in rows(database, ChargeLine, market="coast")] == ["L2"]
    assert rows(database, ChargeLine, market="hills") == []


def test_row_counts_are_those_of_the_batches(database: Database) -> None:
    bills = Stream(database)
    bills.store(bill("L1"), bill("L2", market="coast"))
    bills.store(deleted=["L1"])
    Stream(database, "field", "work_orders").store(work_order("W1", [1, 2]))

    def counted(**which: Any) -> dict[str, int]:
        with database.reading() as connection:
            return {name: count for name, count in row_counts(connection, **which).items() if count}

    assert counted() == {"ChargeLine": 1, "WorkOrder": 1, "WorkOrderVisit": 2}
    assert counted(market="valley") == {"WorkOrder": 1, "WorkOrderVisit": 2}
    assert counted(market="valley", known_at=NINE) == {"ChargeLine": 1, "WorkOrder": 1, "WorkOrderVisit": 2}


def test_a_reading_transaction_sees_one_moment(database: Database) -> None:
    bills = Stream(database)
    bills.store(bill("L1"))
    with database.reading() as connection:
        before = row_counts(connection)
        bills.store(bill("L2"), known_at=NINE + HOUR)
        assert row_counts(connection) == before
