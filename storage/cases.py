"""Cases of findings and their journal: events are only ever added, and a case's state is what they make of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, insert, select, update

from reconciliation.cases import ACCEPTING, CONFIRMED, CaseChange, CaseEventKind, CaseState, EndedBy, state_after
from storage.schema.cases import CASE_EVENT, FINDING_AMOUNT, FINDING_CASE
from storage.schema.reconciliation import RECONCILIATION_RUN
from storage.upsert import conflict_insert


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands; attributes as the columns of ``storage.schema.cases``.

    Attributes:
        state: None before its first event.
        events: how many there are.
    """

    fingerprint: str
    market: str
    state: CaseState | None = None
    assignee: str | None = None
    handoff: str | None = None
    dismissed_until: date | None = None
    written_off_minor: int | None = None
    ended_by: EndedBy | None = None
    first_minor: int = 0
    last_minor: int = 0
    settled_minor: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """What happens to one case, to be written down.

    Attributes:
        changes: the events, in their order.
        values: columns of the case that change with them.
    """

    case: Case
    changes: Sequence[CaseChange]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One thing that happened to a case.

    Attributes:
        actor: a person, a run or the policy.
        state: behind the event.
        amount_minor: the money it is about.
        remedy: the number of the remedy it is about.
    """

    number: int
    at: datetime
    actor: str
    kind: CaseEventKind
    state: CaseState
    why: str
    run_id: int | None
    amount_minor: int | None
    remedy: int | None


_COLUMNS = [FINDING_CASE.c[each.name] for each in fields(Case)]
_EVENT_COLUMNS = [CASE_EVENT.c[each.name] for each in fields(CaseEvent)]


def case_with(connection: Connection, fingerprint: str, *, locked: bool = False) -> Case | None:
    """The case of a finding, if wanted locked until the end of the transaction."""
    query = select(*_COLUMNS).where(FINDING_CASE.c.fingerprint == fingerprint)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    return None if row is None else Case(*row)


def cases_of(connection: Connection, market: str, *, locked: bool = False) -> dict[str, Case]:
    """All cases of a market, by fingerprint, if wanted locked until the end of the transaction."""
    query = select(*_COLUMNS).where(FINDING_CASE.c.market == market).order_by(FINDING_CASE.c.fingerprint)
    return {row.fingerprint: Case(*row) for row in connection.execute(query.with_for_update() if locked else query)}


def write_down(
    connection: Connection, entries: Iterable[CaseEntry], at: datetime, actor: str, run_id: int | None = None
) -> None:
    """Add events to cases, and set what the cases are by them.

    Args:
        connection: of a writing transaction that holds the cases, where they are there already.
        entries: at most one for each case.
        at: when this happens.
        actor: who does it.
        run_id: the run that it happens by.

    Raises:
        ValueError: an event cannot happen in the state of its case; nothing of its case is written.
    """
    events: list[dict[str, Any]] = []
    made: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for entry in entries:
        state = entry.case.state
        for number, change in enumerate(entry.changes, entry.case.events + 1):
            state = state_after(state, change.kind)
            events.append(_event_row(entry.case.fingerprint, number, change, state, at, actor, run_id))
        row = {each.name: getattr(entry.case, each.name) for each in fields(Case)}
        row |= dict(entry.values) | {
            "state": state,
            "events": entry.case.events + len(entry.changes),
            "changed_at": at,
        }
        (made if entry.case.state is None else changed).append(row)
    if made:
        connection.execute(insert(FINDING_CASE), made)
    if changed:
        names = [name for name in changed[0] if name != "fingerprint"]
        statement = update(FINDING_CASE).where(FINDING_CASE.c.fingerprint == bindparam("of_case"))
        connection.execute(
            statement.values({name: bindparam(f"new_{name}") for name in names}),
            [{"of_case": row["fingerprint"]} | {f"new_{name}": row[name] for name in names} for row in changed],
        )
    if events:
        connection.execute(insert(CASE_EVENT), events)


def keep_amounts(connection: Connection, run_id: int, amounts: Mapping[str, int]) -> None:
    """Keep what findings come to from a run on, by fingerprint in minor units; to be told where it changed only."""
    if amounts:
        entering = conflict_insert(connection, FINDING_AMOUNT)
        connection.execute(
            entering.on_conflict_do_update(
                index_elements=["fingerprint", "run_id"],
                set_={"exposure_minor": entering.excluded.exposure_minor},
            ),
            [{"fingerprint": name, "run_id": run_id, "exposure_minor": minor} for name, minor in amounts.items()],
        )


def events_of(connection: Connection, fingerprint: str) -> list[CaseEvent]:
    """Everything that happened to a case, oldest first."""
    query = select(*_EVENT_COLUMNS).where(CASE_EVENT.c.fingerprint == fingerprint).order_by(CASE_EVENT.c.number)
    return [CaseEvent(*row) for row in connection.execute(query)]


def last_moments(connection: Connection, market: str, kinds: Sequence[CaseEventKind]) -> dict[str, datetime]:
    """When events of these kinds last happened to cases of a market, by fingerprint."""
    query = (
        select(CASE_EVENT.c.fingerprint, CASE_EVENT.c.at)
        .join_from(CASE_EVENT, FINDING_CASE, CASE_EVENT.c.fingerprint == FINDING_CASE.c.fingerprint)
        .where(FINDING_CASE.c.market == market, CASE_EVENT.c.kind.in_(kinds))
        .order_by(CASE_EVENT.c.at)
    )
    return {row.fingerprint: row.at for row in connection.execute(query)}


def confirmed_cases(connection: Connection, market: str, no_person: str) -> set[str]:
    """Fingerprints of the findings of a market that a person has accepted, or whose money came.

    Args:
        connection: of a transaction.
        market: of the cases.
        no_person: an actor whose approval is nobody's word.
    """
    accepted = exists().where(
        CASE_EVENT.c.fingerprint == FINDING_CASE.c.fingerprint,
        CASE_EVENT.c.kind.in_(ACCEPTING),
        CASE_EVENT.c.actor != no_person,
    )
    in_remedy = (FINDING_CASE.c.state == "in_remedy") & accepted
    query = select(FINDING_CASE.c.fingerprint).where(
        FINDING_CASE.c.market == market, FINDING_CASE.c.state.in_(CONFIRMED) | in_remedy
    )
    return set(connection.execute(query).scalars())


def amounts_of(connection: Connection, fingerprint: str) -> list[tuple[datetime, int]]:
    """What a finding came to, run by run where it changed: the moment that was judged, and minor units."""
    query = (
        select(RECONCILIATION_RUN.c.as_of, FINDING_AMOUNT.c.exposure_minor)
        .join_from(FINDING_AMOUNT, RECONCILIATION_RUN, FINDING_AMOUNT.c.run_id == RECONCILIATION_RUN.c.id)
        .where(FINDING_AMOUNT.c.fingerprint == fingerprint)
        .order_by(FINDING_AMOUNT.c.run_id)
    )
    return [(row.as_of, row.exposure_minor) for row in connection.execute(query)]


def _event_row(
    fingerprint: str,
    number: int,
    change: CaseChange,
    state: CaseState,
    at: datetime,
    actor: str,
    run_id: int | None,
) -> dict[str, Any]:
    return {
        "fingerprint": fingerprint,
        "number": number,
        "at": at,
        "actor": actor,
        "kind": change.kind,
        "state": state,
        "why": change.why,
        "run_id": run_id,
        "amount_minor": change.amount_minor,
        "remedy": change.remedy,
    }
