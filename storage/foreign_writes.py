"""What somebody else wrote to work that the hub owns: found once, shown until a person has decided about it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, exists, select, update

from handoffs.stages import Handoff
from storage.rows import to_json
from storage.schema.takeover import FOREIGN_WRITE, WORK_PATH
from storage.upsert import conflict_insert
from storage.work_paths import PATH_COLUMNS, WorkPath

ForeignDecision = Literal["legacy_keeps", "hub_keeps", "harmless"]


@dataclass(frozen=True, slots=True)
class ForeignWrite:
    """One thing that another writer did to work of the hub.

    Attributes:
        kind: ``job_made``, ``job_changed``, ``subscription_made``, ``subscription_changed`` or ``line_changed``.
        thing: what was written: the job, the subscription, the line.
        evidence: what the hub wrote and what is seen, by name; never a secret.
    """

    market: str
    handoff: Handoff
    work: str
    kind: str
    thing: str
    evidence: Mapping[str, Any]
    found_at: datetime
    id: int | None = None
    decision: ForeignDecision | None = None

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self.evidence.items())
        return f"{self.work}: {self.kind.replace('_', ' ')}: {self.thing} ({told})"


_COLUMNS = [
    FOREIGN_WRITE.c[name]
    for name in ("market", "handoff", "work", "kind", "thing", "evidence", "found_at", "id", "decision")
]
_KEY = ("market", "handoff", "work", "kind", "thing")
# built once: asked before each effect and each change of an element, and more costly to put together than to run
_TO_WORK = tuple(FOREIGN_WRITE.c[name] == bindparam(name) for name in ("market", "handoff", "work"))
_STOPS = FOREIGN_WRITE.c.decision.is_(None) | (FOREIGN_WRITE.c.decision == "legacy_keeps")
_STOPPING = (
    select(*_COLUMNS)
    .where(*_TO_WORK, _STOPS)
    .order_by(FOREIGN_WRITE.c.decision.desc().nulls_first(), FOREIGN_WRITE.c.id)
    .limit(1)
)
_PATH = select(*PATH_COLUMNS, exists().where(*_TO_WORK, _STOPS).label("is_stopped")).where(
    *(WORK_PATH.c[name] == bindparam(name) for name in ("market", "handoff", "work"))
)


def note_foreign_writes(connection: Connection, found: Iterable[ForeignWrite]) -> None:
    """Write down what was found; what was found before stays as it was decided."""
    rows = [
        {name: getattr(each, name) for name in (*_KEY, "found_at")} | {"evidence": to_json(each.evidence)}
        for each in found
    ]
    if rows:
        connection.execute(conflict_insert(connection, FOREIGN_WRITE).on_conflict_do_nothing(), rows)


def undecided_foreign_writes(
    connection: Connection, market: str, handoff: Handoff | None = None
) -> list[ForeignWrite]:
    """What nobody has decided about, the oldest first."""
    query = select(*_COLUMNS).where(FOREIGN_WRITE.c.market == market, FOREIGN_WRITE.c.decision.is_(None))
    if handoff is not None:
        query = query.where(FOREIGN_WRITE.c.handoff == handoff)
    return [_write(row) for row in connection.execute(query.order_by(FOREIGN_WRITE.c.id))]


def path_and_stop(
    connection: Connection, market: str, handoff: Handoff, work: str
) -> tuple[WorkPath | None, ForeignWrite | None]:
    """The path of a piece of work, and what keeps it from going on with the hub where it is the hub's.

    That is something that another writer did to it: undecided, or legacy keeps it.
    """
    wanted = {"market": market, "handoff": handoff, "work": work}
    row = connection.execute(_PATH, wanted).one_or_none()
    if row is None:
        return None, None
    *values, is_stopped = row
    path = WorkPath(*values)
    if path.writer != "hub" or not is_stopped:
        return path, None
    stopping = connection.execute(_STOPPING, wanted).one_or_none()
    return path, None if stopping is None else _write(stopping)


def foreign_writes(connection: Connection, market: str, handoff: Handoff) -> list[ForeignWrite]:
    """Everything that was ever found of a hand-off, the oldest first."""
    query = select(*_COLUMNS).where(FOREIGN_WRITE.c.market == market, FOREIGN_WRITE.c.handoff == handoff)
    return [_write(row) for row in connection.execute(query.order_by(FOREIGN_WRITE.c.id))]


def foreign_write_with(connection: Connection, write_id: int) -> ForeignWrite | None:
    """The one of that id."""
    row = connection.execute(select(*_COLUMNS).where(FOREIGN_WRITE.c.id == write_id)).one_or_none()
    return None if row is None else _write(row)


def decide_foreign_write(
    connection: Connection, write_id: int, decision: ForeignDecision, by: str, at: datetime, why: str
) -> None:
    """Write down who decided what about it."""
    values = {"decision": decision, "decided_by": by, "decided_at": at, "why": why}
    connection.execute(update(FOREIGN_WRITE).where(FOREIGN_WRITE.c.id == write_id).values(**values))


def _write(row: Row[Any]) -> ForeignWrite:
    values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns
    return ForeignWrite(**{**values, "evidence": json.loads(values["evidence"])})
