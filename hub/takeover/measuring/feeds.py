"""The feeds that a hand-off is judged by, and how fresh they are."""

from collections.abc import Mapping

from handoffs.stages import Handoff
from hub.operator_folder.load import Operator
from hub.takeover.signals.look import Look
from storage.feeds import FeedState, StreamName

JUDGED_BY: dict[Handoff, frozenset[str]] = {
    "order_to_provisioning": frozenset({"ProductOrder", "Premise", "NetworkObservation"}),
    "provisioning_to_dispatch": frozenset({"ProductOrder", "WorkOrder"}),
    "dispatch_to_field": frozenset({"ProductOrder", "WorkOrder", "FieldCompletion", "NetworkObservation"}),
    "field_to_billing": frozenset(
        {"ProductOrder", "FieldCompletion", "NetworkObservation", "Subscription", "ChargeLine"}
    ),
}
"""Entities without which nobody sees what a hand-off does."""


def feeds_for(look: Look, handoff: Handoff) -> Mapping[StreamName, FeedState | None]:
    """The state of each stream that a hand-off is judged by; None where it was never pulled.

    Streams that only listen have no pulls, and are left out.
    """
    return {name: look.feeds.get(name) for name in streams_for(look.operator, look.market.id, handoff)}


def streams_for(operator: Operator, market: str, handoff: Handoff) -> list[StreamName]:
    """System and stream of each mapping that gives an entity which a hand-off is judged by."""
    return [
        (system, mapping.stream)
        for system, mappings in operator.mappings.items()
        if operator.file.systems[system].market in (None, market)
        for mapping in mappings
        if mapping.listens is None and JUDGED_BY[handoff] & {each.entity.__name__ for each in mapping.records}
    ]
