"""The systems as the hub writes to them: each write is done once by its key, and what was done can be looked at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any

from benchmarks.rehearsal.beliefs import Beliefs
from canonical_model.billing import Subscription
from canonical_model.field_work import WorkOrder
from canonical_model.orders import ProductOrder
from connectors.ports import Look, RawRecord, Receipt, SystemSettings, Write
from hub.running_clock import Clock

Values = dict[str, Any]
Meddling = Callable[[str, Values], list[Values]]
"""What a system makes of a write: takes the command and its values; gives what it does, each time."""


@dataclass(slots=True)
class Systems:
    """CRM, billing and field service, as far as they are written to.

    Attributes:
        done: what each key came to, by command and key.
        writes: command, key and moment of each write that was carried out, in order.
        meddling: what systems make of writes, by whoever rehearses a mistake.
    """

    beliefs: Beliefs
    clock: Clock
    done: dict[tuple[str, str], Values] = field(default_factory=dict)
    writes: list[tuple[str, str, datetime]] = field(default_factory=list)
    meddling: list[Meddling] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def open(self, settings: SystemSettings) -> "Sink":
        """A connection to one of them."""
        del settings
        return Sink(self)

    def carry_out(self, command: str, values: Values) -> None:
        """Do a write once."""
        key = command, str(values["key"])
        if key in self.done:
            return
        turns = [values]
        for meddle in self.meddling:
            turns = [told for turn in turns for told in meddle(command, dict(turn))]
        self.done[key] = {**values, "id": ""}
        for turn in turns:
            reference = _DEEDS[command](self.beliefs, turn, next(self._numbers), self.clock())
            self.done[key] = {**turn, "key": values["key"], "id": reference}
            self.writes.append((command, str(values["key"]), self.clock()))

    def correct(self, subscription: str, billing_code: str, starts_on: date) -> None:
        """Let what is looked at say what somebody has made of a subscription by hand."""
        for shown in self.done.values():
            if shown["id"] == subscription:
                shown |= {"billing_code": billing_code, "starts_on": starts_on.isoformat()}


@dataclass(frozen=True, slots=True)
class Sink:
    """A connection that is open."""

    systems: Systems

    def send(self, write: Write) -> Receipt:
        """Do it."""
        (part,) = write.parts
        command = part.target.removeprefix("writes/")
        self.systems.carry_out(command, dict(part.values))
        return Receipt(False, str(self.systems.done[command, str(part.values["key"])]["id"]))

    def observe(self, look: Look) -> RawRecord | None:
        """What was done under a key."""
        command = look.target.split("/")[1]
        return self.systems.done.get((command, str(look.key["key"])))

    def close(self) -> None:
        """Nothing is open."""


def _start_billing(beliefs: Beliefs, values: Values, number: int, now: datetime) -> str:
    del now
    name = f"SUB-{number:06}"
    starts_on = date.fromisoformat(values["starts_on"])
    told = {"account_number": values["account_number"], "billing_code": values["billing_code"]}
    beliefs.say(
        Subscription,
        "billing",
        values["market"],
        name,
        subscription_id=name,
        state="active",
        starts_on=starts_on,
        **told,
    )
    return name


def _set_customer_status(beliefs: Beliefs, values: Values, number: int, now: datetime) -> str:
    del number
    if values["status"] == "active":
        at = values.get("completed_at")
        beliefs.change(
            ProductOrder,
            values["order_number"],
            state="completed",
            completed_at=datetime.fromisoformat(at) if at else now,
        )
    return str(values["order_number"])


def _create_work_order(beliefs: Beliefs, values: Values, number: int, now: datetime) -> str:
    name = f"W-{number:06}"
    at = values.get("scheduled_for")
    beliefs.say(
        WorkOrder, "fsm", values["market"], name, work_order_id=name, order_number=values["order_number"],
        work_type=values["work_type"], state="scheduled", created_at=now,
        expected_serial=values.get("expected_serial"), scheduled_for=datetime.fromisoformat(at) if at else None,
    )  # fmt: skip
    return name


def _update_work_order(beliefs: Beliefs, values: Values, number: int, now: datetime) -> str:
    del number, now
    name = str(values["work_order_id"])
    if values.get("expected_serial"):  # else it is only a note
        beliefs.change(WorkOrder, name, expected_serial=values["expected_serial"])
    return name


def _close_work_order(beliefs: Beliefs, values: Values, number: int, now: datetime) -> str:
    del number, now
    name = str(values["work_order_id"])
    beliefs.change(WorkOrder, name, state=values["outcome"])
    return name


def _notify_staff(beliefs: Beliefs, values: Values, number: int, now: datetime) -> str:
    del beliefs, values, now
    return f"M-{number}"


_DEEDS: Mapping[str, Callable[[Beliefs, Values, int, datetime], str]] = {
    "start_billing": _start_billing,
    "set_customer_status": _set_customer_status,
    "create_work_order": _create_work_order,
    "update_work_order": _update_work_order,
    "close_work_order": _close_work_order,
    "notify_staff": _notify_staff,
}
