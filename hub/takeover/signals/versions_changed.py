"""Rules, mappings, drivers, catalogue or policy that are other than when the guard looked last."""

from collections.abc import Iterator

from handoffs.rollback import Signal
from handoffs.stages import HANDOFFS
from hub.takeover.measuring.versions import versions_of
from hub.takeover.signals.look import Look, signal
from storage.gate_clocks import GateClock, clock_of


def find(look: Look) -> Iterator[Signal]:
    """What changed of each hand-off; told once, since the guard notes it."""
    for handoff in HANDOFFS:
        before = clock_of(look.connection, look.market.id, handoff)
        now = versions_of(look.operator, look.market.id, handoff)
        changed = GateClock(now.fingerprint, now.parts, look.now).changed(before)
        if before is not None and changed:
            said = {name: f"{name} changed since {before.since:%Y-%m-%d %H:%M} UTC" for name in changed}
            yield from signal(look, "versions_changed", handoff, said)
