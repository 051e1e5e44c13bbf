"""How long a gate's clock has run: days, and billing periods that began and ended since, with their bills."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from canonical_model.billing import BillingCycle, ChargeLine
from canonical_model.billing_periods import CALENDAR_ANCHOR, billing_periods
from handoffs.criteria import Measure, Number
from hub.takeover.signals.look import Look
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES


def clock_measures(look: Look, since: datetime) -> dict[str, Measure]:
    """Days and bill cycles since a moment."""
    days = max((look.now - since) // timedelta(days=1), 0)
    return {"days": Measure(Number(Decimal(days))), "bill_cycles": Measure(Number(Decimal(_cycles(look, since))))}


def _cycles(look: Look, since: datetime) -> int:
    """Whole periods of most accounts that lie behind, of which bills have been seen."""
    first, today = look.day_of(since), look.day_of(look.now)
    periods = billing_periods([(first, _usual_anchor(look))], first, today)
    table = CANONICAL_TABLES[ChargeLine]
    newest = look.connection.execute(
        select(func.max(table.c.billed_on)).where(known(table, None), table.c.market == look.market.id)
    ).scalar_one()
    return sum(1 for period in periods if newest is not None and newest >= period.days.end)


def _usual_anchor(look: Look) -> int:
    table = CANONICAL_TABLES[BillingCycle]
    query = select(table.c.anchor_day).where(known(table, None), table.c.market == look.market.id)
    anchors = Counter(look.connection.execute(query).scalars())
    return anchors.most_common(1)[0][0] if anchors else CALENDAR_ANCHOR
