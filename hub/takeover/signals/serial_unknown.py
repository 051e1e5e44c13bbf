"""A device that a technician has left behind and that no other record knows by its serial.

Where its element was swept since and the serial is neither on the network nor in the store room, the records do not
speak of one thing any more: a number was typed, or is spelled, wrongly.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select

from canonical_model.network import NetworkObservation
from canonical_model.stock import StockMovement
from handoffs.rollback import Signal
from hub.takeover.signals.acted import work_of
from hub.takeover.signals.look import Look, signal
from provisioning.equipment import TERMINAL_KINDS
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

_SETTLED = timedelta(hours=2)


def find(look: Look) -> Iterator[Signal]:
    """Works of the hub whose device is nowhere."""
    swept = _last_sweep(look)
    kind = TERMINAL_KINDS[look.market.technology]
    left = {
        material.serial: order
        for order, jobs in look.jobs.items()
        for job in jobs
        for done in look.completions.get(job.work_order_id, ())
        if swept is not None and done.completed_at + _SETTLED < swept
        for material in look.materials.get(job.work_order_id, ())
        if material.kind == kind
    }
    seen = {each.serial for each in look.among(NetworkObservation, "serial", set(left))}
    stock = {each.serial for each in look.among(StockMovement, "serial", set(left) - seen)}
    found = {
        work_of(order): f"{serial} was left behind, and is neither on the network nor in the store room"
        for serial, order in left.items()
        if serial not in seen | stock
    }
    bound = {each.facts.line.serial: each for each in look.acted.services().values() if each.saga.state == "done"}
    for serial, each in bound.items():
        if serial is None or swept is None or serial in look.seen or each.facts.standing != "active":
            continue
        if each.saga.changed_at + _SETTLED < swept and each.saga.order_number:
            found[work_of(each.saga.order_number)] = (
                f"{serial} carries a service, and no sweep of the network knows it"
            )
    yield from signal(look, "serial_unknown", "dispatch_to_field", found, of=len(left) + len(bound))


def _last_sweep(look: Look) -> datetime | None:
    table = CANONICAL_TABLES[NetworkObservation]
    query = select(func.max(table.c.observed_at)).where(known(table, None), table.c.market == look.market.id)
    newest: datetime | None = look.connection.execute(query).scalar_one()
    return newest
