"""When the records of a subject were compared last."""

from datetime import datetime

from sqlalchemy import Connection, select

from identity.settings import Subject
from storage.schema.acquisition import IDENTITY_RUN
from storage.upsert import conflict_insert


def record_matched(connection: Connection, subject: Subject, at: datetime) -> None:
    """Write down that a run has compared the records of a subject."""
    statement = conflict_insert(connection, IDENTITY_RUN).values(subject=subject, matched_at=at)
    connection.execute(statement.on_conflict_do_update(index_elements=["subject"], set_={"matched_at": at}))


def matched_at(connection: Connection, subject: Subject) -> datetime | None:
    """When that was; None where it never was."""
    query = select(IDENTITY_RUN.c.matched_at).where(IDENTITY_RUN.c.subject == subject)
    found: datetime | None = connection.execute(query).scalar_one_or_none()
    return found
