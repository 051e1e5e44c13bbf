"""What a run came to is kept with it: KPIs by the definitions of then, and totals of its findings."""

from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select

from reconciliation.findings import Reconciliation
from reconciliation.kpis.definition import named_kpi
from reconciliation.kpis.results import KpiResult, Measured, whole_operator
from storage.database import Database, open_database
from storage.findings import record_findings
from storage.migrate import alembic_config, upgrade
from storage.run_kpis import keep_kpis, kpis_of_run, kpis_of_runs
from storage.run_totals import keep_totals
from storage.runs import finish_run, start_run
from storage.schema.reconciliation import FINDING
from storage.schema.run_results import KPI_DEFINITION, RUN_TALLY, RUN_TOTAL
from tests.integration.storage.test_findings import DAY, JUDGED, JUNE, finding, run

LEFT_OUT = {"not active yet": 3, "a day “of” Łódź": 1}
FALLOUT = KpiResult(
    named_kpi("order_fallout"),
    "valley",
    "",
    Measured(40, LEFT_OUT, 7, 36, ((0, 29), (1, 7))),
    {"order": Measured(30, {}, 5, 30), "billing": Measured(10, LEFT_OUT, 2, 6, ((4, 6),))},
    caveat="2 of 9 rules could not judge",
)
LATE = KpiResult(named_kpi("time_to_invoice"), "valley", "", Measured(), unknown="nothing is connected")
COST = KpiResult(named_kpi("activation_float"), "valley", "USD", Measured(2, {}, 2**53 + 1, 2, ((2**53 + 1, 1),)))
RESULTS = (FALLOUT, LATE, COST)


def kept(database: Database, run_id: int, results: tuple[KpiResult, ...] = RESULTS) -> tuple[KpiResult, ...]:
    with database.writing() as connection:
        keep_kpis(connection, run_id, results)
    with database.reading() as connection:
        return kpis_of_run(connection, run_id)


def facts(result: KpiResult) -> tuple[object, ...]:
    """All of a result but the histograms, which are not kept; in the order in which it was kept."""
    parts = {"": result.whole, **result.groups}
    figures = [
        (name, one.population, list(one.left_out.items()), one.numerator, one.denominator, one.median, one.p90)
        for name, one in parts.items()
    ]
    return (result.kpi, result.market, result.currency, result.unknown, result.caveat, figures)


def test_kpis_come_back_as_they_were_measured(database: Database) -> None:
    again = kept(database, run(database, 1))
    assert [facts(one) for one in again] == [facts(one) for one in RESULTS]
    assert again[0].whole.median == 0
    assert again[0].whole.p90 == 1


def test_what_is_kept_stays_as_it_is(database: Database) -> None:
    run_id = run(database, 1)
    first = kept(database, run_id)
    assert kept(database, run_id, (replace(COST, whole=Measured(1)),)) == first
    assert kept(database, run(database, 2), ()) == ()


def test_each_run_has_the_definition_of_then(database: Database) -> None:
    other = replace(LATE, kpi=LATE.kpi.model_copy(update={"definition": "To the day on which it was paid."}))
    first, second, third = (run(database, day) for day in (1, 2, 3))
    kept(database, first)
    kept(database, second, (other, COST))
    kept(database, third)
    with database.reading() as connection:
        late = kpis_of_runs(connection, [first, second, third], only=["time_to_invoice"])
        definitions = connection.execute(select(KPI_DEFINITION)).all()
    assert [one.kpi for (one,) in late.values()] == [LATE.kpi, other.kpi, LATE.kpi]
    assert list(late) == [first, second, third]
    assert len(definitions) == 4


def test_medians_that_were_kept_are_not_put_together(database: Database) -> None:
    again = kept(database, run(database, 1))
    with pytest.raises(ValueError, match="measure again"):
        whole_operator([again[0], FALLOUT])


def totals(database: Database) -> dict[tuple[int, str], tuple[object, ...]]:
    with database.reading() as connection:
        rows = connection.execute(select(RUN_TOTAL)).all()
    return {
        (row.run_id, row.rule_id): (row.handoff, row.findings, row.explained, row.exposure_minor, row.run_rate_minor)
        for row in rows
    }


def tallies(database: Database) -> dict[int, tuple[int, int]]:
    with database.reading() as connection:
        return {row.run_id: (row.findings, row.explained) for row in connection.execute(select(RUN_TALLY))}


def record(database: Database, day: int, *subjects: str) -> int:
    """A run that finds RL-A01 on some subjects, and RL-B01 on the first, which the first of them explains."""
    own = [finding("RL-A01", subject, 1000 + number) for number, subject in enumerate(subjects)]
    other = [replace(finding("RL-B01", subjects[0], 0), explained_by=own[0].fingerprint)] if own else []
    found = Reconciliation((*own, *other), (), 40, 123_456, dict(JUDGED), frozenset())
    with database.writing() as connection:
        at = JUNE + day * DAY
        run_id = start_run(connection, "valley", at, f"snapshots/{day}", f"sum-{day}", {}, at)
        record_findings(connection, run_id, found)
        keep_totals(connection, run_id, {"RL-A01": "field_to_billing", "RL-B01": None})
        finish_run(connection, run_id, at, "succeeded")
    return run_id


def test_totals_of_a_run_stay_when_the_next_one_finds_something_else(database: Database) -> None:
    first, second, third = record(database, 1, "A1", "A2"), record(database, 2, "A2"), record(database, 3)
    assert totals(database) == {
        (first, "RL-A01"): ("field_to_billing", 2, 0, 2001, 1000),
        (first, "RL-B01"): ("", 0, 1, 0, 0),
        (second, "RL-A01"): ("field_to_billing", 1, 0, 1000, 500),
        (second, "RL-B01"): ("", 0, 1, 0, 0),
    }
    assert tallies(database) == {first: (2, 1), second: (1, 1), third: (0, 0)}


def test_a_database_from_before_keeps_the_totals_of_what_stands(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/hub.db")
    upgrade(database)
    record(database, 1, "A1", "A2")
    last = record(database, 2, "A2")
    with database.writing() as connection:
        command.downgrade(alembic_config(connection), "0020")
        vanished = select(FINDING.c.subject).where(FINDING.c.status == "vanished")
        assert set(connection.execute(vanished).scalars()) == {"A1"}
    upgrade(database)
    assert totals(database) == {(last, "RL-A01"): ("", 1, 0, 1000, 500), (last, "RL-B01"): ("", 0, 1, 0, 0)}
    assert tallies(database) == {last: (1, 1)}
    database.close()


def test_a_total_stands_once(database: Database) -> None:
    run_id = record(database, 1, "A1")
    with database.reading() as connection:
        before = connection.execute(select(RUN_TOTAL)).all()
    with database.writing() as connection:
        keep_totals(connection, run_id, {"RL-A01": "field_to_billing"})
    with database.reading() as connection:
        assert connection.execute(select(RUN_TOTAL)).all() == before
