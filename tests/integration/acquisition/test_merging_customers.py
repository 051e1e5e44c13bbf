"""Scenario 41: a customer who was bought is one with one of ours by a person's word, and not while money is open."""

from datetime import date

import pytest
from bought_customers import ANA, BOUGHT, OURS, add, bill, overlap, say

from canonical_model.billing import Payment
from canonical_model.errors import ConfigurationError
from canonical_model.orders import ProductOrder
from canonical_model.take_over import AccountBalance
from hub.acquisition.overlapping import overlaps_of
from hub.acquisition.overlaps import identity_facts
from hub.decision import Decision
from hub.identity.answering import answer, identities
from hub.identity.bulk import Said, answer_all
from hub.identity.match import match
from identity.settings import SUBJECTS
from tests.fakes.command_line import CommandLine
from tests.fakes.identities import NOON, Believed
from tests.fakes.small_operator import MARKET

pytestmark = pytest.mark.peer("splink")


def groups(believed: Believed) -> tuple[tuple[str, ...], ...]:
    with believed.hub.open() as hub:
        return identities(hub, "customer")


def test_with_nothing_open_a_person_makes_them_one_and_two_again(believed: Believed, ana: tuple[str, str]) -> None:
    bill(believed, BOUGHT, "settled")
    deposit = {"balance_type": "deposit", "amount_minor": 5000, "currency": "USD", "as_of": date(2026, 9, 1)}
    add(believed, AccountBalance, "billing", BOUGHT, **deposit)
    shown = overlap(believed)
    assert (shown.link.accounts, shown.link.state, shown.link.is_decided) == ((BOUGHT, OURS), "linked", False)

    assert say(believed, shown).decided_by == "rosa"
    assert groups(believed) == (tuple(sorted(ana)),), "both records stay, each with its number"
    say(believed, shown, "undo")
    say(believed, shown, "reject")
    assert groups(believed) == ()
    with believed.hub.open() as hub:
        (left,) = overlaps_of(hub, MARKET.id, "W1")
    assert (left.link.accounts, left.link.state) == ((BOUGHT, OURS), "apart")


@pytest.mark.parametrize("account", [BOUGHT, OURS])
@pytest.mark.usefixtures("ana")
def test_an_unpaid_bill_of_either_keeps_them_apart(believed: Believed, account: str) -> None:
    number = bill(believed, account)
    paid = {"amount_minor": 5900, "currency": "USD", "received_on": date(2026, 10, 9), "bill_id": number}
    add(believed, Payment, "billing", account, **paid)
    shown = overlap(believed)
    with pytest.raises(
        ConfigurationError, match=rf"account {account} has bill B{account} of 2026-10-01 0.95 USD open"
    ):
        say(believed, shown)
    add(believed, Payment, "billing", account, **paid | {"amount_minor": 95})
    assert say(believed, overlap(believed)).is_decided


@pytest.mark.parametrize(
    ("kind", "amount", "paid", "said"),
    [
        ("receivable", 3995, 0, "receivable of 2026-09-02 39.95 USD"),
        ("receivable", 3995, 3990, "receivable of 2026-09-02 0.05 USD"),
        ("receivable", 3995, 3995, ""),
        ("unapplied", -100, 0, "unapplied of 2026-09-02 -1.00 USD"),
        ("receivable", 0, 0, ""),
    ],
)
@pytest.mark.usefixtures("ana")
def test_what_came_over_and_was_not_paid_since_is_open(
    believed: Believed, kind: str, amount: int, paid: int, said: str
) -> None:
    balance = {"balance_type": kind, "currency": "USD"}
    add(believed, AccountBalance, "billing", BOUGHT, amount_minor=9999, as_of=date(2026, 9, 1), **balance)
    add(believed, AccountBalance, "olt", BOUGHT, amount_minor=amount, as_of=date(2026, 9, 2), **balance)
    if paid:
        facts = {"amount_minor": paid, "currency": "USD", "received_on": date(2026, 9, 9), "bill_id": "OLD"}
        add(believed, Payment, "olt", BOUGHT, **facts)
    assert overlap(believed).open_items == ((f"account {BOUGHT} has {said} open",) if said else ())


@pytest.mark.usefixtures("ana")
def test_many_answers_at_once_are_refused_one_by_one(believed: Believed) -> None:
    bill(believed, OURS)
    shown = overlap(believed)
    decision = Decision("rosa", NOON, "by file")
    with believed.hub.open() as hub:
        done = answer_all(hub, [Said(shown.link.link, "accept", "same passport")], decision, "file")
    assert (done.links, "has bill B8" in done.refused[shown.link.link]) == ((), True)


def test_what_is_ours_already_is_linked_as_before(believed: Believed) -> None:
    believed.customer("fsm", "71", "Ana Reyes", **ANA)
    believed.customer("crm", "8", "Ana Reyes", **ANA)
    bill(believed, OURS)
    believed.pull()
    with believed.hub.open() as hub:
        match(hub, "customer", NOON)
        assert overlaps_of(hub, MARKET.id, "W1") == (), "no wave lists either"
        assert answer(hub, 1, "accept", Decision("rosa", NOON, "same passport")).is_decided


def test_a_premise_that_may_be_one_of_ours_waits(believed: Believed) -> None:
    place = {"city": "Oldtown", "postal_code": "55101"}
    believed.premise("crm", "1", "12 Elm Street", unit="4", **place)
    believed.premise("crm", "2", "12 Elm Street", unit="5", **place)
    vague = believed.premise("fsm", "X", "12 Elm St", **place)
    order = {"order_number": "5", "order_type": "new", "state": "completed", "premise_id": "X"}
    add(believed, ProductOrder, "crm", BOUGHT, **order)
    believed.pull()
    with believed.hub.open() as hub:
        for subject in SUBJECTS:
            match(hub, subject, NOON)
        with hub.database.reading() as connection:
            mine, others = (identity_facts(connection, accounts) for accounts in ([BOUGHT], [OURS]))
    assert {each.accounts[0] for each in mine.premises} == {BOUGHT}
    assert all(each.accounts[1].startswith("crm/premise/") for each in mine.premises)
    assert vague not in {each.accounts[1] for each in mine.premises}
    assert (others.premises, mine.matched_at) == ((), NOON)


@pytest.mark.usefixtures("ana")
def test_overlaps_at_the_command_line(believed: Believed, splice: CommandLine) -> None:
    bill(believed, OURS)
    overlap(believed)
    told = splice.other("acquisition", "overlaps", MARKET.id, "W1").output
    assert "71 and 8" in " ".join(told.split())
    wrong = splice.other("acquisition", "overlaps", MARKET.id, "W3")
    assert isinstance(wrong.exception, ConfigurationError)
    assert "no wave W3" in str(wrong.exception)
