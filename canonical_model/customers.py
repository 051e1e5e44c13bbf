"""Who buys, and the account that is billed (TMF629, TMF666)."""

from typing import ClassVar, Literal

from canonical_model.identifiers import AccountNumber
from canonical_model.record import Record, Text

Segment = Literal["residential", "business", "internal"]


class Customer(Record):
    """A person or company that has a relation with the operator."""

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    account_number: AccountNumber
    name: Text
    segment: Segment = "residential"


class BillingAccount(Record):
    """The account that bills are issued to; its number is what the CRM and the billing system share."""

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    account_number: AccountNumber
    segment: Segment = "residential"
