"""What others ask the operator to pay."""

from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from canonical_model.identifiers import AccountNumber
from canonical_model.money import Currency, MinorUnits
from canonical_model.record import Record, ShortText

PartnerChargeKind = Literal["access_line", "licence"]


class SupplierInvoiceLine(Record):
    """One line of a contractor's invoice: so much of what its rate code stands for, done for a work order."""

    invoice_id: ShortText
    line_number: Annotated[int, Field(ge=1)]
    supplier: ShortText
    work_order_id: ShortText
    rate_code: ShortText
    quantity: Annotated[int, Field(ge=1)] = 1
    amount_minor: MinorUnits
    currency: Currency
    invoiced_on: date


class PartnerCharge(Record):
    """What a partner asks for a customer of ours for some days, ``covers_to`` exclusive.

    It is for the access line that the partner owns, or a licence of a product that is passed through.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    invoice_id: ShortText
    line_number: Annotated[int, Field(ge=1)]
    supplier: ShortText
    kind: PartnerChargeKind
    account_number: AccountNumber
    product_id: ShortText | None = None
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
