"""Find what another writer did to work of the hub in a market, and decide what becomes of it."""

from datetime import datetime

from canonical_model.errors import ConfigurationError
from handoffs.stages import HANDOFFS, Handoff
from hub.decision import Decision
from hub.snapshots import market_of
from hub.takeover.foreign.jobs import foreign_jobs
from hub.takeover.foreign.lines import foreign_lines
from hub.takeover.foreign.subscriptions import foreign_subscriptions
from hub.workplace import Hub
from storage.audit import note
from storage.foreign_writes import (
    ForeignDecision,
    ForeignWrite,
    decide_foreign_write,
    foreign_write_with,
    note_foreign_writes,
    undecided_foreign_writes,
)
from storage.work_paths import WorkPath, paths_of


def find_foreign_writes(hub: Hub, market_id: str, now: datetime) -> list[ForeignWrite]:
    """Look what systems show of the hub's works that the hub never told them; gives all that nobody has decided.

    What may just be arriving is looked at the next time. Looking twice finds nothing twice.

    Args:
        hub: the operator's hub.
        market_id: where.
        now: this moment.

    Raises:
        ConfigurationError: there is no such market.
        RetryableError: the database is out of reach.
    """
    market = market_of(hub.operator, market_id)
    with hub.database.reading() as connection:
        paths: dict[Handoff, list[WorkPath]] = {
            handoff: paths_of(connection, market_id, handoff, writer="hub") for handoff in HANDOFFS
        }
        found = [
            *foreign_lines(connection, paths["order_to_provisioning"], now),
            *foreign_jobs(connection, paths["provisioning_to_dispatch"], now),
            *foreign_subscriptions(connection, market, paths["field_to_billing"], now),
        ]
    with hub.database.writing() as connection:
        note_foreign_writes(connection, found)
        return undecided_foreign_writes(connection, market_id)


def decide(hub: Hub, write_id: int, decision: ForeignDecision, by: Decision) -> ForeignWrite:
    """Decide about what another writer did: who keeps the work is for a person to say, never for a guess.

    Raises:
        ConfigurationError: there is no such finding, it is decided, or no reason is given.
        RetryableError: the database is out of reach.
    """
    if not by.why.strip():
        raise ConfigurationError("a decision about a foreign write needs a reason")
    with hub.database.journaling() as connection:
        found = foreign_write_with(connection, write_id)
        if found is None:
            raise ConfigurationError(f"there is no foreign write {write_id}; `splice market foreign` shows them")
        if found.decision is not None:
            raise ConfigurationError(f"foreign write {write_id} is decided: {found.decision}")
        decide_foreign_write(connection, write_id, decision, by.actor, by.at, by.why.strip())
        detail = {"decision": decision, "why": by.why.strip(), "work": found.work, "thing": found.thing}
        note(connection, by.at, by.actor, "takeover.foreign_write", f"{found.market}/{found.handoff}", detail)
    return found
