"""What ordinary customers choose."""

from dataclasses import replace
from random import Random
from typing import Any, Literal

from simulated_estate.catalogue import FREE_ROUTER, STATIC_IP, VOICE, WELCOME, WINBACK, offerings_of
from simulated_estate.life.stage import Stage
from simulated_estate.life.wish import Wish


def ordinary_wish(stage: Stage, **fixed: Any) -> Wish:
    """A customer's choice; ``fixed`` says what the plot needs of it (fields of ``Wish``)."""
    rng = stage.rng
    router = _router(rng)
    wish = Wish(
        offering=rng.choice(offerings_of(stage.market.technology)),
        promotion=_promotion(rng, router == "leased"),
        addons=_addons(rng, stage),
        router=router,
        is_fee_waived=rng.random() < 0.3,
        term_months=rng.choice((None, None, None, 12, 24)),
    )
    return replace(wish, **fixed)


def plain_wish(stage: Stage, **fixed: Any) -> Wish:
    """An ordinary choice without a promotion, for plots whose money should have one reason."""
    return ordinary_wish(stage, **{"promotion": None, **fixed})


def another_offering(stage: Stage, than: str) -> str:
    """Any other access offering of the market."""
    return stage.rng.choice([name for name in offerings_of(stage.market.technology) if name != than])


def stepped(stage: Stage, *, up: bool) -> tuple[str, str]:
    """Two offerings, from and to: the second faster if ``up``, else slower."""
    slow, fast = sorted(stage.rng.sample(range(len(offerings_of(stage.market.technology))), 2))
    names = offerings_of(stage.market.technology)
    return (names[slow], names[fast]) if up else (names[fast], names[slow])


def _router(rng: Random) -> Literal["leased", "customer", ""]:
    drawn = rng.random()
    return "leased" if drawn < 0.45 else "customer" if drawn < 0.7 else ""


def _promotion(rng: Random, rents: bool) -> str | None:
    drawn = rng.random()
    if drawn < 0.18:
        return WELCOME
    if drawn < 0.26:
        return WINBACK
    return FREE_ROUTER if rents and drawn < 0.36 else None


def _addons(rng: Random, stage: Stage) -> tuple[str, ...]:
    addons: tuple[str, ...] = (STATIC_IP,) if rng.random() < 0.08 else ()
    if stage.market.technology != "fixed_wireless" and rng.random() < 0.12:
        addons += (VOICE,)
    return addons
