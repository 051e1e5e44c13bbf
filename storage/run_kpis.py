"""KPIs as a run came to them, with the definitions by which they were measured."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, true

from reconciliation.kpis.definition import Kpi
from reconciliation.kpis.results import KpiResult, Measured, Ranks
from storage.schema.reconciliation import RECONCILIATION_RUN
from storage.schema.run_results import KPI_DEFINITION, RUN_KPI, RUN_KPI_FIGURE
from storage.upsert import conflict_insert


def keep_kpis(connection: Connection, run_id: int, results: Sequence[KpiResult]) -> None:
    """Write down what KPIs come to in a run, without the histograms; what stands there already stays."""
    if not results or _are_kept(connection, run_id):
        return
    texts = [result.kpi.model_dump_json() for result in results]
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    connection.execute(
        conflict_insert(connection, KPI_DEFINITION).on_conflict_do_nothing(),
        [{"digest": digest, "definition": text} for digest, text in zip(digests, texts, strict=True)],
    )
    connection.execute(
        insert(RUN_KPI),
        [
            {
                "run_id": run_id,
                "position": position,
                "kpi": result.kpi.id,
                "definition": digest,
                "currency": result.currency,
                "unknown": result.unknown,
                "caveat": result.caveat,
            }
            for position, (result, digest) in enumerate(zip(results, digests, strict=True))
        ],
    )
    connection.execute(insert(RUN_KPI_FIGURE), list(_figure_rows(run_id, results)))


def kpis_of_run(connection: Connection, run_id: int) -> tuple[KpiResult, ...]:
    """What KPIs came to in a run, by the definitions of then; none where none were kept."""
    return kpis_of_runs(connection, [run_id]).get(run_id, ())


def kpis_of_runs(
    connection: Connection, run_ids: Sequence[int], only: Sequence[str] | None = None
) -> dict[int, tuple[KpiResult, ...]]:
    """What KPIs came to in some runs, by run.

    Args:
        connection: of any transaction.
        run_ids: of the runs; those of which none are kept are left out.
        only: ids of the KPIs that are wanted; None for all.
    """
    of_some = true() if only is None else RUN_KPI.c.kpi.in_(only)
    wanted = and_(RUN_KPI.c.run_id.in_(run_ids), of_some)
    figures: dict[tuple[int, int], list[Row[Any]]] = {}
    places = (RUN_KPI_FIGURE.c.run_id, RUN_KPI_FIGURE.c.position)
    query = (
        select(RUN_KPI_FIGURE)
        .join(RUN_KPI, (RUN_KPI.c.run_id == places[0]) & (RUN_KPI.c.position == places[1]))
        .where(wanted)
        .order_by(*places, RUN_KPI_FIGURE.c.part)
    )
    for row in connection.execute(query):
        figures.setdefault((row.run_id, row.position), []).append(row)
    markets = (
        select(RUN_KPI, KPI_DEFINITION.c.definition.label("text"), RECONCILIATION_RUN.c.market)
        .join(KPI_DEFINITION, KPI_DEFINITION.c.digest == RUN_KPI.c.definition)
        .join(RECONCILIATION_RUN, RECONCILIATION_RUN.c.id == RUN_KPI.c.run_id)
        .where(wanted)
        .order_by(RUN_KPI.c.run_id, RUN_KPI.c.position)
    )
    found: dict[int, list[KpiResult]] = {}
    for row in connection.execute(markets):
        found.setdefault(row.run_id, []).append(_result(row, figures[row.run_id, row.position]))
    return {run_id: tuple(results) for run_id, results in found.items()}


def _are_kept(connection: Connection, run_id: int) -> bool:
    query = select(RUN_KPI.c.run_id).where(RUN_KPI.c.run_id == run_id).limit(1)
    return connection.execute(query).one_or_none() is not None


def _figure_rows(run_id: int, results: Iterable[KpiResult]) -> Iterator[dict[str, Any]]:
    for position, result in enumerate(results):
        for part, (name, measured) in enumerate([("", result.whole), *result.groups.items()]):
            yield {
                "run_id": run_id,
                "position": position,
                "part": part,
                "name": name,
                "population": measured.population,
                "left_out": json.dumps([[why, count] for why, count in measured.left_out.items()]),
                "numerator": measured.numerator,
                "denominator": measured.denominator,
                "median": measured.median,
                "p90": measured.p90,
            }


def _result(row: Row[Any], figures: Sequence[Row[Any]]) -> KpiResult:
    whole, *groups = figures
    return KpiResult(
        kpi=Kpi.model_validate_json(row.text),
        market=row.market,
        currency=row.currency,
        whole=_measured(whole),
        groups={group.name: _measured(group) for group in groups},
        unknown=row.unknown,
        caveat=row.caveat,
    )


def _measured(row: Row[Any]) -> Measured:
    return Measured(
        population=row.population,
        left_out=dict(json.loads(row.left_out)),
        numerator=row.numerator,
        denominator=row.denominator,
        ranks=Ranks(row.median, row.p90),
    )
