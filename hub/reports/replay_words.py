"""Words of a replay: hand-offs, classes and fields as a market operator says them."""

from handoffs.comparison import ComparisonClass
from handoffs.shadow.comparing import Shown
from handoffs.stages import Handoff

HANDOFF_NAMES: dict[Handoff, str] = {
    "order_to_provisioning": "Order to provisioning",
    "provisioning_to_dispatch": "Provisioning to dispatch",
    "dispatch_to_field": "Dispatch to field",
    "field_to_billing": "Field to billing",
}

CLASS_NAMES: dict[ComparisonClass, str] = {
    "match": "the same",
    "match_after_normalising": "the same, spelled otherwise",
    "explained": "explained",
    "legacy_wrong": "legacy wrong, proven",
    "hub_wrong": "hub wrong, proven",
    "unknown": "unknown",
}

CLASS_TONES: dict[ComparisonClass, str] = {
    "match": "good",
    "match_after_normalising": "good",
    "explained": "good",
    "legacy_wrong": "good",
    "hub_wrong": "gap",
    "unknown": "gap",
}


def percent(share: float) -> str:
    """A share as people read it; it is never rounded up to everything, nor down to nothing."""
    if 0 < share < 0.0001:
        return "less than 0.01 %"
    if 0.9999 < share < 1:
        return "more than 99.99 %"
    return f"{share * 100:.2f} %"


def said(value: Shown) -> str:
    """A value of one side."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
