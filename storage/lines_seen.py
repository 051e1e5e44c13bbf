"""What is known of each subscriber device of a market: last sweep, first level since registration, last word."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from canonical_model.billing import Subscription
from canonical_model.network import NetworkEvent, NetworkObservation
from canonical_model.record_fields import fields_of
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

_OBSERVED = CANONICAL_TABLES[NetworkObservation]


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


def served_accounts(connection: Connection, market: str, states: Collection[str] = ("active",)) -> set[str]:
    """Accounts that billing counts as active now, or as being in any of some states."""
    table = CANONICAL_TABLES[Subscription]
    query = select(table.c.account_number).where(
        known(table, None), table.c.market == market, table.c.state.in_(sorted(states))
    )
    return set(connection.execute(query).scalars())
