"""Who plays what: the plot of each position, the same in estates of every size.

Positions come in blocks. Each block plays every single mistake, every look-alike and every unjoinable record once
and some of the double mistakes; the other half are ordinary customers. The first block has its single mistakes in its
first half, so that small estates hold them all. In the later blocks some of the ordinary customers share a mistake
with others of their crew or plan.
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
from simulated_estate.mistakes.in_common import priced_by_the_wrong_line, sold_at_the_door
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

IN_COMMON: dict[Plot, Market] = {sold_at_the_door: RIVERBEND, priced_by_the_wrong_line: NORTHSHORE}
"""Mistakes that many customers of one market share."""
_SHARING_PER_BLOCK = 10


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
        return _with_mistakes_in_common(_mixed(rng, parts, BLOCK))
    early = len(SINGLE) + len(LOOK_ALIKES) // 3
    return _mixed(rng, parts[:early], HALF_BLOCK) + _mixed(rng, parts[early:], BLOCK - HALF_BLOCK)


def _mixed(rng: Random, parts: list[tuple[Plot, Market]], size: int) -> tuple[tuple[Plot, Market] | None, ...]:
    places = [*parts, *[None] * (size - len(parts))]
    rng.shuffle(places)
    return tuple(places)


def _with_mistakes_in_common(
    places: tuple[tuple[Plot, Market] | None, ...],
) -> tuple[tuple[Plot, Market] | None, ...]:
    """Some of the ordinary customers, evenly spread, play what others play as well; all others stay as they are."""
    filled = list(places)
    ordinary = [number for number, part in enumerate(places) if part is None]
    parts = [part for part in IN_COMMON.items() for _ in range(_SHARING_PER_BLOCK)]
    for number, part in enumerate(parts):
        filled[ordinary[number * len(ordinary) // len(parts)]] = part
    return tuple(filled)


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
