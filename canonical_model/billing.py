"""What was billed (TMF678): subscriptions, the lines of each bill, and what happened to the money since."""

from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from canonical_model.identifiers import AccountNumber
from canonical_model.money import Currency, MinorUnits
from canonical_model.record import Instant, Record, ShortText, Text

SubscriptionState = Literal["pending", "active", "suspended", "closed"]
ItemState = Literal["pending", "billed", "cancelled"]
BillState = Literal["new", "onHold", "validated", "sent", "partiallyPaid", "settled"]
"""Bill states of TMF678 4.0."""


class Subscription(Record):
    """What the billing system believes it should bill; ``ends_on`` is exclusive.

    ``premise_id`` is where the service is, as orders name it, for systems that keep a location with a subscription.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    subscription_id: ShortText
    account_number: AccountNumber
    billing_code: ShortText
    state: SubscriptionState
    starts_on: date
    ends_on: date | None = None
    premise_id: ShortText | None = None


class SuspensionPeriod(Record):
    """Days on which billing had suspended a subscription; ``ends_on`` is exclusive, None while it lasts."""

    subscription_id: ShortText
    starts_on: date
    ends_on: date | None = None


class BillingCycle(Record):
    """On which day of the month the billing periods of an account begin (TMF666 billing cycle specification).

    An account without one is billed by calendar months. A change is another record of the account:
    ``canonical_model.billing_periods`` tells what becomes of it.

    Attributes:
        anchor_day: 1 to 31; a month without that day begins a period on its last one.
        valid_from: from which day it is meant; the first record of an account holds before, too.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    account_number: AccountNumber
    anchor_day: Annotated[int, Field(ge=1, le=31)]
    valid_from: date


class ChargeLine(Record):
    """One line of a bill (TMF678 applied customer billing rate), tax excluded.

    ``rate_minor`` is the monthly rate of a recurring charge, for each of ``quantity``; ``covers_to`` is exclusive.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    account_number: AccountNumber
    subscription_id: ShortText | None = None
    bill_id: ShortText | None = None
    billing_code: ShortText
    description: Text | None = None
    rate_minor: MinorUnits
    quantity: Annotated[int, Field(ge=1)] = 1
    amount_minor: MinorUnits
    currency: Currency
    covers_from: date
    covers_to: date
    billed_on: date

    @model_validator(mode="after")
    def _covers_at_least_a_day(self) -> Self:
        if self.covers_to <= self.covers_from:
            raise ValueError(f"the line covers no day: {self.covers_from} to {self.covers_to} (exclusive)")
        return self


class BillingItem(Record):
    """Something to be charged that stands on no bill yet (TMF678 customer billing rate that is not billed).

    ``subscription_id`` is what the billing system would charge it under.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    item_id: ShortText
    account_number: AccountNumber | None = None
    subscription_id: ShortText | None = None
    billing_code: ShortText
    amount_minor: MinorUnits
    currency: Currency
    created_on: date
    state: ItemState


class CustomerBill(Record):
    """A bill as a whole (TMF678)."""

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    bill_id: ShortText
    account_number: AccountNumber
    period_from: date
    period_to: date
    billed_on: date
    state: BillState
    total_minor: MinorUnits
    currency: Currency


class Payment(Record):
    """Money received for an account."""

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    account_number: AccountNumber
    amount_minor: MinorUnits
    currency: Currency
    received_on: date
    bill_id: ShortText | None = None


class Adjustment(Record):
    """A correction of a posted bill; negative in the customer's favour."""

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    account_number: AccountNumber
    amount_minor: MinorUnits
    currency: Currency
    reason: Text | None = None
    posted_on: date


class CreditApproval(Record):
    """A credit that somebody promised a customer in a case of customer care; ``amount_minor`` is positive."""

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    case_number: ShortText
    account_number: AccountNumber
    amount_minor: Annotated[int, Field(gt=0)]
    currency: Currency
    approved_on: date


class Dispute(Record):
    """A customer contests a bill; ``closed_at`` is when the system says that it was settled, however it ended."""

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    account_number: AccountNumber
    bill_id: ShortText | None = None
    amount_minor: MinorUnits | None = None
    opened_at: Instant
    closed_at: Instant | None = None
    reason: Text | None = None
