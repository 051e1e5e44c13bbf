"""Who buys, and the account that is billed (TMF629, TMF666)."""

from datetime import date
from typing import ClassVar, Literal

from canonical_model.identifiers import AccountNumber
from canonical_model.record import Record, Text

Segment = Literal["residential", "business", "internal"]


class Customer(Record):
    """A person or company that has a relation with the operator.

    Attributes:
        address: where bills go or service is, house number and street; the unit too where ``unit`` does not say it.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    account_number: AccountNumber
    name: Text
    segment: Segment = "residential"
    email: Text | None = None
    phone: Text | None = None
    birth_date: date | None = None
    address: Text | None = None
    unit: Text | None = None
    city: Text | None = None
    postal_code: Text | None = None


class BillingAccount(Record):
    """The account that bills are issued to; its number is what the CRM and the billing system share.

    While ``credit_hold`` is so, nothing new is to be delivered and billed: old debts, or credit that was not granted.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    account_number: AccountNumber
    segment: Segment = "residential"
    credit_hold: bool | None = None
