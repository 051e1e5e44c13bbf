"""What was ordered (TMF622) and what was agreed besides the price list."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical_model.identifiers import AccountNumber, OrderNumber
from canonical_model.money import MinorUnits
from canonical_model.record import Instant, Record, ShortText

OrderState = Literal[
    "acknowledged",
    "rejected",
    "pending",
    "held",
    "inProgress",
    "cancelled",
    "completed",
    "failed",
    "partial",
    "assessingCancellation",
    "pendingCancellation",
]
"""Product order states of TMF622 4.0."""

OrderType = Literal["new", "change", "move", "cease"]
ItemAction = Literal["add", "modify", "delete", "noChange"]
AlterationKind = Literal[
    "price_override", "promotion_extension", "fee_waiver", "courtesy_account", "granted_discount", "seasonal_hold"
]


class ProductOrder(Record):
    """An order of an account; its number is what the CRM and field service share.

    ``effective_on`` is the local day from which the order counts for the customer, ``term_months`` how long the
    customer is bound from the start of service.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("account_number", "order_number")

    order_number: OrderNumber
    account_number: AccountNumber
    order_type: OrderType
    state: OrderState
    offering_id: ShortText | None = None
    promotion_code: ShortText | None = None
    premise_id: ShortText | None = None
    install_fee_waived: bool = False
    term_months: Annotated[int, Field(ge=0)] | None = None
    ordered_at: Instant | None = None
    effective_on: date | None = None
    completed_at: Instant | None = None


class ProductOrderItem(Record):
    """One product on an order beside the access offering (an add-on, a rental, a one-time fee)."""

    identifiers: ClassVar[tuple[str, ...]] = ("order_number",)

    order_number: OrderNumber
    product_id: ShortText
    action: ItemAction
    quantity: Annotated[int, Field(ge=0)] = 1


class PriceAlteration(Record):
    """An approved departure from the price list: a grandfathered price, a longer promotion, a waived fee, a hold.

    ``valid_to`` is exclusive; ``code`` names the offering, promotion or fee that it alters. ``amount_minor`` is the
    monthly price that takes the place of the list's: of an offering that is kept for less during a seasonal hold too,
    negative for a discount.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("account_number",)

    account_number: AccountNumber
    kind: AlterationKind
    code: ShortText | None = None
    amount_minor: MinorUnits | None = None
    valid_from: date
    valid_to: date | None = None
    approved_by: ShortText | None = None
