"""What all systems of a simulated estate have in common when their books are read by hand."""

from datetime import date, timedelta
from decimal import Decimal

from simulated_estate.markets import MARKETS

BY_BILLING_CODE = {market.billing_code: market.id for market in MARKETS.values()}
BY_REGION = {market.region: market.id for market in MARKETS.values()}


def source(market: str, system: str, kind: str, source_id: str) -> dict[str, str]:
    return {"market": market, "source_system": system, "source_object": kind, "source_id": source_id}


def without_prefix(account_number: str) -> str:
    return account_number.removeprefix("LV-")


def after(last_day: str | date | None) -> date | None:
    """The day after an inclusive last day."""
    if last_day is None:
        return None
    day = last_day if isinstance(last_day, date) else date.fromisoformat(last_day)
    return day + timedelta(days=1)


def minor(amount: Decimal | str) -> int:
    return int(Decimal(amount) * 100)


def device_kind(kind: str) -> str:
    return "subscriber_module" if kind == "sm" else kind
