"""What is done while processes are killed: one line for each use case, with all that has to be so in the end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from provisioning.facts import SagaFacts
from provisioning.line import LAYERS
from provisioning.saga import SagaKind
from provisioning.standing import wanted
from storage.database import Database
from tests.fakes.activations import OpenOrders, arrive, completion, serial_of
from tests.fakes.lines import NETWORK
from tests.fakes.told_network import ToldNetwork

PORT = "1/1/1"
ELSEWHERE = "1/1/9"


@dataclass(frozen=True)
class Place:
    """Where a use case happens: the operator's orders, its network, and the hub's database."""

    orders: OpenOrders
    network: ToldNetwork
    database: Database


@dataclass(frozen=True)
class UseCase:
    """Something that the hub leads to its end, and how everybody can see that it was done once.

    Attributes:
        kind: of the saga.
        prepared: makes the world ready for the order of that number, and says what is known of it.
        ends: state and step at which the saga stands in the end.
        told: elements that were changed, each exactly once.
        commands: that other systems were given, each done exactly once, in order.
    """

    name: str
    kind: SagaKind
    prepared: Callable[[Place, int, datetime], SagaFacts]
    ends: tuple[str, str]
    told: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


def _plugged_in(place: Place, number: int, at: datetime) -> SagaFacts:
    del at
    place.network.plug(serial_of(number), PORT)
    return place.orders.facts(number)


def _completed(place: Place, number: int, at: datetime) -> SagaFacts:
    place.network.plug(serial_of(number), PORT)
    wish = place.orders.facts(number, has_job=True)
    arrive(place.database, completion(wish, at))
    return wish


def _plugged_in_elsewhere(place: Place, number: int, at: datetime) -> SagaFacts:
    wish = _completed(place, number, at)
    place.network.plug(serial_of(number), ELSEWHERE)
    return wish


def _never_in_session(place: Place, number: int, at: datetime) -> SagaFacts:
    wish = _completed(place, number, at)
    place.network.fail("aaa-1", "lies", times=10_000)
    return wish


def _active(place: Place, number: int, at: datetime) -> SagaFacts:
    """A service that has worked for long, whose router has forgotten its settings."""
    del at
    serial = serial_of(number)
    place.network.plug(serial, PORT)
    wish = place.orders.facts(number)
    bound = wish.line.model_copy(update={"serial": serial})
    for layer in LAYERS:
        element = NETWORK.element_of(bound.market, bound.element, layer)
        if element is not None and layer != "cpe":
            shall = wanted(layer, "active", bound, wish.profile)
            place.network.tell(element, bound.service_id, None if shall is None else dict(shall))
    return wish.model_copy(update={"line": bound})


_ASKED = ("update_work_order",)
"""What the technician is told of a saga that is held."""

_TOLD = ("set_customer_status", "start_billing")
USE_CASES = (
    UseCase(
        "activate",
        "activate",
        _completed,
        ("done", "release"),
        ("aaa-1", "acs-1", "olt-1"),
        (*_TOLD, "close_work_order"),
    ),
    UseCase(
        "activate without a job",
        "activate",
        _plugged_in,
        ("done", "release"),
        ("aaa-1", "acs-1", "olt-1"),
        _TOLD,
    ),
    UseCase("activate, plugged in elsewhere", "activate", _plugged_in_elsewhere, ("held", "match"), (), _ASKED),
    UseCase("activate, AAA lies", "activate", _never_in_session, ("held", "configure_aaa"), ("olt-1",), _ASKED),
    UseCase("reapply", "reapply", _active, ("done", "verify"), ("acs-1",)),
)
