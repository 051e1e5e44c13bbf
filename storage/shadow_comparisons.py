"""How intents compared with what legacy was seen to do: every comparison stays, the last one of a work counts."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast, get_args

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from handoffs.comparison import ComparisonClass, Tally
from handoffs.shadow.comparing import Compared, Difference
from handoffs.shadow.rows import EVIDENCE, OBSERVED, ShadowRow
from handoffs.stages import Handoff
from rules.types import EngineValue
from storage.rows import to_json
from storage.schema.shadow import SHADOW_COMPARISON, SHADOW_INTENT
from storage.schema.takeover import WORK_PATH
from storage.shadow_intents import as_text, from_text, last_pass

_TABLE = SHADOW_COMPARISON
_MOST = 500


@dataclass(frozen=True, slots=True)
class NewComparison:
    """What came of a comparison, and of which intent."""

    intent_id: int
    row: ShadowRow
    compared: Compared


@dataclass(frozen=True, slots=True)
class StoredComparison:
    """A comparison as it was kept.

    Attributes:
        counts_from: the moment from which the work counts.
        superseded_at: since when a later one counts instead.
        intent, observed, evidence: what was compared; ``observed`` is None where legacy did nothing.
    """

    id: int
    market: str
    handoff: Handoff
    work: str
    counts_from: datetime
    compared_at: datetime
    superseded_at: datetime | None
    kind: ComparisonClass
    intent: Mapping[str, Any]
    observed: Mapping[str, EngineValue] | None
    evidence: Mapping[str, EngineValue]
    differences: tuple[Difference, ...]
    money_minor: int
    unexplained_minor: int
    critical: bool
    versions: str


def keep_comparisons(
    connection: Connection,
    market: str,
    handoff: Handoff,
    comparisons: Iterable[NewComparison],
    versions: str,
    at: datetime,
) -> None:
    """Write comparisons down; those of the same works before stay and count no more.

    Args:
        connection: of a writing transaction that has changed their intents: of two at once the second one waits.
        market: of all of them.
        handoff: likewise.
        comparisons: one a work.
        versions: fingerprint of what they stand on.
        at: this moment.
    """
    news = list(comparisons)
    ids = [each.intent_id for each in news]
    for start in range(0, len(ids), _MOST):
        some = ids[start : start + _MOST]
        counted = _TABLE.c.intent_id.in_(some) & _TABLE.c.superseded_at.is_(None)
        connection.execute(update(_TABLE).where(counted).values(superseded_at=at))
    if news:
        connection.execute(insert(_TABLE), [_values(each, market, handoff, versions, at) for each in news])


def _values(new: NewComparison, market: str, handoff: Handoff, versions: str, at: datetime) -> dict[str, Any]:
    row, compared = new.row, new.compared
    return {
        "intent_id": new.intent_id,
        "market": market,
        "handoff": handoff,
        "work": row.work,
        "counts_from": row.at,
        "compared_at": at,
        "superseded_at": None,
        "class": compared.kind,
        "intent": as_text(row.intent),
        "observed": "null" if row.observed is None else as_text(row.observed),
        "evidence": as_text(row.evidence),
        "differences": to_json([asdict(each) for each in compared.differences]),
        "money_minor": compared.money_minor,
        "unexplained_minor": compared.unexplained_minor,
        "critical": compared.is_critical,
        "versions": versions,
    }


def comparisons_of(
    connection: Connection,
    market: str,
    handoff: Handoff,
    *,
    works: Collection[str] | None = None,
    kinds: Sequence[ComparisonClass] | None = None,
    history: bool = False,
    most: int | None = None,
) -> list[StoredComparison]:
    """Comparisons of a hand-off, the latest first.

    Args:
        connection: of a transaction.
        market: of the hand-off.
        handoff: which.
        works: only of these.
        kinds: only of these classes.
        history: those that count no more as well.
        most: at most so many.
    """
    query = select(_TABLE).where(_TABLE.c.market == market, _TABLE.c.handoff == handoff)
    if not history:
        query = query.where(_TABLE.c.superseded_at.is_(None))
    if kinds is not None:
        query = query.where(_TABLE.c["class"].in_(list(kinds)))
    ordered = query.order_by(_TABLE.c.compared_at.desc(), _TABLE.c.id.desc()).limit(most)
    if works is None:
        return [_stored(row) for row in connection.execute(ordered)]
    found, sought = [], sorted(set(works))
    for start in range(0, len(sought), _MOST):
        some = sought[start : start + _MOST]
        found += [_stored(row) for row in connection.execute(ordered.where(_TABLE.c.work.in_(some)))]
    return found


def complete_packages(connection: Connection, market: str, since: datetime) -> tuple[int, int]:
    """Of the jobs that were compared since a moment, those that the hub would have told completely; and all."""
    query = select(_TABLE.c.intent).where(
        _TABLE.c.market == market,
        _TABLE.c.handoff == "dispatch_to_field",
        _TABLE.c.superseded_at.is_(None),
        _TABLE.c.compared_at >= since,
    )
    told = [json.loads(intent).get("complete") is True for intent in connection.execute(query).scalars()]
    return sum(told), len(told)


def tally(
    connection: Connection,
    market: str,
    handoff: Handoff,
    since: datetime,
    versions: str | None = None,
    settled: datetime | None = None,
) -> Tally:
    """What the comparisons of a hand-off came to since its clock was set.

    Args:
        connection: of a transaction.
        market: of the hand-off.
        handoff: which.
        since: comparisons made before it do not count.
        versions: only those that stand on this; None for all.
        settled: intents about works that began later wait without being missed; None where all that wait count.
    """
    counted: list[ColumnElement[bool]] = [
        _TABLE.c.market == market,
        _TABLE.c.handoff == handoff,
        _TABLE.c.superseded_at.is_(None),
        _TABLE.c.compared_at >= since,
    ]
    if versions is not None:
        counted.append(_TABLE.c.versions == versions)
    # what the hub did itself is no evidence of what legacy did
    by_hub = select(WORK_PATH.c.work).where(
        WORK_PATH.c.market == market, WORK_PATH.c.handoff == handoff, WORK_PATH.c.writer == "hub"
    )
    counted.append(_TABLE.c.work.not_in(by_hub))
    name = _TABLE.c["class"]
    by_class = connection.execute(select(name, func.count()).where(*counted).group_by(name)).all()
    critical = select(func.count()).where(*counted, _TABLE.c.critical.is_(True))
    bounds = select(
        func.coalesce(func.sum(_TABLE.c.unexplained_minor), 0),
        func.min(_TABLE.c.compared_at),
        func.max(_TABLE.c.compared_at),
    )
    unexplained, first_at, last_at = connection.execute(bounds.where(*counted)).one()
    return Tally(
        counts={cast("ComparisonClass", kind): number for kind, number in by_class if kind in _CLASSES},
        critical=connection.execute(critical).scalar_one(),
        waiting=_waiting(connection, market, handoff, settled),
        bills_compared=_bills_compared(connection, counted) if handoff == "field_to_billing" else 0,
        unexplained_minor=int(unexplained),
        first_at=first_at,
        last_at=last_at,
        looked_at=None if (passed := last_pass(connection, market, handoff)) is None else passed.passed_at,
    )


_CLASSES = get_args(ComparisonClass)


def _bills_compared(connection: Connection, counted: Sequence[ColumnElement[bool]]) -> int:
    """Comparisons of a service that both sides bill, of which a period was billed or due."""
    rows = connection.execute(select(_TABLE.c.intent, _TABLE.c.observed, _TABLE.c.evidence).where(*counted))
    return sum(
        bool((json.loads(evidence).get("periods") or 0) and _bills(intent) and _bills(observed))
        for intent, observed, evidence in rows
    )


def _bills(side: str) -> bool:
    return (json.loads(side) or {}).get("bills") is True


def _waiting(connection: Connection, market: str, handoff: Handoff, settled: datetime | None) -> int:
    table = SHADOW_INTENT
    waits = [table.c.market == market, table.c.handoff == handoff, table.c.state == "waiting"]
    if settled is not None:
        waits.append(table.c.counts_from < settled)
    return connection.execute(select(func.count()).select_from(table).where(*waits)).scalar_one()


def _stored(row: Row[Any]) -> StoredComparison:
    values = row._mapping  # noqa: SLF001 - the public name of a row's columns
    handoff = cast("Handoff", row.handoff)
    return StoredComparison(
        id=row.id,
        market=row.market,
        handoff=handoff,
        work=row.work,
        counts_from=row.counts_from,
        compared_at=row.compared_at,
        superseded_at=row.superseded_at,
        kind=values["class"],
        intent=json.loads(row.intent),
        observed=None if row.observed == "null" else from_text(row.observed, OBSERVED[handoff]),
        evidence=from_text(row.evidence, EVIDENCE[handoff]),
        differences=tuple(Difference(**each) for each in json.loads(row.differences)),
        money_minor=row.money_minor,
        unexplained_minor=row.unexplained_minor,
        critical=bool(row.critical),
        versions=row.versions,
    )
