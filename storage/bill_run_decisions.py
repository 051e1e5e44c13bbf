"""Decisions before bill runs, as rows that are only ever added; the last one of a run counts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, select

from storage.rows import to_json
from storage.schema.bill_runs import BILL_RUN_DECISION

RunDecision = Literal["hold", "release"]


@dataclass(frozen=True, slots=True)
class BillRunDecision:
    """What was decided of a run.

    Attributes:
        least_minor: findings of less money were not asked about.
        cases: money of each case that was open then, in minor units.
    """

    market: str
    billed_on: date
    at: datetime
    actor: str
    decision: RunDecision
    why: str
    least_minor: int
    cases: Mapping[str, int]


def add_decision(connection: Connection, decided: BillRunDecision) -> None:
    """Write a decision down."""
    values: dict[str, Any] = {name: getattr(decided, name) for name in BillRunDecision.__slots__}
    connection.execute(insert(BILL_RUN_DECISION).values(values | {"cases": to_json(dict(decided.cases))}))


def last_decision(connection: Connection, market: str, billed_on: date) -> BillRunDecision | None:
    """The decision that counts for a run; None where nobody has decided."""
    table = BILL_RUN_DECISION
    query = select(*(table.c[name] for name in BillRunDecision.__slots__)).where(
        table.c.market == market, table.c.billed_on == billed_on
    )
    row = connection.execute(query.order_by(table.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns
    return BillRunDecision(**{**values, "cases": json.loads(values["cases"])})
