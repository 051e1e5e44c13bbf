"""The legacy system acted on a work that the hub owns; whoever watches for that tells it here."""

from collections.abc import Iterator

from handoffs.rollback import Signal
from hub.takeover.signals.look import Look, signal


def find(look: Look) -> Iterator[Signal]:
    """Works on which two have written, by hand-off."""
    for handoff, works in look.foreign_writes(look.connection, look.market.id).items():
        ours = [work for work in works if look.works is None or work in look.works]
        said = {work: f"the legacy system acted on {work}, which the hub owns" for work in ours}
        yield from signal(look, "foreign_write", handoff, said)
