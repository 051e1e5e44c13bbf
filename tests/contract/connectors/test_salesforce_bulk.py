"""Large pulls by the Bulk API 2.0: the same records as by REST, in bounded memory, from any page on."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from salesforce_org import ORDERS, START, books, ids, item, order, pulled, reading, records, settings, warnings

from canonical_model.errors import RetryableError
from connectors.discovery import open_source
from connectors.ports import Page, StreamRead
from connectors.salesforce.bulk_job import BulkJobs
from connectors.salesforce.org import Org
from simulated_estate.servers.serve import RunningEstate

Serve = Callable[..., RunningEstate]
BULK = reading(ORDERS, mode="bulk", bulk_page=300)
REST = reading(ORDERS, mode="rest")


def as_stored(page: Page) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(json.dumps(page.resume))
    return stored


def jobs_of(estate: RunningEstate) -> list[dict[str, Any]]:
    """The query jobs that the org keeps."""
    known, address = estate.credentials["crm"], estate.addresses["crm"]
    with requests.Session() as session:
        session.trust_env = False
        login = {"grant_type": "client_credentials"}
        key = (known["consumer_key"], known["consumer_secret"])
        token = session.post(f"{address}/services/oauth2/token", auth=key, data=login, timeout=60).json()
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        told = session.get(f"{address}/services/data/v59.0/jobs/query", headers=bearer, timeout=60).json()
        found: list[dict[str, Any]] = told["records"]
        return found


def broken_after(estate: RunningEstate, read: StreamRead, pages: int) -> list[Page]:
    """A pull that ends in the middle, as when its process dies."""
    source = open_source(settings(estate))
    running: Iterator[Page] = source.pages(read, None)
    found = [next(running) for _ in range(pages)]
    source.close()
    return found


def test_both_ways_give_the_same_raw_records(serve: Serve) -> None:
    estate = serve(books(450))
    by_rest, by_job = pulled(estate, REST), pulled(estate, BULK)
    assert {record["Id"]: record for record in records(by_rest)} == {r["Id"]: r for r in records(by_job)}
    assert len(records(by_job)) == 450
    assert by_rest[-1].resume == by_job[-1].resume
    assert {page.source_total for page in by_rest} == {page.source_total for page in by_job} == {450}


def test_what_the_org_cannot_tell_apart_is_one_in_both_ways(serve: Serve) -> None:
    estate = serve(books(60))
    for read in (REST, BULK):
        found = {record["OrderNumber"]: record for record in records(pulled(estate, read))}
        assert found["00000001"]["Note__c"] is found["00000002"]["Note__c"] is None
        assert found["00000005"]["Note__c"] == "carriage\r\nreturn"
        assert found["00000004"]["Account"] is None
        assert found["00000002"]["Account"] == {
            "Name": "Household 2",
            "Type": None,
            "Since__c": "2026-01-01T02:00:00.007+0000",
        }
        assert (found["00000003"]["Paid__c"], found["00000003"]["Total__c"]) == (True, "300.03")


def test_the_way_is_chosen_by_how_much_has_changed(serve: Serve) -> None:
    stock = books(450)
    estate = serve(stock)
    read = reading(ORDERS, bulk_from=450, bulk_page=300)
    first = pulled(estate, read)
    assert len(first[0].records) == 0  # names the job
    again = pulled(estate, read, as_stored(first[-1]))
    assert [len(page.records) for page in again] == [1]
    for row in stock.crm["Order"]:
        row["SystemModstamp"] = START + timedelta(days=1)
    assert [len(page.records) for page in pulled(estate, read, as_stored(again[-1]))] == [0, 200, 100, 150]
    assert [len(page.records) for page in pulled(estate, reading(ORDERS, bulk_from=451))] == [200, 200, 50]


def test_a_pull_goes_on_in_the_middle_of_a_page_with_the_same_job(serve: Serve) -> None:
    estate = serve(books(450))
    before = broken_after(estate, BULK, 2)
    (job,) = jobs_of(estate)
    after = pulled(estate, BULK, as_stored(before[-1]))
    assert len(ids([*before, *after])) == len(set(ids([*before, *after]))) == 450
    assert before[-1].resume["position"]["job"] == job["id"]
    assert jobs_of(estate) == []


def test_a_job_that_was_asked_for_and_not_waited_for_is_waited_for_later(serve: Serve) -> None:
    estate = serve(books(450))
    hurried = reading(BULK, bulk_wait_s=0)
    source = open_source(settings(estate))
    running = source.pages(hurried, None)
    first = next(running)
    with pytest.raises(RetryableError, match=r"job 750\w+ is not done after 0 s; the next pull goes on with it"):
        next(running)
    source.close()
    assert set(ids(pulled(estate, BULK, as_stored(first)))) == {f"801LV{number:010d}AAA" for number in range(450)}
    assert jobs_of(estate) == []


@pytest.mark.parametrize("fate", ["Aborted", "deleted"])
@pytest.mark.parametrize("stored", [1, 2, 3])
def test_a_job_that_is_gone_is_asked_for_anew_and_nothing_is_lost(serve: Serve, fate: str, stored: int) -> None:
    estate = serve(books(450))
    before = broken_after(estate, BULK, stored)
    org = Org(settings(estate))
    job = before[-1].resume["position"]["job"]
    with closing(org):
        if fate == "Aborted" and stored == 1:
            org.ask(f"jobs/query/{job}", "abort", method="PATCH", body={"state": "Aborted"})
        else:
            BulkJobs(org, "wait").wait(job, 10)
            org.ask(f"jobs/query/{job}", "delete", method="DELETE")
    after = pulled(estate, BULK, as_stored(before[-1]))
    assert set(ids([*before, *after])) == {f"801LV{number:010d}AAA" for number in range(450)}


def test_a_job_that_vanishes_while_it_is_read_is_asked_for_once_more(serve: Serve) -> None:
    estate = serve(books(450))
    source = open_source(settings(estate))
    found: list[Page] = []
    org = Org(settings(estate))
    for page in source.pages(BULK, None):
        found.append(page)
        if len(found) == 3:
            org.ask(f"jobs/query/{page.resume['position']['job']}", "delete", method="DELETE")
    source.close()
    org.close()
    assert set(ids(found)) == {f"801LV{number:010d}AAA" for number in range(450)}


def test_a_job_that_fails_is_done_by_rest_and_told(serve: Serve) -> None:
    estate = serve(books(250), faults="crm:job_fails=1")
    pages = pulled(estate, BULK)
    assert len(set(ids(pages))) == 250
    (told,) = warnings(pages)
    assert "Order is read by REST and not by the Bulk API: job 750" in told
    assert "TimeOut: retried more than 15 times" in told


def test_an_object_that_the_bulk_api_does_not_know_is_read_by_rest(serve: Serve) -> None:
    stock = books(3)
    stock.crm["PicklistValueInfo"] = [order(number) for number in range(3)]
    read = replace(BULK, source_object="PicklistValueInfo", fields=("Id", "OrderNumber", "SystemModstamp"))
    pages = pulled(serve(stock), read)
    assert len(ids(pages)) == 3
    assert "INVALIDENTITY: Entity 'PicklistValueInfo' is not supported by the Bulk API" in warnings(pages)[0]


def test_nested_lists_are_read_by_rest_whatever_the_size(serve: Serve) -> None:
    stock = books(3)
    stock.crm["OrderItem"] = [item(1, 1)]
    read = replace(BULK, fields=("Id", "OrderItems"), lists={"OrderItems": ("Id", "Product__c")}, cursor_field=None)
    pages = pulled(serve(stock), read)
    assert {record["Id"]: len(record["OrderItems"]) for record in records(pages)}["801LV0000000001AAA"] == 1
    assert warnings(pages) == ["Order is read by REST and not by the Bulk API: it gives no nested lists"]


def test_a_change_while_a_job_runs_is_in_the_next_pull(serve: Serve) -> None:
    """Rows of a job come in no order, so its newest stamp says nothing: the next pull begins where the job began."""
    stock = books(450)
    estate = serve(stock)
    ahead = START + timedelta(days=3650)
    stock.crm["Order"][7]["SystemModstamp"] = ahead
    first = pulled(estate, BULK)
    assert first[-1].resume["high"] < ahead.isoformat()
    stock.crm["Order"][8]["Note__c"] = "changed while the job ran"
    stock.crm["Order"][8]["SystemModstamp"] = ahead - timedelta(days=1)
    again = records(pulled(estate, BULK, as_stored(first[-1])))
    assert {record["OrderNumber"] for record in again} == {"00000007", "00000008"}


def test_deleted_records_come_as_deleted_keys(serve: Serve) -> None:
    stock = books(250)
    estate = serve(stock)
    first = pulled(estate, BULK)
    stock.crm["Order"][3] |= {"IsDeleted": True, "SystemModstamp": START + timedelta(days=1)}
    again = pulled(estate, BULK, as_stored(first[-1]))
    assert [key for page in again for key in page.deleted] == [("801LV0000000003AAA",)]
    assert {page.source_total for page in again} == {249}


def test_no_more_than_a_page_is_held_in_memory(serve: Serve) -> None:
    stock = books(0)
    stock.crm["Order"] = [order(number, Note__c="x" * 10_000) for number in range(1500)]
    estate = serve(stock)
    read = reading(replace(BULK, page_size=50), bulk_page=50_000)
    source = open_source(settings(estate))
    tracemalloc.start()
    sizes = []
    for page in source.pages(read, None):
        sizes.append(len(page.records))
        if len(sizes) == 2:
            tracemalloc.reset_peak()  # what the org itself holds has been made by now
            before = tracemalloc.get_traced_memory()[0]
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    source.close()
    assert sum(sizes) == 1500
    assert peak < 3_000_000  # the result as a whole has 15 million characters


def test_a_value_of_ten_million_characters_comes_by_both_ways(serve: Serve) -> None:
    stock = books(3)
    stock.crm["Order"][1]["Note__c"] = "y" * 10_000_000
    estate = serve(stock)
    for read in (REST, BULK):
        assert max(len(record["Note__c"] or "") for record in records(pulled(estate, read))) == 10_000_000


def test_a_session_that_ends_during_a_job_is_opened_again(serve: Serve) -> None:
    estate = serve(books(450))
    source = open_source(settings(estate))
    found = []
    for page in source.pages(BULK, None):
        found.append(page)
        estate.expire_sessions()
    source.close()
    assert len(set(ids(found))) == 450
