"""Who may act on a piece of work: by where the take-over stood when it was ordered, and where it stands now; pure.

A piece of work ends on the path on which it began. What was ordered before the hub took over belongs to the legacy
system, whatever the stage is by now; what nobody has touched yet when a hand-off is given back goes back with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handoffs.cohort import WorkFacts
from handoffs.stages import AUTHORITY, Authority, Writer
from handoffs.takeover import Position


@dataclass(frozen=True, slots=True)
class WriterLease:
    """Until when the hub may begin new work of a hand-off in a market; the guard renews it each time it has looked.

    Attributes:
        epoch: of the position that it was given for; one of another epoch is void.
        until: from then on nothing new is begun, until the guard has looked again.
    """

    epoch: int
    until: datetime


def authority_over(since: Sequence[Position], facts: WorkFacts) -> Authority:
    """Who may begin a piece of work that nobody has touched.

    It is the hub's only if it was at every moment since it was ordered: what was ordered before a hand-off was given
    back has been legacy's meanwhile, and stays so when the hub takes over again.

    Args:
        since: every position of the hand-off since the work was ordered, the first the one it stood at then.
        facts: of the work.
    """
    now_at = since[-1]
    decided = replace(AUTHORITY[now_at.stage, now_at.cohort.holds(facts)], epoch=now_at.epoch)
    if decided.actor != "hub":
        return decided
    if any(AUTHORITY[each.stage, each.cohort.holds(facts)].actor != "hub" for each in since):
        when = "" if now_at.since is None else f" on {now_at.since:%Y-%m-%d %H:%M} UTC"
        return replace(decided, actor="legacy", reason=f"it was ordered before the hub took over{when}")
    if now_at.is_held:
        return replace(decided, actor="nobody", reason=f"the line is stopped: {now_at.why}")
    return decided


def authority_on_path(writer: Writer, now_at: Position) -> Authority:
    """Who goes on with a piece of work that was begun.

    Args:
        writer: who began it.
        now_at: where the hand-off stands now.
    """
    records_intent = AUTHORITY[now_at.stage, True].records_intent
    if writer == "hub" and now_at.is_held:
        return Authority("nobody", records_intent, f"the line is stopped: {now_at.why}", now_at.epoch, is_begun=True)
    said = f"the work began with {writer} and ends there"
    return Authority(writer, records_intent, said, now_at.epoch, is_begun=True)


def under_lease(authority: Authority, position: Position, lease: WriterLease | None, now: datetime) -> Authority:
    """The same for new work, if somebody watches: without a guard nothing would be given back in time.

    A hand-off that was declared taken over, and never moved, needs no lease.
    """
    if authority.actor != "hub" or position.epoch == 0:
        return authority
    if lease is not None and lease.epoch == position.epoch and now < lease.until:
        return authority
    looked = "has not looked yet" if lease is None else f"was to look again by {lease.until:%Y-%m-%d %H:%M} UTC"
    said = f"the guard of {position.handoff} in {position.market} {looked}: nothing new is begun"
    return replace(authority, actor="nobody", reason=said)
