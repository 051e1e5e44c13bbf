"""Hand-made rows of the four systems."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from simulated_estate.books import Books, DeviceRow, Row

START = datetime(2026, 1, 1, tzinfo=UTC)


def account(number: int, **changes: Any) -> Row:
    row: Row = {
        "Id": f"001LV{number:010d}AAA",
        "Name": f"Household {number}",
        "AccountNumber": f"LV-{number:07d}",
        "Type": "residential",
        "CreditLimit__c": Decimal("100.50"),
        "CreatedDate": "2025-11-01T08:30:00Z",
        "IsDeleted": False,
        "SystemModstamp": START + timedelta(minutes=number),
    }
    return {**row, **changes}


def order(number: int, **changes: Any) -> Row:
    row: Row = {
        "Id": f"801LV{number:010d}AAA",
        "OrderNumber": f"{number:08d}",
        "AccountId": f"001LV{number:010d}AAA",
        "Premise__c": None,
        "EffectiveDate": date(2026, 1, number % 28 + 1),
        "IsDeleted": False,
        "SystemModstamp": START + timedelta(minutes=number),
    }
    return {**row, **changes}


def charge_line(number: int, **changes: Any) -> Row:
    row: Row = {
        "lineId": f"L{number:06d}",
        "billNumber": "B1",
        "subscriptionId": "S1",
        "accountNumber": "0000000001",
        "billingCode": "INT-FBR-0300",
        "description": "Fiber <300> & more",
        "rate": Decimal("54.99"),
        "quantity": 1,
        "amount": Decimal("-12.50"),
        "coverFrom": date(2026, 3, 1),
        "coverTo": date(2026, 3, 31),
        "billDate": date(2026, 4, 1),
        "modified": START + timedelta(seconds=number),
    }
    return {**row, **changes}


def subscription(number: int, **changes: Any) -> Row:
    row: Row = {
        "subscriptionId": f"S{number}",
        "accountNumber": f"{number:010d}",
        "marketCode": "RB",
        "planCode": "INT-FBR-0300",
        "startDate": date(2026, 1, 1),
        "endDate": None,
        "status": "ACTIVE",
        "suspensions": [],
        "modified": START,
    }
    return {**row, **changes}


def work_order(number: int, **changes: Any) -> Row:
    moment = START + timedelta(minutes=number)
    row: Row = {"id": f"wo_{number:04d}", "order": f"SO-{number}", "updated_at": moment.isoformat(), "visits": []}
    return {**row, **changes}


def device(number: int, **changes: Any) -> DeviceRow:
    known: dict[str, Any] = {
        "serial": f"CXNK{number:08X}",
        "port": f"1/1/{number}",
        "oper_state": "up",
        "profile": "500/500",
        "rx_dbm": Decimal("-20.00"),
        "registered_since": datetime(2026, 3, 5, 19, 3, 22, tzinfo=UTC),
        "profile_since": datetime(2026, 7, 5, 18, 3, 22, tzinfo=UTC),
        "last_traffic_at": None,
    }
    return DeviceRow(**{**known, **changes})


def small_books() -> Books:
    return Books(
        crm={
            "Account": [account(number) for number in range(1, 13)],
            "Order": [order(number) for number in range(1, 6)],
            "Price_Exception__c": [],
        },
        billing={
            "subscriptions": [subscription(number) for number in range(1, 4)],
            "charge_lines": [charge_line(number) for number in range(1, 26)],
        },
        field_service={"work_orders": [work_order(number) for number in range(1, 11)], "completions": []},
        network={"rb-olt-calix": [device(number) for number in range(1, 8)]},
    )
