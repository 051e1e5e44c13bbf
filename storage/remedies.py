"""Remedies of cases, as they stand; what happened to them is in the journal of their cases."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from handoffs.effect_states import EffectState
from reconciliation.remedies import RemedyState
from rules.remedy import RemedyKind
from storage.rows import to_json
from storage.schema.cases import FINDING_CASE, REMEDY
from storage.schema.effects import EFFECT
from storage.upsert import conflict_insert


@dataclass(frozen=True, slots=True)
class Remedy:
    """A remedy; attributes as the columns of ``storage.schema.cases``.

    Attributes:
        amount_minor: what it moves, positive; 0 where it moves no money by itself.
        of_minor: the finding's money when it was proposed.
        settled_minor: what adjustments had brought for the case by then.
        task: what a person has to do; empty where it is a command.
        effect_state: of its effect in the outbox; not kept here, but there.
    """

    fingerprint: str
    number: int
    kind: RemedyKind
    state: RemedyState
    amount_minor: int
    of_minor: int
    settled_minor: int
    proposed_by: str
    proposed_at: datetime
    revision: int = 1
    fields: dict[str, Any] = field(default_factory=dict)
    task: str = ""
    approved_by: str | None = None
    approved_at: datetime | None = None
    effect_id: int | None = None
    came_minor: int | None = None
    effect_state: EffectState | None = None

    @property
    def key(self) -> str:
        """The idempotency key of its command; another one after it went back to proposed."""
        return f"case-{self.fingerprint}-{self.number}.{self.revision}"


_KEPT = [each.name for each in fields(Remedy) if each.name != "effect_state"]
_KEY = ("fingerprint", "number")


def remedies_of_case(connection: Connection, fingerprint: str) -> list[Remedy]:
    """The remedies of a case, oldest first; whoever changes them holds the case."""
    return _by_case(connection, REMEDY.c.fingerprint == fingerprint).get(fingerprint, [])


def remedies_of_market(
    connection: Connection, market: str, states: Collection[RemedyState] | None = None
) -> dict[str, list[Remedy]]:
    """The remedies of a market's cases, by fingerprint, oldest first."""
    here = REMEDY.c.fingerprint.in_(
        select(FINDING_CASE.c.fingerprint).where(FINDING_CASE.c.market == market).scalar_subquery()
    )
    return _by_case(connection, here if states is None else here & REMEDY.c.state.in_(states))


def keep_remedies(connection: Connection, remedies: Iterable[Remedy], at: datetime) -> None:
    """Write remedies, new ones and such that changed."""
    rows = [_row(remedy, at) for remedy in remedies]
    if rows:
        entering = conflict_insert(connection, REMEDY)
        renewed = {name: entering.excluded[name] for name in (*_KEPT, "changed_at") if name not in _KEY}
        connection.execute(entering.on_conflict_do_update(index_elements=list(_KEY), set_=renewed), rows)


def _row(remedy: Remedy, at: datetime) -> dict[str, Any]:
    values = {name: getattr(remedy, name) for name in _KEPT}
    return {**values, "fields": to_json(remedy.fields), "changed_at": at}


def _by_case(connection: Connection, wanted: ColumnElement[bool]) -> dict[str, list[Remedy]]:
    query = (
        select(*(REMEDY.c[name] for name in _KEPT), EFFECT.c.state.label("effect_state"))
        .join_from(REMEDY, EFFECT, REMEDY.c.effect_id == EFFECT.c.id, isouter=True)
        .where(wanted)
        .order_by(REMEDY.c.fingerprint, REMEDY.c.number)
    )
    found: dict[str, list[Remedy]] = defaultdict(list)
    for row in connection.execute(query):
        values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns
        found[row.fingerprint].append(Remedy(**{**values, "fields": json.loads(row.fields)}))
    return dict(found)
