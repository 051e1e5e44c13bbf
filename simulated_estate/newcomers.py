"""A customer who walks in, and the technician who comes: rows as people enter them, after the example of others."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from simulated_estate.books import Books, Row
from simulated_estate.spelling import crm_account, crm_id, crm_order

ACCOUNT, ORDER, PREMISE = 7_000_001, 9_000_001, 8_000_001
HOME = (37.2, -79.9)
ORDERED_AT = datetime(2026, 11, 5, 9, tzinfo=UTC)


def walk_in(
    books: Books,
    offering: str = "fiber-500",
    market: str = "Riverbend",
    number: int = 1,
    beside: Sequence[str] = (),
    **order: Any,
) -> str:
    """Enter account, premise and order of a new customer; gives the order's number in its compared form.

    Args:
        books: of the estate.
        offering: that is ordered.
        market: as the CRM names it.
        number: of the newcomer, from 1 on; the house has it too (4711 Lakeview Lane is the first).
        beside: products that are ordered with it.
        order: fields of the order that differ.
    """
    crm, account_number, order_number = books.crm, f"{ACCOUNT + number - 1}", f"{ORDER + number - 1}"
    account = _like(crm["Account"], market, ACCOUNT + number - 1, "001") | {
        "Name": "Walter Inman",
        "AccountNumber": crm_account(account_number),
        "Account_Key__c": crm_account(account_number),
        "Phone": "555-0177",
    }
    premise = _like(crm["Premise__c"], market, PREMISE + number - 1, "a0P") | {
        "Name": f"PRM-{PREMISE + number - 1:07d}",
        "Street__c": f"{4710 + number} Lakeview Lane",
        "Unit__c": None,
        "Serviceable__c": "Yes",
        "Latitude__c": HOME[0],
        "Longitude__c": HOME[1],
    }
    row = _like(crm["Order"], market, ORDER + number - 1, "801") | {
        "OrderNumber": crm_order(order_number),
        "Order_Key__c": crm_order(order_number),
        "AccountId": account["Id"],
        "Account_Number__c": account["AccountNumber"],
        "Premise__c": premise["Id"],
        "Type": "New",
        "Status": "Scheduled",
        "StatusCode": "Activated",
        "Offering__c": offering,
        "Promo_Code__c": None,
        "Addons__c": None,
        "EffectiveDate": ORDERED_AT.date(),
        "Completed_At__c": None,
    }
    crm["Account"].append(account)
    crm["Premise__c"].append(premise)
    crm["Order"].append(row | order)
    for place, product in enumerate(beside):
        crm["OrderItem"].append(
            {
                "Id": crm_id("802", (ORDER + number - 1) * 10 + place),
                "CreatedDate": ORDERED_AT,
                "SystemModstamp": ORDERED_AT,
                "IsDeleted": False,
                "OrderId": row["Id"],
                "Order_Number__c": row["OrderNumber"],
                "Product__c": product,
                "Action__c": "Add",
                "Quantity": 1,
            }
        )
    return order_number


def _like(rows: list[Row], market: str, number: int, prefix: str) -> Row:
    example = next(row for row in rows if row["Market__c"] == market and not row["IsDeleted"])
    stamps = {"CreatedDate": ORDERED_AT, "SystemModstamp": ORDERED_AT}
    return {**example, **stamps, "Id": crm_id(prefix, number)}


def completion_of(job: Row, serial: str, at: datetime) -> Row:
    """What a technician reports of a job that is done."""
    return {
        "id": job["id"].replace("wo_", "cmp_"),
        "work_order_id": job["id"],
        "completed_at": at.isoformat(),
        "received_at": at.isoformat(),
        "region": job["region"],
        "installed_plan": "Fiber 500",
        "devices": [{"kind": "ont", "serial": serial, "ownership": "leased"}],
        "photos": [
            {"subject": subject, "taken_at": at.isoformat()} for subject in ("drop", "terminal", "device label")
        ],
        "gps": {"lat": HOME[0], "lon": HOME[1]},
        "tests": [],
        "tasks": [],
        "checklist": {"complete": True},
        "notes": "",
        "technician": "Kira Lund",
        "crew": "Crew 1",
        "updated_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    }
