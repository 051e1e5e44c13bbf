"""Lines that nobody uses for a while: cut off, or kept through a season; and how they come back."""

from dataclasses import replace
from datetime import UTC, date, timedelta
from decimal import Decimal

from simulated_estate.belief import Fee, FixedRate
from simulated_estate.catalogue import RECONNECT_FEE
from simulated_estate.life.author import Author
from simulated_estate.life.events import darken
from simulated_estate.life.records import PriceException


def cut_off_and_locked(author: Author, on: date, paid: date | None) -> None:
    """Cut a customer off by locking the device; it stays locked, even where the customer pays to be connected."""
    service, _ = author.in_service()
    fees = (Fee(RECONNECT_FEE, paid),) if paid else ()
    author.amend_service(suspensions=(*service.suspensions, (on, None)), fees=(*service.fees, *fees))
    if paid is None:
        author.dealings = replace(author.dealings, unpaid=3)
    darken(author, on, "down")
    author.amend_device(is_locked=True)


def hold(author: Author, rate: Decimal, start: date, end: date | None) -> None:
    """Keep the service through a season without using it, for less; the line is dark while that lasts."""
    service, _ = author.in_service()
    author.amend_service(rates=(*service.rates, (author.tier, FixedRate(rate, start, end))))
    author.exceptions.append(PriceException("vacation_hold", author.tier, rate, start, end, author.approver()))
    if end is None or end > author.stage.window.as_of.date():
        darken(author, start, "down")


def come_back(author: Author, on: date) -> None:
    """Use the line again from a day on, on which somebody provisions it anew; the full price counts from then on."""
    stage, (service, _) = author.stage, author.in_service()
    ended = tuple((name, replace(fixed, end=on)) for name, fixed in service.rates)
    author.amend_service(rates=ended)
    author.amend_device(
        state="up",
        profile_since=stage.moment(on).astimezone(UTC),
        last_traffic=stage.window.as_of - timedelta(minutes=stage.rng.randint(2, 300)),
    )
