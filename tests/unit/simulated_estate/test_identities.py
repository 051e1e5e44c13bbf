"""Who is who in the estate: what is held twice, and what only looks as if it were."""

from collections import Counter, defaultdict

import pytest

from simulated_estate.cast import slot_at
from simulated_estate.estate import USUAL_END, Estate, build_estate
from simulated_estate.life.holders import holder_of, typed_again
from simulated_estate.life.numbers import dice
from simulated_estate.months import Window, add_months

SUBSCRIBERS = 240


@pytest.fixture(scope="module")
def estate() -> Estate:
    return build_estate(SUBSCRIBERS, months=3)


def groups(truth: dict[str, str]) -> list[list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for record, key in truth.items():
        found[key].append(record)
    return [names for names in found.values() if len(names) > 1]


def test_the_truth_knows_every_record_of_the_crm(estate: Estate) -> None:
    assert set(estate.identities.person_of) == {row["Id"] for row in estate.books.crm["Account"]}
    assert set(estate.identities.dwelling_of) == {row["Id"] for row in estate.books.crm["Premise__c"]}
    for name in ("Account", "Premise__c"):
        ids = [row["Id"] for row in estate.books.crm[name]]
        assert len(ids) == len(set(ids))


def test_people_are_entered_twice_and_have_two_accounts(estate: Estate) -> None:
    rows = {row["Id"]: row for row in estate.books.crm["Account"]}
    ordering = {row["AccountId"] for row in estate.books.crm["Order"]}
    persons = [names for names in groups(estate.identities.person_of) if rows[names[0]]["Type"] == "residential"]
    assert len(persons) >= SUBSCRIBERS // 40
    assert {len(names) for names in persons} == {2}
    served = Counter(sum(name in ordering for name in names) for names in persons)
    assert set(served) == {1, 2}, "some never ordered on their second account, some did"
    for names in persons:
        one, other = (rows[name] for name in names)
        assert one["AccountNumber"] != other["AccountNumber"]
        assert one["PersonBirthdate"] == other["PersonBirthdate"]
    assert any(rows[one]["Name"] != rows[other]["Name"] for one, other in persons)


def test_a_company_with_two_accounts_has_one_office(estate: Estate) -> None:
    rows = {row["Id"]: row for row in estate.books.crm["Account"]}
    companies = [names for names in groups(estate.identities.person_of) if rows[names[0]]["Type"] == "business"]
    assert companies
    for names in companies:
        assert len({(rows[name]["Name"], rows[name]["Phone"], rows[name]["PersonEmail"]) for name in names}) == 1


def test_two_units_stand_behind_one_address_and_are_two(estate: Estate) -> None:
    rows = estate.books.crm["Premise__c"]
    behind: defaultdict[tuple[str, str], list[str | None]] = defaultdict(list)
    for row in rows:
        behind[row["Street__c"], row["Postal_Code__c"]].append(row["Unit__c"])
    shared = [units for units in behind.values() if len(units) > 1 and all(units)]
    assert shared
    assert all(len(set(units)) == len(units) for units in shared), "each in a unit of its own"


def test_premises_are_surveyed_twice_in_another_spelling(estate: Estate) -> None:
    rows = {row["Id"]: row for row in estate.books.crm["Premise__c"]}
    twice = groups(estate.identities.dwelling_of)
    assert len(twice) >= SUBSCRIBERS // 60
    for one, other in twice:
        assert rows[one]["Street__c"] != rows[other]["Street__c"]
        assert rows[one]["Postal_Code__c"] == rows[other]["Postal_Code__c"]


def test_a_subscriber_is_the_same_in_estates_of_every_size(estate: Estate) -> None:
    small = build_estate(60, months=3)
    accounts = {row["Id"]: row for row in estate.books.crm["Account"]}
    assert [accounts[row["Id"]] for row in small.books.crm["Account"]] == small.books.crm["Account"]
    assert small.identities.person_of.items() <= estate.identities.person_of.items()


def test_another_clerk_writes_the_same_person_in_another_way() -> None:
    window = Window(add_months(USUAL_END, -3), USUAL_END)
    holder = holder_of(slot_at(200, window, 1).stories[0].life)
    again = [typed_again(holder, dice(1, position)) for position in range(20)]
    assert {each.key for each in again} == {holder.key}
    assert {each.birth_date for each in again} == {holder.birth_date}
    assert len({each.name for each in again}) > 2
