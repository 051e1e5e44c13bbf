"""The intents of the hub in the shadow of legacy, and how far a market was looked at."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update

from handoffs.shadow.rows import INTENT
from handoffs.stages import Handoff
from rules.types import EngineValue, Schema
from storage.rows import to_json
from storage.schema.shadow import SHADOW_INTENT, SHADOW_PASS
from storage.upsert import conflict_insert

IntentState = Literal["waiting", "compared", "lapsed"]
"""Legacy has not acted yet; both sides are known; legacy did nothing for as long as was waited."""

_MOST = 500
"""Values in one statement."""


@dataclass(frozen=True, slots=True)
class StoredIntent:
    """What the hub would have done with a work.

    Attributes:
        id: of the store.
        counts_from: when legacy should have begun to act.
        versions: fingerprint of what it stands on.
        fields: by the names of ``handoffs.shadow.rows.INTENT``.
    """

    id: int
    market: str
    handoff: Handoff
    work: str
    counts_from: datetime
    computed_at: datetime
    versions: str
    fields: Mapping[str, EngineValue]
    state: IntentState


@dataclass(frozen=True, slots=True)
class ShadowPass:
    """How far a hand-off of a market was looked at.

    Attributes:
        read_until: records that were known by then were looked at.
        bills_of: version of the bills that were compared, and of what proved them wrong; empty where none were.
    """

    read_until: datetime
    passed_at: datetime
    versions: str
    bills_of: str


def keep_intents(
    connection: Connection,
    market: str,
    handoff: Handoff,
    intents: Iterable[tuple[str, datetime, Mapping[str, EngineValue]]],
    versions: str,
    at: datetime,
) -> None:
    """Write intents down, in the place of what was intended for the same works before; they wait to be compared.

    Args:
        connection: of a writing transaction.
        market: of all of them.
        handoff: likewise.
        intents: work, the moment from which it counts, and fields.
        versions: fingerprint of what they stand on.
        at: this moment.
    """
    table = SHADOW_INTENT
    for work, counts_from, fields in intents:
        key = {"market": market, "handoff": handoff, "work": work}
        values = {
            "counts_from": counts_from,
            "computed_at": at,
            "versions": versions,
            "fields": as_text(fields),
            "state": "waiting",
        }
        statement = conflict_insert(connection, table).values(**key, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def set_state(connection: Connection, ids: Sequence[int], state: IntentState) -> None:
    """Move intents on."""
    for start in range(0, len(ids), _MOST):
        some = list(ids[start : start + _MOST])
        connection.execute(update(SHADOW_INTENT).where(SHADOW_INTENT.c.id.in_(some)).values(state=state))


def stored_intents(
    connection: Connection,
    market: str,
    handoff: Handoff,
    *,
    works: Sequence[str] | None = None,
    states: Sequence[IntentState] | None = None,
) -> list[StoredIntent]:
    """Intents of a hand-off, by their works: those of some works, in some states, or all."""
    table = SHADOW_INTENT
    query = select(table).where(table.c.market == market, table.c.handoff == handoff).order_by(table.c.work)
    if states is not None:
        query = query.where(table.c.state.in_(list(states)))
    if works is None:
        return [_intent(row) for row in connection.execute(query)]
    found = []
    for start in range(0, len(works), _MOST):
        some = list(works[start : start + _MOST])
        found += [_intent(row) for row in connection.execute(query.where(table.c.work.in_(some)))]
    return found


def last_pass(connection: Connection, market: str, handoff: Handoff) -> ShadowPass | None:
    """How far a hand-off was looked at; None where it never was."""
    table = SHADOW_PASS
    query = select(table).where(table.c.market == market, table.c.handoff == handoff)
    row = connection.execute(query).one_or_none()
    return None if row is None else ShadowPass(row.read_until, row.passed_at, row.versions, row.bills_of)


def note_pass(connection: Connection, market: str, handoff: Handoff, passed: ShadowPass) -> None:
    """Note how far a hand-off was looked at."""
    key = {"market": market, "handoff": handoff}
    values = {
        "read_until": passed.read_until,
        "passed_at": passed.passed_at,
        "versions": passed.versions,
        "bills_of": passed.bills_of,
    }
    statement = conflict_insert(connection, SHADOW_PASS).values(**key, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def as_text(fields: Mapping[str, EngineValue]) -> str:
    """Values of a row as JSON text: moments and days as ISO text."""
    return to_json({name: _plain(value) for name, value in fields.items()})


def from_text(text: str, schema: Schema) -> dict[str, EngineValue]:
    """What ``as_text`` was given, for columns of a schema; those that it knows no more are left out."""
    return dict(_typed(json.loads(text), schema))


def _plain(value: EngineValue) -> str | int | bool | float | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _typed(values: Mapping[str, Any], schema: Schema) -> Iterator[tuple[str, EngineValue]]:
    for name, value in values.items():
        kind = None if name not in schema else schema[name].kind
        if kind == "date" and value is not None:
            yield name, date.fromisoformat(value)
        elif kind == "timestamp" and value is not None:
            yield name, datetime.fromisoformat(value)
        elif kind is not None:
            yield name, value


def _intent(row: Row[Any]) -> StoredIntent:
    return StoredIntent(
        id=row.id,
        market=row.market,
        handoff=row.handoff,
        work=row.work,
        counts_from=row.counts_from,
        computed_at=row.computed_at,
        versions=row.versions,
        fields=from_text(row.fields, INTENT[row.handoff]),
        state=row.state,
    )
