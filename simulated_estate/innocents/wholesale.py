"""Lines of other providers that are invoiced as they should be, or should not be."""

from datetime import timedelta

from simulated_estate.life.stage import Slot, Stage
from simulated_estate.mistakes.wholesale import FAST, SLOW, beside_a_neighbour, charges_of, retail_line


def retail_line_invoiced(stage: Stage) -> Slot:
    """Looks like RL-H02: asked for from its first day on, and to its last where it ended."""
    window = stage.window
    day = stage.day(window.start + timedelta(days=2), window.end - timedelta(days=35))
    end = day + timedelta(days=stage.rng.randint(10, 30)) if stage.turn % 2 else None
    line, device = retail_line(stage, (SLOW, FAST)[stage.turn % 2], day, end)
    return beside_a_neighbour(stage, "retail_line_invoiced", line, device, list(charges_of(stage, line)))


def retail_line_never_lit(stage: Stage) -> Slot:
    """Looks like RL-H02: ordered by the provider, its device was never seen, and nothing is asked for it."""
    day = stage.day(stage.window.start + timedelta(days=2), stage.window.end - timedelta(days=35))
    line, _ = retail_line(stage, SLOW, day)
    return beside_a_neighbour(stage, "retail_line_never_lit", line, None, [])
