"""What is known of each subscriber device of a market: last sweep, first level since registration, where it hangs."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from canonical_model.billing import Subscription
from canonical_model.field_work import CompletionMaterial, FieldCompletion, WorkOrder
from canonical_model.network import NetworkEvent, NetworkObservation
from canonical_model.orders import ProductOrder
from canonical_model.places import Premise
from canonical_model.record_fields import fields_of
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

_OBSERVED = CANONICAL_TABLES[NetworkObservation]


@dataclass(frozen=True, slots=True)
class InstalledAt:
    """Where a terminal stands, by the order of the job that put it there.

    Attributes:
        hub, terminal, address, town: of the premise; None where no system tells.
        is_replaced: another terminal came to the same premise for the same account later.
        is_ended: an order that was done later ended the account's service there, or carried it to another premise.
    """

    order_number: str
    account_number: str
    hub: str | None
    terminal: str | None
    address: str | None
    town: str | None
    is_replaced: bool = False
    is_ended: bool = False


def last_sweep(connection: Connection, market: str) -> Iterator[NetworkObservation]:
    """Each device as it was seen last; the newest where two elements see it."""
    names = [field.name for field in fields_of(NetworkObservation)]
    query = select(*(_OBSERVED.c[name] for name in names)).where(known(_OBSERVED, None), _OBSERVED.c.market == market)
    newest: dict[str, dict[str, Any]] = {}
    for row in connection.execute(query.order_by(_OBSERVED.c.observed_at, _OBSERVED.c.source_system)):
        newest[row.serial] = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns
    for values in newest.values():
        yield NetworkObservation.model_validate(values)


def first_levels(connection: Connection, market: str) -> dict[str, NetworkObservation]:
    """The first sweep with an optical level since each device was registered, by its serial."""
    now, then = _OBSERVED.alias("now"), _OBSERVED.alias("then")
    first = (
        select(then.c.serial, func.min(then.c.observed_at).label("at"))
        .select_from(now.join(then, then.c.serial == now.c.serial))
        .where(
            known(now, None),
            now.c.market == market,
            then.c.market == market,
            then.c.optical_dbm.is_not(None),
            then.c.element == now.c.element,
            (now.c.registered_since.is_(None)) | (then.c.observed_at >= now.c.registered_since),
        )
        .group_by(then.c.serial)
        .subquery()
    )
    names = [field.name for field in fields_of(NetworkObservation)]
    query = select(*(then.c[name] for name in names)).join(
        first, (then.c.serial == first.c.serial) & (then.c.observed_at == first.c.at)
    )
    rows = connection.execute(query.where(then.c.optical_dbm.is_not(None)))
    return {row.serial: NetworkObservation.model_validate(dict(row._mapping)) for row in rows}  # noqa: SLF001


def last_events(connection: Connection, market: str) -> dict[str, NetworkEvent]:
    """What each device told by itself last, by its serial."""
    table = CANONICAL_TABLES[NetworkEvent]
    names = [field.name for field in fields_of(NetworkEvent)]
    query = select(*(table.c[name] for name in names)).where(known(table, None), table.c.market == market)
    ordered = query.order_by(table.c.occurred_at, table.c.source_id)
    return {row.serial: NetworkEvent.model_validate(dict(row._mapping)) for row in connection.execute(ordered)}  # noqa: SLF001


def installed_places(connection: Connection, market: str, terminal_kind: str) -> dict[str, InstalledAt]:
    """Where each terminal stands, by its serial; one that another has taken the place of is left out."""
    ever = installed_ever(connection, market, terminal_kind)
    return {serial: place for serial, place in ever.items() if not place.is_replaced}


def installed_ever(connection: Connection, market: str, terminal_kind: str) -> dict[str, InstalledAt]:
    """Where each terminal stands or stood last, by its serial."""
    ended = _ends(connection, market)
    standing: dict[tuple[str, str | None], str] = {}
    places: dict[str, InstalledAt] = {}
    for row in _installations(connection, market, terminal_kind):  # a terminal stands where it came last
        standing[row.account_number, row.premise_id] = row.serial
        is_ended = any(
            row.completed_at < at and (premise is None or (premise == row.premise_id) is is_cease)
            for at, premise, is_cease in ended.get(row.account_number, ())
        )
        place = (row.order_number, row.account_number, row.hub, row.terminal, row.address, row.city)
        places[row.serial] = InstalledAt(*place, is_ended=is_ended)
    in_place = set(standing.values())
    return {serial: replace(place, is_replaced=serial not in in_place) for serial, place in places.items()}


def _ends(connection: Connection, market: str) -> dict[str, list[tuple[datetime, str | None, bool]]]:
    """By account: when an order ended its service at a premise (True), or took it to one from elsewhere (False).

    An account with several lines at several premises may have moved any of them; which one no order says, so that
    none of them counts as ended by the move.
    """
    order = CANONICAL_TABLES[ProductOrder]
    query = select(order.c.account_number, order.c.order_type, order.c.premise_id, order.c.completed_at).where(
        known(order, None),
        order.c.market == market,
        order.c.state == "completed",
        order.c.completed_at.is_not(None),
        order.c.order_type.in_(("new", "move", "cease")),
    )
    ends: dict[str, list[tuple[datetime, str | None, bool]]] = {}
    lines: Counter[str] = Counter()
    for row in connection.execute(query.order_by(order.c.completed_at, order.c.source_id)):
        is_cease = row.order_type == "cease"
        lines[row.account_number] += {"new": 1, "cease": -1}.get(row.order_type, 0)
        is_only_one = row.order_type == "move" and lines[row.account_number] <= 1 and row.premise_id is not None
        if is_cease or is_only_one:
            ends.setdefault(row.account_number, []).append((row.completed_at, row.premise_id, is_cease))
    return ends


def _installations(connection: Connection, market: str, terminal_kind: str) -> Iterable[Row[Any]]:
    """Every terminal that a job left, as the jobs were completed."""
    left, job, done, order, premise = (
        CANONICAL_TABLES[entity].alias(entity.__name__.lower())
        for entity in (CompletionMaterial, WorkOrder, FieldCompletion, ProductOrder, Premise)
    )
    at_premise = (premise.c.source_id == order.c.premise_id) & known(premise, None) & (premise.c.market == market)
    query = (
        select(
            left.c.serial,
            order.c.premise_id,
            order.c.order_number,
            order.c.account_number,
            premise.c.hub,
            premise.c.terminal,
            premise.c.address,
            premise.c.city,
            done.c.completed_at,
        )
        .select_from(
            left.join(job, (job.c.work_order_id == left.c.work_order_id) & known(job, None))
            .join(done, (done.c.work_order_id == left.c.work_order_id) & known(done, None))
            .join(order, (order.c.order_number == job.c.order_number) & known(order, None))
            .outerjoin(premise, at_premise)
        )
        .where(known(left, None), left.c.kind == terminal_kind)
        .where(left.c.market == market, job.c.market == market, done.c.market == market, order.c.market == market)
        .order_by(done.c.completed_at, left.c.serial)
    )
    return connection.execute(query)


def served_accounts(connection: Connection, market: str) -> set[str]:
    """Accounts that billing counts as active now."""
    table = CANONICAL_TABLES[Subscription]
    query = select(table.c.account_number).where(
        known(table, None), table.c.market == market, table.c.state == "active"
    )
    return set(connection.execute(query).scalars())
