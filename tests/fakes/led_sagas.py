"""Sagas that are led on until they move no more by themselves, and services that the hub has brought to life."""

from dataclasses import dataclass, replace
from typing import Any

from hub.effects.drain import drain
from hub.sagas.advance import advance
from hub.sagas.beginning import begin_saga
from hub.sagas.desk import Desk
from provisioning.change import Change
from provisioning.facts import Evidence, SagaFacts
from provisioning.line import LAYERS
from provisioning.standing import wanted
from storage.effects import Effect, effects
from storage.saga_leases import redirect
from storage.sagas import Saga, SagaStep, saga_with, sagas, steps_of
from tests.fakes.effects import HandClock
from tests.fakes.lines import ONT, facts, profile
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork

SERVICE = "7000001"
GROUPS = {"walled": "walled-garden", "throttled": "throttled", "blocked": "blocked"}


def now_of(desk: Desk, saga: Saga) -> Saga:
    """A saga as the database knows it now."""
    with desk.hub.database.reading() as connection:
        found = saga_with(connection, saga.id)
    assert found is not None
    return found


def story(desk: Desk, saga: Saga) -> list[tuple[str, str, str]]:
    """Step, event and words of everything that happened to a saga."""
    with desk.hub.database.reading() as connection:
        return [(each.step, each.event, each.said) for each in steps_of(connection, saga.id)]


def told_by(desk: Desk, saga: Saga) -> dict[str, Effect]:
    """What a saga has put into the journal of effects, by what its key says behind the saga's."""
    with desk.hub.database.reading() as connection:
        found = [each for each in effects(connection) if each.idempotency_key.startswith(f"{saga.key}/")]
    return {each.idempotency_key.removeprefix(f"{saga.key}/"): each for each in found}


def led_on(desk: Desk, saga: Saga, clock: HandClock, rounds: int = 20) -> Saga:
    """Advance and drain until the saga moves no more by itself."""
    for _ in range(rounds):
        advance(desk)
        drain(desk.hub, clock, desk.may_act)
        if now_of(desk, saga).state not in ("running", "undoing"):
            break
        clock.move(seconds=61)
    return now_of(desk, saga)


def done(desk: Desk, saga: Saga, clock: HandClock, rounds: int = 20) -> Saga:
    """The same, and it is done in the end."""
    ended = led_on(desk, saga, clock, rounds)
    assert ended.state == "done", (ended.state, ended.step, ended.reason)
    return ended


def facts_of(saga: Saga) -> SagaFacts:
    return SagaFacts.model_validate_json(saga.facts)


@dataclass(frozen=True)
class Orders:
    """Orders of the CRM that are open."""

    operator: LumenValley

    def wish(self, number: int = 1, serial: str = ONT, **given: Any) -> SagaFacts:
        """What there is to know of one of them."""
        order, account = self.order(number)
        known = {
            "order_number": order,
            "account_number": account,
            "profile": profile(standing_groups=GROUPS),
            **given,
        }
        return facts(number, serial, **known)

    def order(self, number: int) -> tuple[str, str]:
        """An order and its account, as their numbers are compared; those of Riverbend come first."""
        books = self.operator.running.books.crm
        accounts = {row["Id"]: row for row in books["Account"]}
        orders = [row for row in books["Order"] if not row["IsDeleted"]]
        orders.sort(key=lambda row: accounts[row["AccountId"]]["Market__c"] != "Riverbend")
        order = orders[number - 1]
        order.update(Status="Scheduled", StatusCode="Activated", Completed_At__c=None)
        return order["OrderNumber"].lstrip("0"), accounts[order["AccountId"]]["AccountNumber"].removeprefix("LV-")


def active_service(desk: Desk, network: ToldNetwork, clock: HandClock, wish: SagaFacts) -> Saga:
    """A service that works and is billed."""
    network.plug(str(wish.expected_serial), wish.line.port)
    return done(desk, begin_saga(desk.hub, "activate", wish, clock()), clock)


def service_that_was_active(desk: Desk, network: ToldNetwork, wish: SagaFacts) -> Saga:
    """The same, at once: as the network, billing and the hub's own database show it afterwards."""
    line = wish.line.model_copy(update={"serial": wish.expected_serial})
    network.plug(str(wish.expected_serial), line.port)
    for layer in LAYERS:
        element = desk.element_of(line, layer)
        assert element is not None
        shall = wanted(layer, "active", line, wish.profile)
        network.driver(element).apply(Change(layer=layer, line=line, before=None, after=dict(shall or {})))
    seen = Evidence(kind="aaa_session", seen_at=desk.clock(), said="in session")
    facts = wish.learning({"line": line, "evidence": (seen,), "verified_at": desk.clock()})
    saga = begin_saga(desk.hub, "activate", facts, desk.clock())
    with desk.hub.database.journaling() as connection:
        ended = SagaStep(desk.clock(), "release", "ended", actor="test")
        return redirect(connection, saga, {"state": "done", "step": "release"}, ended)


def with_network(desk: Desk, **changes: Any) -> Desk:
    """The same desk under another network.yaml, the hub's own as well."""
    network = desk.network.model_copy(update=changes)
    own = desk.hub.operator.network.model_copy(update=changes)
    hub = replace(desk.hub, operator=replace(desk.hub.operator, network=own))
    return Desk(hub, network, desk.open_driver, desk.clock, desk.may_act)


def kinds(desk: Desk, service_id: str = SERVICE) -> list[tuple[str, str]]:
    """Kind and state of every saga of a service."""
    with desk.hub.database.reading() as connection:
        return [(each.kind, each.state) for each in sagas(connection, service_id=service_id)]
