"""Lines that other providers sell over the operator's network, and what they are asked for them."""

from datetime import date
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from canonical_model.identifiers import DeviceSerial
from canonical_model.money import Currency, MinorUnits
from canonical_model.record import Record, ShortText


class WholesaleLine(Record):
    """A line that a retail service provider has rented for its customer; ``active_to`` is exclusive.

    ``offering_id`` is what the catalogue prices as a wholesale line.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("serial",)

    line_id: ShortText
    retailer: ShortText
    offering_id: ShortText
    serial: DeviceSerial
    active_from: date
    active_to: date | None = None


class WholesaleCharge(Record):
    """One line of the invoice to a retail service provider; ``covers_to`` is exclusive."""

    invoice_id: ShortText
    line_number: Annotated[int, Field(ge=1)]
    retailer: ShortText
    line_id: ShortText
    covers_from: date
    covers_to: date
    amount_minor: MinorUnits
    currency: Currency
    invoiced_on: date

    @model_validator(mode="after")
    def _covers_at_least_a_day(self) -> Self:
        if self.covers_to <= self.covers_from:
            raise ValueError(f"the charge covers no day: {self.covers_from} to {self.covers_to} (exclusive)")
        return self
