"""A person says that a dispute is over where its system does not; audited, and taken back the same way."""

from sqlalchemy import Connection

from canonical_model.billing import Dispute
from canonical_model.errors import ConfigurationError
from hub.decision import Decision
from hub.operator_folder.acquisitions_file import ACQUISITIONS_FILE
from hub.operator_folder.remedies_file import REMEDIES_FILE
from hub.workplace import Hub
from storage.audit import note
from storage.current_records import current_records
from storage.dispute_ends import DisputeEnd, dispute_end, record_dispute_end, take_dispute_end_back


def is_open(connection: Connection, dispute: Dispute) -> bool:
    """Whether neither its system nor a person says that a dispute is over."""
    return dispute.closed_at is None and dispute_end(connection, dispute) is None


def end_dispute(hub: Hub, name: str, decision: Decision) -> Dispute:
    """Say that a dispute is over, as it was opened: opened anew in its system, it is open again.

    Args:
        hub: the operator's hub.
        name: of its record, ``system/object/id``, as the overlaps of a wave name it.
        decision: who says so, when, and how it ended.

    Raises:
        ConfigurationError: there is no such dispute, it is over already, no reason is given, or this person may not.
        RetryableError: the database is out of reach.
    """
    _refuse_without_reason(name, decision)
    with hub.database.writing() as connection:
        dispute = _known(connection, name)
        _refuse_others(hub, dispute, decision.actor)
        if dispute.closed_at is not None:
            closed = f"{dispute.closed_at:%Y-%m-%d %H:%M} UTC"
            raise ConfigurationError(f"dispute {name} is over: its system closed it at {closed}")
        if (held := dispute_end(connection, dispute)) is not None:
            raise ConfigurationError(f"dispute {name} is over: {held.said_by} said so at {held.said_at:%Y-%m-%d}")
        record_dispute_end(connection, dispute, DisputeEnd(decision.at, decision.actor, decision.why.strip()))
        _audit(connection, dispute, "dispute.ended", decision)
        return dispute


def reopen_dispute(hub: Hub, name: str, decision: Decision) -> Dispute:
    """Take back that a dispute is over.

    Raises:
        ConfigurationError: there is no such dispute, no person has said that it is over, no reason is given, or this
            person may not.
        RetryableError: the database is out of reach.
    """
    _refuse_without_reason(name, decision)
    with hub.database.writing() as connection:
        dispute = _known(connection, name)
        _refuse_others(hub, dispute, decision.actor)
        if not take_dispute_end_back(connection, dispute, decision.at, decision.actor):
            raise ConfigurationError(f"dispute {name}: no person has said that it is over")
        _audit(connection, dispute, "dispute.reopened", decision)
        return dispute


def _known(connection: Connection, name: str) -> Dispute:
    parts = name.split("/", 2)
    if len(parts) == 3:
        system, kind, record = parts
        found = current_records(connection, Dispute, source_system=system, source_object=kind, source_id=record)
        if found:
            return found[0]
    raise ConfigurationError(
        f"there is no dispute {name}; `splice acquisition overlaps MARKET WAVE` names those that are open"
    )


def _refuse_without_reason(name: str, decision: Decision) -> None:
    if not decision.why.strip():
        raise ConfigurationError(f"dispute {name}: say why, for whoever asks later")


def _refuse_others(hub: Hub, dispute: Dispute, person: str) -> None:
    """Who leads an acquisition may say it, as a dispute keeps it waiting; so may who gives money back."""
    blocks = hub.operator.acquisitions.acquisitions.values()
    leading = (name for block in blocks for name in (*block.approvers, *block.deputies))
    paying = (
        each.name for each in hub.operator.remedies.approvers if not each.markets or dispute.market in each.markets
    )
    may = sorted({*leading, *paying})
    if person not in may:
        raise ConfigurationError(
            f"dispute {dispute.source}: {person} may not say whether it is over; those who may, by"
            f" {ACQUISITIONS_FILE} and {REMEDIES_FILE}: {', '.join(may) or 'nobody'}"
        )


def _audit(connection: Connection, dispute: Dispute, action: str, decision: Decision) -> None:
    detail = {
        "account": dispute.account_number,
        "bill": dispute.bill_id,
        "opened_at": dispute.opened_at.isoformat(),
        "why": decision.why.strip(),
    }
    note(connection, decision.at, decision.actor, action, f"dispute/{dispute.source}", detail)
