"""Whose records are one: keys, scores, questions, answers that hold, and merges that come apart again."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from canonical_model.errors import ConfigurationError
from hub.decision import Decision
from hub.identity.answering import answer, identities
from hub.identity.match import Matched, match
from hub.identity.proposals import with_proposals
from identity.answers import Answer, LinkState
from identity.settings import Subject
from identity.settings_file import default_text
from reconciliation.findings import NotJudged
from storage.identity_links import IdentityLink, identity_links
from storage.identity_steps import steps_of_link
from storage.schema.audit import AUDIT
from tests.fakes.identities import NOON, Believed

pytestmark = pytest.mark.peer("splink")

ANA = {"email": "ana.reyes@example.org", "born": "1984-03-01", "address": "12 Elm Street", "postal_code": "55101"}
CUSTOMERS_OF_THREE = """
subject: customer
version: 2
exact:
  - columns: [account_number]
    spaces: [[crm, billing], [fsm]]
    contradicted_by: [[given_name, surname]]
"""


def run(believed: Believed, subject: Subject = "customer", hours: int = 0) -> Matched:
    with believed.hub.open() as hub:
        return match(hub, subject, NOON + timedelta(hours=hours))


def links(believed: Believed, *states: LinkState) -> dict[tuple[str, str], IdentityLink]:
    with believed.hub.open() as hub, hub.database.reading() as connection:
        return {link.names: link for link in identity_links(connection, states or None)}


def say(believed: Believed, link: IdentityLink, said: Answer, hours: int = 1, why: str = "asked her") -> IdentityLink:
    with believed.hub.open() as hub:
        return answer(hub, link.id, said, Decision("rosa", NOON + timedelta(hours=hours), why))


def one_with(believed: Believed, subject: Subject = "customer") -> tuple[tuple[str, ...], ...]:
    with believed.hub.open() as hub:
        return identities(hub, subject)


def has_own_settings(believed: Believed, text: str) -> None:
    """The operator's file: what is given here, and the rest as ours."""
    ours = default_text("customer")
    place = believed.hub.folder / "identity/customer.yaml"
    place.parent.mkdir(exist_ok=True)
    place.write_text(text + ours[ours.index("thresholds:") :], encoding="utf-8")


def test_the_same_number_is_the_same_customer_however_it_is_spelled(believed: Believed) -> None:
    crm = believed.customer("crm", "LV-0001234", "Ana Reyes", account_number="0001234")
    bill = believed.customer("billing", "1234", "REYES, ANA")
    believed.pull()
    assert run(believed).changes.new == 1
    (link,) = links(believed).values()
    assert (link.names, link.state, link.basis, link.reason) == (
        (bill, crm),
        "linked",
        "key",
        "the same account_number",
    )
    assert {line.comparison for line in link.evidence} > {"given_name", "surname", "birth_date"}


def test_a_customer_that_one_system_has_twice_is_found_and_explained(believed: Believed) -> None:
    one = believed.customer("crm", "1", "Ana Reyes", **ANA)
    two = believed.customer("crm", "2", "Ana M. Reyes", **{**ANA, "address": "12 Elm St."})
    believed.customer("crm", "3", "Ben Reyes", **{**ANA, "email": "ben@example.org", "born": "1982-07-09"})
    believed.pull()
    run(believed)
    (link,) = links(believed).values()
    assert (link.names, link.state, link.basis) == ((one, two), "linked", "score")
    found = {line.comparison: line for line in link.evidence}
    assert found["birth_date"].found == found["email"].found == "equal"
    assert found["phone"].found == "unknown"
    assert link.weight == pytest.approx(sum(line.weight or 0 for line in link.evidence))
    assert found["prior"].weight is not None
    assert found["prior"].weight < 0 < (found["email"].weight or 0)


def test_one_person_with_two_accounts_is_one_customer_and_both_accounts_stay(believed: Believed) -> None:
    home = believed.customer("billing", "1", "Ana Reyes", **ANA)
    cabin = believed.customer(
        "billing", "2", "Ana Reyes", **{**ANA, "address": "3 Lake Road", "postal_code": "55999"}
    )
    believed.pull()
    run(believed)
    assert one_with(believed) == ((home, cabin),)
    with believed.hub.open() as hub, hub.database.reading() as connection:
        stored = connection.exec_driver_sql("SELECT account_number FROM customer ORDER BY account_number").fetchall()
    assert [number for (number,) in stored] == ["1", "2"]


def test_two_units_behind_one_address_are_two_premises(believed: Believed) -> None:
    place = {"postal_code": "55101", "city": "Springfield", "latitude": 44.95, "longitude": -93.1}
    four = believed.premise("crm", "1", "12 Elm Street", unit="4", **place)
    five = believed.premise("crm", "2", "12 Elm Street", unit="5", **place)
    also_four = believed.premise("billing", "A", "12 ELM ST APT 4", **place)
    also_five = believed.premise("billing", "B", "12 Elm St. #5", **place)
    unknown = believed.premise("fsm", "X", "12 Elm St", **place)
    house = believed.premise("crm", "3", "14 Elm Street", **place)
    also_house = believed.premise("fsm", "Y", "14 Elm St.", **place)
    believed.pull()
    run(believed, "premise")
    assert one_with(believed, "premise") == ((also_four, four), (also_five, five), (house, also_house))
    asked = links(believed, "review")
    assert set(asked) == {tuple(sorted((unknown, each))) for each in (four, five, also_four, also_five)}
    assert {link.reason for link in asked.values()} == {"no agreement in unit"}


def test_a_new_tenant_at_an_old_address_is_somebody_else(believed: Believed) -> None:
    line = {"phone": "612 555 0143"}  # which stays with the house
    old = believed.customer("crm", "1", "Ana Reyes", **ANA, **line)
    olga = {**ANA, **line, "email": "olga@example.org", "born": "1991-01-05"}
    new = believed.customer("billing", "2", "Olga Novak", **olga)
    also_new = believed.customer("fsm", "3", "Olga Novak", address="12 Elm Street", postal_code="55101")
    believed.pull()
    run(believed)
    assert one_with(believed) == ((new, also_new),)
    assert not [names for names in links(believed) if old in names]


def test_who_moved_is_known_by_where_he_lived_before(believed: Believed) -> None:
    ana = {**ANA, "email": None, "born": None}
    before = believed.customer("crm", "1", "Ana Reyes", **ana)
    other = believed.customer("fsm", "7", "Ana Reyes", address="9 Mill Lane", postal_code="55102")
    believed.pull()
    run(believed)
    assert links(believed) == {}
    believed.forget(other)
    believed.customer("fsm", "7", "Ana Reyes", address="12 Elm St", postal_code="55101")
    believed.pull(NOON + timedelta(hours=1))
    believed.forget(other)
    believed.customer("fsm", "7", "Ana Reyes", address="9 Mill Lane", postal_code="55102")
    believed.pull(NOON + timedelta(hours=2))
    run(believed, hours=2)
    (link,) = links(believed).values()
    assert link.names == (before, other)
    found = {line.comparison: line.found for line in link.evidence}
    assert found["address"] == "one of addresses in common"


def test_numbers_of_a_company_that_was_bought_join_nobody(believed: Believed) -> None:
    ours = believed.customer("crm", "1001", "Ana Reyes", **ANA)
    bill = believed.customer("billing", "1001", "Ana Reyes")
    theirs = believed.customer("fsm", "1001", "Wes Holm", born="1960-02-02", address="9 Mill Lane")
    same = believed.customer("fsm", "7", "Ana Reyes", **ANA)
    believed.pull()

    run(believed)  # without a word about it the number is contradicted, and a person is asked
    asked = links(believed, "review")
    assert {names for names in asked if theirs in names} == {(ours, theirs), (bill, theirs)}
    assert "the same account_number, and yet different in given_name, surname" in {
        link.reason for link in asked.values()
    }

    has_own_settings(believed, CUSTOMERS_OF_THREE)
    run(believed, hours=1)
    assert not [names for names in links(believed, "linked", "review") if theirs in names]
    assert {link.state for names, link in links(believed).items() if theirs in names} == {"lapsed"}
    assert one_with(believed) == ((bill, ours, same),)


def test_a_persons_answer_holds_whatever_later_runs_find(believed: Believed) -> None:
    one = believed.customer(
        "crm", "1", "Ana Reyes", phone="612 555 0143", address="12 Elm Street", postal_code="55101"
    )
    two = believed.customer("fsm", "2", "Ana Reyes", phone="6125550999", address="12 Elm St", postal_code="55101")
    believed.pull()
    run(believed)
    (asked,) = links(believed).values()
    assert (asked.names, asked.state, asked.reason) == ((one, two), "review", "different in phone")

    accepted = say(believed, asked, "accept")
    assert (accepted.state, accepted.decided_by, accepted.why) == ("linked", "rosa", "asked her")
    assert accepted.decided_at == NOON + timedelta(hours=1)
    assert run(believed, hours=2).changes.left_to_persons == 1
    assert links(believed)[one, two] == accepted
    assert one_with(believed) == ((one, two),)

    asked_again = say(believed, accepted, "undo", hours=3, why="it was his mother")
    assert (asked_again.state, asked_again.decided_by) == ("review", None)
    rejected = say(believed, asked_again, "reject", hours=4)
    run(believed, hours=5)
    assert links(believed)[one, two] == rejected
    assert one_with(believed) == ()
    with believed.hub.open() as hub, hub.database.reading() as connection:
        happened = [(step.step, step.state, step.actor) for step in steps_of_link(connection, asked.id)]
        noted = [(row.actor, row.action, json.loads(row.detail)["why"]) for row in connection.execute(select(AUDIT))]
    assert happened == [
        ("found", "review", "run"),
        ("accept", "linked", "rosa"),
        ("undo", "review", "rosa"),
        ("reject", "apart", "rosa"),
    ]
    assert noted == [
        ("rosa", "identity.accept", "asked her"),
        ("rosa", "identity.undo", "it was his mother"),
        ("rosa", "identity.reject", "asked her"),
    ]


def test_a_merge_is_undone_and_does_not_come_back_over_a_third_record(believed: Believed) -> None:
    names = [believed.customer(system, number, "Ana Reyes", **ANA) for system, number in (("crm", "1"), ("crm", "2"))]
    third = believed.customer("fsm", "3", "Ana Reyes", **ANA)
    believed.pull()
    run(believed)
    assert one_with(believed) == ((*names, third),)

    undone = say(believed, links(believed)[names[0], names[1]], "undo", why="two sisters")
    assert undone.state == "apart"
    (left,) = one_with(believed)
    assert len(left) == 2

    run(believed, hours=2)
    reasons = [link.reason for link in links(believed, "review").values()]
    assert reasons == [f"it would make {names[0]} and {names[1]} one, which a person keeps apart"] or reasons == [
        f"it would make {names[1]} and {names[0]} one, which a person keeps apart"
    ]
    (question,) = links(believed, "review").values()
    with pytest.raises(ConfigurationError, match=r"cannot be accepted: it would make .* which a person keeps apart"):
        say(believed, question, "accept", hours=3)
    assert links(believed, "review") == {question.names: question}


def test_what_no_run_finds_any_more_lapses_and_comes_back(believed: Believed) -> None:
    one = believed.customer("crm", "1", "Ana Reyes", **ANA)
    two = believed.customer("crm", "2", "Ana Reyes", **ANA)
    believed.pull()
    run(believed)
    gone = [record for record in believed.records if str(record.source) == two]
    believed.forget(two)
    believed.pull(NOON + timedelta(hours=1))
    assert run(believed, hours=1).changes.lapsed == 1
    assert links(believed)[one, two].state == "lapsed"
    assert one_with(believed) == ()
    assert run(believed, hours=2).changes.lapsed == 0

    believed.records += gone
    believed.pull(NOON + timedelta(hours=3))
    assert run(believed, hours=3).changes.changed == 1
    assert one_with(believed) == ((one, two),)


def test_an_account_that_orders_do_not_know_is_listed_with_the_one_a_link_leads_to(
    believed: Believed,
) -> None:
    believed.customer("crm", "1", "Ana Reyes", **ANA)
    believed.customer("billing", "777", "Ana Reyes", **ANA)
    believed.customer("crm", "2", "Wes Holm", phone="612 555 0143", address="9 Mill Lane")
    believed.customer("billing", "888", "Wes Holm", phone="612 555 0999", address="9 Mill Lane")
    believed.pull()
    run(believed)
    certain, question = links(believed, "linked"), links(believed, "review")
    unknown = [
        NotJudged("record", f"account/{number}", f"2 bill lines of account {number}")
        for number in ("777", "888", "999")
    ]
    other = NotJudged("record", "service/777", "seen by nobody")
    with believed.hub.open() as hub, hub.database.reading() as connection:
        told = with_proposals(connection, [*unknown, other])
    (one,), (two,) = certain.values(), question.values()
    assert [entry.reason for entry in told] == [
        f"2 bill lines of account 777; the same customer has account 1 of crm/customer/1 (link {one.id})",
        f"2 bill lines of account 888; the same customer has perhaps account 2 of crm/customer/2 (link {two.id})",
        "2 bill lines of account 999",
        "seen by nobody",
    ]
    assert [entry.subject for entry in told] == [entry.subject for entry in [*unknown, other]]


def test_an_answer_needs_a_reason_and_a_question(believed: Believed) -> None:
    believed.customer("crm", "1", "Ana Reyes", **ANA)
    believed.customer("crm", "2", "Ana Reyes", **ANA)
    believed.pull()
    run(believed)
    (link,) = links(believed).values()
    with pytest.raises(ConfigurationError, match="needs a reason"):
        say(believed, link, "accept", why=" ")
    say(believed, link, "reject")
    with pytest.raises(ConfigurationError, match="is apart by rosa: there is nothing to reject"):
        say(believed, link, "reject")


def test_faults_of_an_operators_settings_are_told_with_the_others(believed: Believed) -> None:
    has_own_settings(believed, CUSTOMERS_OF_THREE.replace("[fsm]", "[fsn]").replace("[given_name, ", "[givenname, "))
    with pytest.raises(ConfigurationError) as told, believed.hub.open():
        pass
    assert "identity/customer.yaml:7: exact.0.contradicted_by: nothing is compared under 'givenname'" in str(
        told.value
    )
