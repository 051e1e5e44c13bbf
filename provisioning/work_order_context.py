"""Everything that a technician needs for a job, as plain data; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from canonical_model.customers import Customer
from canonical_model.field_work import WorkOrder, WorkOrderVisit, WorkType
from canonical_model.incidents import Outage
from canonical_model.orders import OrderType, ProductOrder
from canonical_model.places import Premise
from provisioning.addressing import told
from provisioning.plant_room import SeenDevice
from provisioning.profile import Bandwidth, ProvisioningProfile
from provisioning.verification import VerificationLimits

JOB_OF: dict[OrderType, WorkType] = {"new": "install", "change": "change", "move": "move", "cease": "disconnect"}
"""The job that fulfils an order, by its type."""

LONGEST_HISTORY = 10
"""Visits that are told, the latest ones."""


@dataclass(frozen=True, slots=True)
class TestToRun:
    """A test to run before leaving, and what has to come of it, with units."""

    __test__ = False  # no test of ours

    name: str
    limit: str


@dataclass(frozen=True, slots=True)
class PastVisit:
    """A visit that somebody made to the premise."""

    at: datetime
    work_type: str
    outcome: str
    cause: str | None


@dataclass(frozen=True, slots=True)
class KeptLine:
    """The line that is kept for a job; see ``storage.reservations.Reservation`` and ``AccessTerminal``."""

    element: str
    port: str
    onu_id: int | None
    terminal: str | None
    leg: int | None
    is_replanned: bool = False


@dataclass(frozen=True, slots=True)
class WorkOrderContext:
    """A job as a technician has to know it; what is not known is None or empty.

    Attributes:
        tests: to run before leaving.
        network: how the element and the port stand, a sentence each.
        inside_wiring: task codes of what was laid inside on earlier jobs.
        history: earlier visits to the premise, the latest one first.
        consent: who agreed, where whoever owns the building has to.
    """

    order_number: str
    work_type: str
    offering_id: str | None
    tier: Bandwidth | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    line: KeptLine | None = None
    terminal_model: str | None = None
    serial: str | None = None
    tests: tuple[TestToRun, ...] = ()
    network: tuple[str, ...] = ()
    inside_wiring: tuple[str, ...] = ()
    history: tuple[PastVisit, ...] = ()
    scheduled_for: datetime | None = None
    consent: str | None = None


@dataclass(frozen=True, slots=True)
class JobRecords:
    """What systems know around a job.

    Attributes:
        seen: devices on the element.
        outages: of the element.
        jobs: earlier ones at the premise, with their visits and the codes of tasks done inside.
    """

    customer: Customer | None = None
    seen: Sequence[SeenDevice] = ()
    outages: Sequence[Outage] = ()
    jobs: Sequence[tuple[WorkOrder, Sequence[WorkOrderVisit]]] = ()
    inside_wiring: Sequence[str] = ()


def work_order_context(
    order: ProductOrder,
    premise: Premise | None,
    profile: ProvisioningProfile | None,
    limits: VerificationLimits | None,
    line: KeptLine | None,
    device: tuple[str, str | None] | None,
    records: JobRecords,
    now: datetime,
    *,
    scheduled_for: datetime | None = None,
    consent: str | None = None,
) -> WorkOrderContext:
    """Put a job together.

    Args:
        order: that is to be fulfilled.
        premise: where.
        profile: of the service.
        limits: of what has to be seen.
        line: that is kept for it.
        device: serial and model that were given to it.
        records: what systems know around it.
        now: this moment.
        scheduled_for: when the customer expects somebody.
        consent: who agreed, where whoever owns the building has to.
    """
    customer = records.customer
    return WorkOrderContext(
        order_number=order.order_number,
        work_type=JOB_OF[order.order_type],
        offering_id=order.offering_id,
        tier=None if profile is None else profile.bandwidth,
        address=None if premise is None else told(premise),
        latitude=None if premise is None else premise.latitude,
        longitude=None if premise is None else premise.longitude,
        contact_name=None if customer is None else customer.name,
        contact_phone=None if customer is None else customer.phone,
        line=line,
        serial=None if device is None else device[0],
        terminal_model=None if device is None else device[1],
        tests=() if limits is None else tests_to_run(limits, None if profile is None else profile.bandwidth),
        network=() if line is None else network_status(line, records.seen, records.outages, now),
        inside_wiring=tuple(dict.fromkeys(records.inside_wiring)),
        history=_history(records.jobs),
        scheduled_for=scheduled_for,
        consent=consent,
    )


def tests_to_run(limits: VerificationLimits, tier: Bandwidth | None) -> tuple[TestToRun, ...]:
    """What has to be seen before a line counts as working, in the order of a technician's list."""
    found: list[TestToRun] = []
    if "registered" in limits.checks:
        found.append(TestToRun("registered", "the terminal registers on its port"))
    if "serial" in limits.checks:
        found.append(TestToRun("serial", "the element reads the serial that stands on the label"))
    if "optical_level" in limits.checks or limits.windows:
        for side, window in sorted(limits.windows.items()):
            found.append(TestToRun(side, f"{window.low_dbm} to {window.high_dbm} dBm"))
    if "service_flow" in limits.checks:
        found.append(TestToRun("service_flow", "traffic of the service is forwarded"))
    if "session" in limits.checks:
        found.append(TestToRun("session", "the subscriber is in session"))
    if limits.speed_percent is not None and tier is not None:
        down, up = (limits.speed_percent * rate / 100 for rate in (tier.down_maximum, tier.up_maximum))
        found.append(TestToRun("speed", f"at least {down:.0f} Mbit/s down and {up:.0f} up"))
    if "soak" in limits.checks and limits.soak:
        found.append(TestToRun("soak", f"it works for {limits.soak.total_seconds() / 60:.0f} min without a break"))
    return tuple(found)


def network_status(
    line: KeptLine, seen: Iterable[SeenDevice], outages: Iterable[Outage], now: datetime
) -> tuple[str, ...]:
    """How the element and the port of a line stand, a sentence each."""
    open_outages = [
        each
        for each in outages
        if each.element == line.element
        and each.port in (None, line.port)
        and each.started_at <= now
        and (each.ended_at is None or each.ended_at > now)
    ]
    found = [f"outage {each.outage_id} since {each.started_at:%Y-%m-%d %H:%M} UTC" for each in open_outages]
    here = [each for each in seen if each.element == line.element and _is_on_port(each.port, line.port)]
    if here:
        up = sum(each.is_up for each in here)
        latest = max(each.seen_at for each in here)
        found.append(f"{up} of {len(here)} devices on the port are up ({latest:%Y-%m-%d %H:%M} UTC)")
    return tuple(found)


def as_text(context: WorkOrderContext) -> str:
    """The same for a screen that knows text alone, a fact a line."""
    line = context.line
    lines = [
        ("customer", _joined(context.contact_name, context.contact_phone)),
        ("line", None if line is None else _line(line)),
        ("device", _joined(context.terminal_model, context.serial)),
        *(("network", each) for each in context.network),
        *((f"test {each.name}", each.limit) for each in context.tests),
        ("inside wiring", ", ".join(context.inside_wiring) or None),
        *(("visit", _visit(each)) for each in context.history),
    ]
    return "\n".join([service_line(context), *(f"{name}: {value}" for name, value in lines if value)])


def service_line(context: WorkOrderContext) -> str:
    """What is installed; the first line of the text."""
    return f"service: {_joined(context.offering_id, _rates(context.tier)) or 'not known'}"


def _history(jobs: Iterable[tuple[WorkOrder, Sequence[WorkOrderVisit]]]) -> tuple[PastVisit, ...]:
    found = [
        PastVisit(at, job.work_type, visit.outcome, visit.cause)
        for job, visits in jobs
        for visit in visits
        if (at := visit.arrived_at or visit.scheduled_start) is not None
    ]
    return tuple(sorted(found, key=lambda each: each.at, reverse=True)[:LONGEST_HISTORY])


def _is_on_port(seen: str, port: str) -> bool:
    return seen == port or seen.rpartition("/")[0] == port


def _joined(*parts: str | None) -> str | None:
    return ", ".join(part for part in parts if part) or None


def _rates(tier: Bandwidth | None) -> str | None:
    return None if tier is None else f"{tier.down_maximum}/{tier.up_maximum} Mbit/s"


def _line(line: KeptLine) -> str:
    number = "" if line.onu_id is None else f" number {line.onu_id}"
    leg = "" if line.leg is None else f" leg {line.leg}"
    terminal = "" if line.terminal is None else f", terminal {line.terminal}{leg}"
    return f"{line.element} port {line.port}{number}{terminal}" + (
        " (the nearest one is full)" if line.is_replanned else ""
    )


def _visit(visit: PastVisit) -> str:
    cause = f", {visit.cause}" if visit.cause else ""
    return f"{visit.at:%Y-%m-%d} {visit.work_type} {visit.outcome}{cause}"
