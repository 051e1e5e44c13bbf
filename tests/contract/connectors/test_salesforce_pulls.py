"""Nested lists, sweeps over all keys, changed descriptions, and calls that are left to others."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from salesforce_org import ORDERS, START, books, ids, item, order, pulled, reading, records, settings, warnings

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.discovery import open_source
from connectors.ports import Page, StreamRead
from simulated_estate.books import Books
from simulated_estate.servers.serve import RunningEstate

Serve = Callable[..., RunningEstate]
NESTED = StreamRead(
    "orders",
    "Order",
    ("Id", "OrderNumber", "OrderItems"),
    ("Id",),
    lists={"OrderItems": ("Product__c", "Quantity", "Order.OrderNumber")},
)


def as_stored(page: Page) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(json.dumps(page.resume))
    return stored


def with_items(counts: tuple[int, ...]) -> Books:
    stock = books(len(counts))
    numbers = iter(range(1, 10_000))
    stock.crm["OrderItem"] = [
        item(next(numbers), order_number) for order_number, count in enumerate(counts) for _ in range(count)
    ]
    return stock


# Nested lists


def test_a_nested_list_comes_whole_over_as_many_pages_as_it_takes(serve: Serve) -> None:
    estate = serve(with_items((0, 1, 450, 200)))
    found = {record["OrderNumber"]: record["OrderItems"] for record in records(pulled(estate, NESTED))}
    assert [len(found[number]) for number in sorted(found)] == [0, 1, 450, 200]
    assert found["00000001"] == [{"Product__c": "P1", "Quantity": "1", "Order": {"OrderNumber": "00000001"}}]
    assert len({element["Product__c"] for element in found["00000002"]}) == 450


def test_a_deleted_element_is_in_no_list(serve: Serve) -> None:
    stock = with_items((2,))
    stock.crm["OrderItem"][0]["IsDeleted"] = True
    (record,) = records(pulled(serve(stock), NESTED))
    assert [element["Product__c"] for element in record["OrderItems"]] == ["P2"]


def test_a_relationship_that_does_not_exist_is_named(serve: Serve) -> None:
    wrong = replace(NESTED, fields=("Id", "Lines"), lists={"Lines": ("Product__c",)})
    with pytest.raises(ConfigurationError, match="Didn't understand relationship 'Lines'"):
        pulled(serve(with_items((1,))), wrong)


def test_a_list_whose_changes_the_cursor_would_miss_is_refused(serve: Serve) -> None:
    estate = serve(with_items((1,)))
    moving = replace(NESTED, fields=(*NESTED.fields, "SystemModstamp"), cursor_field="SystemModstamp")
    with pytest.raises(ConfigurationError, match="set children_touch_parent: true"):
        pulled(estate, moving)
    assert len(records(pulled(estate, reading(moving, children_touch_parent=True)))) == 1


# Sweeps

EAGER = reading(ORDERS, sweep_hours=0)


@pytest.mark.parametrize("mode", ["rest", "bulk"])
def test_a_sweep_tells_every_key_that_is_left(serve: Serve, mode: str) -> None:
    stock = books(450)
    estate = serve(stock)
    read = reading(EAGER, mode=mode)
    first = pulled(estate, read)
    assert not any(page.swept or page.held for page in first)
    del stock.crm["Order"][10:13]
    stock.crm["Order"][20]["IsDeleted"] = True
    again = pulled(estate, read, as_stored(first[-1]))
    held = [key for page in again for key in page.held]
    assert set(held) == {(row["Id"],) for row in stock.crm["Order"] if not row["IsDeleted"]}
    assert [page.swept for page in again] == [False] * (len(again) - 1) + [True]
    assert [page.last for page in again] == [False] * (len(again) - 1) + [True]


def test_a_sweep_comes_no_sooner_than_its_hours(serve: Serve) -> None:
    estate = serve(books(3))
    read = reading(ORDERS, sweep_hours=24)
    resume = as_stored(pulled(estate, read)[-1])
    assert not any(page.swept for page in pulled(estate, read, resume))
    resume["org"]["swept"] = "Sat, 01 Jan 2022 00:00:00 GMT"
    swept = pulled(estate, read, resume)
    assert swept[-1].swept
    assert swept[-1].resume["org"]["swept"] != resume["org"]["swept"]
    assert not any(page.swept for page in pulled(estate, read, as_stored(swept[-1])))
    assert not any(page.swept for page in pulled(estate, reading(ORDERS, sweep_hours="never"), resume))


def test_a_sweep_that_breaks_off_is_made_again_and_the_changes_are_kept(serve: Serve) -> None:
    stock = books(450)
    estate = serve(stock)
    read = reading(EAGER, mode="rest")
    first = pulled(estate, read)
    stock.crm["Order"].append(order(900))
    source = open_source(settings(estate))
    running = source.pages(read, as_stored(first[-1]))
    changes = next(running)
    assert "801LV0000000900AAA" in ids([changes])
    assert not changes.last
    estate.set_faults("crm:http_503=1")
    with pytest.raises(RetryableError):
        list(running)
    source.close()
    estate.set_faults("")
    again = pulled(estate, read, as_stored(changes))
    assert again[-1].swept


def test_what_a_whole_pull_does_not_see_needs_no_sweep(serve: Serve) -> None:
    estate = serve(books(3))
    whole = replace(EAGER, cursor_field=None)
    first = pulled(estate, whole)
    assert not any(page.swept for page in [*first, *pulled(estate, whole, as_stored(first[-1]))])


# Changed descriptions


def test_fields_that_appear_vanish_or_change_their_type_are_told_once(serve: Serve) -> None:
    stock = books(3)
    estate = serve(stock)
    read = replace(ORDERS, fields=("Id", "OrderNumber", "SystemModstamp"))
    first = pulled(estate, read)
    assert warnings(first) == []
    for row in stock.crm["Order"]:
        del row["Note__c"]
        row["Paid__c"] = "yes"
        row["Channel__c"] = "web"
    again = pulled(estate, read, as_stored(first[-1]))
    assert warnings(again) == [
        "Order has new fields since the last pull: Channel__c",
        "Order has lost fields since the last pull, or hides them: Note__c",
        "Order has fields of another type since the last pull: Paid__c from boolean to string",
    ]
    assert warnings(pulled(estate, read, as_stored(again[-1]))) == []


def test_a_field_that_vanished_and_is_mapped_is_named_before_anything_is_read(serve: Serve) -> None:
    stock = books(3)
    estate = serve(stock)
    first = pulled(estate, ORDERS)
    for row in stock.crm["Order"]:
        row["Remark__c"] = row.pop("Note__c")
    told = r"orders: fields of Order: Note__c does not exist, or is hidden from the login"
    with pytest.raises(ConfigurationError, match=told):
        pulled(estate, ORDERS, as_stored(first[-1]))


def test_an_object_without_a_recycle_bin_is_read_too(serve: Serve) -> None:
    stock = books(3)
    for row in stock.crm["Order"]:
        del row["IsDeleted"]
    estate = serve(stock)
    for mode in ("rest", "bulk"):
        assert len(ids(pulled(estate, reading(ORDERS, mode=mode)))) == 3


# Calls that are left to others


def test_a_pull_stops_before_the_orgs_last_calls_and_goes_on_later(serve: Serve) -> None:
    stock = books(900)
    estate = serve(stock, faults="crm:request_limit=6")
    read = reading(ORDERS, mode="rest")
    found: list[Page] = []
    source = open_source(settings(estate, reserve_percent=20))
    with pytest.raises(RetryableError, match=r"used 4 of its 6 API calls .* the last 20 % are left to others"):
        found.extend(source.pages(read, None))
    source.close()
    assert 0 < len(ids(found)) < 900
    estate.set_faults("crm:request_limit=1000")
    rest = pulled(estate, read, as_stored(found[-1]))
    assert set(ids([*found, *rest])) == {row["Id"] for row in stock.crm["Order"]}


def test_calls_that_rest_would_lack_are_saved_by_a_job(serve: Serve) -> None:
    read = replace(reading(ORDERS, bulk_from=1_000_000), fields=("Id", "SystemModstamp"))
    for allowed, way in ((14, "cursor"), (12, "job")):  # half of them, less two for fields and count; REST takes five
        estate = serve(books(900), faults=f"crm:request_limit={allowed}")
        with closing(open_source(settings(estate, reserve_percent=50))) as source:
            first = next(iter(source.pages(read, None)))
        assert way in first.resume["position"]


def test_a_change_of_the_status_label_leaves_its_category(serve: Serve) -> None:
    stock = books(3)
    for row in stock.crm["Order"]:
        row |= {"Status": "Activated", "StatusCode": "Activated"}
    estate = serve(stock)
    read = replace(ORDERS, fields=("Id", "StatusCode", "SystemModstamp"))
    first = pulled(estate, read)
    for row in stock.crm["Order"]:
        row |= {"Status": "Live since install", "SystemModstamp": START + timedelta(days=1)}
    again = pulled(estate, read, as_stored(first[-1]))
    assert {record["StatusCode"] for record in records([*first, *again])} == {"Activated"}
