"""Cohorts of services as a run came to them."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, insert, select

from reconciliation.cohorts.cohort import Cohort, CohortMoney
from reconciliation.findings import DIRECTIONS, EXPOSURE_CLASSES
from storage.schema.run_results import RUN_COHORT, RUN_COHORT_MONEY


def keep_cohorts(connection: Connection, run_id: int, cohorts: Sequence[Cohort]) -> None:
    """Write down the cohorts of a run; what stands there already stays."""
    there = select(RUN_COHORT.c.run_id).where(RUN_COHORT.c.run_id == run_id).limit(1)
    if not cohorts or connection.execute(there).one_or_none() is not None:
        return
    rows = [{"run_id": run_id, **asdict(cohort)} for cohort in cohorts]
    money = [
        {"run_id": run_id, "kind": cohort.kind, "name": cohort.name, **one}
        for cohort, row in zip(cohorts, rows, strict=True)
        for one in row.pop("money")
    ]
    connection.execute(insert(RUN_COHORT), rows)
    if money:
        connection.execute(insert(RUN_COHORT_MONEY), money)


def cohorts_of_run(connection: Connection, run_id: int) -> tuple[Cohort, ...]:
    """The cohorts of a run by kind and name; none where none were kept."""
    money: dict[tuple[str, str], list[CohortMoney]] = {}
    for row in connection.execute(select(RUN_COHORT_MONEY).where(RUN_COHORT_MONEY.c.run_id == run_id)):
        one = CohortMoney(row.direction, row.exposure_class, row.findings, row.exposure_minor)
        money.setdefault((row.kind, row.name), []).append(one)
    found = [
        Cohort(
            kind=row.kind,
            name=row.name,
            services=row.services,
            services_found=row.services_found,
            money=tuple(sorted(money.get((row.kind, row.name), ()), key=_place)),
            latitude_micro=row.latitude_micro,
            longitude_micro=row.longitude_micro,
        )
        for row in connection.execute(select(RUN_COHORT).where(RUN_COHORT.c.run_id == run_id))
    ]
    return tuple(sorted(found, key=lambda cohort: (cohort.kind, cohort.name)))


def _place(one: CohortMoney) -> tuple[int, int]:
    return DIRECTIONS.index(one.direction), EXPOSURE_CLASSES.index(one.exposure_class)
