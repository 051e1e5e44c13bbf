"""What the hub would tell network and billing of a change of tier or a move, beside what these came to hold."""

from datetime import date, timedelta

import pytest

from canonical_model.field_work import FieldCompletion
from handoffs.stages import Handoff
from hub.takeover.shadow.run import shadow_market
from hub.workplace import Hub
from storage.shadow_comparisons import StoredComparison, comparisons_of
from storage.shadow_intents import stored_intents
from tests.fakes.effects import START
from tests.fakes.ready_orders import MARKET, OrderBook, serials

DAY = timedelta(days=1)
NETWORK: Handoff = "order_to_provisioning"
CHANGED_AT = START + 10 * DAY


@pytest.fixture
def served(book: OrderBook) -> str:
    """The account of a customer who has had 500 Mbit/s for ten days; gives its number."""
    order = book.order(1)
    book.done(order, START, serials(1)[0], "1/1/1/1")
    book.billed(order, date(2026, 11, 5))
    return str(book.records["ProductOrder", order].account_number)


def asked(
    book: OrderBook, account: str, order_type: str, offering: str | None = "fiber-1000", number: int = 2
) -> str:
    """Another order of the account, which is done in the network on the tenth day."""
    return book.order(
        number,
        order_type=order_type,
        account_number=account,
        offering_id=offering,
        state="completed",
        ordered_at=CHANGED_AT - DAY,
        completed_at=CHANGED_AT,
    )


def delivered(book: OrderBook, profile: str) -> None:
    book.change("NetworkObservation", serials(1)[0], profile=profile, profile_since=CHANGED_AT)


def compared(
    hub: Hub, book: OrderBook, order: str, days: int, handoff: Handoff = "field_to_billing"
) -> StoredComparison | None:
    """What a pass of shadow says of an order so many days after it was done; None where it waits."""
    book.pull(hub, CHANGED_AT + days * DAY)
    shadow_market(hub, MARKET, CHANGED_AT + days * DAY, recorded=[handoff])
    with hub.database.reading() as connection:
        found = comparisons_of(connection, MARKET, handoff, works=[f"order/{order}"])
    return found[0] if found else None


def intended(hub: Hub, order: str, handoff: Handoff = "field_to_billing") -> dict[str, object]:
    with hub.database.reading() as connection:
        (found,) = stored_intents(connection, MARKET, handoff, works=[f"order/{order}"])
    return dict(found.fields)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_change_is_compared_once_billing_holds_it(hub: Hub, book: OrderBook, served: str) -> None:
    order = asked(book, served, "change")
    delivered(book, "1000/1000")
    assert compared(hub, book, order, 1) is None
    assert intended(hub, order).items() >= {("bills", True), ("offering", "fiber-1000")}
    assert intended(hub, order)["starts_on"] is None
    book.change("Subscription", f"SUB-{90_001}", billing_code="INT-FBR-1000")
    said = compared(hub, book, order, 2)
    assert said is not None
    assert (said.kind, said.observed["billing_code"]) == ("match", "INT-FBR-1000")


def test_a_change_that_billing_never_hears_of_is_legacys_mistake(hub: Hub, book: OrderBook, served: str) -> None:
    order = asked(book, served, "change")
    delivered(book, "1000/1000")
    assert compared(hub, book, order, 44) is None
    said = compared(hub, book, order, 46)
    assert said is not None
    assert {each.field: each.kind for each in said.differences} == {"offering": "legacy_wrong"}
    assert said.observed["bills"] is True


def test_of_a_change_that_the_network_never_had_nobody_can_prove_who_is_right(
    hub: Hub, book: OrderBook, served: str
) -> None:
    """The CRM says that it is done, and network and billing have the old tier."""
    order = asked(book, served, "change")
    compared(hub, book, order, 1)
    said = compared(hub, book, order, 46)
    assert said is not None
    assert {each.field: each.kind for each in said.differences} == {"offering": "unknown"}


def test_a_technician_who_installed_what_was_ordered_proves_it(hub: Hub, book: OrderBook, served: str) -> None:
    order = asked(book, served, "change")
    job = f"wo-{order}"
    book.job(job, order, work_type="change", state="completed")
    told = {"work_order_id": job, "completed_at": CHANGED_AT, "installed_offering_id": "fiber-1000"}
    book.say(FieldCompletion, "fsm", job, **told)
    delivered(book, "1000/1000")
    compared(hub, book, order, 1)
    said = compared(hub, book, order, 46)
    assert said is not None
    (difference,) = said.differences
    assert difference.kind == "legacy_wrong"
    assert difference.evidence["completion_offering"] == "fiber-1000"


def test_a_move_goes_on_being_billed_as_before(hub: Hub, book: OrderBook, served: str) -> None:
    order = asked(book, served, "move", "fiber-500")
    said = compared(hub, book, order, 1)
    assert said is not None
    assert said.kind == "match"
    assert intended(hub, order).items() >= {("bills", True), ("offering", "fiber-500")}


def test_two_changes_on_one_day_are_not_held_against_each_other(hub: Hub, book: OrderBook, served: str) -> None:
    first, second = asked(book, served, "change"), asked(book, served, "change", "fiber-500", number=3)
    book.change("ProductOrder", second, completed_at=CHANGED_AT + timedelta(hours=3), ordered_at=CHANGED_AT - 2 * DAY)
    found = [compared(hub, book, order, 46) for order in (first, second)]
    assert {each.kind for each in found if each is not None} <= {"match"}


def test_of_an_order_about_something_beside_the_access_nothing_is_stated(
    hub: Hub, book: OrderBook, served: str
) -> None:
    order = asked(book, served, "change", None)
    assert compared(hub, book, order, 46) is None
    with hub.database.reading() as connection:
        assert stored_intents(connection, MARKET, "field_to_billing", works=[f"order/{order}"]) == []


def test_a_change_that_is_under_way_says_nothing_yet(hub: Hub, book: OrderBook, served: str) -> None:
    order = asked(book, served, "change")
    book.change("ProductOrder", order, state="inProgress", completed_at=None)
    assert compared(hub, book, order, 46) is None


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_network_has_the_new_tier(hub: Hub, book: OrderBook, served: str) -> None:
    order = asked(book, served, "change")
    book.change("ProductOrder", order, state="inProgress", completed_at=None)
    assert compared(hub, book, order, 0, NETWORK) is None
    said = intended(hub, order, NETWORK)
    assert {name: said[name] for name in ("serviceable", "offering", "down_mbps", "up_mbps")} == {
        "serviceable": True,
        "offering": "fiber-1000",
        "down_mbps": 1000,
        "up_mbps": 1000,
    }
    delivered(book, "1000/1000")
    found = compared(hub, book, order, 1, NETWORK)
    assert found is not None
    assert found.kind == "match"


def test_a_change_that_is_said_to_be_done_and_that_the_network_never_had(
    hub: Hub, book: OrderBook, served: str
) -> None:
    order = asked(book, served, "change")
    found = compared(hub, book, order, 1, NETWORK)
    assert found is not None
    assert {each.field: each.kind for each in found.differences} == {"offering": "legacy_wrong"}


@pytest.mark.parametrize("offering", [None, "no-such-offering"])
def test_what_the_hub_could_not_tell_the_network(
    hub: Hub, book: OrderBook, served: str, offering: str | None
) -> None:
    order = asked(book, served, "change", offering)
    found = compared(hub, book, order, 1, NETWORK)
    if offering is None:
        assert found is None
        return
    assert found is not None
    assert {each.field: each.kind for each in found.differences} == {"serviceable": "hub_wrong"}
    assert "no profile of no-such-offering" in str(intended(hub, order, NETWORK)["reasons"])


def test_a_change_that_was_called_off_is_waited_for_no_longer(hub: Hub, book: OrderBook, served: str) -> None:
    order = asked(book, served, "change")
    book.change("ProductOrder", order, state="inProgress", completed_at=None)
    compared(hub, book, order, 0, NETWORK)
    book.state(order, "cancelled")
    assert compared(hub, book, order, 2, NETWORK) is None
    with hub.database.reading() as connection:
        (found,) = stored_intents(connection, MARKET, NETWORK, works=[f"order/{order}"])
    assert found.state == "lapsed"
