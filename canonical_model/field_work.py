"""What was done in the field (TMF697): work orders, their visits, and the completion with its proof."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical_model.identifiers import DeviceSerial, OrderNumber
from canonical_model.places import Latitude, Longitude
from canonical_model.record import Instant, Record, ShortText, Text

WorkType = Literal["install", "change", "repair", "move", "disconnect", "survey", "recovery"]
WorkOrderState = Literal[
    "new", "scheduled", "dispatched", "in_progress", "on_hold", "completed", "cannot_complete", "cancelled"
]
VisitOutcome = Literal["done", "return_needed", "no_access", "cancelled", "open"]
DeviceKind = Literal["ont", "nid", "subscriber_module", "router", "set_top_box"]
TestVerdict = Literal["passed", "failed", "inconclusive"]
Ownership = Literal["leased", "customer", "operator"]


class WorkOrder(Record):
    """A job for a technician, done for an order; ``created_at`` is when the field service system learnt of it."""

    identifiers: ClassVar[tuple[str, ...]] = ("order_number",)
    looked_up_by: ClassVar[tuple[str, ...]] = ("work_order_id",)

    work_order_id: ShortText
    order_number: OrderNumber
    work_type: WorkType
    state: WorkOrderState
    created_at: Instant | None = None
    scheduled_for: Instant | None = None
    expected_serial: DeviceSerial | None = None


class WorkOrderVisit(Record):
    """One truck at the door: when, and how it ended; ``dispatched_at`` is when the technician set out."""

    looked_up_by: ClassVar[tuple[str, ...]] = ("work_order_id",)

    work_order_id: ShortText
    visit_number: Annotated[int, Field(ge=1)]
    scheduled_start: Instant | None = None
    dispatched_at: Instant | None = None
    arrived_at: Instant | None = None
    left_at: Instant | None = None
    outcome: VisitOutcome = "open"
    cause: Text | None = None


class FieldCompletion(Record):
    """What the technician reports when the job is done.

    ``completed_at`` is when it happened, ``received_at`` when the field system learnt of it: a device without
    coverage synchronises days later, and what counts for money is when it happened. ``signed`` is whether the
    customer has signed for the work.
    """

    looked_up_by: ClassVar[tuple[str, ...]] = ("work_order_id",)

    work_order_id: ShortText
    completed_at: Instant
    received_at: Instant | None = None
    installed_offering_id: ShortText | None = None
    technician: Text | None = None
    crew: Text | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    checklist_complete: bool | None = None
    signed: bool | None = None
    notes: Text | None = None


class CompletionMaterial(Record):
    """A device with a serial that the technician left at the premise."""

    identifiers: ClassVar[tuple[str, ...]] = ("serial",)
    looked_up_by: ClassVar[tuple[str, ...]] = ("work_order_id",)

    work_order_id: ShortText
    kind: DeviceKind
    serial: DeviceSerial
    ownership: Ownership = "operator"


class CompletionTask(Record):
    """A piece of work that was done on the job, by its task code: an outlet more, forty metres of trench."""

    work_order_id: ShortText
    code: ShortText
    quantity: Annotated[int, Field(ge=1)] = 1


class CompletionPhoto(Record):
    """A photograph taken as proof; only where it is, never the picture."""

    looked_up_by: ClassVar[tuple[str, ...]] = ("work_order_id",)

    work_order_id: ShortText
    subject: Text
    taken_at: Instant | None = None


class ServiceTest(Record):
    """A test of a line that was made from afar before anybody was sent there (TMF653).

    ``verdict`` is passed where the device was up and its levels were in range.
    """

    work_order_id: ShortText
    tested_at: Instant | None = None
    verdict: TestVerdict


class CompletionTest(Record):
    """A measurement made before leaving (speed test, optical level, voice call).

    Gates judge the values of tests that are named ``speed_down`` and ``speed_up`` (Mbit/s) and ``optical_level`` (dBm
    at the terminal), and of all others whether they passed.
    """

    looked_up_by: ClassVar[tuple[str, ...]] = ("work_order_id",)

    work_order_id: ShortText
    name: ShortText
    value: float | None = None
    unit: Text | None = None
    passed: bool | None = None
