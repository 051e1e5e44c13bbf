"""The tasks of flows that bring services to life and change them: each a batch, which a retry goes on with."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from canonical_model.errors import ConfigurationError
from flows.asked import ActivationRequest, ChangeRequest
from flows.opening import HubAtHand
from flows.retrying import step
from hub.readiness.beginning import ReadyOutcome, begin_ready
from hub.running_clock import running_clock
from hub.sagas import asking, asking_parts
from hub.sagas.elements import open_element
from hub.sagas.wishes import Wish
from hub.sagas.working import Bench
from hub.sagas.working_off import work_off
from hub.takeover.authority import authority_of
from provisioning.standing import Standing
from storage.sagas import Saga, saga_with, sagas

MOST_HELD = 500
MODES: dict[str, Standing] = {"walled": "walled", "throttled": "throttled", "blocked": "blocked"}


@dataclass(frozen=True, slots=True)
class Led:
    """What leading came to.

    Attributes:
        is_all: nothing was due any more at its end.
    """

    began_at: datetime
    is_all: bool


@dataclass(frozen=True, slots=True)
class MarketSagas:
    """Sagas of a market after they were led.

    Attributes:
        held: those that need a person.
        moved: those that changed meanwhile.
    """

    held: tuple[Saga, ...]
    moved: tuple[Saga, ...]


@step("make orders of {request.market} ready")
def make_orders_ready(at_hand: HubAtHand, request: ActivationRequest) -> ReadyOutcome:
    """Keep a line and a device for every open order, ask for its job, begin its saga; each once."""
    may_act = authority_of(at_hand.hub, _now)
    return begin_ready(at_hand.hub, request.market, _now(), may_act, most=request.most)


@step("lead what is due")
def lead_what_is_due(at_hand: HubAtHand, seconds: float) -> Led:
    """Lead sagas, send effects and take events in until nothing is due; a retry goes on where the try stopped."""
    hub, began_at = at_hand.hub, _now()
    clock = running_clock(began_at)
    bench = Bench(
        hub, hub.operator.network, lambda element: open_element(hub, element), clock, authority_of(hub, clock)
    )
    return Led(began_at, work_off(bench, most_s=seconds).is_all)


@step("ask for {request.change}")
def ask_for_change(at_hand: HubAtHand, request: ChangeRequest) -> Saga:
    """Write a wish down as a saga; the same wish gives the same saga."""
    hub, now, value = at_hand.hub, _now(), request.value.strip()
    wish = Wish(
        actor="change_service",
        reason=request.reason or None,
        order_number=request.order or None,
        name=request.wish or None,
    )
    match request.change:
        case "change_tier":
            return asking.change_tier(hub, request.service, _needed(value, "the tier"), now, wish)
        case "add_part" | "end_part" as change:
            asked = {"add_part": asking_parts.add_part, "end_part": asking_parts.end_part}[change]
            return asked(hub, request.service, _needed(value, "the product"), now, wish)
        case "swap_device":
            return asking.swap_device(hub, request.service, _needed(value, "the serial"), now, wish)
        case "suspend":
            return asking.suspend_service(hub, request.service, _mode(value), now, wish)
        case "hold":
            return asking.hold_service(hub, request.service, now, wish, _mode(value), _day(request.until))
        case "restore":
            return asking.restore_service(hub, request.service, now, wish)
        case "wake":
            return asking.wake_service(hub, request.service, now, wish)
        case "cease":
            return asking.cease_service(hub, request.service, now, wish)
        case "reapply":
            return asking.reapply_service(hub, request.service, now, wish)


def sagas_of_market(at_hand: HubAtHand, market: str, since: datetime) -> MarketSagas:
    """The sagas of a market that need a person, and those that changed since a moment."""
    with at_hand.hub.database.reading() as connection:
        held = sagas(connection, states=("held",), market=market, most=MOST_HELD)
        moved = sagas(connection, market=market, changed_since=since, most=MOST_HELD)
    return MarketSagas(tuple(held), tuple(moved))


def saga_as_it_is(at_hand: HubAtHand, saga: Saga) -> Saga:
    """A saga as the database has it now."""
    with at_hand.hub.database.reading() as connection:
        return saga_with(connection, saga.id) or saga


def _mode(value: str) -> Standing:
    mode = MODES.get(value or "walled")
    if mode is None:
        raise ConfigurationError(f"{value!r} is no way to suspend: {', '.join(MODES)} are")
    return mode


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value.strip()) if value.strip() else None
    except ValueError:
        raise ConfigurationError(f"until {value!r}: a day like 2027-03-01 is expected") from None


def _needed(value: str, what: str) -> str:
    if not value:
        raise ConfigurationError(f"{what} is missing: give it as the value")
    return value


def _now() -> datetime:
    return datetime.now(UTC)
