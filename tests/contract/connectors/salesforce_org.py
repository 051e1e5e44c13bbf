"""An org with orders of every kind of value, and how its tests read it."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from source_harnesses import SALESFORCE

from connectors.discovery import open_source
from connectors.ports import Page, RawRecord, StreamRead, SystemSettings
from simulated_estate.books import Books, Row
from simulated_estate.servers.serve import RunningEstate

START = datetime(2026, 1, 1, tzinfo=UTC)
ORDERS = StreamRead(
    "orders",
    "Order",
    (
        *("Id", "OrderNumber", "Note__c", "Paid__c", "Total__c", "EffectiveDate", "SystemModstamp"),
        *("Account.Name", "Account.Type", "Account.Since__c"),
    ),
    ("Id",),
    "SystemModstamp",
    overlap=timedelta(0),
    page_size=200,
)
NOTES = (
    "plain",
    None,
    "",
    'said "no", then left',
    "two\nlines",
    "carriage\r\nreturn",
    "žluťoučký 🐎",
    " spaced ",
    "N/A",
)


def account(number: int, **changes: Any) -> Row:
    return {
        "Id": f"001LV{number:010d}AAA",
        "Name": f"Household {number}",
        "Type": "residential" if number % 2 else None,
        "Since__c": START + timedelta(hours=number, milliseconds=7),
        "IsDeleted": False,
        "SystemModstamp": START + timedelta(minutes=number),
        **changes,
    }


def order(number: int, **changes: Any) -> Row:
    return {
        "Id": f"801LV{number:010d}AAA",
        "OrderNumber": f"{number:08d}",
        "AccountId": None if number % 5 == 4 else f"001LV{number % 7:010d}AAA",
        "Note__c": NOTES[number % len(NOTES)],
        "Paid__c": number % 3 == 0,
        "Total__c": None if number % 11 == 10 else Decimal(number * 10_000 + number) / 100,
        "EffectiveDate": None if number % 6 == 5 else date(2026, 1, 1 + number % 28),
        "IsDeleted": False,
        "SystemModstamp": START + timedelta(minutes=number),
        **changes,
    }


def item(number: int, order_number: int, **changes: Any) -> Row:
    return {
        "Id": f"802LV{number:010d}AAA",
        "OrderId": f"801LV{order_number:010d}AAA",
        "Product__c": f"P{number}",
        "Quantity": Decimal(number),
        "IsDeleted": False,
        "SystemModstamp": START + timedelta(minutes=number),
        **changes,
    }


def books(orders: int) -> Books:
    accounts = [account(number) for number in range(7)]
    return Books(crm={"Account": accounts, "Order": [order(number) for number in range(orders)], "OrderItem": []})


def reading(read: StreamRead, **options: Any) -> StreamRead:
    return replace(read, options={**read.options, **options})


def settings(estate: RunningEstate, **options: Any) -> SystemSettings:
    usual = SALESFORCE.settings(estate)
    return replace(usual, options={**usual.options, **options})


def pulled(
    estate: RunningEstate, read: StreamRead, resume: dict[str, Any] | None = None, **options: Any
) -> list[Page]:
    with closing(open_source(settings(estate, **options))) as source:
        return list(source.pages(read, resume))


def records(pages: Iterable[Page]) -> list[RawRecord]:
    return [record for page in pages for record in page.records]


def ids(pages: Iterable[Page]) -> list[str]:
    return [record["Id"] for record in records(pages)]


def warnings(pages: Iterable[Page]) -> list[str]:
    return [warning for page in pages for warning in page.warnings]
