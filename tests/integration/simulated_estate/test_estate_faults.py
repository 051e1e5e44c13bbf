"""Each fault as a client sees it, and mended again."""

import socket
import time
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
import requests
import zeep
from estate_clients import WAIT_S, billing, billing_rows, field_rows, field_service, org, stranger, walk
from estate_rows import START, account, charge_line, device, work_order
from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceGeneralError, SalesforceRefusedRequest

from simulated_estate.books import Books
from simulated_estate.servers.serve import RunningEstate

SERIAL = "1.3.6.1.4.1.6321.1.2.4.2.6.1.1.2"
Serve = Callable[..., RunningEstate]


def read_to_the_end(wire: socket.socket) -> None:
    while wire.recv(65536):
        pass


def test_latency_delays_every_answer(estate: RunningEstate) -> None:
    estate.set_faults("fsm:latency=0.2,rb-olt-calix:latency=0.2")
    started = time.monotonic()
    assert len(field_rows(field_service(estate), "work-orders")) == 10
    assert time.monotonic() - started >= 0.2
    started = time.monotonic()
    assert len(walk(estate, "rb-olt-calix", SERIAL)) == 7
    assert time.monotonic() - started >= 0.2


def test_5xx_comes_in_the_words_of_each_system(estate: RunningEstate) -> None:
    crm, soap, field = org(estate), billing(estate), field_service(estate)
    estate.set_faults("crm:http_503=1,billing:http_500=1,fsm:http_502=1")
    with pytest.raises(SalesforceGeneralError) as caught:
        crm.query("SELECT Id FROM Account")
    assert (caught.value.status, caught.value.content[0]["errorCode"]) == (503, "SERVER_UNAVAILABLE")
    with pytest.raises(zeep.exceptions.Fault) as fault:
        soap.service.ListBills(pageSize=1)
    assert fault.value.code == "soap:Server"
    answer = field.get("/api/v2/work-orders")
    assert (answer.status_code, answer.json()["status"]) == (502, 502)
    estate.set_faults("")
    assert crm.query("SELECT Id FROM Account")["totalSize"] == 12
    assert soap.service.ListBills(pageSize=1).total == 0
    assert field.get("/api/v2/work-orders").status_code == 200


def test_a_balancer_answers_for_a_billing_system_that_is_away(estate: RunningEstate) -> None:
    soap = billing(estate)
    estate.set_faults("billing:http_503=1")
    with pytest.raises(zeep.exceptions.TransportError) as caught:
        soap.service.ListBills(pageSize=1)
    assert caught.value.status_code == 503


def test_429_says_when_to_come_again(estate: RunningEstate) -> None:
    estate.set_faults("crm:429=1,crm:retry_after=7,fsm:429=1,billing:429=1")
    for address in (estate.addresses["crm"] + "/services/data/v59.0/limits", estate.addresses["billing"] + "?wsdl"):
        answer = requests.get(address, timeout=WAIT_S, proxies={"http": ""})
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] in ("7", "1")
    answer = field_service(estate).get("/api/v2/work-orders")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert answer.json()["type"].endswith("/rate-limited")


def test_a_reset_breaks_the_connection(estate: RunningEstate) -> None:
    crm, soap, field = org(estate), billing(estate), field_service(estate)
    estate.set_faults("crm:reset=1,billing:reset=1,fsm:reset=1")
    for _ in range(3):
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            crm.query("SELECT Id FROM Account")
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            soap.service.ListBills(pageSize=1)
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            field.get("/api/v2/work-orders")
    estate.set_faults("")
    assert field.get("/api/v2/work-orders").status_code == 200


def test_a_reset_is_one_of_tcp(estate: RunningEstate) -> None:
    estate.set_faults("fsm:reset=1")
    port = int(estate.addresses["field_service"].rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as wire:
        wire.sendall(b"GET /api/v2/work-orders HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            read_to_the_end(wire)


def test_a_truncated_page_is_shorter_than_its_length_says(estate: RunningEstate) -> None:
    crm, field = org(estate), field_service(estate)
    estate.set_faults("crm:truncate=1,fsm:truncate=1")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        crm.query("SELECT Id FROM Account")
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        field.get("/api/v2/work-orders")


def test_a_session_dies_after_so_many_requests(estate: RunningEstate) -> None:
    estate.set_faults("crm:expire_session=3,fsm:expire_session=2")
    crm = org(estate)
    used = {"session_id": crm.session_id, "instance": crm.sf_instance, "session": crm.session}
    for _ in range(3):
        crm.query("SELECT Id FROM Account")
    by_session = type(crm)(**used)
    with pytest.raises(SalesforceExpiredSession) as caught:
        by_session.query("SELECT Id FROM Account")
    assert caught.value.content == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    assert crm.query("SELECT Id FROM Account")["totalSize"] == 12  # logs in again by itself

    known = estate.credentials["field_service"]
    form = {
        "grant_type": "client_credentials",
        "client_id": known["client_id"],
        "client_secret": known["client_secret"],
    }
    client = stranger(estate)
    headers = {"Authorization": f"Bearer {client.post('/oauth/token', data=form).json()['access_token']}"}
    statuses = [client.get("/api/v2/work-orders", headers=headers).status_code for _ in range(3)]
    assert statuses == [200, 200, 401]


def test_the_requests_of_the_day_can_be_used_up(estate: RunningEstate) -> None:
    estate.set_faults("crm:request_limit=2")
    crm = org(estate)
    for _ in range(2):
        crm.query("SELECT Id FROM Account")
    with pytest.raises(SalesforceRefusedRequest) as caught:
        crm.query("SELECT Id FROM Account")
    assert caught.value.content[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"


def test_duplicates_stand_in_the_page_and_not_in_the_total(estate: RunningEstate) -> None:
    estate.set_faults("crm:duplicate=1,billing:duplicate=1,fsm:duplicate=1")
    found = org(estate).query("SELECT Id FROM Account")
    assert (len(found["records"]), found["totalSize"]) == (24, 12)
    lines = billing_rows(billing(estate), "ListChargeLines", "chargeLine", size=10)
    assert (len(lines), len({line.lineId for line in lines})) == (50, 25)
    answer = field_service(estate).get("/api/v2/work-orders")
    assert (len(answer.json()["data"]), answer.headers["x-total-count"]) == (20, "10")


def test_late_records_show_once_a_listing_has_been_served_whole(estate: RunningEstate, books: Books) -> None:
    estate.set_faults("crm:late=180,billing:late=3,fsm:late=180")
    crm, soap, field = org(estate), billing(estate), field_service(estate)

    def counts() -> tuple[int, int, int]:
        accounts = len(
            list(crm.query_all_iter("SELECT Id FROM Account", headers={"Sforce-Query-Options": "batchSize=4"}))
        )
        lines = len(billing_rows(soap, "ListChargeLines", "chargeLine", size=4))
        return accounts, lines, len(field_rows(field, "work-orders", limit=4))

    assert crm.query("SELECT COUNT() FROM Account")["totalSize"] == 12 - 3
    assert crm.query("SELECT Id FROM Account LIMIT 5")["totalSize"] == 5  # cut off by its limit, so no whole listing
    assert soap.service.ListChargeLines(pageSize=1).total == 25 - 3
    assert field.get("/api/v2/work-orders?limit=1").headers["x-total-count"] == "7"
    assert counts() == (12 - 3, 25 - 3, 10 - 3)
    assert counts() == (12, 25, 10)
    assert crm.query("SELECT COUNT() FROM Account")["totalSize"] == 12


def test_the_newest_record_is_never_late(serve: Serve) -> None:
    rows = [work_order(number) for number in range(1, 6)]
    estate = serve(Books(field_service={"work_orders": rows, "completions": []}), faults="fsm:late=100000")
    first = field_rows(field_service(estate), "work-orders")
    assert [row["id"] for row in first] == ["wo_0005"]
    assert field_service(estate).get("/api/v2/work-orders").headers["x-total-count"] == "5"


def test_a_missing_system_refuses_connections_and_comes_back(estate: RunningEstate) -> None:
    field = field_service(estate)
    assert field.get("/api/v2/work-orders").status_code == 200
    estate.set_faults("fsm:missing,rb-olt-calix:missing")
    with pytest.raises((httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError)):
        field.get("/api/v2/work-orders")
    with pytest.raises(httpx.ConnectError):
        field_service(estate).get("/api/v2/work-orders")
    with pytest.raises(TimeoutError):
        walk(estate, "rb-olt-calix", SERIAL, timeout=0.1, retries=0)
    estate.set_faults("")
    assert field_service(estate).get("/api/v2/work-orders").status_code == 200
    assert len(walk(estate, "rb-olt-calix", SERIAL)) == 7


def test_a_system_can_be_missing_from_the_start(books: Books, serve: Serve) -> None:
    estate = serve(books, faults="crm:missing")
    with pytest.raises(requests.ConnectionError):
        org(estate)


def test_a_missing_feed_answers_without_rows(estate: RunningEstate) -> None:
    estate.set_faults("crm:missing_feed,billing:missing_feed,fsm:missing_feed,network:missing_feed")
    assert org(estate).query("SELECT Id, Name FROM Account")["totalSize"] == 0
    page = billing(estate).service.ListChargeLines(pageSize=10)
    assert (page.chargeLine, page.total) == ([], 0)
    answer = field_service(estate).get("/api/v2/work-orders")
    assert (answer.json(), answer.headers["x-total-count"]) == ({"data": [], "next": None}, "0")
    assert walk(estate, "rb-olt-calix", SERIAL) == {}
    assert len(walk(estate, "rb-olt-calix", "1.3.6.1.2.1.1")) == 4


def test_lost_datagrams_are_made_good_by_repeating(books: Books, estate: RunningEstate) -> None:
    books.network["rb-olt-calix"] = [device(number) for number in range(200)]
    estate.set_faults("rb-olt-calix:loss=0.2")
    assert len(walk(estate, "rb-olt-calix", SERIAL, timeout=0.5, retries=30)) == 200
    estate.set_faults("network:loss=1")
    with pytest.raises(TimeoutError):
        walk(estate, "rb-olt-calix", SERIAL, timeout=0.05, retries=3)


def test_a_renamed_element_is_renamed_in_wsdl_and_rows(estate: RunningEstate) -> None:
    old = billing(estate)
    estate.set_faults("billing:rename=billingCode")
    (line,) = billing(estate).service.ListChargeLines(pageSize=1).chargeLine
    assert line.billingCodeValue == "INT-FBR-0300"
    assert not hasattr(line, "billingCode")
    with pytest.raises(zeep.exceptions.XMLParseError):
        old.service.ListChargeLines(pageSize=1)


def test_probabilities_are_met_and_a_seed_repeats_them(serve: Serve) -> None:
    rows = [work_order(number) for number in range(1, 4)]

    def statuses(seed: int) -> list[int]:
        books = Books(field_service={"work_orders": rows, "completions": []})
        field = field_service(serve(books, faults="fsm:http_503=0.2,fsm:429=0.1", seed=seed))
        return [field.get("/api/v2/work-orders").status_code for _ in range(200)]

    first = statuses(seed=1)
    assert 20 <= first.count(503) <= 60
    assert 5 <= first.count(429) <= 40
    assert statuses(seed=1) == first
    assert statuses(seed=2) != first


def test_a_feed_under_every_fault_at_once_is_complete_for_a_patient_client(books: Books, serve: Serve) -> None:
    books.field_service["work_orders"] = [work_order(number) for number in range(1, 101)]
    faults = "fsm:http_503=0.1,fsm:429=0.1,fsm:reset=0.1,fsm:truncate=0.1,fsm:duplicate=0.1"
    client = field_service(serve(books, faults=faults, seed=3))
    found: set[str] = set()
    cursor: str | None = ""
    tries = 0
    while cursor is not None:
        tries += 1
        assert tries < 200
        try:
            answer = client.get("/api/v2/work-orders", params={"limit": 10, **({"cursor": cursor} if cursor else {})})
        except httpx.TransportError:
            continue
        if answer.status_code == 200:
            found |= {row["id"] for row in answer.json()["data"]}
            cursor = answer.json()["next"]
    assert len(found) == 100
    assert tries > 12


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("erp:latency=1", "valid targets: crm, billing, fsm, newbill, network, rb-olt-calix"),
        ("crm:slow=1", "crm has no fault 'slow'; valid words: latency, missing, missing_feed, http_500"),
        ("billing:expire_session=3", "billing has no fault 'expire_session'; valid words: .*rename"),
        ("rb-olt-calix:429=1", "rb-olt-calix has no fault '429'; valid words: latency, missing, missing_feed, loss"),
        ("crm:reset=1.5", "expected a number between 0 and 1"),
        ("crm:latency=-1", "expected a number of zero or more"),
        ("crm:latency=nan", "expected a number of zero or more"),
        ("crm:latency", "expected a number after ="),
        ("crm:missing=1", "missing takes no value"),
        ("crm:expire_session=many", "expected a whole number"),
        ("billing:rename=", "expected the name of an element"),
        ("crm", "expected target:word or target:word=value"),
    ],
)
def test_a_wrong_fault_string_names_what_is_valid(estate: RunningEstate, spec: str, words: str) -> None:
    estate.set_faults("fsm:http_503=1")
    with pytest.raises(ValueError, match=words):
        estate.set_faults(spec)
    assert field_service(estate).get("/api/v2/work-orders").status_code == 503  # nothing has changed


def test_rows_that_arrive_while_serving_are_served(books: Books, estate: RunningEstate) -> None:
    books.crm["Account"].append(account(50))
    books.billing["charge_lines"].append(charge_line(50, modified=START + timedelta(days=9)))
    books.billing["bills"] = [
        {
            "billNumber": "B9",
            "accountNumber": "0000000001",
            "marketCode": "RB",
            "periodFrom": "2026-03-01",
            "periodTo": "2026-03-31",
            "billDate": "2026-04-01",
            "total": "54.99",
            "currency": "USD",
            "status": "ISSUED",
            "modified": "2026-04-01T05:00:00Z",
        }
    ]
    books.field_service["work_orders"].append(work_order(50))
    assert org(estate).query("SELECT Id FROM Account")["totalSize"] == 13
    soap = billing(estate)
    assert soap.service.ListChargeLines(pageSize=1).total == 26
    assert str(soap.service.ListBills(pageSize=1).bill[0].total) == "54.99"
    assert field_rows(field_service(estate), "work-orders")[-1]["id"] == "wo_0050"
