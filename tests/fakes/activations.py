"""Orders that the example operator's CRM holds open, their jobs, and the completions that a tablet sends."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.webhooks.events import EventShape, read_events
from provisioning.facts import SagaFacts
from simulated_estate.servers.field_service_webhook import event_of
from storage.database import Database
from storage.inbox import IncomingEvent, keep_events
from tests.fakes.lines import facts
from tests.fakes.lumen_valley import LumenValley

_SHAPE = EventShape(event_id="event_id", record="data")


@dataclass(frozen=True)
class OpenOrders:
    """The orders of an operator, one for each number from 1 on; each is opened when it is asked for."""

    operator: LumenValley

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self._orders())

    def facts(self, number: int, *, has_job: bool = False, **given: Any) -> SagaFacts:
        """What there is to know of an order; with a job, it waits for the completion."""
        books = self.operator.running.books
        order = self._orders()[number - 1]
        account = next(row for row in books.crm["Account"] if row["Id"] == order["AccountId"])
        order.update(Status="Scheduled", StatusCode="Activated", Completed_At__c=None)
        order_number = order["OrderNumber"].lstrip("0")
        known: dict[str, Any] = {
            "order_number": order_number,
            "account_number": account["AccountNumber"].removeprefix("LV-"),
        }
        if has_job:
            known["work_order_id"] = f"wo_{number}"
            books.field_service["work_orders"].append(_job(known["work_order_id"], order_number))
        return facts(number, given.pop("serial", serial_of(number)), **(known | given))

    def _orders(self) -> list[dict[str, Any]]:
        return [row for row in self.operator.running.books.crm["Order"] if not row["IsDeleted"]]


def serial_of(number: int) -> str:
    """The terminal that goes with an order."""
    return f"CXNK{number:08X}"


def completion(wish: SagaFacts, at: datetime, **given: Any) -> IncomingEvent:
    """What the technician's tablet sends when the job is done, as the inbox keeps it."""
    row = {
        "id": f"cmp_{wish.work_order_id}",
        "work_order_id": wish.work_order_id,
        "completed_at": at.isoformat(),
        "received_at": at.isoformat(),
        "installed_plan": "Fiber 500",
        "devices": [{"kind": "ont", "serial": wish.expected_serial, "ownership": "leased"}],
        "photos": [],
        "gps": {"lat": 41.2, "lon": -81.6},
        "tests": [],
        "tasks": [],
        "checklist": {"complete": True},
        "notes": "",
        "technician": "T-001",
        "crew": "Crew 2",
        "updated_at": at.isoformat(),
        **given,
    }
    (sent,) = read_events(event_of("completions", row).body, _SHAPE)
    return IncomingEvent("fsm", "completions", sent.event_id, at, at, sent.payload, sent.digest)


def arrive(database: Database, *events: IncomingEvent) -> None:
    """Keep events in the inbox, as the hub does before it answers their sender."""
    with database.journaling() as connection:
        keep_events(connection, events)


def _job(work_order_id: str, order_number: str) -> dict[str, Any]:
    return {
        "id": work_order_id,
        "order_reference": f"SO-{order_number}",
        "region": "RIV",
        "type": "install",
        "state": "on_site",
        "address": "",
        "scheduled_for": None,
        "expected_serial": None,
        "visits": [],
        "line_test": None,
        "activities": [],
        "created_at": "2026-11-01T08:00:00Z",
        "updated_at": "2026-11-01T08:00:00Z",
    }
