"""What each expectation found in each pull, and in a day's records of the inbox: written with the page, kept a while.

The results of a pull are those of the pages that it has stored, or that stopped it, whenever it ends or is killed.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, delete, func, select

from rules.judgements import Judgement
from storage.rows import to_json
from storage.schema.synchronisation import PULL, QUALITY_RESULT
from storage.upsert import conflict_insert

_KEY = ("pull_id", "entity", "name", "market")
_PLAIN = (
    "entity",
    "name",
    "market",
    "kind",
    "severity",
    "unit",
    "evaluated",
    "failed",
    "observed",
    "verdict",
    "version",
)


@dataclass(frozen=True, slots=True)
class QualityResult:
    """What an expectation found over the pages of a pull.

    Attributes:
        began_at: when the pull began.
    """

    pull_id: int
    stream: str
    began_at: datetime
    judgement: Judgement


def add_judgements(connection: Connection, pull_id: int, judged: Iterable[Judgement]) -> None:
    """Add what expectations found in a page, or at the end, to the results of a pull.

    Call it in the transaction that stores the page, so that one is never there without the other.
    """
    added: dict[tuple[str, str, str], Judgement] = {}
    for one in judged:
        added[one.key] = added[one.key].with_next(one) if one.key in added else one
    if not added:
        return
    before = {one.key: one for one in _judgements(connection, pull_id)}
    pull = connection.execute(
        select(PULL.c.system, PULL.c.stream, PULL.c.started_at).where(PULL.c.id == pull_id)
    ).one()
    common = {"pull_id": pull_id, "system": pull.system, "stream": pull.stream, "began_at": pull.started_at}
    rows = [{**common, **_row(before[key].with_next(one) if key in before else one)} for key, one in added.items()]
    entering = conflict_insert(connection, QUALITY_RESULT)
    renewed = {name: entering.excluded[name] for name in (*_PLAIN, "sample") if name not in _KEY}
    connection.execute(entering.on_conflict_do_update(index_elements=list(_KEY), set_=renewed), rows)


def day_of_results(connection: Connection, visit_id: int, kept: timedelta) -> int:
    """The visit under which results are kept of all visits of its stream on its day (UTC): the first of them.

    Records that come one by one would leave a row for each expectation each time. With the first visit of a day those
    that are older than ``kept`` are forgotten.
    """
    query = select(PULL.c.system, PULL.c.stream, PULL.c.started_at).where(PULL.c.id == visit_id)
    visit = connection.execute(query).one()
    day = visit.started_at.replace(hour=0, minute=0, second=0, microsecond=0)
    table = QUALITY_RESULT
    of_day = (table.c.began_at >= day) & (table.c.began_at < day + timedelta(days=1))
    of_stream = (table.c.system == visit.system, table.c.stream == visit.stream)
    found: int | None = connection.execute(select(func.min(table.c.pull_id)).where(*of_stream, of_day)).scalar_one()
    if found is None:
        forget_results(connection, visit.system, visit.stream, day - kept)
    return visit_id if found is None else found


def latest_results(connection: Connection, system: str, stream: str, most: int) -> list[QualityResult]:
    """Results of the latest pulls or visits of a stream that have any, the newest first."""
    table = QUALITY_RESULT
    of_stream = (table.c.system == system, table.c.stream == stream)
    query = select(table.c.pull_id).where(*of_stream).distinct().order_by(table.c.pull_id.desc()).limit(most)
    return results_of_pulls(connection, list(connection.execute(query).scalars()))


def results_of_pulls(connection: Connection, pull_ids: Collection[int]) -> list[QualityResult]:
    """Results of some pulls, the newest pull first."""
    table = QUALITY_RESULT
    query = (
        select(table)
        .where(table.c.pull_id.in_(pull_ids))
        .order_by(table.c.pull_id.desc(), table.c.entity, table.c.name, table.c.market)
    )
    return [
        QualityResult(row["pull_id"], row["stream"], row["began_at"], _judgement(row))
        for row in connection.execute(query).mappings()
    ]


def judged_keys(connection: Connection, pull_id: int) -> set[tuple[str, str]]:
    """Entity and name of every expectation of which a pull has a result."""
    return {(one.entity, one.name) for one in _judgements(connection, pull_id)}


def forget_results(connection: Connection, system: str, stream: str, before: datetime) -> int:
    """Forget the results of a stream's pulls that began before a moment; returns how many there were."""
    old = and_(
        QUALITY_RESULT.c.system == system, QUALITY_RESULT.c.stream == stream, QUALITY_RESULT.c.began_at < before
    )
    return connection.execute(delete(QUALITY_RESULT).where(old)).rowcount


def _judgements(connection: Connection, pull_id: int) -> list[Judgement]:
    query = select(QUALITY_RESULT).where(QUALITY_RESULT.c.pull_id == pull_id)
    return [_judgement(row) for row in connection.execute(query).mappings()]


def _judgement(row: RowMapping) -> Judgement:
    return Judgement(**{name: row[name] for name in _PLAIN}, sample=tuple(json.loads(row["sample"])))


def _row(judgement: Judgement) -> dict[str, Any]:
    return {**{name: getattr(judgement, name) for name in _PLAIN}, "sample": to_json(list(judgement.sample))}
