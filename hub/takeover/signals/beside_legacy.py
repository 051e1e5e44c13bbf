"""Figures of the hub's works that are worse than those of legacy's: first visits, late charges.

Legacy's are those of the same weeks; once too few works are left to legacy, those of before the canary.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from handoffs.figures import held_against
from handoffs.rollback import Signal
from handoffs.stages import Handoff
from handoffs.statistics import Share, difference
from hub.takeover.measuring.paths import BESIDE, path_figures
from hub.takeover.signals.look import Look
from storage.legacy_baselines import baselines_of

_CONFIDENCE = Decimal(95)


def find(look: Look) -> Iterator[Signal]:
    """By how many points of a percent the hub is worse, where that is no chance; always told, for a rule to judge."""
    yield from _worse(look, "first_visit_drop", "dispatch_to_field", "first_visit_completion", more_is_better=True)
    yield from _worse(look, "late_charge_rise", "field_to_billing", "late_charges", more_is_better=False)


def _worse(look: Look, kind: str, handoff: Handoff, metric: str, *, more_is_better: bool) -> Iterator[Signal]:
    since = look.now - BESIDE
    before = baselines_of(look.connection, look.market.id, handoff).get(metric, ())
    figure = replace(path_figures(look, handoff, since, [metric])[metric], since=since, baselines=before)
    least = max(1, look.operator.handoffs.rules(look.market.id)[kind].sample)
    legacy, when = held_against(figure, least)
    hub = figure.hub
    if not isinstance(hub, Share) or not isinstance(legacy, Share) or not hub.of or not legacy.of:
        return
    larger, smaller = (legacy, hub) if more_is_better else (hub, legacy)
    gap = larger.ratio - smaller.ratio
    if difference(larger, smaller, _CONFIDENCE).low <= 0:
        gap = Fraction(0)  # two samples of the same share differ as much by chance
    points = (Decimal(gap.numerator) * 100 / Decimal(gap.denominator)).quantize(Decimal("0.01"))
    said = f"the hub {hub.good} of {hub.of}, legacy {legacy.good} of {legacy.of} {when}"
    yield Signal(kind, look.market.id, handoff, max(points, Decimal(0)), (), (said,), hub.of)
