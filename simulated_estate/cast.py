"""Who plays what: the plot of each position, the same in estates of every size.

Positions come in blocks. Each block plays every single mistake, every look-alike and every unjoinable record once
and some of the double mistakes; the other half are ordinary customers. The first block has its single mistakes in its
first half, so that small estates hold them all.
"""

from functools import lru_cache
from random import Random

from simulated_estate.innocents import LOOK_ALIKES, UNJOINABLE
from simulated_estate.innocents import anchors as other_cycles
from simulated_estate.innocents import migration as moved_well
from simulated_estate.innocents.corrected import charged_afterwards
from simulated_estate.innocents.prices import price_change_inside_month
from simulated_estate.life.numbers import Numbers, dice
from simulated_estate.life.ordinary import ordinary_life
from simulated_estate.life.stage import Slot, Stage
from simulated_estate.markets import MARKETS, MESA, NORTHSHORE, RIVERBEND, Market
from simulated_estate.mistakes import DOUBLE, IN_THE_FIRST_MONTH, SINGLE, Plot
from simulated_estate.mistakes import anchors as cycles_gone_wrong
from simulated_estate.mistakes import migration as moved_badly
from simulated_estate.mistakes.add_ons import bundle_kept
from simulated_estate.months import Window

_DOUBLES_PER_BLOCK = 5
_TURNS_IN_EACH_MARKET = 3
HALF_BLOCK = len(SINGLE) + len(LOOK_ALIKES) + len(UNJOINABLE) + _DOUBLES_PER_BLOCK
BLOCK = 2 * HALF_BLOCK
"""Positions until every plot was played once; the first half of them holds every single mistake."""
_ROTATION = (RIVERBEND, MESA, NORTHSHORE, RIVERBEND)

_OF_MOVED_ACCOUNTS = (moved_badly.__name__, moved_well.__name__)
_OF_CYCLES = (cycles_gone_wrong.__name__, other_cycles.__name__)
_ONLY_IN: dict[Plot, tuple[Market, ...]] = {
    price_change_inside_month: (MESA,),
    bundle_kept: (RIVERBEND, MESA),
    **dict.fromkeys((*IN_THE_FIRST_MONTH, charged_afterwards), (RIVERBEND, NORTHSHORE)),
    **{plot: (NORTHSHORE, RIVERBEND) for plot in (*SINGLE, *LOOK_ALIKES) if plot.__module__ in _OF_CYCLES},
    **{plot: (MESA,) for plot in (*SINGLE, *LOOK_ALIKES) if plot.__module__ in _OF_MOVED_ACCOUNTS},
}
"""Only one market has a price that changes inside a month; voice needs a line; one changes its billing system, the
others have bill cycles that are no months; where days before the first whole month are free, a wrong one of them
costs nobody anything."""


def slot_at(position: int, window: Window, seed: int) -> Slot:
    """The life at a position."""
    turn, place = divmod(position, BLOCK)
    rng, numbers = dice(seed, position), Numbers(seed, position)
    part = _casting(seed, turn)[place]
    if part is None:
        return ordinary_life(Stage(window, _any_market(rng), rng, numbers, turn))
    plot, market = part
    return plot(Stage(window, market, rng, numbers, turn))


@lru_cache(maxsize=4)
def _casting(seed: int, turn: int) -> tuple[tuple[Plot, Market] | None, ...]:
    """Plot and market of each place of a block; None is an ordinary customer."""
    rng = Random(f"lumen valley cast {seed} {turn}")
    doubles = tuple(DOUBLE[(turn * _DOUBLES_PER_BLOCK + step) % len(DOUBLE)] for step in range(_DOUBLES_PER_BLOCK))
    plots = (*SINGLE, *LOOK_ALIKES, *doubles, *UNJOINABLE)
    parts = [(plot, _market(plot, turn, number)) for number, plot in enumerate(plots)]
    if turn > 0:
        return _mixed(rng, parts, BLOCK)
    early = len(SINGLE) + len(LOOK_ALIKES) // 3
    return _mixed(rng, parts[:early], HALF_BLOCK) + _mixed(rng, parts[early:], BLOCK - HALF_BLOCK)


def _mixed(rng: Random, parts: list[tuple[Plot, Market]], size: int) -> tuple[tuple[Plot, Market] | None, ...]:
    places = [*parts, *[None] * (size - len(parts))]
    rng.shuffle(places)
    return tuple(places)


def _market(plot: Plot, turn: int, number: int) -> Market:
    """All three markets by turns, where they sell what the plot is about."""
    if markets := _ONLY_IN.get(plot):
        return markets[turn % len(markets)]
    if turn < _TURNS_IN_EACH_MARKET:
        return _ROTATION[(turn + number) % 3]
    return _ROTATION[(turn + number) % len(_ROTATION)]


def _any_market(rng: Random) -> Market:
    markets = list(MARKETS.values())
    return rng.choices(markets, [market.weight for market in markets])[0]
