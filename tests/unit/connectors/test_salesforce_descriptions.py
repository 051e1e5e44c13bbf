"""What an org tells of its objects, and what is remembered of it."""

from typing import Any

import pytest

from connectors.salesforce.memory import Memory, joined, split
from connectors.salesforce.object_description import changes, described, kinds_of, without_field

ORDER: dict[str, Any] = {
    "name": "Order",
    "fields": [
        {"name": "Id", "type": "id"},
        {"name": "AccountId", "type": "reference", "relationshipName": "Account", "referenceTo": ["Account"]},
        {"name": "OwnerId", "type": "reference", "relationshipName": "Owner", "referenceTo": ["User", "Group"]},
        {"name": "Amount__c", "type": "currency", "relationshipName": None, "referenceTo": []},
    ],
}
ACCOUNT: dict[str, Any] = {
    "name": "Account",
    "fields": [
        {"name": "Market__c", "type": "picklist"},
        {"name": "ParentId", "type": "reference", "relationshipName": "Parent", "referenceTo": ["Account"]},
    ],
}


def test_the_type_of_a_parents_field_is_asked_of_the_parent() -> None:
    asked: list[str] = []

    def describe(name: str) -> Any:
        asked.append(name)
        return described(ACCOUNT) if name == "Account" else None

    order = described(ORDER)
    assert order is not None
    paths = ["Id", "Amount__c", "Account.Market__c", "Account.Parent.Market__c", "Owner.Name", "Nope", "Nope.Name"]
    assert kinds_of(paths, order, describe) == {
        "Id": "id",
        "Amount__c": "currency",
        "Account.Market__c": "picklist",
        "Account.Parent.Market__c": "picklist",
    }
    assert set(asked) == {"Account", "User"}


@pytest.mark.parametrize("told", [None, [], {}, {"fields": []}, {"fields": [{}]}, {"fields": None}])
def test_an_answer_without_fields_describes_nothing(told: Any) -> None:
    assert described(told) is None


def test_a_field_that_is_not_there_is_told_with_its_neighbours() -> None:
    order = described(ORDER)
    assert order is not None
    assert without_field(["Id", "Account.Market__c"], order) == ""
    told = without_field(["Amount_c", "Accounts.Name"], order)
    assert "Accounts.Name does not exist, or is hidden from the login; did you mean Account" in told
    assert "Amount_c does not exist, or is hidden from the login; did you mean Amount__c" in told


def test_new_lost_and_retyped_fields_are_told_each_in_a_sentence() -> None:
    before = {"Id": "id", "Amount__c": "currency", "Old__c": "string"}
    assert changes("Order", before, {"Id": "id", "Amount__c": "string", "New__c": "date"}) == [
        "Order has new fields since the last pull: New__c",
        "Order has lost fields since the last pull, or hides them: Old__c",
        "Order has fields of another type since the last pull: Amount__c from currency to string",
    ]
    assert changes("Order", before, before) == []
    assert changes("Order", {}, before) == []


def test_what_is_remembered_travels_in_the_resume_point() -> None:
    memory = Memory({"Id": "id"}, "Sat, 21 Nov 2026 08:00:00 GMT")
    assert split(joined({"high": "x", "seen": 3}, memory)) == ({"high": "x", "seen": 3}, memory)
    assert split(None) == (None, Memory())
    assert split({"high": "x"}) == ({"high": "x"}, Memory())
    assert split({"high": "x", "org": "what"}) == ({"high": "x"}, Memory())


@pytest.mark.parametrize(
    ("now", "hours", "due"),
    [
        ("Sat, 21 Nov 2026 19:59:59 GMT", 12, False),
        ("Sat, 21 Nov 2026 20:00:00 GMT", 12, True),
        ("Sat, 21 Nov 2026 08:00:00 GMT", 0, True),
        ("", 12, True),
    ],
)
def test_a_sweep_is_due_after_its_hours_by_the_orgs_own_clock(now: str, hours: float, due: bool) -> None:
    assert Memory(swept="Sat, 21 Nov 2026 08:00:00 GMT").is_sweep_due(now, hours) is due
