"""What is kept ready for a customer (TMF685): a port, an address, a circuit of somebody else's."""

from datetime import date
from typing import ClassVar, Literal

from canonical_model.identifiers import OrderNumber
from canonical_model.record import Record, ShortText

ResourceKind = Literal["port", "static_ip", "circuit"]


class ResourceReservation(Record):
    """A resource that nobody else can have from ``reserved_on`` on, up to and without ``released_on``."""

    identifiers: ClassVar[tuple[str, ...]] = ("order_number",)

    resource_id: ShortText
    kind: ResourceKind
    order_number: OrderNumber
    reserved_on: date
    released_on: date | None = None
