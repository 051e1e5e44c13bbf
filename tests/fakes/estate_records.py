"""The books of a simulated estate as canonical records, without any protocol, server or mapping file in between.

The words and numbers of each system are read here by hand, so that a test of reconciliation says nothing about the
connectors, and a wrong mapping cannot hide a wrong rule.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from canonical_model.billing import (
    Adjustment,
    BillingCycle,
    ChargeLine,
    CreditApproval,
    CustomerBill,
    Payment,
    Subscription,
    SuspensionPeriod,
)
from canonical_model.customers import BillingAccount
from canonical_model.field_work import (
    CompletionMaterial,
    CompletionTask,
    FieldCompletion,
    ServiceTest,
    WorkOrder,
    WorkOrderVisit,
)
from canonical_model.network import NetworkObservation
from canonical_model.orders import PriceAlteration, ProductOrder, ProductOrderItem
from canonical_model.record import Record
from simulated_estate.books import Books, DeviceRow, Row
from simulated_estate.estate import Estate
from simulated_estate.markets import MARKETS
from tests.fakes.estate_filings import filed_records
from tests.fakes.estate_supply_records import supply_records
from tests.fakes.estate_take_over_records import take_over_records
from tests.fakes.estate_words import BY_BILLING_CODE, BY_REGION, after, device_kind, minor, source, without_prefix

BY_CRM_NAME = {market.name: market.id for market in MARKETS.values()}
BY_ELEMENT = {element.name: market.id for market in MARKETS.values() for element in market.elements}

ORDER_STATES = {"Draft": "acknowledged", "Activated": "inProgress", "Completed": "completed", "Canceled": "cancelled"}
ITEM_ACTIONS = {"Add": "add", "Modify": "modify", "Delete": "delete", "No Change": "noChange"}
WORK_STATES = {
    "new": "new",
    "booked": "scheduled",
    "en_route": "dispatched",
    "on_site": "in_progress",
    "parked": "on_hold",
    "done": "completed",
    "unable": "cannot_complete",
    "void": "cancelled",
}

OUTCOMES = {
    "complete": "done",
    "return": "return_needed",
    "no_access": "no_access",
    "cancelled": "cancelled",
    "open": "open",
}


def estate_records(estate: Estate) -> list[Record]:
    """Every record of the estate that reconciliation reads, of all markets."""
    books = estate.books
    return [
        *_accounts(books),
        *_orders(books),
        *_price_alterations(books),
        *_subscriptions(books),
        *_charge_lines(books),
        *_bills(books),
        *_bill_cycles(books),
        *_payments(books),
        *_adjustments(books),
        *_credit_approvals(books),
        *_field_work(books),
        *supply_records(books),
        *filed_records(books),
        *take_over_records(books),
        *_devices(books, estate.as_of),
    ]


def _kept(rows: list[Row]) -> list[Row]:
    return [row for row in rows if not row["IsDeleted"]]


def _accounts(books: Books) -> Iterator[Record]:
    for row in _kept(books.crm["Account"]):
        yield BillingAccount(
            **source(BY_CRM_NAME[row["Market__c"]], "crm", "Account", row["Id"]),
            account_number=without_prefix(row["AccountNumber"]),
            segment=row["Type"].lower(),
        )


def _orders(books: Books) -> Iterator[Record]:
    market_of: dict[str, str] = {}
    for row in _kept(books.crm["Order"]):
        market_of[row["Id"]] = BY_CRM_NAME[row["Market__c"]]
        yield ProductOrder(
            **source(market_of[row["Id"]], "crm", "Order", row["Id"]),
            order_number=row["OrderNumber"],
            account_number=without_prefix(row["Account_Number__c"]),
            order_type=row["Type"].lower(),
            state=ORDER_STATES[row["StatusCode"]],
            offering_id=row["Offering__c"],
            promotion_code=row["Promo_Code__c"],
            premise_id=row["Premise__c"],
            install_fee_waived=row["Install_Fee_Waived__c"],
            term_months=row["Term_Months__c"],
            ordered_at=row["CreatedDate"],
            effective_on=row["EffectiveDate"],
            completed_at=row["Completed_At__c"],
        )
    for row in _kept(books.crm["OrderItem"]):
        yield ProductOrderItem(
            **source(market_of[row["OrderId"]], "crm", "OrderItem", row["Id"]),
            order_number=row["Order_Number__c"],
            product_id=row["Product__c"],
            action=ITEM_ACTIONS[row["Action__c"]],
            quantity=row["Quantity"],
        )


def _price_alterations(books: Books) -> Iterator[Record]:
    """Only approved ones: what nobody approved alters no price."""
    market_of = {row["Id"]: BY_CRM_NAME[row["Market__c"]] for row in books.crm["Account"]}
    kinds = {
        "promo_extension": "promotion_extension",
        "loyalty_credit": "granted_discount",
        "vacation_hold": "seasonal_hold",
    }
    for row in _kept(books.crm["Price_Exception__c"]):
        if row["Approved_By__c"] is None:
            continue
        yield PriceAlteration(
            **source(market_of[row["Account__c"]], "crm", "Price_Exception__c", row["Id"]),
            account_number=without_prefix(row["Account_Number__c"]),
            kind=kinds.get(row["Kind__c"], row["Kind__c"]),
            code=row["Code__c"],
            amount_minor=None if row["Amount__c"] is None else minor(row["Amount__c"]),
            valid_from=row["Valid_From__c"],
            valid_to=after(row["Valid_To__c"]),
            approved_by=row["Approved_By__c"],
        )


def _subscriptions(books: Books) -> Iterator[Record]:
    for row in books.billing["subscriptions"]:
        market, name = BY_BILLING_CODE[row["marketCode"]], row["subscriptionId"]
        yield Subscription(
            **source(market, "billing", "subscription", name),
            subscription_id=name,
            account_number=row["accountNumber"],
            billing_code=row["planCode"],
            state=row["status"].lower(),
            starts_on=date.fromisoformat(row["startDate"]),
            ends_on=after(row["endDate"]),
            premise_id=row["serviceLocation"] and row["serviceLocation"].partition(":")[2],
        )
        for place, period in enumerate(row["suspensions"]):
            yield SuspensionPeriod(
                **source(market, "billing", "subscription", f"{name}#{place}"),
                subscription_id=name,
                starts_on=date.fromisoformat(period["from"]),
                ends_on=after(period["to"]),
            )


def _charge_lines(books: Books) -> Iterator[Record]:
    for row in books.billing["charge_lines"]:
        market = BY_BILLING_CODE[row["lineId"][:2]]
        covers_to = after(row["coverTo"])
        assert covers_to is not None
        yield ChargeLine(
            **source(market, "billing", "chargeLine", row["lineId"]),
            account_number=row["accountNumber"],
            subscription_id=row["subscriptionId"],
            billing_code=row["billingCode"],
            rate_minor=minor(row["rate"]),
            quantity=row["quantity"],
            amount_minor=minor(row["amount"]),
            currency=MARKETS[market].currency,
            covers_from=date.fromisoformat(row["coverFrom"]),
            covers_to=covers_to,
            billed_on=date.fromisoformat(row["billDate"]),
        )


def _bill_cycles(books: Books) -> Iterator[Record]:
    for row in books.billing["bill_cycles"]:
        yield BillingCycle(
            **source(BY_BILLING_CODE[row["marketCode"]], "billing", "billCycle", row["cycleId"]),
            account_number=row["accountNumber"],
            anchor_day=row["cycleDay"],
            valid_from=date.fromisoformat(row["enteredOn"]),
        )


def _bills(books: Books) -> Iterator[Record]:
    states = {"HELD": "onHold", "ISSUED": "sent", "PARTLY_PAID": "partiallyPaid", "PAID": "settled"}
    for row in books.billing["bills"]:
        period_to = after(row["periodTo"])
        assert period_to is not None
        yield CustomerBill(
            **source(BY_BILLING_CODE[row["marketCode"]], "billing", "bill", row["billNumber"]),
            bill_id=row["billNumber"],
            account_number=row["accountNumber"],
            period_from=date.fromisoformat(row["periodFrom"]),
            period_to=period_to,
            billed_on=date.fromisoformat(row["billDate"]),
            state=states[row["status"]],
            total_minor=minor(row["total"]),
            currency=row["currency"],
        )


def _payments(books: Books) -> Iterator[Record]:
    for row in books.billing["payments"]:
        market = BY_BILLING_CODE[row["paymentId"][1:3]]
        yield Payment(
            **source(market, "billing", "payment", row["paymentId"]),
            account_number=row["accountNumber"],
            amount_minor=minor(row["amount"]),
            currency=MARKETS[market].currency,
            received_on=date.fromisoformat(row["receivedOn"]),
            bill_id=row["billNumber"],
        )


def _adjustments(books: Books) -> Iterator[Record]:
    for row in books.billing["adjustments"]:
        market = BY_BILLING_CODE[row["billNumber"][:2]]
        yield Adjustment(
            **source(market, "billing", "adjustment", row["adjustmentId"]),
            account_number=row["accountNumber"],
            amount_minor=minor(row["amount"]),
            currency=MARKETS[market].currency,
            reason=row["reason"],
            posted_on=date.fromisoformat(row["adjustedOn"]),
        )


def _credit_approvals(books: Books) -> Iterator[Record]:
    for row in _kept(books.crm["Case"]):
        if not row["Credit_Amount__c"]:
            continue
        market = BY_CRM_NAME[row["Market__c"]]
        yield CreditApproval(
            **source(market, "crm", "Case", row["Id"]),
            case_number=row["CaseNumber"],
            account_number=without_prefix(row["Account_Number__c"]),
            amount_minor=minor(row["Credit_Amount__c"]),
            currency=MARKETS[market].currency,
            approved_on=row["Credit_Approved_On__c"],
        )


def _field_work(books: Books) -> Iterator[Record]:
    market_of: dict[str, str] = {}
    for row in books.field_service["work_orders"]:
        market_of[row["id"]] = BY_REGION[row["region"]]
        yield WorkOrder(
            **source(market_of[row["id"]], "fsm", "work-order", row["id"]),
            work_order_id=row["id"],
            order_number=row["order_reference"].removeprefix("SO-"),
            work_type=row["type"],
            state=WORK_STATES[row["state"]],
            scheduled_for=datetime.fromisoformat(row["scheduled_for"]),
            expected_serial=row["expected_serial"],
        )
        if row["line_test"] is not None:
            yield ServiceTest(
                **source(market_of[row["id"]], "fsm", "work-order", f"{row['id']}#test"),
                work_order_id=row["id"],
                tested_at=datetime.fromisoformat(row["line_test"]["tested_at"]),
                verdict=row["line_test"]["verdict"],
            )
        for visit in row["visits"]:
            yield WorkOrderVisit(
                **source(market_of[row["id"]], "fsm", "work-order", f"{row['id']}#{visit['visit_no']}"),
                work_order_id=row["id"],
                visit_number=visit["visit_no"],
                scheduled_start=datetime.fromisoformat(visit["scheduled"]),
                arrived_at=visit["arrived"] and datetime.fromisoformat(visit["arrived"]),
                outcome=OUTCOMES[visit["outcome"]],
                cause=visit["cause"],
            )
    for row in books.field_service["completions"]:
        yield from _completion(market_of[row["work_order_id"]], row)


def _completion(market: str, row: Row) -> Iterator[Record]:
    job = row["work_order_id"]
    yield FieldCompletion(
        **source(market, "fsm", "completion", row["id"]),
        work_order_id=job,
        completed_at=datetime.fromisoformat(row["completed_at"]),
        received_at=datetime.fromisoformat(row["received_at"]),
        installed_offering_id=_offering(row["installed_plan"]),
        latitude=row["gps"]["lat"],
        longitude=row["gps"]["lon"],
        crew=row["crew"],
    )
    for place, task in enumerate(row["tasks"]):
        yield CompletionTask(
            **source(market, "fsm", "completion", f"{row['id']}#task{place}"), work_order_id=job, **task
        )
    for place, device in enumerate(row["devices"]):
        yield CompletionMaterial(
            **source(market, "fsm", "completion", f"{row['id']}#{place}"),
            work_order_id=job,
            kind=device_kind(device["kind"]),
            serial=device["serial"],
            ownership=device["ownership"],
        )


def _offering(words: str | None) -> str | None:
    """``500 Mbps Fiber`` and ``fiber500`` are both fiber-500."""
    if words is None:
        return None
    family, speed = re.search(r"fiber|ether|air", words.lower()), re.search(r"\d+", words)
    assert family, words
    assert speed, words
    return f"{family.group()}-{speed.group()}"


def _devices(books: Books, observed_at: datetime) -> Iterator[Record]:
    for element, rows in books.network.items():
        for row in rows:
            yield NetworkObservation(**_seen(row, element), observed_at=observed_at)


def _seen(row: DeviceRow, element: str) -> dict[str, Any]:
    return {
        **source(BY_ELEMENT[element], element, "device", row.serial),
        "serial": row.serial,
        "element": element,
        "port": row.port,
        "operational_state": row.oper_state,
        "administrative_state": "locked" if row.locked else "unlocked",
        "profile": row.profile or None,
        "registered_since": row.registered_since,
        "profile_since": row.profile_since,
        "last_traffic_at": row.last_traffic_at,
    }
