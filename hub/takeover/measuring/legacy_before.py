"""What legacy's own works came to before the hub began to act: measured once, when the canary begins, and kept."""

from datetime import datetime

from sqlalchemy import Connection

from handoffs.criteria import Number
from handoffs.stages import Handoff
from handoffs.statistics import Share
from hub.operator_folder.load import Operator
from hub.takeover.measuring.paths import BESIDE, path_figures
from hub.takeover.signals.look import Look
from storage.legacy_baselines import add_baselines


def keep_legacy_figures(
    connection: Connection, operator: Operator, market: str, handoff: Handoff, now: datetime
) -> None:
    """Keep what legacy came to in the weeks before a moment; where it did nothing there is nothing to keep.

    Once the hub does everything nobody can measure it any more.

    Args:
        connection: of the transaction in which the canary begins.
        operator: whose folder says what is measured.
        market: where.
        handoff: of what.
        now: when the canary begins.
    """
    since = now - BESIDE
    look = Look(connection, operator, operator.markets[market], now)
    figures: dict[str, Share | Number] = {
        metric: figure.legacy for metric, figure in path_figures(look, handoff, since).items() if figure.legacy.of
    }
    add_baselines(connection, market, handoff, figures, since, now)
