"""What the store room knows of devices (TMF687): what came in, went out with a technician, came back."""

from typing import ClassVar, Literal

from canonical_model.field_work import DeviceKind
from canonical_model.identifiers import DeviceSerial
from canonical_model.record import Instant, Record, ShortText

Movement = Literal["received", "issued", "returned", "written_off"]
"""Came from the maker; left for a customer; came back from one; will not come back."""


class StockMovement(Record):
    """One device that came into stock or left it; ``work_order_id`` is what it was issued for."""

    identifiers: ClassVar[tuple[str, ...]] = ("serial",)

    serial: DeviceSerial
    kind: DeviceKind
    model: ShortText | None = None
    movement: Movement
    moved_at: Instant
    work_order_id: ShortText | None = None
