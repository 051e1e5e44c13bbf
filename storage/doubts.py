"""Doubt about the journal itself: a backup was restored, and what the hub has told since is not in it."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from storage.audit import note
from storage.effects import Effect
from storage.schema.audit import AUDIT

_ACTION, _SUBJECT = "outbox.doubted", "outbox"
_LAST = (
    select(AUDIT.c.at, AUDIT.c.detail)
    .where(AUDIT.c.subject == bindparam("subject"), AUDIT.c.action == bindparam("action"))
    .order_by(AUDIT.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Since when, and until when, no effect is sent before its system was looked at."""

    since: datetime
    until: datetime

    def covers(self, effect: Effect) -> bool:
        """Whether a queued effect may have happened although the journal knows nothing of it.

        What the journal held when the doubt began may have been sent since it was copied. What is planned while the
        doubt lasts may have been planned, and sent, before. Neither is in doubt any more once a look was taken or a
        person has decided.
        """
        is_untouched = effect.changed_at == effect.enqueued_at
        return effect.changed_at <= self.since or (is_untouched and effect.enqueued_at < self.until)


def begin_doubt(connection: Connection, doubt: Doubt, actor: str, why: str) -> None:
    """Write down that the journal may lack what has happened."""
    note(connection, doubt.since, actor, _ACTION, _SUBJECT, {"until": doubt.until.isoformat(), "why": why})


def last_doubt(connection: Connection) -> Doubt | None:
    """The doubt that began last, whether it lasts or not; None where there never was one."""
    row = connection.execute(_LAST, {"subject": _SUBJECT, "action": _ACTION}).one_or_none()
    if row is None:
        return None
    return Doubt(row.at, datetime.fromisoformat(json.loads(row.detail)["until"]))
