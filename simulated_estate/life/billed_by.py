"""Bill cycles that customers have had: one for all their life, or another since some day of the billed months."""

from datetime import date

from simulated_estate.cycles import Cycles, periods_of
from simulated_estate.life.stage import Stage

CYCLE_DAYS = (17, 5, 31)
"""Days of the month on which periods begin; not every month has the last."""
_CHANGES = ((1, 17), (17, 5), (31, 17), (5, 1))
_ALWAYS = date(2012, 1, 1)


def one_cycle(turn: int) -> Cycles:
    """A cycle that was never another one."""
    return ((_ALWAYS, CYCLE_DAYS[turn % len(CYCLE_DAYS)]),)


def another_cycle(stage: Stage, *, has_bill_before: bool = False) -> Cycles | None:
    """Two cycles, so that the stub between them is billed, and a period after it.

    Args:
        stage: by turns, all changes are made.
        has_bill_before: a period before the stub is billed, too; None where the months are too few for that.
    """
    days = list(range(stage.window.days))
    stage.rng.shuffle(days)
    for step in range(len(_CHANGES)):
        old, new = _CHANGES[(stage.turn + step) % len(_CHANGES)]
        for day in days:
            cycles = ((_ALWAYS, old), (date.fromordinal(stage.window.start.toordinal() + day), new))
            stubs = [place for place, period in enumerate(periods_of(cycles, stage.window)) if period.is_stub]
            if stubs and stubs[0] >= has_bill_before and stubs[0] + 1 < len(periods_of(cycles, stage.window)):
                return cycles
    return None
