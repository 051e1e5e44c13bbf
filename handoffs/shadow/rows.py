"""The row of each hand-off: what the hub intends, what legacy was observed to do, and evidence from elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from handoffs.stages import Handoff
from rules.types import ColumnType, EngineValue, Schema, parse_schema

INTENT: Mapping[Handoff, Schema] = {
    "order_to_provisioning": parse_schema(
        {
            "serviceable": "boolean?",
            "reasons": "text?",
            "offering": "text?",
            "technology": "text?",
            "element": "text?",
            "port": "text?",
            "terminal": "text?",
            "outer_vlan": "integer?",
            "inner_vlan": "integer?",
            "down_mbps": "integer?",
            "up_mbps": "integer?",
            "aaa_profile": "text?",
        }
    ),
    "provisioning_to_dispatch": parse_schema(
        {
            "dispatched": "boolean?",
            "reasons": "text?",
            "jobs": "integer?",
            "work_type": "text?",
            "model": "text?",
            "serial": "text?",
            "scheduled_for": "timestamp?",
        }
    ),
    "dispatch_to_field": parse_schema(
        {
            "complete": "boolean?",
            "missing": "text?",
            "offering": "text?",
            "element": "text?",
            "port": "text?",
            "model": "text?",
            "serial": "text?",
            "tests": "text?",
        }
    ),
    "field_to_billing": parse_schema(
        {
            "bills": "boolean?",
            "reasons": "text?",
            "held_by": "text?",
            "offering": "text?",
            "billing_code": "text?",
            "starts_on": "date?",
            "ends_on": "date?",
            "monthly_price": "money(2)?",
            "recurring": "money(2)?",
            "one_time": "money(2)?",
            "discount": "money(2)?",
            "penalty": "money(2)?",
        }
    ),
}
"""What the hub states, by the code that would act. What it does not know is missing."""

OBSERVED: Mapping[Handoff, Schema] = {
    "order_to_provisioning": parse_schema(
        {
            "serviceable": "boolean?",
            "offering": "text?",
            "technology": "text?",
            "element": "text?",
            "port": "text?",
            "aaa_profile": "text?",
        }
    ),
    "provisioning_to_dispatch": parse_schema(
        {
            "dispatched": "boolean?",
            "jobs": "integer?",
            "work_type": "text?",
            "model": "text?",
            "serial": "text?",
            "scheduled_for": "timestamp?",
        }
    ),
    "dispatch_to_field": parse_schema(
        {
            "complete": "boolean?",
            "offering": "text?",
            "element": "text?",
            "port": "text?",
            "model": "text?",
            "serial": "text?",
            "tests": "text?",
        }
    ),
    "field_to_billing": parse_schema(
        {
            "bills": "boolean?",
            "offering": "text?",
            "billing_code": "text?",
            "starts_on": "date?",
            "ends_on": "date?",
            "monthly_price": "money(2)?",
            "recurring": "money(2)?",
            "one_time": "money(2)?",
            "discount": "money(2)?",
            "penalty": "money(2)?",
        }
    ),
}
"""What legacy was seen to do, from canonical records alone."""

EVIDENCE: Mapping[Handoff, Schema] = {
    "order_to_provisioning": parse_schema(
        {
            "completion_done": "boolean?",
            "completion_offering": "text?",
            "completion_serial": "text?",
            "network_seen": "boolean?",
            "network_live": "boolean?",
            "network_offering": "text?",
            "order_offering": "text?",
        }
    ),
    "provisioning_to_dispatch": parse_schema(
        {
            "completion_done": "boolean?",
            "completion_serial": "text?",
            "completion_model": "text?",
            "completed_jobs": "integer?",
            "visits": "integer?",
            "fits": "boolean?",
        }
    ),
    "dispatch_to_field": parse_schema(
        {
            "completion_done": "boolean?",
            "first_visit_done": "boolean?",
            "visits": "integer?",
            "network_seen": "boolean?",
            "network_live": "boolean?",
            "network_offering": "text?",
            "order_offering": "text?",
            "fits": "boolean?",
        }
    ),
    "field_to_billing": parse_schema(
        {
            "order_offering": "text?",
            "order_effective_on": "date?",
            "is_courtesy": "boolean?",
            "completion_on": "date?",
            "completion_offering": "text?",
            "network_seen": "boolean?",
            "network_live": "boolean?",
            "network_since": "date?",
            "network_offering": "text?",
            "last_traffic_on": "date?",
            "subscriptions": "integer?",
            "periods": "integer?",
            "periods_apart": "integer?",
            "recurring_apart": "money(2)?",
            "one_time_apart": "money(2)?",
            "discount_apart": "money(2)?",
            "penalty_apart": "money(2)?",
            "recurring_claimed": "money(2)?",
            "one_time_claimed": "money(2)?",
            "discount_claimed": "money(2)?",
            "penalty_claimed": "money(2)?",
            "proven_by": "text?",
            "months_apart": "text?",
        }
    ),
}
"""What further systems say, that neither side had to say; and how far two bills lie apart, month by month.

``*_apart`` adds up absolute differences of single months and charges, so that a month too dear and one too cheap
do not cancel out. ``*_claimed`` is how much of that confirmed findings of a run account for.
"""


NOTHING_DONE: Mapping[Handoff, Mapping[str, EngineValue]] = {
    "order_to_provisioning": {"serviceable": False},
    "provisioning_to_dispatch": {"dispatched": False, "jobs": 0},
    "dispatch_to_field": {"complete": None},
    "field_to_billing": {"bills": False},
}
"""What it means that legacy did nothing for as long as was waited; the comparison says whether that is known."""


def schema_of(handoff: Handoff) -> dict[str, ColumnType]:
    """Columns of a hand-off's row, in order."""
    named = {f"intent_{name}": kind for name, kind in INTENT[handoff].items()}
    named |= {f"observed_{name}": kind for name, kind in OBSERVED[handoff].items()}
    return named | dict(EVIDENCE[handoff])


@dataclass(frozen=True, slots=True)
class ShadowRow:
    """One work of a hand-off, ready to be compared, or still without anything to compare it with.

    Attributes:
        work: ``order/1234``.
        at: the moment from which it counts: when the order was placed, or the job done.
        intent: by the names of ``INTENT``.
        observed: by the names of ``OBSERVED``; None where legacy has not been seen to act.
        evidence: by the names of ``EVIDENCE``.
        otherwise: what stands while legacy does nothing; None where that is ``NOTHING_DONE`` of the hand-off.
    """

    work: str
    at: datetime
    intent: Mapping[str, EngineValue]
    observed: Mapping[str, EngineValue] | None = None
    evidence: Mapping[str, EngineValue] = field(default_factory=dict)
    otherwise: Mapping[str, EngineValue] | None = None

    def after_waiting(self, handoff: Handoff) -> "ShadowRow":
        """The same once nothing was waited for any longer."""
        if self.observed is not None:
            return self
        return replace(self, observed=NOTHING_DONE[handoff] if self.otherwise is None else self.otherwise)

    def columns(self) -> dict[str, EngineValue]:
        """The row under the names that expressions know."""
        named = {f"intent_{name}": value for name, value in self.intent.items()}
        named |= {f"observed_{name}": value for name, value in (self.observed or {}).items()}
        return named | dict(self.evidence)
