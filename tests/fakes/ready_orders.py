"""Orders of Riverbend, of the example operator, as its systems believe them: said record by record, and pulled."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from canonical_model.billing import Subscription
from canonical_model.customers import Customer
from canonical_model.field_work import CompletionMaterial, FieldCompletion, WorkOrder
from canonical_model.network import NetworkObservation
from canonical_model.orders import ProductOrder, ProductOrderItem
from canonical_model.places import Premise
from canonical_model.plant import AccessTerminal
from canonical_model.record import Record
from canonical_model.stock import StockMovement
from hub.readiness.beginning import ReadyOutcome, begin_ready
from hub.readiness.outcome import Readiness
from hub.workplace import Hub
from storage.effects import Effect, effects
from storage.reservations import Reservation, held_lines
from storage.sagas import Saga, sagas
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.small_hub import pull_records

MARKET = "riverbend"
ELEMENT = "rb-olt-calix"
SYSTEMS = ("crm", "fsm", "billing", ELEMENT)


@dataclass
class OrderBook:
    """What the systems believe; ``records`` by what names each."""

    records: dict[tuple[str, str], Record] = field(default_factory=dict)
    pulls: int = 0

    def say(self, entity: type[Record], system: str, key: str, **facts: Any) -> None:
        """Say something, or say it anew."""
        self.records[entity.__name__, key] = entity(
            market=MARKET, source_system=system, source_object=entity.__name__, source_id=key, **facts
        )

    def terminal(self, name: str = "RB-H01-T001", port: str = "1/1/1", **facts: Any) -> None:
        given = {"hub": "RB-H01", "element": ELEMENT, "technology": "pon", "capacity": 4, "port_capacity": 8}
        known = given | {"used": 0, "pon_mode": "xgs_pon", "observed_at": START - timedelta(hours=1)} | facts
        self.say(AccessTerminal, "fsm", f"{name}:{port}", terminal=name, port=port, **known)

    def stock(self, serials: Iterable[str], movement: str = "received", **facts: Any) -> None:
        for serial in serials:
            known = {"kind": "ont", "model": "GX-100", "moved_at": START - timedelta(days=9)} | facts
            self.say(StockMovement, "fsm", f"{serial}/{movement}", serial=serial, movement=movement, **known)

    def order(self, number: int, **facts: Any) -> str:
        """A customer, a premise of his own and an order for it; gives the order's number."""
        account, order, at = f"{80_000 + number}", f"{90_000 + number}", facts.pop("premise_id", f"P{number}")
        phone = facts.pop("phone", "555-0101")
        self.say(Customer, "crm", account, account_number=account, name="Ana Holm", phone=phone)
        place = {"city": "Riverbend", "hub": "RB-H01", "terminal": "RB-H01-T001", "serviceability": "serviceable"}
        place |= facts.pop("place", {})
        if ("Premise", at) not in self.records:
            self.say(Premise, "crm", at, address=f"{number} Mill Road", **place)
        known = {"order_type": "new", "state": "inProgress", "offering_id": "fiber-500"}
        known |= {"ordered_at": START - timedelta(days=2, minutes=-number), "premise_id": at} | facts
        self.say(ProductOrder, "crm", order, order_number=order, **{"account_number": account, **known})
        return order

    def item(self, order: str, product: str, quantity: int, action: str = "add") -> None:
        """Something else that stands on an order."""
        facts = {"order_number": order, "product_id": product, "action": action, "quantity": quantity}
        self.say(ProductOrderItem, "crm", f"{order}/{product}", **facts)

    def state(self, order: str, state: str) -> None:
        """Move an order on."""
        self.change("ProductOrder", order, state=state)

    def change(self, entity: str, key: str, **facts: Any) -> None:
        """Say something else of what is known."""
        self.records[entity, key] = self.records[entity, key].model_copy(update=facts)

    def place(self, name: str, **facts: Any) -> None:
        """Change a premise."""
        self.change("Premise", name, **facts)

    def job(self, name: str, order: str, **facts: Any) -> None:
        known = {"work_type": "install", "state": "scheduled", "created_at": START - timedelta(days=1)} | facts
        self.say(WorkOrder, "fsm", name, work_order_id=name, order_number=order, **known)

    def seen(self, serial: str, port: str, state: str = "up") -> None:
        known = {"element": ELEMENT, "observed_at": START, "operational_state": state}
        self.say(NetworkObservation, ELEMENT, serial, serial=serial, port=port, **known)

    def done(self, order: str, at: datetime, serial: str, port: str, **facts: Any) -> None:
        """What legacy does with an order: the job is done, the device is up, the order is completed."""
        job = f"wo-{order}"
        self.job(job, order, state="completed", created_at=at - timedelta(days=1), expected_serial=serial)
        offering = facts.get("installed", "fiber-500")
        self.say(FieldCompletion, "fsm", job, work_order_id=job, completed_at=at, installed_offering_id=offering)
        self.say(CompletionMaterial, "fsm", f"{job}#0", work_order_id=job, kind="ont", serial=serial)
        known = {"element": ELEMENT, "observed_at": at, "operational_state": "up", "registered_since": at}
        profile = facts.get("profile", "500/500")
        self.say(NetworkObservation, ELEMENT, serial, serial=serial, port=port, profile=profile, **known)
        completed = self.records["ProductOrder", order]
        self.records["ProductOrder", order] = completed.model_copy(update={"state": "completed", "completed_at": at})

    def billed(self, order: str, starts_on: date, code: str = "INT-FBR-0500") -> None:
        """The subscription that billing has for an order."""
        account = self.records["ProductOrder", order].account_number
        facts = {"account_number": account, "billing_code": code, "state": "active", "starts_on": starts_on}
        self.say(Subscription, "billing", f"SUB-{order}", subscription_id=f"SUB-{order}", **facts)

    def pull(self, hub: Hub, at: datetime = START) -> None:
        """Bring all of it to a hub."""
        self.pulls += 1
        others = {each.source_system for each in self.records.values()} - set(SYSTEMS)
        for system in (*SYSTEMS, *sorted(others)):
            believed = [each for each in self.records.values() if each.source_system == system]
            pull_records(hub, system, believed, at + timedelta(microseconds=self.pulls))


def serials(number: int) -> list[str]:
    """So many serials of new terminals."""
    return [f"CXNK00A0{place:04X}" for place in range(1, number + 1)]


def begin(hub: Hub, book: OrderBook, stages: Stages, clock: HandClock) -> ReadyOutcome:
    book.pull(hub)
    return begin_ready(hub, MARKET, clock(), stages)


def lines(hub: Hub) -> list[Reservation]:
    with hub.database.reading() as connection:
        return held_lines(connection, MARKET)


def journaled(hub: Hub) -> list[Effect]:
    with hub.database.reading() as connection:
        return effects(connection)


def begun(hub: Hub) -> list[Saga]:
    with hub.database.reading() as connection:
        return sagas(connection)


def codes(ready: Readiness) -> list[str]:
    return [each.code for each in ready.reasons]
