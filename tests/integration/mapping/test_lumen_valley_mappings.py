"""The mapping files of the example operator, on a whole small estate, over the real protocols."""

from collections.abc import Iterator, Mapping
from datetime import date

import pytest
from lumen_valley_pull import Pulled, pull_all, read_lumen_valley

from canonical_model.billing import ChargeLine, Subscription, SuspensionPeriod
from canonical_model.customers import BillingAccount
from canonical_model.entities import ENTITIES
from canonical_model.field_work import CompletionMaterial, FieldCompletion, WorkOrder, WorkOrderVisit
from canonical_model.network import AaaSession, NetworkEvent, NetworkObservation, ServiceActivation
from canonical_model.orders import PriceAlteration, ProductOrder, ProductOrderItem
from simulated_estate.estate import Estate, build_estate
from simulated_estate.servers.serve import serve_estate

Pulls = Mapping[tuple[str, str], Pulled]
FEEDS = {
    ("crm", "accounts"): "Account",
    ("crm", "premises"): "Premise__c",
    ("crm", "orders"): "Order",
    ("crm", "order-items"): "OrderItem",
    ("crm", "price-exceptions"): "Price_Exception__c",
    ("crm", "cases"): "Case",
    ("crm", "order-activities"): "Order_Activity__c",
    ("fsm", "work-orders"): "work_orders",
    ("fsm", "completions"): "completions",
    ("fsm", "stock-movements"): "stock_movements",
    ("fsm", "access-terminals"): "access_terminals",
    ("fsm", "contractor-invoices"): "contractor_invoices",
    ("fsm", "partner-charges"): "partner_charges",
    ("fsm", "outages"): "outages",
    ("fsm", "reservations"): "reservations",
    ("fsm", "wholesale-lines"): "wholesale_lines",
    ("fsm", "wholesale-charges"): "wholesale_charges",
    ("newbill", "cut-overs"): "cut_overs",
    ("newbill", "subscriptions"): "subscriptions",
    ("newbill", "invoices"): "invoices",
    ("newbill", "payments"): "payments",
    ("newbill", "balances"): "balances",
    ("newbill", "job-pauses"): "job_pauses",
}

HEARD = {NetworkEvent, AaaSession, ServiceActivation}
"""Entities of streams that an estate without traps, accounting and a system that proves activations does not have."""


@pytest.fixture(scope="module")
def estate() -> Estate:
    return build_estate(150, months=4, seed=7)


@pytest.fixture(scope="module")
def pulls(estate: Estate) -> Iterator[Pulls]:
    with serve_estate(estate.books) as running:
        yield pull_all(running, read_lumen_valley(), estate.as_of)


def rows_of(estate: Estate, system: str, stream: str) -> int:
    """How many raw records the books hold, deleted ones left out."""
    books = estate.books
    if system == "billing":
        return len(books.billing[stream.replace("-", "_")])
    if system == "fsm":
        return len(books.field_service[FEEDS[system, stream]])
    if system == "newbill":
        return len(books.target_billing[FEEDS[system, stream]])
    if system == "crm":
        return sum(not row["IsDeleted"] for row in books.crm[FEEDS[system, stream]])
    return len(books.network[system])


def test_every_stream_of_every_system_has_a_mapping(pulls: Pulls, estate: Estate) -> None:
    assert {system for system, _ in pulls} == {"crm", "billing", "fsm", "newbill", *estate.books.network}
    mapped = {plan.entity for pulled in pulls.values() for plan in pulled.mapping.records}
    assert mapped == set(ENTITIES.values()) - HEARD


def test_every_raw_record_arrives_and_none_is_rejected(pulls: Pulls, estate: Estate) -> None:
    assert {name: pulled.rejected for name, pulled in pulls.items() if pulled.rejected} == {}
    counted = {name: len({raw.landed_id for raw in pulled.raws}) for name, pulled in pulls.items()}
    assert counted == {name: rows_of(estate, *name) for name in pulls}


def test_nothing_drifts_and_no_expectation_warns(pulls: Pulls) -> None:
    assert {name: pulled.drift for name, pulled in pulls.items() if pulled.drift} == {}
    assert {name: pulled.warnings for name, pulled in pulls.items() if pulled.warnings} == {}


def test_no_mapping_has_a_warning() -> None:
    assert [warning for mapping in read_lumen_valley() for warning in mapping.warnings] == []


def test_account_numbers_of_crm_and_billing_meet(pulls: Pulls) -> None:
    known = {account.account_number for account in pulls["crm", "accounts"].of(BillingAccount)}
    billed = {line.account_number for line in pulls["billing", "charge-lines"].of(ChargeLine)}
    assert len(billed & known) > 0.9 * len(billed)


def test_order_numbers_of_crm_and_field_service_meet(pulls: Pulls) -> None:
    ordered = {order.order_number for order in pulls["crm", "orders"].of(ProductOrder)}
    worked = {work.order_number for work in pulls["fsm", "work-orders"].of(WorkOrder)}
    assert len(worked & ordered) > 0.9 * len(worked)


def test_serials_of_field_service_and_network_meet(pulls: Pulls) -> None:
    placed = {
        device.serial for device in pulls["fsm", "completions"].of(CompletionMaterial) if device.kind != "router"
    }
    seen = {device.serial for pulled in pulls.values() for device in pulled.of(NetworkObservation)}
    assert len(seen & placed) > 0.9 * len(seen)


def test_every_record_lies_in_the_market_of_its_account(pulls: Pulls) -> None:
    accounts = {one.account_number: one.market for one in pulls["crm", "accounts"].of(BillingAccount)}
    orders = {one.order_number: one.market for one in pulls["crm", "orders"].of(ProductOrder)}
    jobs = {one.work_order_id: one.market for one in pulls["fsm", "work-orders"].of(WorkOrder)}
    told = [(accounts, one.account_number, one) for one in pulls["billing", "charge-lines"].of(ChargeLine)]
    told += [(accounts, one.account_number, one) for one in pulls["crm", "orders"].of(ProductOrder)]
    told += [(orders, one.order_number, one) for one in pulls["crm", "order-items"].of(ProductOrderItem)]
    told += [(orders, one.order_number, one) for one in pulls["fsm", "work-orders"].of(WorkOrder)]
    told += [(jobs, one.work_order_id, one) for one in pulls["fsm", "completions"].of(FieldCompletion)]
    assert [record for known, key, record in told if known.get(key, record.market) != record.market] == []


def test_last_days_of_billing_and_crm_become_exclusive_ends(pulls: Pulls, estate: Estate) -> None:
    lines = {row["lineId"]: row for row in estate.books.billing["charge_lines"]}
    for line in pulls["billing", "charge-lines"].of(ChargeLine):
        row = lines[line.source_id]
        assert (line.covers_to - date.fromisoformat(row["coverTo"])).days == 1
        assert line.amount_minor == int(row["amount"].replace(".", ""))
    exceptions = {row["Id"]: row for row in estate.books.crm["Price_Exception__c"]}
    for exception in pulls["crm", "price-exceptions"].of(PriceAlteration):
        last = exceptions[exception.source_id]["Valid_To__c"]
        assert exception.valid_to is None if last is None else (exception.valid_to - last).days == 1


def test_suspensions_and_visits_are_records_of_their_own(pulls: Pulls, estate: Estate) -> None:
    suspended = {row["subscriptionId"]: row["suspensions"] for row in estate.books.billing["subscriptions"]}
    periods = pulls["billing", "subscriptions"].of(SuspensionPeriod)
    assert len(periods) == sum(len(each) for each in suspended.values()) > 0
    known = {one.subscription_id for one in pulls["billing", "subscriptions"].of(Subscription)}
    assert {period.subscription_id for period in periods} <= known
    visits = pulls["fsm", "work-orders"].of(WorkOrderVisit)
    assert len(visits) == sum(len(row["visits"]) for row in estate.books.field_service["work_orders"])


def test_technicians_words_become_offerings(pulls: Pulls, estate: Estate) -> None:
    written = {row["id"]: row["installed_plan"] for row in estate.books.field_service["completions"]}
    for done in pulls["fsm", "completions"].of(FieldCompletion):
        assert (done.installed_offering_id is None) == (written[done.source_id] is None)
        if done.installed_offering_id is not None:
            tier = done.installed_offering_id.partition("-")[2]
            assert tier == "".join(letter for letter in written[done.source_id] if letter.isdigit())


def test_bad_rows_of_a_source_are_set_aside_one_by_one_and_told_in_words() -> None:
    estate = build_estate(30, months=3, seed=5)
    books = estate.books
    books.billing["charge_lines"][0]["amount"] = "12.345"
    books.billing["charge_lines"][1]["billNumber"] = "ZZ2609-00000001"
    books.field_service["completions"][0]["devices"][0]["serial"] = "no label"
    books.field_service["completions"][1]["completed_at"] = "2026-09-01T10:00:00"
    books.field_service["completions"][2]["installed_plan"] = "Fibre 500"
    with serve_estate(books) as running:
        mappings = tuple(one for one in read_lumen_valley() if one.stream in ("charge-lines", "completions"))
        pulls = pull_all(running, mappings, estate.as_of)
    exact, nowhere = sorted(reason for _, reason in pulls["billing", "charge-lines"].rejected)
    assert exact == "amount has 3 decimals, where money(2) holds 2; amounts are never rounded"
    assert nowhere.startswith(
        "market (LEFT(billNumber, 2)) is 'ZZ', which is not among the values of the map; known: MS, NS, RB"
    )
    serial, words, moment = sorted(reason for _, reason in pulls["fsm", "completions"].rejected)
    assert serial.startswith("CompletionMaterial.serial is refused: a text of 8 characters is no ONT serial")
    assert "is 'fibre500', which is not among the values of the map; nearest: fiber500" in words
    assert moment.startswith("completed_at has no offset from UTC; declare it text")
    assert len(pulls["fsm", "completions"].raws) == len(books.field_service["completions"])
