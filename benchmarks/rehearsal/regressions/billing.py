"""Mistakes of billing, and of those who go on working in it."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from benchmarks.rehearsal.legacy import Legacy
from benchmarks.rehearsal.operator_folder import CODES
from benchmarks.rehearsal.regressions.regression import End, Regression, every_morning, in_systems, of_hub
from benchmarks.rehearsal.year import Year
from canonical_model.billing import Subscription
from handoffs.stages import Handoff


def start_changed(kind: str, figures: str, change: Callable[[dict[str, Any]], list[dict[str, Any]]]) -> Regression:
    """Billing does something else than it was told."""
    return Regression(kind, "field_to_billing", in_systems("start_billing", change), figures)


def moved_start(days: int) -> Regression:
    """Billing begins some days from when it was told to."""

    def change(values: dict[str, Any]) -> list[dict[str, Any]]:
        day = date.fromisoformat(values["starts_on"]) + timedelta(days=days)
        return [{**values, "starts_on": day.isoformat()}]

    return start_changed("billing starts on another day", f"{days:+} days", change)


def other_code(tier: str) -> Regression:
    """Billing takes every plan for one."""
    return start_changed("billing takes another plan", tier, lambda values: [{**values, "billing_code": CODES[tier]}])


def done_twice(command: str, handoff: Handoff) -> Regression:
    """A system carries a write out twice."""
    return Regression(
        "write carried out twice", handoff, in_systems(command, lambda values: [values, values]), command
    )


def lost(command: str, handoff: Handoff) -> Regression:
    """A system says that it did, and did nothing."""
    return Regression("write acknowledged and lost", handoff, in_systems(command, lambda _values: []), command)


def other_proration() -> Regression:
    """Billing changes to months of thirty days."""

    def begin(year: Year, market: str) -> End:
        year.billers[market].thirty_days = True
        return lambda: setattr(year.billers[market], "thirty_days", False)

    return Regression("proration changed", "field_to_billing", begin, "30/360")


def other_price(by: str) -> Regression:
    """Billing changes its prices, and nobody tells."""

    def begin(year: Year, market: str) -> End:
        year.billers[market].raised_by = Decimal(by)
        return lambda: setattr(year.billers[market], "raised_by", Decimal(0))

    return Regression("price list changed", "field_to_billing", begin, f"{by} a month")


def legacy_bills_too(days_later: int) -> Regression:
    """Somebody goes on typing into billing what the hub has told it."""

    def act(year: Year, legacy: Legacy) -> None:
        for work in of_hub(legacy, "billed_by"):
            if (
                work.done_at is not None
                and year.clock() - work.done_at >= timedelta(days=days_later)
                and work.order not in done
            ):
                done.add(work.order)
                name = f"X-{work.order}"
                year.beliefs.say(
                    Subscription, "billing", work.market, name, subscription_id=name, account_number=work.account,
                    billing_code=CODES[work.tier], state="active", starts_on=legacy.town.day_of(work.done_at),
                )  # fmt: skip
                return

    done: set[str] = set()
    return Regression(
        "legacy bills beside the hub", "field_to_billing", every_morning(act), f"{days_later} days later"
    )
