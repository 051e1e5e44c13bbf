"""The findings that a snapshot must give, with their cents: from what was planted, never from a query."""

import hashlib
from collections.abc import Iterator

import numpy as np

from benchmarks.charging import by_month, charge
from benchmarks.days import Days
from benchmarks.measured_operator import MARKET, MONTHS, PriceArrays, price_book
from benchmarks.population import CAUSES, Population

Truth = tuple[str, str, str, str, int]
"""Rule, subject, direction, exposure class, cents; 0 cents where another finding has the money."""

_OVER_BILLED = {"RL-A03", "RL-B02", "RL-B04", "RL-B05", "RL-B05-shared-device"}
_AT_RISK = {"RL-G01", "RL-B01"}
_BY_SIGN = {"RL-C03", "RL-C05"}
RECOVERABLE = np.array([row[4] for row in price_book().period])


def service_name(service: int) -> str:
    """Name of a service: the number of its account, which has no other."""
    return f"1{service:07d}"


def planted_findings(population: Population, prices: PriceArrays) -> Iterator[Truth]:
    """What must be found on the services of a population."""
    mistaken = np.flatnonzero(population.cause >= 0)
    stages = [
        by_month(charge(lives.take(mistaken), prices), len(mistaken))
        for lives in (population.owed, population.first, population.billed)
    ]
    again = np.zeros_like(stages[0])
    causes = population.cause[mistaken]
    numbers = population.actual.service[mistaken]
    again[np.isin(numbers, population.again.service)] = by_month(
        charge(population.again, prices), len(population.again.service)
    )
    for position, (number, cause) in enumerate(zip(numbers.tolist(), causes.tolist(), strict=True)):
        subject = service_name(number)
        for stage, rule in enumerate(CAUSES[cause]):
            share = stages[stage][position] - stages[stage + 1][position]
            if rule == "RL-B05":
                share = -again[position]
            elif rule == "RL-B05-shared-device":
                share = -stages[-1][position]
            yield from _findings(rule, subject, share)
        if CAUSES[cause] == ("RL-A01",) and population.actual.has_router[mistaken[position]]:
            yield from _pointers(subject, stages[0][position])


def ghost_findings(serials: list[str], monthly: Days) -> Iterator[Truth]:
    """What must be found on devices that nobody recorded, from their list prices by month."""
    for serial, share in zip(serials, monthly, strict=True):
        yield from _findings("RL-B01", serial, share)


def fingerprint(rule: str, subject: str, direction: str, exposure_class: str) -> str:
    """Name of a finding."""
    return hashlib.sha256("\x1f".join((rule, MARKET.id, subject, direction, exposure_class)).encode()).hexdigest()[
        :16
    ]


def _findings(rule: str, subject: str, share: Days) -> Iterator[Truth]:
    sums: dict[tuple[str, str], int] = {}
    for month, cents in enumerate(share.tolist()):
        key = _side(rule, cents, month)
        sums[key] = sums.get(key, 0) + (-cents if key[0] == "over_billed" else cents)
    for (direction, exposure_class), cents in sums.items():
        if cents > 0:
            yield rule, subject, direction, exposure_class, cents


def _side(rule: str, cents: int, month: int) -> tuple[str, str]:
    if rule in _OVER_BILLED or (rule in _BY_SIGN and cents < 0):
        return "over_billed", "refund_due"
    if rule in _AT_RISK:
        return "under_billed", "at_risk"
    return "under_billed", "recoverable" if RECOVERABLE[month] else "lost"


def _pointers(subject: str, owed: Days) -> Iterator[Truth]:
    """A router rented out for a service that was never billed at all: named, with the money at the service."""
    classes = {_side("RL-E01", 0, month)[1] for month in range(MONTHS) if owed[month]}
    for exposure_class in sorted(classes):
        yield "RL-E01", subject, "under_billed", exposure_class, 0
