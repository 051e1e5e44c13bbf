"""Writing to the simulated systems with the usual clients: duplicates, conditions, and answers that get lost."""

from datetime import date
from typing import Any

import httpx
import pytest
import requests
from estate_clients import WAIT_S, billing, fault_of, field_rows, field_service, org
from estate_rows import account, order, subscription
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

from simulated_estate.books import Books
from simulated_estate.servers.serve import RunningEstate
from tests.waiting import wait_until

JOB = {"order_reference": "SO-1", "region": "MSA", "type": "install", "client_reference": "ours-1"}
KEY = {"Idempotency-Key": "ours-1"}
JOBS = "/api/v2/work-orders"


@pytest.fixture
def books() -> Books:
    return Books(
        crm={
            "Account": [account(1, Account_Key__c="LV-1", Service_Status__c=None)],
            "Order": [order(1, Order_Key__c="00000001", Status="Scheduled", StatusCode="Activated")],
        },
        billing={"subscriptions": [subscription(1)], "charge_lines": []},
        field_service={"work_orders": [], "completions": []},
    )


def start(**changes: Any) -> dict[str, Any]:
    return {
        "requestId": "r-1",
        "accountNumber": "0000000001",
        "marketCode": "RB",
        "planCode": "INT-FBR-0500",
        "startDate": date(2026, 11, 3),
        **changes,
    }


def test_a_work_order_is_made_and_shows_in_the_listing(estate: RunningEstate) -> None:
    client = field_service(estate)
    made = client.post(JOBS, json=JOB)
    assert made.status_code == 201
    assert (made.json()["state"], made.headers["etag"][0]) == ("new", '"')
    assert [row["id"] for row in field_rows(client, "work-orders")] == [made.json()["id"]]
    found = client.get(JOBS, params={"client_reference": "ours-1"}).json()["data"]
    assert [row["id"] for row in found] == [made.json()["id"]]
    assert client.get(JOBS, params={"client_reference": "other"}).json()["data"] == []


def test_the_same_key_again_is_answered_with_the_first_answer(estate: RunningEstate) -> None:
    client = field_service(estate)
    first, again = (client.post(JOBS, json=JOB, headers=KEY) for _ in range(2))
    assert (again.status_code, again.json(), again.headers["idempotent-replayed"]) == (201, first.json(), "true")
    assert len(estate.books.field_service["work_orders"]) == 1
    other = client.post(JOBS, json={**JOB, "type": "repair"}, headers=KEY)
    assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (422, "key-reused")
    assert len(estate.write_log.of("fsm")) == 1


def test_without_a_key_every_request_makes_another(estate: RunningEstate) -> None:
    client = field_service(estate)
    assert len({client.post(JOBS, json=JOB).json()["id"] for _ in range(2)}) == 2


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"type": "invent"}, "type"),
        ({"region": ""}, "region"),
        ({"colour": "red"}, "colour"),
        ({"scheduled_for": "soon"}, "scheduled_for"),
    ],
)
def test_a_work_order_that_makes_no_sense_is_refused(
    estate: RunningEstate, changes: dict[str, str], parameter: str
) -> None:
    answer = field_service(estate).post(JOBS, json={**JOB, **changes})
    assert (answer.status_code, answer.json()["parameter"]) == (422, parameter)
    assert estate.books.field_service["work_orders"] == []


def test_a_change_may_ask_for_the_version_that_was_read(estate: RunningEstate) -> None:
    client = field_service(estate)
    made = client.post(JOBS, json=JOB)
    place, tag = f"{JOBS}/{made.json()['id']}", made.headers["etag"]
    assert client.get(place).headers["etag"] == tag
    assert client.patch(place, json={"state": "booked"}, headers={"If-Match": tag}).status_code == 200
    late = client.patch(place, json={"state": "done"}, headers={"If-Match": tag})
    assert late.status_code == 412
    assert client.get(place).json()["state"] == "booked"
    assert client.patch(f"{JOBS}/wo_none", json={"state": "done"}).status_code == 404
    assert client.patch(place, json={"state": "done"}).status_code == 200
    assert client.patch(place, json={"state": "booked"}).status_code == 422


def test_writing_needs_a_login_like_reading(estate: RunningEstate) -> None:
    answer = httpx.post(estate.addresses["field_service"] + JOBS, json=JOB, trust_env=False, timeout=WAIT_S)
    assert answer.status_code == 401


def test_billing_starts_changes_and_stops(estate: RunningEstate) -> None:
    service = billing(estate).service
    started = service.StartBilling(**start())
    assert started.status == "ACTIVE"
    service.ChangeBilling(
        requestId="r-2",
        subscriptionId=started.subscriptionId,
        planCode="INT-FBR-1000",
        effectiveDate=date(2026, 11, 9),
    )
    stopped = service.StopBilling(
        requestId="r-3", subscriptionId=started.subscriptionId, endDate=date(2026, 11, 30), reason="MOVE"
    )
    assert stopped.status == "CLOSED"
    row = estate.books.billing["subscriptions"][-1]
    assert (row["planCode"], row["startDate"], row["endDate"]) == ("INT-FBR-1000", "2026-11-03", "2026-11-30")
    listed = service.ListSubscriptions(pageSize=10).subscription
    assert listed[-1].subscriptionId == started.subscriptionId


def test_billing_rests_and_goes_on(estate: RunningEstate) -> None:
    client = billing(estate)
    named = {"subscriptionId": client.service.StartBilling(**start()).subscriptionId}
    client.service.SuspendBilling(requestId="r-2", startDate=date(2026, 11, 9), reason="not paid", **named)
    row = estate.books.billing["subscriptions"][-1]
    assert (row["status"], row["suspensions"]) == ("SUSPENDED", [{"from": "2026-11-09", "to": None}])
    _, _, (twice,) = fault_of(client, "SuspendBilling", requestId="r-3", startDate=date(2026, 11, 10), **named)
    assert twice.code == "SUBSCRIPTION_SUSPENDED"
    client.service.ResumeBilling(requestId="r-4", effectiveDate=date(2026, 11, 12), **named)
    assert (row["status"], row["suspensions"]) == ("ACTIVE", [{"from": "2026-11-09", "to": "2026-11-11"}])
    _, _, (awake,) = fault_of(client, "ResumeBilling", requestId="r-5", effectiveDate=date(2026, 11, 13), **named)
    assert awake.code == "SUBSCRIPTION_ACTIVE"


def test_a_rest_that_ends_on_its_first_day_has_not_been(estate: RunningEstate) -> None:
    service = billing(estate).service
    named = {"subscriptionId": service.StartBilling(**start()).subscriptionId}
    service.SuspendBilling(requestId="r-2", startDate=date(2026, 11, 9), **named)
    service.ResumeBilling(requestId="r-3", effectiveDate=date(2026, 11, 9), **named)
    assert estate.books.billing["subscriptions"][-1]["suspensions"] == []


def test_a_price_of_its_own_can_be_asked_about(estate: RunningEstate) -> None:
    service = billing(estate).service
    named = {"subscriptionId": service.StartBilling(**start()).subscriptionId, "planCode": "INT-FBR-0500"}
    service.ChangeBilling(requestId="r-2", effectiveDate=date(2026, 11, 9), monthlyRate="9.99", **named)
    assert str(service.FindRequest(requestId="r-2").monthlyRate) == "9.99"
    service.ChangeBilling(requestId="r-3", effectiveDate=date(2026, 11, 20), **named)
    assert service.FindRequest(requestId="r-3").monthlyRate is None


def test_a_device_comes_back_once(estate: RunningEstate) -> None:
    client = field_service(estate)
    back = {"serial": "CXNK00A1B2C3", "region": "RIV", "moved_at": "2026-11-05T12:00:00Z", "client_reference": "k-1"}
    place = "/api/v2/stock-movements"
    first = client.post(place, json=back)
    again = client.post(place, json=back)
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    assert client.get(place, params={"client_reference": "k-1"}).json()["data"] == [first.json()]
    assert client.post(place, json={**back, "moved_at": "noon"}).status_code == 422
    assert client.post(place, json={"serial": "x"}).status_code == 422
    assert client.post(place, json={**back, "colour": "red"}).status_code == 422


def test_a_request_id_is_good_once_and_can_be_asked_about(estate: RunningEstate) -> None:
    client = billing(estate)
    assert client.service.FindRequest(requestId="r-1") is None
    client.service.StartBilling(**start())
    _, _, (again,) = fault_of(client, "StartBilling", **start())
    assert (again.code, again.requestId) == ("DUPLICATE_REQUEST", "r-1")
    found = client.service.FindRequest(requestId="r-1")
    assert (found.operation, found.outcome, found.startDate) == ("StartBilling", "DONE", date(2026, 11, 3))
    assert len(estate.write_log.of("billing")) == 1


def test_a_refused_request_is_remembered_with_its_code(estate: RunningEstate) -> None:
    client = billing(estate)
    _, _, (fault,) = fault_of(client, "StartBilling", **start(planCode="NONE"))
    assert (fault.code, fault.field) == ("UNKNOWN_PLAN", ["planCode"])
    found = client.service.FindRequest(requestId="r-1")
    assert (found.outcome, found.code, found.subscriptionId) == ("REFUSED", "UNKNOWN_PLAN", None)
    _, _, (closed,) = fault_of(client, "StopBilling", requestId="r-2", subscriptionId="S9", endDate=date(2026, 1, 1))
    assert closed.code == "UNKNOWN_SUBSCRIPTION"


def test_a_record_is_changed_or_made_by_its_external_id(estate: RunningEstate) -> None:
    client = org(estate)
    client.Order.upsert("Order_Key__c/00000001", {"Status": "Complete"})
    (row,) = estate.books.crm["Order"]
    assert (row["Status"], row["StatusCode"]) == ("Complete", "Completed")
    made = client.Account.upsert("Account_Key__c/LV-2", {"Name": "Household 2"}, raw_response=True)
    assert (made.status_code, made.json()["created"]) == (201, True)
    assert client.Account.get_by_custom_id("Account_Key__c", "LV-2")["Name"] == "Household 2"


@pytest.mark.parametrize(("version", "status"), [("59.0", 201), ("62.0", 404)])
def test_update_only_is_known_since_its_version(estate: RunningEstate, version: str, status: int) -> None:
    client = org(estate)
    url = f"{estate.addresses['crm']}/services/data/v{version}/sobjects/Account/Account_Key__c/LV-9?updateOnly=true"
    answer = client.session.patch(url, json={"Name": "x"}, headers={"Authorization": f"Bearer {client.session_id}"})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "values", "error", "code"),
    [
        ("Order_Key__c/00000001", {"Colour__c": "red"}, SalesforceMalformedRequest, "INVALID_FIELD"),
        ("Order_Key__c/00000001", {"StatusCode": "x"}, SalesforceMalformedRequest, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        (
            "Order_Key__c/00000001",
            {"Status": "x"},
            SalesforceMalformedRequest,
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        ),
        ("Order_Key__c/00000009", {"Status": "Complete"}, SalesforceMalformedRequest, "REQUIRED_FIELD_MISSING"),
        ("OrderNumber/00000001", {"Status": "Complete"}, SalesforceResourceNotFound, "NOT_FOUND"),
    ],
)
def test_what_the_org_will_not_do_comes_with_its_code(
    estate: RunningEstate, path: str, values: dict[str, str], error: type[Exception], code: str
) -> None:
    with pytest.raises(error) as failed:
        org(estate).Order.upsert(path, values)
    assert failed.value.content[0]["errorCode"] == code  # type: ignore[attr-defined]
    assert estate.write_log.applied == []


def test_a_composite_request_is_done_whole_or_not_at_all(estate: RunningEstate) -> None:
    def part(number: int, record: str, **values: str) -> dict[str, Any]:
        url = f"/services/data/v62.0/sobjects/{record}?updateOnly=true"
        return {"method": "PATCH", "url": url, "referenceId": f"p{number}", "body": values}

    def run(*parts: dict[str, Any]) -> list[int]:
        told = org(estate).restful("composite", method="POST", json={"allOrNone": True, "compositeRequest": parts})
        return [each["httpStatusCode"] for each in told["compositeResponse"]]

    status, missing = (
        part(1, "Order/Order_Key__c/00000001", Status="Complete"),
        part(2, "Account/Account_Key__c/LV-7", Name="x"),
    )
    assert run(status, missing) == [400, 404]
    assert estate.books.crm["Order"][0]["Status"] == "Scheduled"
    assert estate.write_log.applied == []
    assert run(status, part(2, "Account/Account_Key__c/LV-1", Service_Status__c="active")) == [200, 200]
    assert estate.books.crm["Account"][0]["Service_Status__c"] == "active"


def test_a_lost_request_changes_nothing_and_a_lost_answer_does(estate: RunningEstate) -> None:
    client = field_service(estate)
    estate.set_faults("fsm:write_lost=1")
    with pytest.raises(httpx.TransportError):
        client.post(JOBS, json=JOB)
    assert estate.books.field_service["work_orders"] == []
    assert client.get(JOBS).status_code == 200, "reading is not touched"
    estate.set_faults("fsm:answer_lost=1")
    with pytest.raises(httpx.TransportError):
        client.post(JOBS, json=JOB)
    assert len(estate.books.field_service["work_orders"]) == 1


def test_a_late_request_arrives_although_nobody_waits_any_more(estate: RunningEstate) -> None:
    client = field_service(estate)
    estate.set_faults("fsm:write_late=600")
    with pytest.raises(httpx.TimeoutException):
        client.post(JOBS, json=JOB, timeout=2)
    assert estate.books.field_service["work_orders"] == []
    estate.set_faults("")
    wait_until(lambda: estate.books.field_service["work_orders"], "the late request has arrived")
    assert len(estate.books.field_service["work_orders"]) == 1


def test_a_soap_request_that_changes_something_is_told_from_one_that_asks(estate: RunningEstate) -> None:
    client = billing(estate)
    estate.set_faults("billing:answer_lost=1")
    assert client.service.ListSubscriptions(pageSize=1).total == 1
    assert client.service.FindRequest(requestId="r-1") is None
    with pytest.raises(requests.ConnectionError):
        client.service.StartBilling(**start())
    assert client.service.FindRequest(requestId="r-1").outcome == "DONE"


def test_rubbish_in_place_of_an_answer_is_a_page_with_status_200(estate: RunningEstate) -> None:
    estate.set_faults("fsm:rubbish=1")
    answer = field_service(estate).post(JOBS, json=JOB)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
    assert len(estate.books.field_service["work_orders"]) == 1
