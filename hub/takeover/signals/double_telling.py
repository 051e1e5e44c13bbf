"""The hub has told another system the same twice: two wishes, with keys of their own, that mean one thing.

One saga may tell of several pieces that are alike, each by a name of its own; two sagas may not tell the same.
"""

from collections import defaultdict
from collections.abc import Iterator

from handoffs.rollback import Signal
from hub.takeover.signals.acted import order_of, signature
from hub.takeover.signals.look import Look, signal
from storage.effects import Effect

_ONCE_AN_ORDER = frozenset({"start_billing"})
_SAID_AGAIN = frozenset(
    {
        *("update_work_order", "notify_subscriber", "notify_staff", "set_service_status"),
        *("suspend_billing", "resume_billing"),
    }
)
"""Commands that only repeat what is true; a second one changes nothing."""
_FREE_TEXT = ("note", "reason", "title", "body")


def find(look: Look) -> Iterator[Signal]:
    """Subjects of which the same was told twice."""
    told: dict[tuple[str, ...], dict[str, Effect]] = defaultdict(dict)
    for effect in look.acted.effects:
        if effect.command not in _SAID_AGAIN:
            told[_meaning(effect)][effect.idempotency_key] = effect
    for handoff in ("field_to_billing", "dispatch_to_field", "order_to_provisioning"):
        found = {}
        for effects in told.values():
            last = list(effects.values())[-1]
            if len(effects) > 1 and last.handoff == handoff:
                keys = ", ".join(sorted(effects)[:3])
                found[last.subject] = f"{last.command} of {last.subject} was told {len(effects)} times: {keys}"
        yield from signal(look, "double_telling", handoff, found)


def _meaning(effect: Effect) -> tuple[str, ...]:
    """What an effect means, whatever its key; of what is told once an order, whatever day or price it tells."""
    name = effect.idempotency_key.rpartition("/")[2]
    order, code = order_of(effect), str(effect.fields.get("billing_code"))
    if effect.command in _ONCE_AN_ORDER and order is not None:
        return effect.command, order, code, name if name.startswith(effect.command) else ""
    plain = {field: value for field, value in effect.fields.items() if field not in _FREE_TEXT or _is_only(effect)}
    return effect.command, effect.subject, signature(plain)


def _is_only(effect: Effect) -> bool:
    """Whether its words tell one from another: an adjustment names its case in its reason."""
    return effect.command == "post_adjustment"
