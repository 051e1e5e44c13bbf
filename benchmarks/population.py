"""Fifty thousand services at a time: honest lives with innocent look-alikes, and one mistake in every fifty."""

from dataclasses import dataclass, fields, replace

import numpy as np

from benchmarks.days import OPEN, Days, Flags, after_months, day, not_after_28th
from benchmarks.lives import NO_PRICE, Lives
from benchmarks.measured_operator import LOYALTY, LOYALTY_MONTHS, TIERS, WELCOME, WELCOME_MONTHS

CHUNK = 50_000
SEED = 20261105
WINDOW_FROM, WINDOW_TO = day(2025, 11, 1), day(2026, 11, 1)
ONE_IN = 50
CAUSES = (
    ("RL-A01",),
    ("RL-A02",),
    ("RL-A03",),
    ("RL-B02",),
    ("RL-B03",),
    ("RL-B04",),
    ("RL-B05",),
    ("RL-C01",),
    ("RL-C03",),
    ("RL-C05",),
    ("RL-D01",),
    ("RL-E01",),
    ("RL-G01",),
    ("RL-B05-shared-device",),
    ("RL-A02", "RL-C03"),
    ("RL-E01", "RL-C05"),
)
"""Mistakes planted, in turn; where there are two, billing made both on one service."""

Columns = dict[str, Days]


@dataclass(frozen=True, slots=True)
class Population:
    """Some services as they were and as billing has them.

    Attributes:
        owed: what should have been billed, pauses that the network ignores included.
        actual: what was delivered.
        first: what billing would believe if it had made the first mistake only.
        billed: what billing believes.
        again: what a second subscription bills of the same services, by their service numbers.
        cause: position in ``CAUSES`` or -1.
    """

    owed: Lives
    actual: Lives
    first: Lives
    billed: Lives
    again: Lives
    cause: Days


def populate(chunk: int, services: int) -> Population:
    """One chunk of services; the same for a chunk and a number of services, whatever else is made."""
    rng = np.random.default_rng([SEED, chunk])
    service = np.arange(services, dtype=np.int64) + chunk * CHUNK + 1
    # another place in every row of mistakes: buckets are cut by the number, and each shall have its share of them
    place = (7 + _turn(service)) % ONE_IN
    cause = np.where(service % ONE_IN == place, (service // ONE_IN) % len(CAUSES), -1)
    some_day = rng.integers(day(2025, 12, 10), day(2026, 8, 1), services)
    a = _honest(rng, service, cause >= 0)
    _shape(a, rng, cause, some_day)
    actual = _lives(a)
    owed = replace(actual, paused_from=np.where(_is(cause, "RL-G01"), OPEN, actual.paused_from))
    first = _first_mistake(actual, rng, cause, some_day)
    again = actual.take(_is(cause, "RL-B05"))
    never = np.full_like(again.service, OPEN)
    again = replace(
        again,
        starts_on=some_day[_is(cause, "RL-B05")],
        added_from=never,
        fee_on=never,
        promotion=np.zeros_like(never),
    )
    return Population(owed, actual, first, _second_mistake(first, cause), again, cause)


def _honest(rng: np.random.Generator, service: Days, is_mistaken: Flags) -> Columns:
    n = len(service)
    share = lambda: rng.random(n)  # noqa: E731
    never = np.full(n, OPEN, dtype=np.int64)
    starts_on = np.where(
        share() < 0.15,
        rng.integers(WINDOW_FROM + 2, day(2026, 9, 15), n),
        rng.integers(day(2023, 11, 1), WINDOW_FROM, n),
    )
    starts_on = not_after_28th(starts_on)
    tier = rng.choice(np.array(TIERS), n, p=[0.4, 0.4, 0.2])
    in_window = rng.integers(WINDOW_FROM + 20, WINDOW_TO - 5, n)
    ends_on = np.where((share() < 0.04) & (in_window > starts_on + 35) & ~is_mistaken, in_window, never)
    kind = np.where(is_mistaken, 1.0, share())
    pause = rng.integers(WINDOW_FROM + 20, WINDOW_TO - 5, n)
    paused_from = np.where((kind < 0.045) & (pause > starts_on), pause, never)
    length = np.select([kind < 0.03, kind < 0.04], [rng.integers(10, 60, n), 0], OPEN)
    changes = (kind > 0.05) & (kind < 0.13)
    agreed = (kind > 0.13) & (kind < 0.14)
    promotion = np.select([(draw := share()) < 0.2, draw < 0.35], [WELCOME, LOYALTY], 0)
    return {
        "service": service,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "paused_from": paused_from,
        "paused_to": np.minimum(paused_from + length, OPEN),
        "runs_paused": np.zeros(n, dtype=np.bool_),
        "tier": tier,
        "next_tier": tier % 3 + 1,
        "tier_from": np.where(changes, np.maximum(starts_on + 20, in_window), never),
        "tier_basis": rng.integers(0, 2, n),
        "own_price": np.where(agreed, 4_500, NO_PRICE),
        "has_router": share() < 0.75,
        "added_from": np.where(
            share() < 0.55, np.maximum(starts_on, rng.integers(day(2025, 3, 1), WINDOW_TO, n)), never
        ),
        "promotion": promotion,
        "fee_on": starts_on,
        "known_from": np.zeros(n, dtype=np.int64),
        "known_to": never,
        "odd_price": np.full(n, NO_PRICE),
        "odd_from": never,
    }


def _shape(a: Columns, rng: np.random.Generator, cause: Days, some_day: Days) -> None:
    """Bend the lives of mistaken services so that their mistake can happen to them."""
    n = len(cause)
    before = not_after_28th(rng.integers(day(2024, 1, 1), WINDOW_FROM - 3, n))
    during = not_after_28th(rng.integers(day(2026, 1, 10), day(2026, 7, 1), n))
    old = _is(cause, "RL-B03", "RL-B04", "RL-B05", "RL-C01", "RL-C03", "RL-C05", "RL-G01", "RL-B05-shared-device")
    new = _is(cause, "RL-A02", "RL-A03")
    a["starts_on"] = np.select([new, old], [during, before], a["starts_on"])
    plain = _is(cause, "RL-A03", "RL-B02", "RL-B04", "RL-B05", "RL-C05", "RL-E01")
    a["promotion"] = np.where(plain, 0, a["promotion"])
    a["added_from"] = np.where(plain | old, OPEN, np.maximum(a["added_from"], a["starts_on"]))
    a["has_router"] |= _is(cause, "RL-E01")

    promoted = _is(cause, "RL-D01")
    percent = promoted & (_turn(a["service"]) % 2 == 0)
    a["promotion"] = np.where(promoted, np.where(percent, LOYALTY, WELCOME), a["promotion"])
    months = np.where(a["promotion"] == WELCOME, WELCOME_MONTHS, LOYALTY_MONTHS)
    # Every fourth percentage ends in the month whose price changes after it: a line that no promise touches.
    before_change = percent & (_turn(a["service"]) % 8 == 0)
    term_end = np.where(before_change, day(2026, 4, 3) + a["service"] % 10, not_after_28th(some_day))
    a["starts_on"] = np.where(promoted, after_months(term_end, -months), a["starts_on"])
    a["promised_from"] = a["starts_on"]
    a["promised_to"] = after_months(a["starts_on"], months)

    a["ends_on"] = np.where(_is(cause, "RL-B04"), some_day, a["ends_on"])
    a["paused_from"] = np.where(_is(cause, "RL-G01"), some_day, a["paused_from"])
    a["runs_paused"] = _is(cause, "RL-G01")
    raised, changed = _is(cause, "RL-C01"), _is(cause, "RL-C03") & ~_is(cause, "RL-A02")
    a["tier"] = np.select(
        [raised, _is(cause, "RL-C05"), _is(cause, "RL-A02", "RL-C03")], [a["tier"] % 2 + 1, 1, 2], a["tier"]
    )
    a["tier"] = np.where(before_change, 2, a["tier"])
    stale = _is(cause, "RL-C05") & ~_is(cause, "RL-E01") & (_turn(a["service"]) % 3 == 0)
    a["tier"] = np.where(stale, 2, a["tier"])
    other = np.where(rng.random(n) < 0.5, 1, 3)
    a["next_tier"] = np.select([raised, changed], [a["tier"] + 1, other], a["next_tier"])
    a["tier_from"] = np.where(raised | changed, some_day, a["tier_from"])
    a["tier_basis"] = np.select([raised, changed], [2, 0], a["tier_basis"])
    absent = _is(cause, "RL-B02")
    a["starts_on"] = np.where(absent, OPEN, a["starts_on"])
    a["has_router"] &= ~absent
    a["fee_on"] = np.where(absent, OPEN, a["starts_on"])


def _first_mistake(actual: Lives, rng: np.random.Generator, cause: Days, some_day: Days) -> Lives:
    late = rng.integers(3, 60, len(cause))
    never_known, ended = _is(cause, "RL-A01"), _is(cause, "RL-B03")
    price, since = _odd_price(actual, cause)
    alone = _is(cause, "RL-C05") & ~_is(cause, "RL-E01")
    return replace(
        actual,
        starts_on=np.select(
            [_is(cause, "RL-A03"), _is(cause, "RL-B02")], [actual.starts_on - late, some_day], actual.starts_on
        ),
        ends_on=np.where(_is(cause, "RL-B04"), OPEN, actual.ends_on),
        known_from=np.where(_is(cause, "RL-A02"), actual.starts_on + late, 0),
        known_to=np.select([never_known, ended], [0, some_day], OPEN),
        fee_on=np.where(never_known, OPEN, actual.fee_on),
        tier_from=np.where(_is(cause, "RL-C01", "RL-C03") & ~_is(cause, "RL-A02"), OPEN, actual.tier_from),
        promised_to=np.where(_is(cause, "RL-D01"), OPEN, actual.promised_to),
        has_router=actual.has_router & ~_is(cause, "RL-E01"),
        odd_price=np.where(alone, price, NO_PRICE),
        odd_from=np.where(alone, since, OPEN),
    )


def _second_mistake(first: Lives, cause: Days) -> Lives:
    price, since = _odd_price(first, cause)
    both = _is(cause, "RL-C05") & _is(cause, "RL-E01")
    return replace(
        first,
        tier=np.where(_is(cause, "RL-A02") & _is(cause, "RL-C03"), 1, first.tier),
        odd_price=np.where(both, price, first.odd_price),
        odd_from=np.where(both, since, first.odd_from),
    )


def _odd_price(lives: Lives, cause: Days) -> tuple[Days, Days]:
    """Prices that the catalogue does not have, and since when: an old one, one too high, one too low."""
    month = after_months(np.full_like(cause, WINDOW_FROM), _turn(lives.service) % 7)
    price = np.select([lives.tier == 2, _turn(lives.service) % 2 == 0], [6_999, 5_499], 4_599)
    return price, np.where(lives.tier == 2, day(2026, 4, 1), month)


def _turn(service: Days) -> Days:
    """How many services before this one got the same mistake: lets its variants alternate."""
    return service // ONE_IN // len(CAUSES)


def _is(cause: Days, *rules: str) -> Flags:
    """Services whose planted mistakes include one of these rules."""
    return np.isin(cause, [number for number, planted in enumerate(CAUSES) if set(planted) & set(rules)])


def _lives(columns: Columns) -> Lives:
    return Lives(**{field.name: columns[field.name] for field in fields(Lives)})
