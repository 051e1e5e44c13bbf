"""What the hub has shown to work is a record of its own, as long as it counts."""

from datetime import timedelta

from sqlalchemy import select

from canonical_model.network import ServiceActivation
from hub.sagas.asking import cease_service, change_tier, suspend_service
from hub.sagas.decisions import cancel
from hub.sagas.desk import Desk
from hub.sagas.wishes import Wish
from storage.activations import SYSTEM, note_activation
from storage.current_records import current_records
from storage.schema.canonical import CANONICAL_TABLES
from tests.fakes.effects import HandClock
from tests.fakes.led_sagas import SERVICE, Orders, active_service, done, facts_of, led_on, service_that_was_active
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork


def shown(desk: Desk) -> list[ServiceActivation]:
    with desk.hub.database.reading() as connection:
        return current_records(connection, ServiceActivation)


def test_an_order_is_shown_to_work_once_and_an_end_shows_nothing(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley
) -> None:
    orders = Orders(operator)
    begun = active_service(desk, network, clock, orders.wish())
    facts = facts_of(begun)
    assert facts.working_since is not None

    (seen,) = shown(desk)
    assert (seen.market, seen.order_number, seen.source_id) == (begun.market, facts.order_number, begun.key)
    assert seen.works_since == facts.working_since.replace(microsecond=0)

    done(desk, suspend_service(desk.hub, SERVICE, "blocked", clock(), Wish(name="w")), clock)
    done(desk, cease_service(desk.hub, SERVICE, clock(), Wish(order_number=orders.order(2)[0])), clock)
    assert shown(desk) == [seen]


def test_what_is_withdrawn_was_never_shown_and_its_history_stays(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley
) -> None:
    """Billing refuses the change, so that nothing of it was done."""
    orders = Orders(operator)
    service_that_was_active(desk, network, orders.wish(subscription_id="none-of-theirs"))
    asked = change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish(order_number=orders.order(2)[0]))
    held = led_on(desk, asked, clock, rounds=60)
    assert (held.state, held.step) == ("held", "release")
    assert len(shown(desk)) == 1

    cancel(desk.hub, held.id, clock(), actor="finance", why="no")

    assert shown(desk) == []
    table = CANONICAL_TABLES[ServiceActivation]
    with desk.hub.database.reading() as connection:
        ended = connection.execute(select(table.c.known_to).where(table.c.source_id == held.key)).scalars().all()
    assert ended == [clock()]


def test_what_is_shown_anew_takes_the_place_of_what_was_shown_before(desk: Desk, clock: HandClock) -> None:
    source = {"market": "lumen", "source_system": SYSTEM, "source_object": "saga", "source_id": "SO-1/activate/1"}
    first = ServiceActivation(**source, order_number="1", works_since=clock())
    later = first.model_copy(update={"works_since": first.works_since + timedelta(days=1)})
    for each in (first, later, later):
        with desk.hub.database.writing() as connection:
            note_activation(connection, each, clock())
    assert shown(desk) == [later]
