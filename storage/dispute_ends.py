"""Disputes of which persons said that they are over."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from canonical_model.billing import Dispute
from canonical_model.errors import ConfigurationError
from storage.schema.acquisition import DISPUTE_END


@dataclass(frozen=True, slots=True)
class DisputeEnd:
    """That a person said so, when and why."""

    said_at: datetime
    said_by: str
    why: str


def dispute_end(connection: Connection, dispute: Dispute) -> DisputeEnd | None:
    """What holds of a dispute as it was opened; None where nobody said that it is over, or took it back."""
    columns = (DISPUTE_END.c.said_at, DISPUTE_END.c.said_by, DISPUTE_END.c.why)
    row = connection.execute(select(*columns).where(*_held(dispute))).one_or_none()
    return None if row is None else DisputeEnd(*row)


def record_dispute_end(connection: Connection, dispute: Dispute, end: DisputeEnd) -> None:
    """Write down that a dispute is over.

    Raises:
        ConfigurationError: somebody has said so already.
    """
    values = {
        "source_system": dispute.source_system,
        "source_object": dispute.source_object,
        "source_id": dispute.source_id,
        "opened_at": dispute.opened_at,
        "said_at": end.said_at,
        "said_by": end.said_by,
        "why": end.why,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(DISPUTE_END).values(**values))
    except IntegrityError as error:
        raise ConfigurationError(f"somebody has said already that dispute {dispute.source} is over") from error


def take_dispute_end_back(connection: Connection, dispute: Dispute, at: datetime, by: str) -> bool:
    """Let what was said of a dispute hold no longer; whether anything did."""
    statement = update(DISPUTE_END).where(*_held(dispute)).values(taken_back_at=at, taken_back_by=by)
    return connection.execute(statement).rowcount > 0


def _held(dispute: Dispute) -> tuple[ColumnElement[bool], ...]:
    table = DISPUTE_END.c
    return (
        table.source_id == dispute.source_id,
        table.source_object == dispute.source_object,
        table.source_system == dispute.source_system,
        table.opened_at == dispute.opened_at,
        table.taken_back_at.is_(None),
    )
