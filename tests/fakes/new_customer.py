"""A customer who walks in: rows of the CRM as somebody at the counter enters them, after the example of another."""

from datetime import UTC, datetime
from typing import Any

from simulated_estate.books import Books, Row
from simulated_estate.spelling import crm_account, crm_id, crm_order

ACCOUNT, ORDER, PREMISE = 7_000_001, 9_000_001, 8_000_001
HOME = (37.2, -79.9)
ORDERED_AT = datetime(2026, 11, 5, 9, tzinfo=UTC)


def walk_in(books: Books, offering: str = "fiber-500", market: str = "Riverbend", **order: Any) -> str:
    """Enter account, premise and order of a new customer; gives the order's number in its compared form."""
    crm = books.crm
    account = _like(crm["Account"], market, ACCOUNT, "001") | {
        "Name": "Walter Inman",
        "AccountNumber": crm_account(f"{ACCOUNT}"),
        "Account_Key__c": crm_account(f"{ACCOUNT}"),
        "Phone": "555-0177",
    }
    premise = _like(crm["Premise__c"], market, PREMISE, "a0P") | {
        "Name": f"PRM-{PREMISE:07d}",
        "Street__c": "4711 Lakeview Lane",
        "Unit__c": None,
        "Serviceable__c": "Yes",
        "Latitude__c": HOME[0],
        "Longitude__c": HOME[1],
    }
    row = _like(crm["Order"], market, ORDER, "801") | {
        "OrderNumber": crm_order(f"{ORDER}"),
        "Order_Key__c": crm_order(f"{ORDER}"),
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
    return f"{ORDER}"


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
