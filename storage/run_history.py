"""The runs of a market whose findings stood, one after the other, from what is kept with them."""

import json
from collections import Counter
from typing import Any

from sqlalchemy import Connection, Row, func, select

from reconciliation.run_history import TREND_KPIS, PastRun, RuleTotal
from storage.run_kpis import kpis_of_runs
from storage.runs import Run
from storage.schema.cases import CASE_EVENT
from storage.schema.reconciliation import RECONCILIATION_RUN
from storage.schema.run_results import RUN_TALLY, RUN_TOTAL

MOST_RUNS = 120
_NEW, _AGAIN, _GONE, _CAME = "found", "found_again", "gone", ("recovered", "refunded")


def run_history(connection: Connection, run: Run) -> tuple[PastRun, ...]:
    """The runs of a market up to one of them, the oldest first, at most ``MOST_RUNS``.

    Of several over one moment the last one counts, with what all of them changed. Runs that failed, that were only
    reported because a newer moment had been judged, or that were before totals were kept, are left out.
    """
    rows = _rows(connection, run)
    chosen: dict[Any, Row[Any]] = {row.as_of: row for row in rows}
    wanted = list(chosen.values())[-MOST_RUNS:]
    ids = [row.id for row in wanted]
    totals, changes = _totals(connection, ids), _changes(connection, rows)
    kpis = kpis_of_runs(connection, ids, TREND_KPIS)
    return tuple(
        PastRun(
            run_id=row.id,
            as_of=row.as_of,
            findings=row.findings,
            explained=row.explained,
            totals=tuple(totals.get(row.id, ())),
            new=changes[row.as_of, _NEW],
            again=changes[row.as_of, _AGAIN],
            recovered=sum(changes[row.as_of, kind] for kind in _CAME),
            vanished=changes[row.as_of, _GONE],
            silent=tuple(
                sorted(rule for rule, outcome in json.loads(row.rule_outcomes).items() if outcome == "inconclusive")
            ),
            kpis={result.kpi.id: result for result in kpis.get(row.id, ())},
        )
        for row in wanted
    )


def _rows(connection: Connection, run: Run) -> list[Row[Any]]:
    of = RECONCILIATION_RUN.c
    query = (
        select(of.id, of.as_of, of.rule_outcomes, RUN_TALLY.c.findings, RUN_TALLY.c.explained)
        .join(RUN_TALLY, RUN_TALLY.c.run_id == of.id)
        .where(of.market == run.market, of.outcome == "succeeded", of.as_of <= run.as_of, of.id <= run.id)
        .order_by(of.as_of, of.id)
    )
    return list(connection.execute(query))


def _totals(connection: Connection, run_ids: list[int]) -> dict[int, list[RuleTotal]]:
    query = (
        select(RUN_TOTAL)
        .where(RUN_TOTAL.c.run_id.in_(run_ids))
        .order_by(RUN_TOTAL.c.run_id, RUN_TOTAL.c.rule_id, RUN_TOTAL.c.direction, RUN_TOTAL.c.exposure_class)
    )
    found: dict[int, list[RuleTotal]] = {}
    for row in connection.execute(query):
        values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns
        found.setdefault(values.pop("run_id"), []).append(RuleTotal(**values))
    return found


def _changes(connection: Connection, rows: list[Row[Any]]) -> Counter[tuple[Any, str]]:
    """How often what happened to findings, by the moment that was judged."""
    moment_of = {row.id: row.as_of for row in rows}
    query = (
        select(CASE_EVENT.c.run_id, CASE_EVENT.c.kind, func.count().label("number"))
        .where(CASE_EVENT.c.run_id.in_(moment_of), CASE_EVENT.c.kind.in_((_NEW, _AGAIN, _GONE, *_CAME)))
        .group_by(CASE_EVENT.c.run_id, CASE_EVENT.c.kind)
    )
    found: Counter[tuple[Any, str]] = Counter()
    for row in connection.execute(query):
        found[moment_of[row.run_id], row.kind] += row.number
    return found
