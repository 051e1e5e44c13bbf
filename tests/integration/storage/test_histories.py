"""Rows that are only ever added are numbered behind the last one of their owner, on both databases."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from storage.database import Database
from storage.histories import append_rows
from storage.sagas import PlannedSaga, begin
from storage.schema.sagas import SAGA_STEP

NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)


@pytest.fixture(name="sagas")
def two_sagas(database: Database) -> tuple[int, int]:
    """Each with the step of its beginning."""
    with database.writing() as connection:
        one, other = (
            begin(connection, PlannedSaga(name, "cease", "mesa", name, None, "olt-1", "plan", "{}"), NOON)
            for name in ("one", "other")
        )
    return one.id, other.id


def row(saga: int, said: str) -> dict[str, Any]:
    return {"saga_id": saga, "at": NOON, "step": "gate", "event": "waited", "said": said, "actor": "hub"}


def history(database: Database, saga: int) -> list[tuple[int, str]]:
    query = select(SAGA_STEP.c.number, SAGA_STEP.c.said).where(SAGA_STEP.c.saga_id == saga)
    with database.reading() as connection:
        return [tuple(each) for each in connection.execute(query.order_by(SAGA_STEP.c.number))]


def append(database: Database, rows: Sequence[dict[str, Any]]) -> None:
    with database.writing() as connection:
        append_rows(connection, SAGA_STEP, "saga_id", rows)


@pytest.mark.parametrize("together", [1, 2, 3, 4, 5, 9])
def test_each_stands_behind_the_last_one_of_its_owner(
    database: Database, sagas: tuple[int, int], together: int
) -> None:
    mixed = [row(sagas[place % 2], str(place)) for place in range(18)]
    for start in range(0, len(mixed), together):
        append(database, mixed[start : start + together])
    for place, saga in enumerate(sagas):
        said = [str(number) for number in range(place, 18, 2)]
        assert history(database, saga) == [(1, ""), *enumerate(said, start=2)]


def test_nothing_to_add_adds_nothing(database: Database, sagas: tuple[int, int]) -> None:
    append(database, [])
    assert history(database, sagas[0]) == [(1, "")]
