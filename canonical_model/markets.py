"""A market: the unit in which an operator sells, bills and hands over."""

from datetime import date, datetime
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict

from canonical_model.money import Currency, minor_digits
from canonical_model.network import Technology
from canonical_model.record import MarketId, ShortText


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"{name!r} is no time zone of the IANA database, such as America/Denver")
    return name


def _known_currency(code: str) -> str:
    minor_digits(code)
    return code


class Market(BaseModel):
    """Where customers live: one calendar, one currency, one price list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: MarketId
    name: ShortText
    zone: Annotated[str, AfterValidator(_known_zone)]
    currency: Annotated[Currency, AfterValidator(_known_currency)]
    technology: Technology

    def local_date(self, moment: datetime) -> date:
        """The calendar day of a moment in this market."""
        return moment.astimezone(ZoneInfo(self.zone)).date()
