"""What others ask the operator to pay."""

from datetime import date
from typing import Annotated

from pydantic import Field

from canonical_model.money import Currency, MinorUnits
from canonical_model.record import Record, ShortText


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
