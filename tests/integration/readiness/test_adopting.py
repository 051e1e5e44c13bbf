"""What legacy has brought to life is adopted where it stands as the hub would have set it up, and then led."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from canonical_model.errors import ConfigurationError
from canonical_model.field_work import CompletionMaterial, FieldCompletion
from canonical_model.orders import ProductOrder
from handoffs.criteria import Measure
from handoffs.statistics import Share
from hub.readiness.beginning import begin_ready
from hub.sagas.advance import advance
from hub.sagas.desk import Desk
from hub.sagas.known_services import known_service
from hub.takeover.adopting import Adoption, adopt_services
from hub.takeover.authority import authority_of
from hub.takeover.measuring.known_lines import lines_known
from hub.takeover.signals import network_differs
from hub.takeover.signals.look import Look
from hub.workplace import Hub
from storage.sagas import Saga
from storage.schema.sagas import SAGA
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.led_sagas import now_of
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.ready_orders import ELEMENT, MARKET, OrderBook, journaled, serials
from tests.fakes.told_network import ToldNetwork

LONG_AGO = START - timedelta(days=400)
ACCOUNT, SERIAL = "80001", serials(1)[0]


@pytest.fixture
def operator(operator: LumenValley) -> LumenValley:
    """Riverbend's orders are provisioned by the hub."""
    file = operator.folder / "handoffs.yaml"
    file.write_text(f"{file.read_text()}\ndeclared:\n  riverbend: {{order_to_provisioning: active}}\n")
    return operator


@pytest.fixture
def network(tmp_path: Path) -> ToldNetwork:
    return ToldNetwork(tmp_path / "told.sqlite", access=ELEMENT, aaa="rb-aaa")


@pytest.fixture
def desk(hub: Hub, network: ToldNetwork, clock: HandClock, stages: Stages) -> Iterator[Desk]:
    with Desk(hub, hub.operator.network, network.driver, clock, stages) as opened:
        yield opened


def installed(book: OrderBook, network: ToldNetwork, number: int = 1, **settings: Any) -> str:
    """A service that legacy has brought to life, with tags of its own and a name of the wireless; gives its order."""
    order, serial = book.order(number, ordered_at=LONG_AGO), serials(number)[-1]
    book.done(order, LONG_AGO + timedelta(days=3), serial, f"1/1/1/{number}")
    book.billed(order, date(2025, 10, 1))
    account = f"{80_000 + number}"
    access = {"serial": serial, "onu_id": number, "enabled": True, "outer_vlan": 900, "inner_vlan": 2000 + number}
    rates = {"down_mbps": 500, "up_mbps": 500, "up_assured_mbps": 25}
    network.plug(serial, "1/1/1")
    for element, told in (
        (ELEMENT, access | rates),
        ("rb-aaa", {"group": "fiber-500"}),
        ("rb-acs", {"wifi_on": True, "wifi_name": "Nest"}),
    ):
        network.tell(element, account, told | settings.get(element, {}))
    return order


def adopted(desk: Desk, book: OrderBook, clock: HandClock, **given: Any) -> tuple[Adoption, list[Saga]]:
    """Everything is pulled and compared; gives what came of each."""
    book.pull(desk.hub)
    outcome = adopt_services(desk.hub, MARKET, clock(), **given)
    advance(desk)
    return outcome, [now_of(desk, each) for each in outcome.begun]


def test_a_line_that_stands_as_it_should_is_adopted_untouched(
    desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock
) -> None:
    order = installed(book, network)
    outcome, (saga,) = adopted(desk, book, clock)
    assert (saga.kind, saga.state, saga.order_number) == ("adopt", "done", order)
    assert (outcome.known, outcome.left) == (0, {})
    service = known_service(desk.hub, ACCOUNT).facts
    assert (service.line.port, service.line.onu_id, service.line.serial) == ("1/1/1", 1, SERIAL)
    assert service.profile.offering_id == "fiber-500"
    assert (service.profile.vlans.outer, service.profile.vlans.inner) == (900, 2001)
    assert service.profile.customizations == {"wifi_name": "Nest"}
    assert service.subscription_id == f"SUB-{order}"
    assert (network.heard(), journaled(desk.hub)) == ([], [])
    again, _ = adopted(desk, book, clock)
    assert (again.begun, again.known, again.left) == ([], 1, {})


def test_an_order_about_an_adopted_service_is_led_by_the_hub(
    desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock, stages: Stages, operator: LumenValley
) -> None:
    bought = installed(book, network)
    adopted(desk, book, clock)
    wanted = {"account_number": ACCOUNT, "premise_id": "P1", "ordered_at": START, "offering_id": "fiber-1000"}
    book.say(ProductOrder, "crm", "90077", order_number="90077", order_type="change", state="inProgress", **wanted)
    book.pull(desk.hub)
    (ready,) = begin_ready(desk.hub, MARKET, clock(), stages).begun
    assert ready.saga is not None
    for _ in range(4):
        advance(desk)
        clock.move(seconds=61)
    told = network.settings(ELEMENT, ACCOUNT) or {}
    assert (told["down_mbps"], told["outer_vlan"], told["inner_vlan"]) == (1000, 900, 2001)
    assert network.settings("rb-aaa", ACCOUNT) == {"group": "fiber-1000"}
    assert network.settings("rb-acs", ACCOUNT) == {"wifi_on": True, "wifi_name": "Nest"}
    billed = next(each for each in journaled(desk.hub) if each.command == "change_billing")
    assert billed.fields["subscription_id"] == f"SUB-{bought}"
    with desk.hub.database.writing() as connection:
        connection.execute(update(SAGA).values(state="done"))
    with desk.hub.database.reading() as connection:  # its tags are no mistake of the hub's
        operator_of = desk.hub.operator
        looked = Look(connection, operator_of, operator_of.markets[MARKET], clock())
        assert [each.saga.kind for each in looked.acted.sagas] == ["change_tier"]
        assert list(network_differs.find(looked)) == []


def test_an_order_that_legacy_carries_out_comes_first(
    desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock, stages: Stages
) -> None:
    installed(book, network)
    wanted = {"account_number": ACCOUNT, "premise_id": "P1", "ordered_at": START, "offering_id": "fiber-1000"}
    book.say(ProductOrder, "crm", "90077", order_number="90077", order_type="change", state="inProgress", **wanted)
    book.pull(desk.hub)
    assert begin_ready(desk.hub, MARKET, clock(), stages).not_ours == ["90077"]
    outcome, _ = adopted(desk, book, clock)
    assert (outcome.begun, outcome.left) == ([], {ACCOUNT: "order 90077 is under way, and legacy's"})
    book.state("90077", "completed")
    book.billed("90001", date(2025, 10, 1), "INT-FBR-1000")
    network.tell(ELEMENT, ACCOUNT, (network.settings(ELEMENT, ACCOUNT) or {}) | {"down_mbps": 1000, "up_mbps": 1000})
    network.tell("rb-aaa", ACCOUNT, {"group": "fiber-1000"})
    _, (saga,) = adopted(desk, book, clock)
    assert (saga.state, saga.reason) == ("undone", "access: up_assured_mbps")


@pytest.mark.parametrize(
    ("element", "settings", "said"),
    [
        (ELEMENT, {"down_mbps": 300}, "access: down_mbps is 300 instead of 500"),
        (ELEMENT, {"serial": "CXNK00FFFFFF"}, f"access: serial is CXNK00FFFFFF instead of {SERIAL}"),
        (ELEMENT, {"up_assured_mbps": 5}, "access: up_assured_mbps"),
        (ELEMENT, {"outer_vlan": 0}, "access: tags that no VLAN has"),
        ("rb-aaa", {"group": "fiber-300"}, "aaa: group is fiber-300 instead of fiber-500"),
        ("rb-aaa", {"Framed-IP-Address": "192.0.2.7"}, "aaa: Framed-IP-Address beside"),
        ("rb-acs", {"voice_on": True}, "cpe: a telephone beside"),
    ],
)
def test_a_line_that_differs_is_left_with_what_differs(
    desk: Desk,
    book: OrderBook,
    network: ToldNetwork,
    clock: HandClock,
    element: str,
    settings: dict[str, Any],
    said: str,
) -> None:
    installed(book, network, **{element: settings})
    _, (saga,) = adopted(desk, book, clock)
    assert (saga.state, saga.reason) == ("undone", said)
    assert (network.heard(), journaled(desk.hub)) == ([], [])  # nobody is told of what nobody has to do now
    with pytest.raises(ConfigurationError, match="nothing of that number"):
        known_service(desk.hub, ACCOUNT)
    later, _ = adopted(desk, book, clock)
    assert (later.begun, later.left) == ([], {ACCOUNT: said})


def test_a_line_that_was_put_right_is_compared_anew(
    desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock
) -> None:
    installed(book, network, **{"rb-aaa": {"group": "fiber-300"}})
    adopted(desk, book, clock)
    network.tell("rb-aaa", ACCOUNT, {"group": "fiber-500"})
    _, (saga,) = adopted(desk, book, clock, again=True)
    assert (saga.key.rpartition("/")[2], saga.state) == ("2", "done")


def test_what_cannot_be_told_is_left_with_the_reason(
    desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock
) -> None:
    book.change("AccessTerminal", "RB-H01-T001:1/1/1", capacity=8)
    orders = {number: installed(book, network, number) for number in range(1, 6)}
    del book.records["Subscription", f"SUB-{orders[2]}"]
    del book.records["NetworkObservation", serials(3)[-1]]
    book.change("Subscription", f"SUB-{orders[4]}", billing_code="INT-OLD-0100")
    book.change("Subscription", f"SUB-{orders[5]}", state="suspended")
    outcome, (saga,) = adopted(desk, book, clock)
    assert saga.service_id == ACCOUNT
    assert outcome.left == {
        "80002": "billing bills no access of it",
        "80003": f"no element shows {serials(3)[-1]} on a port of the plant",
        "80004": "the catalogue knows no INT-OLD-0100, which billing bills",
        "80005": f"subscription SUB-{orders[5]} is suspended",
    }


def test_which_of_two_terminals_is_which_is_nobodys_guess(
    desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock
) -> None:
    installed(book, network)
    second = book.order(2, account_number=ACCOUNT, ordered_at=LONG_AGO)
    book.done(second, LONG_AGO + timedelta(days=4), serials(2)[-1], "1/1/1/2")
    outcome, _ = adopted(desk, book, clock)
    assert (outcome.begun, list(outcome.left)) == ([], [ACCOUNT])
    assert outcome.left[ACCOUNT].startswith("it has 2 terminals")


def test_an_order_whose_job_left_the_terminal_is_still_carried_out(
    desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock, stages: Stages
) -> None:
    installed(book, network)
    wanted = {"account_number": ACCOUNT, "premise_id": "P1", "ordered_at": START, "offering_id": "fiber-1000"}
    book.say(ProductOrder, "crm", "90077", order_number="90077", order_type="change", state="inProgress", **wanted)
    done = {"completed_at": START, "work_order_id": "wo-90077"}
    book.job("wo-90077", "90077", work_type="change", state="completed")
    book.say(FieldCompletion, "fsm", "wo-90077", installed_offering_id="fiber-1000", **done)
    book.say(CompletionMaterial, "fsm", "wo-90077#0", work_order_id="wo-90077", kind="ont", serial=SERIAL)
    _, (saga,) = adopted(desk, book, clock)
    assert (saga.state, saga.order_number) == ("running", "90077")
    assert saga.reason == "nobody has begun order 90077 yet"  # a round may be leaving it to legacy this moment
    assert begin_ready(desk.hub, MARKET, clock(), stages).not_ours == ["90077"]
    book.state("90077", "completed")
    book.pull(desk.hub)
    clock.move(minutes=1)
    advance(desk)
    assert now_of(desk, saga).state == "done"


@pytest.mark.parametrize("state", ["held", "pendingCancellation"])
def test_an_order_of_legacys_that_rests_may_go_on(
    desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock, stages: Stages, state: str
) -> None:
    installed(book, network)
    wanted = {"account_number": ACCOUNT, "premise_id": "P1", "ordered_at": START, "offering_id": "fiber-1000"}
    book.say(ProductOrder, "crm", "90077", order_number="90077", order_type="change", state="inProgress", **wanted)
    book.pull(desk.hub)
    begin_ready(desk.hub, MARKET, clock(), stages)
    book.state("90077", state)
    outcome, _ = adopted(desk, book, clock)
    assert outcome.left == {ACCOUNT: "order 90077 is under way, and legacy's"}


def test_a_market_that_is_given_back_meanwhile_adopts_nothing(
    desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock, stages: Stages
) -> None:
    installed(book, network)
    book.pull(desk.hub)
    begun = adopt_services(desk.hub, MARKET, clock()).begun
    stages.actor = "nobody"
    advance(desk)
    assert now_of(desk, begun[0]).state == "running"  # the line is stopped: it may go on
    stages.actor = "legacy"
    clock.move(minutes=1)
    advance(desk)
    saga = now_of(desk, begun[0])
    assert (saga.state, saga.reason.startswith("the hub does not lead what changes its line")) == ("undone", True)


def test_the_stages_of_the_take_over_are_asked(
    hub: Hub, book: OrderBook, network: ToldNetwork, clock: HandClock
) -> None:
    installed(book, network)
    with Desk(hub, hub.operator.network, network.driver, clock, authority_of(hub, clock)) as desk:
        _, (saga,) = adopted(desk, book, clock)
    assert saga.state == "done"


def test_an_element_that_stays_away_ends_it_and_asks_nobody(
    desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock
) -> None:
    installed(book, network)
    book.pull(desk.hub)
    begun = adopt_services(desk.hub, MARKET, clock()).begun
    for _ in range(26):
        network.fail("rb-aaa", "away", times=9)
        advance(desk)
        clock.move(minutes=60)
    saga = now_of(desk, begun[0])
    assert (saga.state, saga.person, saga.reason.startswith("waited since")) == ("undone", None, True)


def test_only_so_many_are_begun_at_once(desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock) -> None:
    book.change("AccessTerminal", "RB-H01-T001:1/1/1", capacity=8)
    for number in range(1, 5):
        installed(book, network, number)
    first, _ = adopted(desk, book, clock, most=3)
    assert (len(first.begun), first.later) == (3, 1)
    second, _ = adopted(desk, book, clock, most=3)
    assert (len(second.begun), second.known, second.later) == (1, 3, 0)


def test_one_account_is_adopted_by_its_number(
    desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock
) -> None:
    installed(book, network, 1)
    installed(book, network, 2)
    outcome, (saga,) = adopted(desk, book, clock, accounts=["0080002", "80-099"])
    assert (saga.service_id, outcome.left) == ("80002", {"80099": "no terminal of it is known"})


def test_legacy_retires_when_every_line_in_use_is_known(
    desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock
) -> None:
    def measured() -> Measure:
        with desk.hub.database.reading() as connection:
            return lines_known(Look(connection, desk.hub.operator, desk.hub.operator.markets[MARKET], clock()))

    book.pull(desk.hub)
    assert measured().figure is None
    for number in (1, 2):
        installed(book, network, number)
    book.change("Subscription", "SUB-90002", state="closed")
    installed(book, network, 3, **{"rb-aaa": {"group": "fiber-300"}})
    book.pull(desk.hub)
    assert (measured().figure, measured().works) == (Share(0, 2), (serials(1)[-1], serials(3)[-1]))
    adopt_services(desk.hub, MARKET, clock())
    assert measured().figure == Share(0, 2)  # they are being compared
    advance(desk)
    assert (measured().figure, measured().works) == (Share(1, 2), (serials(3)[-1],))
    network.tell("rb-aaa", "80003", {"group": "fiber-500"})
    adopted(desk, book, clock, again=True)
    assert measured().figure == Share(2, 2)
    book.change("Subscription", "SUB-90002", state="suspended")
    book.seen("CXNK00ABCDEF", "1/1/1/9")
    book.pull(desk.hub)  # one who has not paid, and one that nobody knows
    assert (measured().figure, measured().works) == (Share(2, 4), (serials(2)[-1], "CXNK00ABCDEF"))


def test_lines_that_legacy_still_changes_are_nobodys_to_adopt(hub: Hub, clock: HandClock) -> None:
    with pytest.raises(ConfigurationError, match="order to provisioning of mesa is in observe: legacy still changes"):
        adopt_services(hub, "mesa", clock())
    with pytest.raises(ConfigurationError, match="no market 'riverbent'"):
        adopt_services(hub, "riverbent", clock())


def test_an_element_that_is_away_is_asked_again(
    desk: Desk, book: OrderBook, network: ToldNetwork, clock: HandClock
) -> None:
    installed(book, network)
    network.fail("rb-aaa", "away", times=1)
    outcome, (saga,) = adopted(desk, book, clock)
    if saga.state == "running":
        clock.move(minutes=1)
        advance(desk)
    assert now_of(desk, outcome.begun[0]).state == "done"
