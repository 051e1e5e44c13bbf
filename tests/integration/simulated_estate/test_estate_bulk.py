"""The simulated org's query jobs, nested lists and collections as simple-salesforce meets them."""

import csv
from pathlib import Path
from typing import Any

import pytest
from estate_clients import WAIT_S, org, plain_session
from estate_rows import account, order
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceMalformedRequest,
    SalesforceOperationError,
    SalesforceResourceNotFound,
)

from simulated_estate.books import Books
from simulated_estate.servers.serve import RunningEstate

WAIT = 0.01


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines(keepends=True)))


def job(crm: Salesforce, query: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = crm.restful(
        "jobs/query", method="POST", json={"operation": "query", "query": query, **more}
    )
    return made


def code(crm: Salesforce, query: str, **more: Any) -> str:
    with pytest.raises(SalesforceMalformedRequest) as caught:
        job(crm, query, **more)
    found: str = caught.value.content[0]["errorCode"]
    return found


def test_a_job_is_downloaded_page_by_page(books: Books, estate: RunningEstate, tmp_path: Path) -> None:
    books.crm["Account"][0]["Name"] = 'two\nlines, "quoted"'
    books.crm["Account"][1]["Type"] = None
    files = org(estate).bulk2.Account.download(
        "SELECT Id, Name, Type, CreditLimit__c, IsDeleted, SystemModstamp FROM Account",
        path=str(tmp_path),
        max_records=5,
        wait=WAIT,
    )
    assert [(page["number_of_records"], bool(page["locator"])) for page in files] == [
        (5, True),
        (5, True),
        (2, False),
    ]
    found = [row for page in files for row in rows_of(Path(page["file"]).read_text(encoding="utf-8"))]
    assert found[0] == {
        "Id": "001LV0000000001AAA",
        "Name": 'two\nlines, "quoted"',
        "Type": "residential",
        "CreditLimit__c": "100.50",
        "IsDeleted": "false",
        "SystemModstamp": "2026-01-01T00:01:00.000Z",
    }
    assert found[1]["Type"] == ""
    assert len(found) == 12


def test_a_result_is_what_the_org_held_when_the_job_was_done(books: Books, estate: RunningEstate) -> None:
    crm = org(estate)
    pages = crm.bulk2.Account.query("SELECT Id, Name FROM Account", max_records=6, wait=WAIT)
    first = next(pages)
    books.crm["Account"][8]["Name"] = "Renamed"
    del books.crm["Account"][10]
    assert len(rows_of(first) + [row for page in pages for row in rows_of(page)]) == 12


def test_deleted_rows_and_parents_are_in_jobs_too(books: Books, estate: RunningEstate) -> None:
    crm = org(estate)
    books.crm["Order"][0]["IsDeleted"] = True
    query = "SELECT OrderNumber, Account.Name FROM Order WHERE SystemModstamp > 2025-01-01T00:00:00Z"
    (kept,) = crm.bulk2.Order.query(query, wait=WAIT)
    (everything,) = crm.bulk2.Order.query_all(query, wait=WAIT)
    assert (len(rows_of(kept)), len(rows_of(everything))) == (4, 5)
    assert rows_of(kept)[0]["Account.Name"] == "Household 2"


def test_a_job_goes_through_its_states_and_is_deleted(estate: RunningEstate) -> None:
    crm = org(estate)
    made = job(crm, "SELECT Id FROM Account")
    place = f"jobs/query/{made['id']}"
    with pytest.raises(SalesforceMalformedRequest, match="INVALIDJOBSTATE"):
        crm.restful(f"{place}/results")
    with pytest.raises(SalesforceMalformedRequest, match="INVALIDJOBSTATE"):
        crm.restful(place, method="DELETE")
    seen = [crm.restful(place) for _ in range(3)]
    assert [made["state"], *(told["state"] for told in seen)] == [
        *("UploadComplete", "InProgress", "JobComplete", "JobComplete")
    ]
    assert (seen[-1]["numberRecordsProcessed"], seen[-1]["object"]) == (12, "Account")
    assert [told["id"] for told in crm.restful("jobs/query")["records"]] == [made["id"]]
    assert crm.restful(place, method="DELETE") is None
    with pytest.raises(SalesforceResourceNotFound):
        crm.restful(place)


def test_an_aborted_job_has_no_result(estate: RunningEstate) -> None:
    crm = org(estate)
    place = f"jobs/query/{job(crm, 'SELECT Id FROM Account')['id']}"
    assert crm.restful(place, method="PATCH", json={"state": "Aborted"})["state"] == "Aborted"
    for path in (f"{place}/results", place):
        with pytest.raises(SalesforceMalformedRequest, match="INVALIDJOBSTATE"):
            crm.restful(path, method="PATCH" if path == place else "GET", json={"state": "Aborted"})


def test_a_job_fails_on_demand(estate: RunningEstate) -> None:
    estate.set_faults("crm:job_fails=1")
    with pytest.raises(SalesforceOperationError, match="TimeOut"):
        list(org(estate).bulk2.Account.query("SELECT Id FROM Account", wait=WAIT))


def test_what_the_bulk_api_does_not_do_is_refused(books: Books, estate: RunningEstate) -> None:
    crm = org(estate)
    books.crm["PicklistValueInfo"] = []
    assert code(crm, "SELECT Id, (SELECT Id FROM Orders) FROM Account") == "API_ERROR"
    assert code(crm, "SELECT COUNT() FROM Account") == "API_ERROR"
    assert code(crm, "SELECT Id FROM Account OFFSET 3") == "MALFORMED_QUERY"
    assert code(crm, "SELECT Id FROM PicklistValueInfo") == "INVALIDENTITY"
    assert code(crm, "SELECT Nope FROM Account") == "INVALID_FIELD"
    assert code(crm, "") == "MALFORMED_QUERY"
    assert code(crm, "SELECT Id FROM Account", operation="insert") == "INVALIDJOB"
    assert code(crm, "SELECT Id FROM Account", columnDelimiter="DOT") == "INVALIDJOB"


def test_a_locator_of_nowhere_is_refused(estate: RunningEstate) -> None:
    crm = org(estate)
    place = f"jobs/query/{job(crm, 'SELECT Id FROM Account')['id']}"
    crm.restful(place)
    crm.restful(place)
    for locator in ("nowhere", "OTk5", "MA"):
        with pytest.raises(SalesforceMalformedRequest, match="INVALIDLOCATOR"):
            crm.restful(f"{place}/results", params={"locator": locator})


def test_a_body_that_is_no_json_is_refused(estate: RunningEstate) -> None:
    crm = org(estate)
    answer = plain_session().post(
        f"{estate.addresses['crm']}/services/data/v59.0/jobs/query", data="{", headers=crm.headers, timeout=WAIT_S
    )
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_limits_count_the_jobs(estate: RunningEstate) -> None:
    crm = org(estate)
    job(crm, "SELECT Id FROM Account")
    assert crm.limits()["DailyBulkV2QueryJobs"] == {"Max": 10_000, "Remaining": 9_999}


# Nested lists


def test_children_come_below_their_parents_with_their_own_pages(books: Books, estate: RunningEstate) -> None:
    books.crm["Order"] = [order(number, AccountId="001LV0000000001AAA") for number in range(1, 6)]
    crm = org(estate)
    found = crm.query(
        "SELECT Id, (SELECT OrderNumber, Account.Name FROM Orders WHERE OrderNumber > '00000001' "
        "ORDER BY OrderNumber DESC) FROM Account WHERE AccountNumber IN ('LV-0000001', 'LV-0000002') ORDER BY Id",
        headers={"Sforce-Query-Options": "batchSize=3"},
    )
    first, second = found["records"]
    assert second["Orders"] is None
    nested = first["Orders"]
    assert (nested["totalSize"], nested["done"]) == (4, False)
    assert [row["OrderNumber"] for row in nested["records"]] == ["00000005", "00000004", "00000003"]
    rest = crm.query_more(nested["nextRecordsUrl"], identifier_is_url=True)
    assert [row["Account"]["Name"] for row in rest["records"]] == ["Household 1"]
    assert rest["done"]


def test_a_custom_child_goes_by_its_relationship_name(books: Books, estate: RunningEstate) -> None:
    books.crm["Price_Exception__c"] = [
        {"Id": "a02LV0000000001AAA", "Account__c": "001LV0000000001AAA", "Kind__c": "fee_waiver"}
        | {"IsDeleted": False, "SystemModstamp": "2026-01-01T00:00:00Z"}
    ]
    crm = org(estate)
    found = crm.query("SELECT (SELECT Kind__c FROM Price_Exceptions__r LIMIT 1) FROM Account ORDER BY Id LIMIT 1")
    assert found["records"][0]["Price_Exceptions__r"]["records"][0]["Kind__c"] == "fee_waiver"
    names = [each["relationshipName"] for each in crm.Account.describe()["childRelationships"]]
    assert names == ["Orders", "Price_Exceptions__r"]


def test_a_list_in_a_list_and_an_unknown_one_are_refused(estate: RunningEstate) -> None:
    crm = org(estate)
    for query, told in (
        ("SELECT Id, (SELECT Id, (SELECT Id FROM Items) FROM Orders) FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id, (SELECT Id FROM Nopes) FROM Account", "INVALID_FIELD"),
    ):
        with pytest.raises(SalesforceMalformedRequest, match=told):
            crm.query(query)


# Collections


def records(*fields: dict[str, Any], entity: str = "Account", **more: Any) -> dict[str, Any]:
    return {"records": [{"attributes": {"type": entity}, **each} for each in fields], **more}


def test_records_are_created_changed_read_and_deleted_together(books: Books, estate: RunningEstate) -> None:
    crm = org(estate)
    made = crm.restful(
        "composite/sobjects",
        method="POST",
        json=records({"Name": "New 1"}, {"Name": "New 2", "CreditLimit__c": 7.25}),
    )
    assert [line["success"] for line in made] == [True, True]
    one, two = (line["id"] for line in made)
    changed = crm.restful("composite/sobjects", method="PATCH", json=records({"id": one, "Name": "Renamed"}))
    assert changed == [{"id": one, "success": True, "errors": []}]
    read = crm.restful(
        "composite/sobjects/Account", method="POST", json={"ids": [one, two, "001"], "fields": ["Name"]}
    )
    assert [row and row["Name"] for row in read] == ["Renamed", "New 2", None]
    assert crm.query(f"SELECT CreditLimit__c FROM Account WHERE Id = '{two}'")["records"][0]["CreditLimit__c"] == 7.25
    newest = crm.query("SELECT Id FROM Account ORDER BY SystemModstamp DESC LIMIT 1")["records"][0]["Id"]
    assert newest == one
    gone = crm.restful("composite/sobjects", method="DELETE", params={"ids": f"{one},nobody"})
    assert [line["success"] for line in gone] == [True, False]
    assert len(crm.query_all("SELECT Id FROM Account")["records"]) == 13
    assert len(crm.query_all("SELECT Id FROM Account", include_deleted=True)["records"]) == 14


@pytest.mark.parametrize(
    ("method", "wrong", "status"),
    [
        ("POST", {"Nope": 1}, "INVALID_FIELD"),
        ("POST", {"IsDeleted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("PATCH", {"id": "001LV0000000099AAA", "Name": "x"}, "INVALID_CROSS_REFERENCE_KEY"),
        ("PATCH", {"id": "001LV0000000002AAA", "Name": "x"}, "ENTITY_IS_DELETED"),
    ],
)
def test_a_record_that_cannot_be_written_is_told_beside_those_that_were(
    books: Books, estate: RunningEstate, method: str, wrong: dict[str, Any], status: str
) -> None:
    crm = org(estate)
    books.crm["Account"][1]["IsDeleted"] = True
    right = {"Name": "fine"} if method == "POST" else {"id": "001LV0000000001AAA", "Name": "fine"}
    lines = crm.restful("composite/sobjects", method=method, json=records(right, wrong))
    assert [line["success"] for line in lines] == [True, False]
    assert lines[1]["errors"][0]["statusCode"] == status
    together = crm.restful("composite/sobjects", method=method, json=records(right, wrong, allOrNone=True))
    assert together[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert sum(row["Name"] == "fine" for row in books.crm["Account"]) == 1


def test_more_records_than_a_collection_holds_are_refused(estate: RunningEstate) -> None:
    many = records(*({"Name": str(number)} for number in range(201)))
    with pytest.raises(SalesforceMalformedRequest, match="EXCEEDED_MAX_SIZE_REQUEST"):
        org(estate).restful("composite/sobjects", method="POST", json=many)


def test_a_row_that_is_written_is_found_by_the_next_change_query(books: Books, estate: RunningEstate) -> None:
    crm = org(estate)
    books.crm["Account"].append(account(50, SystemModstamp="2031-01-01T00:00:00Z"))
    crm.restful("composite/sobjects", method="PATCH", json=records({"id": "001LV0000000003AAA", "Name": "later"}))
    found = crm.query("SELECT Name FROM Account WHERE SystemModstamp > 2031-01-01T00:00:00Z")["records"]
    assert [row["Name"] for row in found] == ["later"]
