"""Small pages of two streams: bills without nesting, work orders with visits nested in them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from canonical_model.billing import ChargeLine
from canonical_model.field_work import WorkOrder, WorkOrderVisit
from canonical_model.record import Record
from storage.database import Database
from storage.extract import entity_batches
from storage.pages import MappedPage, MappedRecord, PageCounts, Rejection, store_page
from storage.pulls import start_pull
from storage.schema import METADATA

NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def charge_line(source_id: str, amount_minor: int = 6999, **changes: Any) -> ChargeLine:
    return ChargeLine.model_validate(
        {
            "market": "valley",
            "source_system": "billing",
            "source_object": "rate",
            "source_id": source_id,
            "account_number": "A100",
            "billing_code": "FIBER-500",
            "rate_minor": 6999,
            "amount_minor": amount_minor,
            "currency": "USD",
            "covers_from": date(2026, 2, 1),
            "covers_to": date(2026, 3, 1),
            "billed_on": date(2026, 2, 1),
            **changes,
        }
    )


def bill(source_id: str, amount_minor: int = 6999, **changes: Any) -> MappedRecord:
    """A raw record that becomes one charge line."""
    order = changes.pop("change_order", None)
    line = charge_line(source_id, amount_minor, **changes)
    return MappedRecord(source_id, {"id": source_id, "amount": amount_minor}, [line], change_order=order)


def unusable(source_id: str, reason: str = "amount has three decimals") -> MappedRecord:
    return MappedRecord(source_id, {"id": source_id, "amount": "1.005"}, rejection=Rejection(reason))


def work_order(number: str, visits: Sequence[int], **changes: Any) -> MappedRecord:
    """A raw record that becomes a work order and a record for each of its visits."""
    common = {"market": "valley", "source_system": "field", "work_order_id": number}
    records: list[Record] = [
        WorkOrder.model_validate(
            {
                **common,
                "source_object": "order",
                "source_id": number,
                "order_number": "N7",
                "work_type": "install",
                "state": "completed",
                **changes,
            }
        )
    ]
    records += [
        WorkOrderVisit(**common, source_object="visit", source_id=f"{number}/{visit}", visit_number=visit)
        for visit in visits
    ]
    return MappedRecord(number, {"number": number, "visits": list(visits)}, records)


class Stream:
    """A stream that pages are stored into, an hour apart unless told otherwise."""

    def __init__(self, database: Database, system: str = "billing", stream: str = "lines") -> None:
        self.database, self.system, self.stream = database, system, stream
        with database.writing() as connection:
            self.pull_id = start_pull(connection, system, stream, NINE)
        self.now = NINE - HOUR

    def page(self, records: Sequence[MappedRecord] = (), **changes: Any) -> MappedPage:
        values = {"known_at": self.now, "resume": {"after": len(records)}, **changes}
        return MappedPage(self.system, self.stream, self.pull_id, records=records, **values)

    def store(self, *records: MappedRecord, **changes: Any) -> PageCounts:
        self.now += HOUR
        with self.database.writing() as connection:
            return store_page(connection, self.page(records, **changes))


def rows(
    database: Database, entity: type[Record], known_at: datetime | None = None, market: str | None = None
) -> list[dict[str, Any]]:
    """The rows of an entity as they are extracted, by source id."""
    with database.reading() as connection:
        found = [row for batch in entity_batches(connection, entity, market, known_at) for row in batch.to_pylist()]
    return sorted(found, key=lambda row: str(row["source_id"]))


def amounts(database: Database, known_at: datetime | None = None) -> dict[str, int]:
    """Amount of each charge line by its source id."""
    return {row["source_id"]: row["amount_minor"] for row in rows(database, ChargeLine, known_at)}


def visits(database: Database, known_at: datetime | None = None) -> list[str]:
    return [row["source_id"] for row in rows(database, WorkOrderVisit, known_at)]


def contents(connection: Connection, without: Sequence[str] = ("pull_id", "known_at")) -> dict[str, list[str]]:
    """Everything that the tables hold, pulls apart; for comparing whole databases."""
    found = {}
    for table in METADATA.sorted_tables:
        if table.name != "pull":
            columns = [column for column in table.c if column.name not in without]
            found[table.name] = sorted(str(tuple(row)) for row in connection.execute(select(*columns)))
    return found
