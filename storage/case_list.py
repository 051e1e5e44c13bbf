"""Cases with their findings, for lists and reports."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from reconciliation.cases import CaseState, EndedBy
from reconciliation.findings import Direction, ExposureClass
from storage.schema.cases import FINDING_CASE
from storage.schema.reconciliation import FINDING, RECONCILIATION_RUN


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case and its finding, without lines and evidence.

    Attributes:
        first_seen: moment that the run judged which found it first.
        last_seen: moment of the run that saw it last.
        then_minor: its money when it was found.
        now_minor: its money now, 0 where it is gone.
        seen_minor: its money when it was seen last.
    """

    fingerprint: str
    market: str
    rule_id: str
    subject_kind: str
    subject: str
    direction: Direction
    exposure_class: ExposureClass
    currency: str
    state: CaseState
    assignee: str | None
    handoff: str | None
    dismissed_until: date | None
    ended_by: EndedBy | None
    first_seen: datetime
    last_seen: datetime
    then_minor: int
    now_minor: int
    seen_minor: int
    explained_by: str | None


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are wanted; what is not said is not asked.

    Attributes:
        assignee: a person, or empty for nobody.
        found_before: the first run that saw it judged an earlier moment.
        least_minor: of the money when it was seen last.
        subjects: names of what findings are about.
    """

    market: str | None = None
    rule_id: str | None = None
    states: Collection[CaseState] | None = None
    assignee: str | None = None
    handoff: str | None = None
    found_before: datetime | None = None
    least_minor: int | None = None
    fingerprint: str | None = None
    subjects: Collection[str] | None = None


def listed_cases(connection: Connection, wanted: CaseFilter, most: int | None = None) -> tuple[list[ListedCase], int]:
    """Cases, those with the most money first.

    Args:
        connection: of any transaction.
        wanted: which.
        most: so many at most.

    Returns:
        The cases, and how many there are in all.
    """
    first, last = RECONCILIATION_RUN.alias("first_run"), RECONCILIATION_RUN.alias("last_run")
    joined = (
        FINDING_CASE.join(FINDING, FINDING.c.fingerprint == FINDING_CASE.c.fingerprint)
        .join(first, FINDING.c.first_seen_run == first.c.id)
        .join(last, FINDING.c.last_seen_run == last.c.id)
    )
    where = [condition for condition in _conditions(wanted, first.c.as_of) if condition is not None]
    columns: list[ColumnElement[Any]] = [
        *(FINDING.c[name] for name in ("fingerprint", "market", "rule_id", "subject_kind", "subject")),
        *(FINDING.c[name] for name in ("direction", "exposure_class", "currency")),
        *(FINDING_CASE.c[name] for name in ("state", "assignee", "handoff", "dismissed_until", "ended_by")),
        first.c.as_of.label("first_seen"),
        last.c.as_of.label("last_seen"),
        FINDING_CASE.c.first_minor,
        FINDING_CASE.c.last_minor,
        FINDING.c.exposure_minor,
        FINDING.c.explained_by,
    ]
    query = select(*columns).select_from(joined).where(*where)
    query = query.order_by(FINDING.c.exposure_minor.desc(), FINDING.c.fingerprint).limit(most)
    number = connection.execute(select(func.count()).select_from(joined).where(*where)).scalar_one()
    return [ListedCase(*row) for row in connection.execute(query)], number


def known_cases(connection: Connection, prefix: str) -> list[str]:
    """Fingerprints of the cases that begin so, a few at most."""
    query = (
        select(FINDING_CASE.c.fingerprint)
        .where(FINDING_CASE.c.fingerprint.startswith(prefix, autoescape=True))
        .order_by(FINDING_CASE.c.fingerprint)
        .limit(10)
    )
    return list(connection.execute(query).scalars())


def _conditions(wanted: CaseFilter, first_seen: ColumnElement[Any]) -> list[ColumnElement[bool] | None]:
    return [
        None if wanted.fingerprint is None else FINDING.c.fingerprint == wanted.fingerprint,
        None if wanted.subjects is None else FINDING.c.subject.in_(wanted.subjects),
        None if wanted.market is None else FINDING.c.market == wanted.market,
        None if wanted.rule_id is None else FINDING.c.rule_id == wanted.rule_id,
        None if wanted.states is None else FINDING_CASE.c.state.in_(wanted.states),
        None if wanted.assignee is None else func.coalesce(FINDING_CASE.c.assignee, "") == wanted.assignee,
        None if wanted.handoff is None else FINDING_CASE.c.handoff == wanted.handoff,
        None if wanted.found_before is None else first_seen < wanted.found_before,
        None if wanted.least_minor is None else FINDING.c.exposure_minor >= wanted.least_minor,
    ]
