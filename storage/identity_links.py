"""Links between records of one customer or premise: what runs find, what a person answers, and every step of each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select, update

from canonical_model.record import SourceReference
from identity.answers import Answer, Answered, LinkState
from identity.pairs import Basis, Evidence
from identity.settings import Subject
from storage.identity_steps import append_step, evidence_from, stored_evidence
from storage.schema.identity import IDENTITY_LINK

Ends = tuple[SourceReference, SourceReference]
"""The two records of a link, the lesser name first."""


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A pair as a run sees it.

    Attributes:
        state: ``linked`` or ``review``.
        evidence: what its weight is made of, the heaviest first.
        weights_version: of what was learnt; None where the shares of the settings were used.
        pattern: what agrees and what differs, in words.
    """

    ends: Ends
    state: LinkState
    basis: Basis
    reason: str
    probability: float | None
    weight: float | None
    evidence: Sequence[Evidence]
    settings_version: int
    weights_version: int | None = None
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class IdentityLink:
    """A link as it is stored.

    Attributes:
        reason: why the last run found it as it did.
        decided_by: the person whose answer holds; None while none does.
        why: that person's reason.
    """

    id: int
    subject: Subject
    ends: Ends
    state: LinkState
    basis: Basis
    reason: str
    probability: float | None
    weight: float | None
    evidence: tuple[Evidence, ...]
    settings_version: int
    weights_version: int | None
    pattern: str
    found_at: datetime
    changed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    why: str | None

    @property
    def is_decided(self) -> bool:
        """Whether a person's answer holds."""
        return self.decided_by is not None

    @property
    def names(self) -> tuple[str, str]:
        """The two records by name."""
        return str(self.ends[0]), str(self.ends[1])


@dataclass(slots=True)
class LinkChanges:
    """What a run changed."""

    new: int = 0
    changed: int = 0
    lapsed: int = 0
    left_to_persons: int = 0


def identity_links(
    connection: Connection,
    states: Collection[LinkState] | None = None,
    subject: Subject | None = None,
    record: SourceReference | None = None,
    most: int | None = None,
    pattern: str | None = None,
) -> list[IdentityLink]:
    """Links in the given states or all: the surest first, then in the order in which they were found."""
    table = IDENTITY_LINK
    query = select(table).order_by(func.coalesce(table.c.weight, 0).desc(), table.c.id)
    if states is not None:
        query = query.where(table.c.state.in_(states))
    if subject is not None:
        query = query.where(table.c.subject == subject)
    if pattern is not None:
        query = query.where(table.c.pattern == pattern)
    if record is not None:
        query = query.where(or_(_is(record, "left"), _is(record, "right")))
    return [_link_of(row) for row in connection.execute(query.limit(most))]


def link_with(connection: Connection, link_id: int, *, locked: bool = False) -> IdentityLink | None:
    """The link of that number, if wanted locked until the end of the transaction."""
    query = select(IDENTITY_LINK).where(IDENTITY_LINK.c.id == link_id)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    return None if row is None else _link_of(row)


def count_by_state(connection: Connection, subject: Subject | None = None) -> dict[str, int]:
    """How many links there are in each state that has any."""
    table = IDENTITY_LINK
    query = select(table.c.state, func.count()).group_by(table.c.state).order_by(table.c.state)
    if subject is not None:
        query = query.where(table.c.subject == subject)
    return {row[0]: row[1] for row in connection.execute(query)}


def record_run(
    connection: Connection,
    subject: Subject,
    known: Iterable[IdentityLink],
    found: Iterable[FoundLink],
    at: datetime,
) -> LinkChanges:
    """Store what a run found; what a person answered stays as it is.

    A link that no run finds any more lapses; its number and its steps stay.

    Args:
        connection: of the writing transaction in which ``known`` was read.
        subject: what the run was about.
        known: every link of the subject.
        found: every pair that the run would join or ask about.
        at: when the run was.
    """
    changes = LinkChanges()
    left = {link.ends: link for link in known}
    for link in found:
        before = left.pop(link.ends, None)
        if before is None:
            changes.new += 1
            _insert(connection, subject, link, at)
        elif before.is_decided:
            changes.left_to_persons += 1
        else:
            has_changed = (before.state, before.basis, before.reason) != (link.state, link.basis, link.reason)
            changes.changed += has_changed
            _update(connection, before.id, _seen(link) | ({"changed_at": at} if has_changed else {}))
            if has_changed:
                append_step(connection, before.id, "changed", _seen(link), at, "run")
    for link_id in (link.id for link in left.values() if not link.is_decided and link.state != "lapsed"):
        changes.lapsed += 1
        _lapse(connection, link_id, at)
    return changes


def record_answer(
    connection: Connection,
    link: IdentityLink,
    answer: Answer,
    after: Answered,
    actor: str,
    at: datetime,
    why: str,
    batch: int | None = None,
) -> IdentityLink:
    """Store what a person said of a link; the caller has locked it."""
    person = (actor, at, why) if after.is_decided else (None, None, None)
    values = dict(zip(("decided_by", "decided_at", "why"), person, strict=True))
    _update(connection, link.id, {**values, "state": after.state, "changed_at": at})
    step = {
        "state": after.state,
        "basis": link.basis,
        "reason": why,
        "probability": link.probability,
        "evidence": stored_evidence(link.evidence),
        "settings_version": link.settings_version,
        "weights_version": link.weights_version,
        "batch": batch,
    }
    append_step(connection, link.id, answer, step, at, actor)
    changed = link_with(connection, link.id)
    if changed is None:
        raise LookupError(f"link {link.id} vanished while it was locked")
    return changed


def _insert(connection: Connection, subject: Subject, link: FoundLink, at: datetime) -> None:
    values = _seen(link)
    ends = {
        f"{side}_{part}": getattr(end, part)
        for side, end in zip(("left", "right"), link.ends, strict=True)
        for part in ("system", "object", "id")
    }
    statement = insert(IDENTITY_LINK).values(subject=subject, **ends, **values, found_at=at, changed_at=at)
    link_id = connection.execute(statement.returning(IDENTITY_LINK.c.id)).scalar_one()
    append_step(connection, link_id, "found", values, at, "run")


def _lapse(connection: Connection, link_id: int, at: datetime) -> None:
    values = {"state": "lapsed", "reason": "no run finds it any more", "changed_at": at}
    _update(connection, link_id, values)
    row = connection.execute(select(IDENTITY_LINK).where(IDENTITY_LINK.c.id == link_id)).one()._mapping  # noqa: SLF001
    kept = ("state", "basis", "reason", "probability", "evidence", "settings_version", "weights_version")
    append_step(connection, link_id, "lapsed", {name: row[name] for name in kept}, at, "run")


def _seen(link: FoundLink) -> dict[str, Any]:
    return {
        "state": link.state,
        "basis": link.basis,
        "reason": link.reason,
        "probability": link.probability,
        "weight": link.weight,
        "evidence": stored_evidence(link.evidence),
        "settings_version": link.settings_version,
        "weights_version": link.weights_version,
        "pattern": link.pattern,
    }


def _update(connection: Connection, link_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(IDENTITY_LINK).values(**values).where(IDENTITY_LINK.c.id == link_id))


def _is(record: SourceReference, side: str) -> ColumnElement[bool]:
    return and_(*(IDENTITY_LINK.c[f"{side}_{part}"] == getattr(record, part) for part in ("id", "object", "system")))


def _link_of(row: Row[Any]) -> IdentityLink:
    ends = (
        SourceReference(row.left_system, row.left_object, row.left_id),
        SourceReference(row.right_system, row.right_object, row.right_id),
    )
    return IdentityLink(
        row.id,
        row.subject,
        ends,
        row.state,
        row.basis,
        row.reason,
        row.probability,
        row.weight,
        evidence_from(row.evidence),
        row.settings_version,
        row.weights_version,
        row.pattern,
        row.found_at,
        row.changed_at,
        row.decided_by,
        row.decided_at,
        row.why,
    )
