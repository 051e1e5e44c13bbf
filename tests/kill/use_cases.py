"""What is done while processes are killed: one line for each use case, with all that has to be so in the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from provisioning.facts import SagaFacts
from provisioning.line import LAYERS, Layer
from provisioning.profile import Bandwidth, Voice
from provisioning.saga import SagaKind
from provisioning.standing import Standing, wanted
from storage.database import Database
from tests.fakes.activations import OpenOrders, arrive, completion, serial_of
from tests.fakes.lines import NETWORK, profile
from tests.fakes.told_network import ToldNetwork

PORT = "1/1/1"
ELSEWHERE = "1/1/9"
_GROUPS = {"walled": "walled-garden", "blocked": "blocked"}


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


def _reset(place: Place, number: int, at: datetime) -> SagaFacts:
    """A service that has worked for long, whose router has forgotten its settings."""
    del at
    return _standing(place, number, "active", ("access", "aaa"))


def _to(before: Standing, after: Standing) -> Callable[[Place, int, datetime], SagaFacts]:
    """A service that has stood for long, and shall stand otherwise."""

    def prepared(place: Place, number: int, at: datetime) -> SagaFacts:
        del at
        wish = _standing(place, number, before, LAYERS)
        return wish.model_copy(update={"standing": after, "reason": "a bill is not paid"})

    return prepared


def _standing(place: Place, number: int, standing: Standing, layers: Sequence[Layer]) -> SagaFacts:
    """What is known of a service for which these layers hold what they should."""
    serial = serial_of(number)
    place.network.plug(serial, PORT)
    wish = place.orders.facts(number, profile=profile(standing_groups=_GROUPS))
    bound = wish.line.model_copy(update={"serial": serial})
    for layer in layers:
        element = NETWORK.element_of(bound.market, bound.element, layer)
        if element is not None:
            shall = wanted(layer, standing, bound, wish.profile)
            there = place.network.driver(element).place_of(bound)
            place.network.tell(element, bound.service_id, None if shall is None else dict(shall), there)
    return wish.model_copy(update={"line": bound})


def _billed(place: Place, number: int, **changes: object) -> SagaFacts:
    """A service that works and is billed, with what shall be otherwise."""
    wish = _standing(place, number, "active", LAYERS)
    rows = place.orders.operator.running.books.billing["subscriptions"]
    name = f"KILL{number:05}"
    rows.append(
        rows[0]
        | {
            "subscriptionId": name,
            "accountNumber": wish.account_number.zfill(10),
            "planCode": "INT-FBR-0500",
            "status": "ACTIVE",
            "endDate": None,
            "suspensions": [],
        }
    )
    before = {"previous_line": wish.line, "previous_profile": wish.profile, "previous_standing": "active"}
    return wish.model_copy(update={**before, "subscription_id": name, **changes})


def _faster(place: Place, number: int, at: datetime) -> SagaFacts:
    del at
    bandwidth = Bandwidth(down_maximum=1000, up_maximum=1000)
    made = profile(offering_id="fiber-1000", bandwidth=bandwidth, aaa_group="fiber-1000", standing_groups=_GROUPS)
    return _billed(place, number, profile=made)


def _with_an_address(place: Place, number: int, at: datetime) -> SagaFacts:
    del at
    return _billed(place, number, extra_offering_ids=("static-ip",), added_parts=("extra_1",))


def _without_telephone(place: Place, number: int, at: datetime) -> SagaFacts:
    """A router that has been told of a telephone, which is given up before it worked."""
    del at
    voice = Voice(sip_user="u", sip_server="sip.example", secret_reference="env:SIP")
    wish = _billed(place, number, voice_offering_id="voice", ended_parts=("voice",))
    return wish.model_copy(update={"previous_profile": wish.profile.model_copy(update={"voice": voice})})


def _swapped(place: Place, number: int, at: datetime) -> SagaFacts:
    del at
    wish = _billed(place, number)
    place.network.unplug(serial_of(number))
    place.network.plug(_other_serial(number), PORT)
    unbound = wish.line.model_copy(update={"serial": None})
    return wish.model_copy(update={"line": unbound, "expected_serial": _other_serial(number)})


def _moved(place: Place, number: int, at: datetime) -> SagaFacts:
    del at
    wish = _billed(place, number)
    place.network.plug(_other_serial(number), ELSEWHERE)
    there = {"port": ELSEWHERE, "serial": None, "username": f"olt-1 {ELSEWHERE}:{number}"}
    line = wish.line.model_copy(update=there)
    return wish.model_copy(update={"line": line, "expected_serial": _other_serial(number)})


def _ceased(place: Place, number: int, at: datetime) -> SagaFacts:
    del at
    return _billed(place, number, standing="ended")


def _other_serial(number: int) -> str:
    return f"CXNK9{number:07X}"


_ASKED = ("update_work_order",)
"""What the technician is told of a saga that is held."""

_RETURNED = ("return_device",)
_STATUS = ("set_service_status",)
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
    UseCase("reapply", "reapply", _reset, ("done", "verify"), ("acs-1",)),
    UseCase("suspend, walled", "suspend", _to("active", "walled"), ("done", "release"), ("aaa-1",), _STATUS),
    UseCase(
        "suspend, blocked", "suspend", _to("active", "blocked"), ("done", "release"), ("aaa-1", "olt-1"), _STATUS
    ),
    UseCase("restore", "restore", _to("walled", "active"), ("done", "release"), ("aaa-1",), _STATUS),
    UseCase(
        "change of tier",
        "change_tier",
        _faster,
        ("done", "release"),
        ("olt-1", "aaa-1"),
        ("change_billing", "set_customer_status"),
    ),
    UseCase(
        "an address is added",
        "add_part",
        _with_an_address,
        ("done", "release"),
        (),
        ("start_billing", "set_customer_status"),
    ),
    UseCase(
        "a telephone is given up",
        "end_part",
        _without_telephone,
        ("done", "release"),
        ("acs-1",),
        ("set_customer_status",),
    ),
    UseCase(
        "swap of a terminal", "swap_device", _swapped, ("done", "release"), ("olt-1", "acs-1", "acs-1"), _RETURNED
    ),
    UseCase(
        "move",
        "move",
        _moved,
        ("done", "release"),
        ("olt-1", "aaa-1", "acs-1") * 2,
        ("set_customer_status", *_RETURNED),
    ),
    UseCase(
        "cease",
        "cease",
        _ceased,
        ("done", "release"),
        ("aaa-1", "acs-1", "olt-1"),
        ("set_customer_status", "set_service_status", "stop_billing", "create_work_order"),
    ),
)
