"""Stages of a take-over, as tables: where a stage leads, and who acts in it.

A hand-off is taken over market by market. In ``shadow`` the hub states what it would do and compares it with
what the legacy system was seen to do; it never acts beside it, because a second truck or a second invoice is a
real one. In ``canary`` it acts for a cohort, in ``active`` for all. Every stage but the last can be given back.
"""

from dataclasses import dataclass
from typing import Literal

Handoff = Literal["order_to_provisioning", "provisioning_to_dispatch", "dispatch_to_field", "field_to_billing"]
Mandate = Literal[Handoff, "remedies", "staff"]
"""On what ground the hub acts on another system: a hand-off that it owns, a remedy that somebody approved, or a
message to the operator's own people, which takes nothing from a legacy system."""
TakeoverStage = Literal["observe", "shadow", "canary", "active", "legacy_retired"]
Writer = Literal["legacy", "hub"]
Actor = Literal[Writer, "nobody"]
"""Who acts on a piece of work now; nobody while it is on hold."""

HANDOFFS: tuple[Handoff, ...] = (
    "order_to_provisioning",
    "provisioning_to_dispatch",
    "dispatch_to_field",
    "field_to_billing",
)

LED_BY: dict[Handoff, Handoff] = {"provisioning_to_dispatch": "order_to_provisioning"}
"""Hand-offs in which the hub acts only on orders on which it acts in another one: it makes jobs for the lines that it
reserves itself, and legacy makes those of what legacy provisions."""

MANDATES: tuple[Mandate, ...] = (*HANDOFFS, "remedies", "staff")

STAGES: tuple[TakeoverStage, ...] = ("observe", "shadow", "canary", "active", "legacy_retired")
"""From the first to the last."""

FORWARD: dict[TakeoverStage, TakeoverStage] = {
    "observe": "shadow",
    "shadow": "canary",
    "canary": "active",
    "active": "legacy_retired",
}
"""The next stage; only ever one step, and only through its gate."""

BACK: dict[TakeoverStage, TakeoverStage] = {"shadow": "observe", "canary": "shadow", "active": "shadow"}
"""Where a stage is given back to. A retired legacy system cannot be given anything back."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Who acts on an order, and what else the hub does.

    Attributes:
        actor: the one writer; nobody where the work waits for a decision or for a guard.
        records_intent: whether the hub states what it would do, or has done, for comparison.
        reason: for the person who asks why.
        epoch: of the position by which it was decided; whoever begins on it is refused once that has changed.
        is_begun: whether the work is on its path already.
    """

    actor: Actor
    records_intent: bool
    reason: str
    epoch: int = 0
    is_begun: bool = False


AUTHORITY: dict[tuple[TakeoverStage, bool], Authority] = {
    ("observe", False): Authority("legacy", False, "the hub only watches"),
    ("observe", True): Authority("legacy", False, "the hub only watches"),
    ("shadow", False): Authority("legacy", True, "legacy acts, the hub compares"),
    ("shadow", True): Authority("legacy", True, "legacy acts, the hub compares"),
    ("canary", False): Authority("legacy", True, "the order is outside the cohort"),
    ("canary", True): Authority("hub", True, "the order is in the cohort"),
    ("active", False): Authority("hub", True, "the hub has taken the hand-off over"),
    ("active", True): Authority("hub", True, "the hub has taken the hand-off over"),
    ("legacy_retired", False): Authority("hub", False, "the legacy system is retired"),
    ("legacy_retired", True): Authority("hub", False, "the legacy system is retired"),
}
"""Authority by stage and by whether the order belongs to the cohort."""


def may_move(current: TakeoverStage, target: TakeoverStage) -> bool:
    """Whether a take-over may go from one stage to another in one step."""
    return FORWARD.get(current) == target or BACK.get(current) == target
