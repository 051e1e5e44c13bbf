"""The simulated org as simple-salesforce meets it."""

from typing import Any

import pytest
from estate_clients import WAIT_S, Loopback, org, plain_session
from estate_rows import account, order
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceMalformedRequest

from simulated_estate.books import Books
from simulated_estate.servers.serve import RunningEstate


def ids(result: dict[str, Any]) -> list[int]:
    return [int(record["Id"][5:15]) for record in result["records"]]


def refused(crm: Salesforce, soql: str) -> tuple[str, str]:
    with pytest.raises(SalesforceMalformedRequest) as caught:
        crm.query(soql)
    (error,) = caught.value.content
    return error["errorCode"], error["message"].strip().splitlines()[-1]


def test_three_ways_to_log_in_give_a_session_that_works(estate: RunningEstate) -> None:
    known = estate.credentials["crm"]
    session = plain_session(estate.addresses["crm"])
    logins: list[dict[str, str]] = [
        {"consumer_key": known["consumer_key"], "consumer_secret": known["consumer_secret"], "domain": "x.my"},
        {name: known[name] for name in ("username", "password", "security_token")},
        {name: known[name] for name in ("username", "password", "consumer_key", "consumer_secret")},
    ]
    for login in logins:
        crm = Salesforce(**login, session=session)
        assert crm.query("SELECT COUNT() FROM Account")["totalSize"] == 12


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"consumer_key": "nobody", "consumer_secret": "x"}, "invalid_client_id"),
        ({"consumer_secret": "wrong"}, "invalid_client"),
    ],
)
def test_a_wrong_client_is_refused_in_the_words_of_oauth(
    estate: RunningEstate, wrong: dict[str, str], code: str
) -> None:
    known = estate.credentials["crm"]
    login = {"consumer_key": known["consumer_key"], "consumer_secret": known["consumer_secret"], **wrong}
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        Salesforce(**login, domain="x.my", session=plain_session(estate.addresses["crm"]))
    assert caught.value.code == code


def test_a_wrong_password_is_refused_in_the_words_of_the_soap_login(estate: RunningEstate) -> None:
    with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_LOGIN"):
        Salesforce(
            username="hub@lumen-valley.example",
            password="wrong",
            security_token="",
            session=plain_session(estate.addresses["crm"]),
        )


def test_an_unknown_grant_and_an_unknown_path_are_refused(estate: RunningEstate) -> None:
    known = estate.credentials["crm"]
    session = plain_session()
    client = (known["consumer_key"], known["consumer_secret"])
    token = session.post(
        estate.addresses["crm"] + "/services/oauth2/token", auth=client, data={"grant_type": "magic"}, timeout=WAIT_S
    )
    assert (token.status_code, token.json()["error"]) == (400, "unsupported_grant_type")
    nowhere = session.get(estate.addresses["crm"] + "/services/nowhere", timeout=WAIT_S)
    assert (nowhere.status_code, nowhere.json()[0]["errorCode"]) == (404, "NOT_FOUND")


def test_without_a_session_the_answer_is_the_list_that_clients_look_for(estate: RunningEstate) -> None:
    answer = plain_session().get(f"{estate.addresses['crm']}/services/data/v59.0/limits", timeout=WAIT_S)
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_a_client_that_logged_in_itself_survives_the_end_of_its_session(estate: RunningEstate) -> None:
    crm = org(estate)
    estate.expire_sessions()
    assert crm.query("SELECT COUNT() FROM Account")["totalSize"] == 12


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Name = 'household 3'", [3]),
        ("Name != 'Household 3' AND AccountNumber < 'LV-0000005'", [1, 2, 4]),
        ("Name LIKE 'house%d 1_'", [10, 11, 12]),
        ("AccountNumber IN ('LV-0000002', 'LV-0000099')", [2]),
        ("AccountNumber NOT IN ('LV-0000002') AND Name < 'Household 2'", [1, 10, 11, 12]),
        ("NOT (Name LIKE '%1%' OR Name LIKE '%2')", [3, 4, 5, 6, 7, 8, 9, 13]),
        ("SystemModstamp >= 2026-01-01T00:11:00Z", [11, 12]),
        ("SystemModstamp > 2026-01-01T01:11:00+01:00", [12]),
        ("CreditLimit__c > 100 AND CreditLimit__c <= 100.5 AND Name = 'Household 1'", [1]),
        ("Type = null", [12]),
        ("Type != null AND (Name = 'Household 1' OR Name = 'Household 12')", [1]),
        ("Name = 'O\\'Neill \\\\ Sons'", [13]),
        ("Id = '001LV0000000001AAA'", [1]),
        ("CreatedDate < 2025-12-01T00:00:00Z AND IsDeleted = false AND Name = 'Household 4'", [4]),
    ],
)
def test_conditions_pick_the_rows_that_they_say(
    books: Books, estate: RunningEstate, condition: str, expected: list[int]
) -> None:
    books.crm["Account"][11]["Type"] = None
    books.crm["Account"].append(account(13, Name="O'Neill \\ Sons", SystemModstamp="2025-12-31T00:00:00Z"))
    found = org(estate).query(f"SELECT Id FROM Account WHERE {condition} ORDER BY Id")
    assert ids(found) == expected


def test_a_date_field_compares_with_dates(estate: RunningEstate) -> None:
    crm = org(estate)
    assert ids(
        crm.query("SELECT Id FROM Order WHERE EffectiveDate >= 2026-01-04 AND EffectiveDate < 2026-01-06")
    ) == [
        3,
        4,
    ]
    found = crm.query("SELECT EffectiveDate, SystemModstamp FROM Order WHERE OrderNumber = '00000003'")["records"][0]
    assert (found["EffectiveDate"], found["SystemModstamp"]) == ("2026-01-04", "2026-01-01T00:03:00.000+0000")


def test_rows_come_in_the_wanted_order_with_nulls_where_they_are_wanted(books: Books, estate: RunningEstate) -> None:
    crm = org(estate)
    books.crm["Account"] = books.crm["Account"][:4]
    for row, kind in zip(books.crm["Account"], ("b", None, "a", "b"), strict=True):
        row["Type"] = kind
    ask = "SELECT Id FROM Account ORDER BY Type {} , Id DESC"
    assert ids(crm.query(ask.format("ASC"))) == [2, 3, 4, 1]
    assert ids(crm.query(ask.format("NULLS LAST"))) == [3, 4, 1, 2]
    assert ids(crm.query(ask.format("DESC NULLS LAST"))) == [4, 1, 3, 2]
    assert ids(crm.query("SELECT Id FROM Account ORDER BY Id LIMIT 2 OFFSET 1")) == [2, 3]


def test_a_parents_field_is_read_filtered_and_sorted_by(estate: RunningEstate) -> None:
    soql = (
        "SELECT Id, Account.AccountNumber FROM Order "
        "WHERE Account.Name != 'Household 2' ORDER BY Account.AccountNumber DESC"
    )
    found = org(estate).query(soql)
    assert ids(found) == [5, 4, 3, 1]
    assert found["records"][0]["Account"]["AccountNumber"] == "LV-0000005"
    assert found["records"][0]["attributes"] == {
        "type": "Order",
        "url": "/services/data/v59.0/sobjects/Order/801LV0000000005AAA",
    }


def test_a_custom_parent_goes_by_its_relationship_name(books: Books, estate: RunningEstate) -> None:
    books.crm["Premise__c"] = [
        {"Id": "a01LV0000000001AAA", "Hub__c": "RB-1", "IsDeleted": False, "SystemModstamp": "2026-01-01T00:00:00Z"}
    ]
    books.crm["Order"] = [order(1, Premise__c="a01LV0000000001AAA"), order(2)]
    crm = org(estate)
    found = crm.query("SELECT Premise__r.Hub__c FROM Order ORDER BY Id")["records"]
    assert found[0]["Premise__r"]["Hub__c"] == "RB-1"
    assert found[1]["Premise__r"] is None
    reference = next(field for field in crm.Order.describe()["fields"] if field["name"] == "Premise__c")
    assert (reference["type"], reference["relationshipName"]) == ("reference", "Premise__r")


def test_deleted_rows_show_through_query_all_only(books: Books, estate: RunningEstate) -> None:
    crm = org(estate)
    books.crm["Account"][0]["IsDeleted"] = True
    assert len(crm.query_all("SELECT Id FROM Account")["records"]) == 11
    found = crm.query_all("SELECT Id, IsDeleted FROM Account", include_deleted=True)["records"]
    assert [record["IsDeleted"] for record in found].count(True) == 1
    assert len(found) == 12


def test_pages_keep_the_kind_of_their_query(estate: RunningEstate) -> None:
    crm = org(estate)
    size = {"Sforce-Query-Options": "batchSize=5"}
    for kind, deleted_too in (("query", False), ("queryAll", True)):
        page = crm.query("SELECT Id FROM Account", include_deleted=deleted_too, headers=size)
        assert page["nextRecordsUrl"].startswith(f"/services/data/v59.0/{kind}/01g")
        assert (len(page["records"]), page["totalSize"], page["done"]) == (5, 12, False)
        following = crm.query_more(page["nextRecordsUrl"], identifier_is_url=True, headers=size)
        assert ids(following) == [6, 7, 8, 9, 10]
        last = crm.query_more(following["nextRecordsUrl"], identifier_is_url=True, headers=size)
        assert (ids(last), last["done"], "nextRecordsUrl" in last) == ([11, 12], True, False)


def test_a_listing_stays_whole_while_rows_come_change_and_go(books: Books, estate: RunningEstate) -> None:
    crm = org(estate)
    size = {"Sforce-Query-Options": "batchSize=5"}
    page = crm.query("SELECT Id, Name FROM Account ORDER BY SystemModstamp, Id", headers=size)
    rows = books.crm["Account"]
    rows[7]["Name"] = "Renamed"
    rows.insert(0, account(0))
    del rows[3]
    second = crm.query_more(page["nextRecordsUrl"], identifier_is_url=True, headers=size)
    third = crm.query_more(second["nextRecordsUrl"], identifier_is_url=True, headers=size)
    assert ids(page) + ids(second) + ids(third) == list(range(1, 13))
    assert second["records"][2]["Name"] == "Renamed"
    assert crm.query("SELECT COUNT() FROM Account")["totalSize"] == 12


def test_a_locator_that_never_was_or_is_of_the_other_kind_is_refused(estate: RunningEstate) -> None:
    crm = org(estate)
    page = crm.query("SELECT Id FROM Account", headers={"Sforce-Query-Options": "batchSize=5"})
    other_kind = page["nextRecordsUrl"].replace("/query/", "/queryAll/")
    for url in ("/services/data/v59.0/query/01gNOPE-5", other_kind, page["nextRecordsUrl"] + "x"):
        with pytest.raises(SalesforceMalformedRequest) as caught:
            crm.query_more(url, identifier_is_url=True)
        assert caught.value.content[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


@pytest.mark.parametrize(
    ("soql", "code", "words"),
    [
        (
            "SELECT Nope FROM Account",
            "INVALID_FIELD",
            "No such column 'Nope' on entity 'Account'. If you are attempt",
        ),
        ("SELECT Id FROM Account WHERE Nope = 1", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'."),
        ("SELECT Nope.Name FROM Order", "INVALID_FIELD", "Didn't understand relationship 'Nope' in field path."),
        ("SELECT Account.Nope FROM Order", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'."),
        ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported."),
        ("SELECT Id FROM", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id, FROM Account", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
        ("SELECT Id FROM Account WHERE Id = #", "MALFORMED_QUERY", "unexpected token: '#'"),
        (
            "SELECT Id FROM Account WHERE Id = 'a' AND Id = 'b' OR Id = 'c'",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        ("SELECT Id FROM Account LIMIT x", "MALFORMED_QUERY", "unexpected token: 'x'"),
        ("SELECT Id, Id FROM Account", "MALFORMED_QUERY", "duplicate field selected: Id"),
        ("SELECT Id FROM Account WHERE SystemModstamp > 2026-13-01T00:00:00Z", "MALFORMED_QUERY", "Invalid date"),
        (
            "SELECT Id FROM Account WHERE SystemModstamp > '2026-01-01'",
            "INVALID_FIELD",
            "for field 'SystemModstamp' must be of type dateTime and should not be enclosed in quotes",
        ),
        ("SELECT Id FROM Account WHERE Name = 7", "INVALID_FIELD", "for field 'Name' must be of type string"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
        ("SELECT COUNT(Id) FROM Account", "MALFORMED_QUERY", "unexpected token: 'Id'"),
    ],
)
def test_a_wrong_query_is_refused_as_salesforce_words_it(
    estate: RunningEstate, soql: str, code: str, words: str
) -> None:
    found_code, found_words = refused(org(estate), soql)
    assert found_code == code
    assert words in found_words


def test_a_field_that_vanishes_from_every_row_is_gone(books: Books, estate: RunningEstate) -> None:
    crm = org(estate)
    for row in books.crm["Account"]:
        del row["Type"]
    assert refused(crm, "SELECT Type FROM Account")[0] == "INVALID_FIELD"
    assert "Type" not in {field["name"] for field in crm.Account.describe()["fields"]}


def test_an_object_without_rows_still_has_its_fields(estate: RunningEstate) -> None:
    crm = org(estate)
    assert crm.query("SELECT Id, Amount__c FROM Price_Exception__c WHERE Valid_To__c > 2026-01-01")["totalSize"] == 0
    assert refused(crm, "SELECT Nope FROM Price_Exception__c")[0] == "INVALID_FIELD"


def test_describe_tells_types_and_references(estate: RunningEstate) -> None:
    crm = org(estate)
    assert [entry["name"] for entry in crm.describe()["sobjects"]] == ["Account", "Order", "Price_Exception__c"]
    fields = {field["name"]: field for field in crm.Order.describe()["fields"]}
    kinds = {
        name: fields[name]["type"] for name in ("Id", "OrderNumber", "EffectiveDate", "SystemModstamp", "IsDeleted")
    }
    assert kinds == {
        "Id": "id",
        "OrderNumber": "string",
        "EffectiveDate": "date",
        "SystemModstamp": "datetime",
        "IsDeleted": "boolean",
    }
    assert (fields["AccountId"]["type"], fields["AccountId"]["referenceTo"]) == ("reference", ["Account"])


def test_limits_count_the_requests(estate: RunningEstate) -> None:
    crm = org(estate)
    crm.query("SELECT Id FROM Account LIMIT 1")
    crm.limits()
    assert crm.api_usage["api-usage"].used == 2
    assert crm.limits()["DailyApiRequests"] == {"Max": 100_000, "Remaining": 100_000 - 3}


def test_the_usual_page_holds_two_thousand_rows(books: Books, estate: RunningEstate) -> None:
    books.crm["Account"] = [account(number) for number in range(4001)]
    session = plain_session(estate.addresses["crm"])
    assert isinstance(session.get_adapter("https://x.my.salesforce.com"), Loopback)
    crm = org(estate)
    page = crm.query("SELECT Id FROM Account")
    assert len(page["records"]) == 2000
    assert len({record["Id"] for record in crm.query_all_iter("SELECT Id FROM Account")}) == 4001
