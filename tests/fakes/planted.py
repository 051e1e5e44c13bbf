"""What is planted in a market of the hub, to be seen as harm, or to be let be."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from handoffs.rollback import SIGNALS
from tests.fakes.acted_works import DONE, DONE_ON, ActedWorks, trips_of

Plant = Callable[[ActedWorks], None]


@dataclass
class Planted:
    """Collects what tests plant.

    Attributes:
        harms: the kind of signal that each has to be seen as.
        innocent: what looks like harm and is none.
    """

    harms: list[tuple[str, Plant]] = field(default_factory=list)
    innocents: list[Plant] = field(default_factory=list)

    def harm(self, kind: str) -> Callable[[Plant], Plant]:
        """Marks what has to be seen as one kind of signal."""
        assert kind in SIGNALS

        def marked(plant: Plant) -> Plant:
            self.harms.append((kind, plant))
            return plant

        return marked

    def innocent(self, plant: Plant) -> Plant:
        """Marks what looks like harm and is none."""
        self.innocents.append(plant)
        return plant


def is_seen(works: ActedWorks, kind: str, plant: Plant) -> None:
    """What is planted trips a rule of its kind, in the whole market and where only the works are looked at."""
    plant(works)
    with works.hub() as hub:
        trips = trips_of(hub)
        assert kind in {trip.signal.kind for trip in trips}, [trip.said for trip in trips]
        own = [trip for trip in trips if trip.signal.kind == kind]
        assert all(trip.signal.works and trip.signal.evidence for trip in own)
        orders = frozenset(work for trip in own for work in trip.signal.works if work.startswith("order/"))
        if orders and SIGNALS[kind].at_event:
            at_event = trips_of(hub, works=orders | {f"order/{number}" for number in works.orders})
            assert kind in {trip.signal.kind for trip in at_event}


def is_let_be(works: ActedWorks, plant: Plant) -> None:
    """What is planted trips nothing."""
    plant(works)
    assert [trip.said for trip in works.trips()] == []


def start(works: ActedWorks, key: str, number: int = 4, **fields: object) -> None:
    """Billing is told of a service to begin with."""
    given = {
        "account_number": f"{number}",
        "order_number": f"9{number}",
        "offering_id": "silver",
        "billing_code": "SLV",
        "starts_on": DONE_ON.isoformat(),
    }
    works.effect(key, "start_billing", f"account/{number}", given | fields, DONE + timedelta(hours=1))
