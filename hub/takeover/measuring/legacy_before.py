"""What legacy's own works came to before the hub began to act: measured once, when the canary begins, and kept."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from handoffs.criteria import Number
from handoffs.stages import Handoff
from handoffs.statistics import Share
from hub.operator_folder.load import Operator
from hub.takeover.measuring.paths import BESIDE, path_figures
from hub.takeover.signals.look import Look
from storage.legacy_baselines import add_baselines

_YEAR = timedelta(weeks=52)


def keep_legacy_figures(
    connection: Connection, operator: Operator, market: str, handoff: Handoff, now: datetime
) -> None:
    """Keep what legacy came to in the weeks before a moment; where it did nothing there is nothing to keep.

    Once the hub does everything nobody can measure it any more. A year is kept as well, for markets in which so few
    things happen in eight weeks that they say nothing; the weeks come last and go first.

    Args:
        connection: of the transaction in which the canary begins.
        operator: whose folder says what is measured.
        market: where.
        handoff: of what.
        now: when the canary begins.
    """
    look = Look(connection, operator, operator.markets[market], now)
    weeks, year = _legacy(look, handoff, now - BESIDE), _legacy(look, handoff, now - _YEAR)
    more = {metric: figure for metric, figure in year.items() if metric not in weeks or weeks[metric].of != figure.of}
    add_baselines(connection, market, handoff, more, now - _YEAR, now)
    add_baselines(connection, market, handoff, weeks, now - BESIDE, now)


def _legacy(look: Look, handoff: Handoff, since: datetime) -> dict[str, Share | Number]:
    found = path_figures(look, handoff, since)
    return {metric: figure.legacy for metric, figure in found.items() if figure.legacy.of}
