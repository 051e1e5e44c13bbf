"""How the figures of KPIs are said: whole numbers and quotients as people read them."""

from decimal import ROUND_HALF_UP, Decimal

from hub.reports.amounts import amount_text
from reconciliation.kpis.definition import Kpi, Stage, Unit
from reconciliation.kpis.results import KpiResult, Measured, value_of

STAGE_NAMES: dict[Stage, str] = {
    "order": "Order",
    "provisioning": "Provisioning",
    "dispatch": "Dispatch",
    "field": "Field",
    "billing": "Billing",
}
GOOD_NAMES = {"low": "lower is better", "high": "higher is better"}
NOTHING = "–"


def value_text(result: KpiResult, measured: Measured | None = None) -> str:
    """The value of a KPI, or of a group of it; ``unknown`` where nothing can be said, a dash of nobody."""
    if result.unknown:
        return "unknown"
    of_it = result.whole if measured is None else measured
    value = value_of(result.kpi, of_it)
    if value is None:
        return NOTHING
    if isinstance(value, int):
        return amount(value, result.kpi.unit, result.currency)
    return _quotient(result.kpi, value)


def amount(value: int | None, unit: Unit | None, currency: str) -> str:
    """An integer of a unit: ``14 d 6 h``, ``2 h 19 min``, ``39 days``, ``$1,776.00``; a dash for nothing."""
    if value is None or unit is None:
        return NOTHING
    if unit == "minutes":
        return duration(value)
    if unit == "days":
        return f"{value:,} day{'' if value == 1 else 's'}"
    return amount_text(value, currency) if unit == "money" else f"{value:,}"


def duration(minutes: int) -> str:
    """Whole minutes in the two largest units; what is cut off is less than one of the smaller."""
    sign, left = ("−" if minutes < 0 else ""), abs(minutes)
    days, hours, rest = left // 1440, left % 1440 // 60, left % 60
    parts = ((f"{days:,} d", days), (f"{hours} h", hours), (f"{rest} min", rest))
    first = next((place for place, (_, number) in enumerate(parts) if number), len(parts) - 1)
    return sign + " ".join(text for text, number in parts[first : first + 2] if number or first == len(parts) - 1)


def spread_text(result: KpiResult, value: int | None) -> str:
    """A median or a percentile."""
    return NOTHING if result.unknown else amount(value, result.kpi.spread_unit, result.currency)


def _quotient(kpi: Kpi, value: Decimal) -> str:
    if kpi.unit == "share":
        return f"{(value * 100).quantize(Decimal('0.01'), rounding=ROUND_HALF_UP)} %"
    return f"{value.quantize(Decimal('0.01'), rounding=ROUND_HALF_UP)}"
