"""What services are delivered and billed, as arrays with one element a service: lives and the stretches in them."""

from dataclasses import dataclass, fields
from itertools import product as combinations
from typing import Self

import numpy as np

from benchmarks.days import OPEN, Days, Flags
from benchmarks.measured_operator import (
    ACCESS_CHARGE,
    LOYALTY_CHARGE,
    LOYALTY_FACTOR,
    ROUTER,
    ROUTER_CHARGE,
    STATIC_IP,
    STATIC_IP_CHARGE,
    WELCOME,
    WELCOME_CHARGE,
)

BASES = ("field", "order", "network")
NO_PRICE = -1


@dataclass(frozen=True, slots=True)
class Lives:
    """Lives of services; days are numbers, ``OPEN`` where something never happens.

    The same class tells what was delivered and what billing believes. Only the latter sets ``known_from``,
    ``known_to``, ``odd_price`` and ``odd_from``.

    Attributes:
        paused_from: first day without service; a move has ``paused_to`` on the same day.
        runs_paused: the network carries traffic in the pause, which then has no end.
        next_tier: product from ``tier_from`` on, proven by ``tier_basis`` (position in ``BASES``).
        own_price: agreed access price in cents, or ``NO_PRICE``.
        added_from: when the static address was added.
        promotion: product of the promotion, or 0.
        fee_on: day of the installation fee.
        known_from: billing charges nothing before this day, and nothing from ``known_to`` on.
        odd_price: access price in cents that billing uses from ``odd_from`` on.
    """

    service: Days
    starts_on: Days
    ends_on: Days
    paused_from: Days
    paused_to: Days
    runs_paused: Flags
    tier: Days
    next_tier: Days
    tier_from: Days
    tier_basis: Days
    own_price: Days
    has_router: Flags
    added_from: Days
    promotion: Days
    promised_from: Days
    promised_to: Days
    fee_on: Days
    known_from: Days
    known_to: Days
    odd_price: Days
    odd_from: Days

    def take(self, positions: Days | Flags) -> Self:
        """The lives at some positions."""
        return type(self)(**{field.name: getattr(self, field.name)[positions] for field in fields(self)})


@dataclass(frozen=True, slots=True)
class Stretches:
    """Days over which one product is delivered or billed at one factor.

    Attributes:
        position: of the service in the lives that the stretches were made from.
        unit_price: an agreed price, or ``NO_PRICE`` where the list's holds.
    """

    position: Days
    charge: Days
    product: Days
    starts_on: Days
    ends_on: Days
    is_suspended: Flags
    factor: Days
    unit_price: Days
    basis: Days


def stretches(lives: Lives) -> Stretches:
    """Everything that is charged by the day, in the order of services."""
    parts = [*_access(lives), *_additions(lives)]
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Stretches)
    }
    order = np.argsort(columns["position"], kind="stable")
    return Stretches(**{name: column[order] for name, column in columns.items()})


def _access(lives: Lives) -> list[Stretches]:
    parts = []
    zero = np.zeros_like(lives.service)
    fully_open = zero + OPEN
    tiers = (
        (zero, lives.tier_from, lives.tier, zero),
        (lives.tier_from, fully_open, lives.next_tier, lives.tier_basis),
    )
    prices = ((zero, lives.odd_from, lives.own_price), (lives.odd_from, fully_open, lives.odd_price))
    for running, tier, price in combinations(_running(lives), tiers, prices):
        starts_on = np.maximum.reduce([running[0], tier[0], price[0]])
        ends_on = np.minimum.reduce([running[1], tier[1], price[1]])
        parts.append(_part(starts_on, ends_on, running[2], ACCESS_CHARGE, tier[2], 10_000, price[2], tier[3]))
        promised_from, promised_to = _promised(lives, starts_on, ends_on, lives.promotion != WELCOME)
        parts.append(
            _part(promised_from, promised_to, running[2], LOYALTY_CHARGE, tier[2], LOYALTY_FACTOR, price[2], tier[3])
        )
    return parts


def _additions(lives: Lives) -> list[Stretches]:
    parts = []
    free = np.full_like(lives.service, NO_PRICE)
    zero = np.zeros_like(lives.service)
    for starts_on, ends_on, suspended in _running(lives):
        router_to = np.where(lives.has_router, ends_on, 0)
        parts.append(_part(starts_on, router_to, suspended, ROUTER_CHARGE, zero + ROUTER, 10_000, free, zero))
        added = np.maximum(starts_on, lives.added_from)
        parts.append(_part(added, ends_on, suspended, STATIC_IP_CHARGE, zero + STATIC_IP, 10_000, free, zero))
        promised = _promised(lives, starts_on, ends_on, lives.promotion == WELCOME)
        parts.append(_part(*promised, suspended, WELCOME_CHARGE, zero + WELCOME, 10_000, free, zero + 1))
    return parts


def _running(lives: Lives) -> list[tuple[Days, Days, Flags]]:
    """The service before, after and, where the network ignores it, in its pause."""
    starts_on = np.maximum(lives.starts_on, lives.known_from)
    ends_on = np.minimum(lives.ends_on, lives.known_to)
    no = np.zeros_like(lives.runs_paused)
    return [
        (starts_on, np.minimum(ends_on, lives.paused_from), no),
        (np.maximum(starts_on, lives.paused_to), ends_on, no),
        (np.maximum(starts_on, lives.paused_from), np.where(lives.runs_paused, ends_on, 0), ~no),
    ]


def _promised(lives: Lives, starts_on: Days, ends_on: Days, applies: Flags) -> tuple[Days, Days]:
    applies = applies & (lives.promotion > 0)
    return np.maximum(starts_on, lives.promised_from), np.where(applies, np.minimum(ends_on, lives.promised_to), 0)


def _part(
    starts_on: Days,
    ends_on: Days,
    suspended: Flags,
    charge: int,
    product: Days,
    factor: int,
    unit_price: Days,
    basis: Days,
) -> Stretches:
    position = np.flatnonzero(starts_on < ends_on)
    return Stretches(
        position,
        np.full_like(position, charge),
        product[position],
        starts_on[position],
        ends_on[position],
        suspended[position],
        np.full_like(position, factor),
        unit_price[position],
        basis[position],
    )
