"""The one product catalogue: what is offered, at which price, when (TMF620).

Prices are decimals with the catalogue's declared number of digits; discounts are negative prices.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from canonical_model.field_work import DeviceKind
from canonical_model.intervals import OPEN_END
from canonical_model.money import split_by_largest_remainder
from canonical_model.network import Technology
from canonical_model.record import MarketId, ShortText

ChargeCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
DeliveredBy = Literal["access", "device", "order_item", "installation", "reconnection", "early_end", "task", "visit"]
"""How it is known that an offering is delivered: the line works at this tier, a rented device of a kind
stands at the premise, an order item added it; or, for a one-time fee, the first installation happened, a suspension
ended, the customer left before the term was over, a task was done on a job, or a truck came for what the customer had
caused."""
ONE_TIME: tuple[DeliveredBy, ...] = ("installation", "reconnection", "early_end", "task", "visit")
CostName = Literal["truck_roll", "access_device", "router", "port", "static_ip", "circuit"]
"""One visit of a technician, all in; another device for one that is gone; a month of what is kept reserved."""
ProrationConvention = Literal["actual_actual", "actual_30", "thirty_360", "none"]
"""Parts of a month: of its real days, of 30, of twelve 30-day months, or always the whole month."""

RoundingMode = Literal["half_up", "half_even", "down", "up"]
"""What becomes of a part of the smallest coin, whatever the sign of the amount: to the nearest whole one, where half
of one goes away from zero or to the even neighbour; dropped; or made a whole one."""

Price = Annotated[Decimal, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Proration(_Part):
    """How the billing system of a market makes an amount of a monthly price; its convention alone may stand for it.

    Attributes:
        rounding: of each line by itself.
        first_month: ``free`` where days before the first whole month of a service are given away.
    """

    convention: ProrationConvention
    rounding: RoundingMode = "half_up"
    first_month: Literal["charged", "free"] = "charged"

    @model_validator(mode="before")
    @classmethod
    def _of_a_convention(cls, stated: Any) -> Any:
        return {"convention": stated} if isinstance(stated, str) else stated

    def __str__(self) -> str:
        free = ", part of a first month free" if self.first_month == "free" else ""
        return f"{self.convention}, each line rounded {self.rounding}{free}"


class OfferingPrice(_Part):
    """A price from a day on, up to and without another day; for one market or for all (None)."""

    amount: Decimal
    valid_from: date
    valid_to: date = OPEN_END
    market: MarketId | None = None

    @model_validator(mode="after")
    def _is_valid_for_a_day(self) -> Self:
        if self.valid_to <= self.valid_from:
            raise ValueError(
                f"a price is valid from {self.valid_from} up to and without {self.valid_to}: that is not a single day"
            )
        return self


class ProductOffering(_Part):
    """Something that is sold, the codes it has in billing and the profiles that realise it in the network.

    Attributes:
        device_models: those of a kind that it is for; an offering without any is for all others.
        work_codes: codes of the tasks, or causes of the visits, that it is charged for.
        includes: other offerings that come with it at no price of their own.
        per_month_left: the price of an early end is for each month, begun or whole, that the term had left.
    """

    id: ShortText
    charge: ChargeCode
    delivered_by: DeliveredBy
    device_kind: DeviceKind | None = None
    device_models: tuple[ShortText, ...] = ()
    work_codes: tuple[ShortText, ...] = ()
    technologies: tuple[Technology, ...] = ()
    billing_codes: tuple[ShortText, ...] = ()
    network_profiles: tuple[ShortText, ...] = ()
    prices: tuple[OfferingPrice, ...] = Field(min_length=1)
    per_month_left: bool = False
    includes: tuple[ShortText, ...] = ()

    @model_validator(mode="after")
    def _only_a_term_has_months_left(self) -> Self:
        if self.per_month_left and self.delivered_by != "early_end":
            raise ValueError(f"{self.id}: per_month_left goes with delivered_by: early_end only")
        return self

    @model_validator(mode="after")
    def _a_device_has_a_kind(self) -> Self:
        if (self.delivered_by in ("task", "visit")) != bool(self.work_codes):
            raise ValueError(f"{self.id}: work_codes goes with delivered_by: task or visit, and only with them")
        if self.device_models and self.device_kind is None:
            raise ValueError(f"{self.id}: device_models goes with a device_kind")
        if (self.delivered_by == "device") != (self.device_kind is not None):
            raise ValueError(f"{self.id}: device_kind goes with delivered_by: device, and only with it")
        return self

    @model_validator(mode="after")
    def _prices_do_not_overlap(self) -> Self:
        by_market: dict[str | None, list[OfferingPrice]] = {}
        for price in self.prices:
            by_market.setdefault(price.market, []).append(price)
        for prices in by_market.values():
            ordered = sorted(prices, key=lambda price: price.valid_from)
            for earlier, later in pairwise(ordered):
                if earlier.valid_to > later.valid_from:
                    raise ValueError(f"two prices of {self.id} are valid on {later.valid_from}")
        return self

    def prices_in(self, market: str) -> tuple[OfferingPrice, ...]:
        """The market's own prices where it has any, else those for all markets."""
        own = tuple(price for price in self.prices if price.market == market)
        return own or tuple(price for price in self.prices if price.market is None)


class Promotion(_Part):
    """A discount with a term, counted in calendar months from the start of service, or one that somebody grants.

    Attributes:
        offerings: access offerings that it is for; empty for all.
        is_granted: its amount and its term are those of an approval (a price alteration) each time.
    """

    id: ChargeCode
    billing_codes: tuple[ShortText, ...] = ()
    applies_to: ChargeCode
    months: Annotated[int, Field(ge=1)] | None = None
    amount: Decimal | None = None
    percent: Decimal | None = None
    offerings: tuple[ShortText, ...] = ()
    is_granted: bool = False

    @model_validator(mode="after")
    def _has_one_value(self) -> Self:
        if self.is_granted:
            if (self.months, self.amount, self.percent) != (None, None, None):
                raise ValueError(f"promotion {self.id} is granted: its months and amount are those of each approval")
        elif (self.amount is None) == (self.percent is None):
            raise ValueError(f"promotion {self.id} needs either an amount or a percentage")
        elif self.months is None:
            raise ValueError(f"promotion {self.id} needs its months")
        return self


class BundlePart(_Part):
    """What one line of a split bundle is for; its weight is commonly the member's price by itself."""

    member: ChargeCode
    weight: Annotated[int, Field(ge=0)]
    billing_codes: tuple[ShortText, ...] = ()


@dataclass(frozen=True, slots=True)
class BundleLine:
    """A line that a bundle has on the bill, with its monthly amount; a charge of its own."""

    id: str
    bundle: str
    members: tuple[str, str]
    amount: Decimal
    billing_codes: tuple[str, ...]


class Bundle(_Part):
    """A discount that holds while every member charge is in service.

    Attributes:
        is_condition: the members are not sold together: the one is what the other is given for (automatic payment).
        split: billed as a line for each member; their amounts add up to the bundle's, by largest remainder.
    """

    id: ChargeCode
    billing_codes: tuple[ShortText, ...] = ()
    members: tuple[ChargeCode, ChargeCode]
    amount: Decimal
    is_condition: bool = False
    split: tuple[BundlePart, BundlePart] | None = None

    @model_validator(mode="after")
    def _is_split_over_its_members(self) -> Self:
        if self.split is None:
            return self
        if tuple(part.member for part in self.split) != self.members:
            raise ValueError(f"bundle {self.id} is split over others than its members, or in another order")
        if self.billing_codes:
            raise ValueError(f"bundle {self.id} is split: its billing codes are those of the parts")
        if not any(part.weight for part in self.split):
            raise ValueError(f"bundle {self.id} is split by weights of nothing")
        return self

    def lines(self, price_digits: int) -> tuple[BundleLine, ...]:
        """What stands on the bill; amounts have the catalogue's digits.

        Raises:
            ValueError: the bundle's amount has more.
        """
        if self.split is None:
            return (BundleLine(self.id, self.id, self.members, self.amount, self.billing_codes),)
        scaled = self.amount.scaleb(price_digits)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"price {self.amount} of {self.id} has more than {price_digits} decimals")
        amounts = split_by_largest_remainder(int(scaled), [part.weight for part in self.split])
        return tuple(
            BundleLine(
                f"{self.id}_{part.member}",
                self.id,
                self.members,
                Decimal(amount).scaleb(-price_digits),
                part.billing_codes,
            )
            for part, amount in zip(self.split, amounts, strict=True)
        )


class Catalogue(_Part):
    """Everything that is sold, and how the billing system counts parts of months.

    Attributes:
        price_digits: decimals of every price in it, at most four.
        proration: how parts of months are charged, by market.
        back_bill_months: whole months before the current one that may still be billed.
        costs: what one of something costs the operator, by market; checks find nothing where a market does not state
            what they need.
        contractor_rates: what a contractor gets for one of what a task code stands for, by code and market.
        goodwill_reasons: reasons of adjustments that correct no charge, in any case.
        missed_appointment_credit: what a customer gets for an appointment that the operator did not keep, by market.
        missed_appointment_causes: causes of visits that mean just that.
        wholesale_prices: a month of a line that another provider sells, by wholesale offering and market.
    """

    price_digits: Annotated[int, Field(ge=0, le=4)] = 2
    offerings: tuple[ProductOffering, ...]
    promotions: tuple[Promotion, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    proration: Mapping[MarketId, Proration]
    back_bill_months: Annotated[int, Field(ge=0)] = 6
    goodwill_reasons: tuple[ShortText, ...] = ()
    missed_appointment_credit: Mapping[MarketId, Price] = Field(default_factory=dict)
    missed_appointment_causes: tuple[ShortText, ...] = ()
    wholesale_prices: Mapping[ShortText, Mapping[MarketId, Price]] = Field(default_factory=dict)
    contractor_rates: Mapping[ShortText, Mapping[MarketId, Price]] = Field(default_factory=dict)
    costs: Mapping[CostName, Mapping[MarketId, Price]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _codes_mean_one_thing(self) -> Self:
        lines = [line for bundle in self.bundles for line in bundle.lines(self.price_digits)]
        sold: list[ProductOffering | Promotion | BundleLine] = [*self.offerings, *self.promotions, *lines]
        owners: dict[str, str] = {}
        for item in sold:
            for code in item.billing_codes:
                if owners.setdefault(code, item.id) != item.id:
                    raise ValueError(f"billing code {code} means both {owners[code]} and {item.id}")
        return self
