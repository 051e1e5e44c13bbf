"""The tasks of flows that bring services to life and change them: each a batch, which a retry goes on with."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flows.asked import ActivationRequest, AdoptionRequest, ChangeRequest
from flows.opening import HubAtHand
from flows.retrying import step
from flows.service_wishes import asked_for
from hub.readiness.beginning import ReadyOutcome, begin_ready
from hub.running_clock import running_clock
from hub.sagas.bench import Bench
from hub.sagas.elements import open_element
from hub.sagas.working_off import work_off
from hub.takeover.adopting import Adoption, adopt_services
from hub.takeover.authority import authority_of
from storage.sagas import Saga, saga_with, sagas

MOST_HELD = 500


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


@step("begin to adopt services of {request.market}")
def begin_adoption(at_hand: HubAtHand, request: AdoptionRequest, *, again: bool, most: int) -> Adoption:
    """Begin to compare lines that legacy has set up; each once. None is begun by ``most=0``, which only tells."""
    return adopt_services(
        at_hand.hub, request.market, _now(), accounts=request.accounts, again=again, most=most, actor="adopt_services"
    )


@step("ask for {request.change}")
def ask_for_change(at_hand: HubAtHand, request: ChangeRequest) -> Saga:
    """Write a wish down as a saga; the same wish gives the same saga."""
    return asked_for(at_hand.hub, request, _now())


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


def _now() -> datetime:
    return datetime.now(UTC)
