"""Begin a saga for a service: everything that it needs is written down first, and never looked up again."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from handoffs.commands import KEY
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from provisioning.line import Line
from provisioning.saga import SEQUENCES, SagaKind, first_step
from provisioning.telling import ROOM_FOR_NAMES
from storage.reservations import Place, reserve_line
from storage.sagas import PlannedSaga, Saga, begin


def begin_saga(
    hub: Hub,
    kind: SagaKind,
    facts: SagaFacts,
    now: datetime,
    *,
    attempt: int = 1,
    actor: str = "hub",
    wish: str | None = None,
    first: Callable[[Connection], None] | None = None,
) -> Saga:
    """Write a saga down; stating the same wish again gives back what was begun and changes nothing.

    Args:
        hub: the operator's hub.
        kind: of saga.
        facts: what it is about.
        now: when this happens.
        attempt: grows where a wish is tried again after its saga was undone.
        actor: who wants it.
        wish: what names the wish; the order that asked for it where there is one.
        first: what is written before it in the same transaction.

    Raises:
        ConfigurationError: there is no such market, or nothing names the wish.
        UnsafeToContinue: another saga is under way for this service.
        RetryableError: the database is out of reach.
    """
    if facts.line.market not in hub.operator.markets:
        raise ConfigurationError(f"there is no market {facts.line.market}")
    planned = planned_saga(kind, facts, wish, attempt)
    with hub.database.journaling() as connection:
        if first is not None:
            first(connection)
        return begin(connection, planned, now, actor)


def keep_place(connection: Connection, line: Line, order_number: str, now: datetime) -> None:
    """Keep the place of a line for an order; what is kept for it already stays.

    Raises:
        UnsafeToContinue: the place is kept for somebody else, or another one is kept for this order.
    """
    wanted = Place(line.element, line.port, capacity=1, first_id=line.onu_id or 0)
    kept = reserve_line(
        connection,
        [wanted],
        (),
        market=line.market,
        service_id=line.service_id,
        order_number=order_number,
        at=now,
    )
    place = f"{wanted.element} {wanted.port} number {wanted.first_id}"
    if kept is None:
        raise UnsafeToContinue(f"{place} is kept for another order: choose another place")
    held = f"{kept.element} {kept.port} number {kept.onu_id}"
    if held != place:
        raise UnsafeToContinue(f"{place} is asked for, and {held} is kept for order {order_number}")


def planned_saga(kind: SagaKind, facts: SagaFacts, wish: str | None = None, attempt: int = 1) -> PlannedSaga:
    """A saga under the key of its wish; what names its work already goes on with that.

    Raises:
        ConfigurationError: nothing names the wish, or in letters that no key has.
    """
    if kind not in SEQUENCES:
        raise ValueError(f"there is no saga {kind}")
    named = wish or (f"SO-{facts.order_number}" if facts.order_number else None)
    if named is None:
        raise ConfigurationError(f"{kind} of service {facts.line.service_id}: neither an order nor a wish names it")
    key = f"{named}/{kind}/{attempt}"
    if not KEY.fullmatch(f"{key}/{'x' * ROOM_FOR_NAMES}") or "//" in key:
        raise ConfigurationError(f"{named} names no wish: letters, digits and . _ : / -, and at most 60 of them")
    return PlannedSaga(
        key=key,
        kind=kind,
        market=facts.line.market,
        service_id=facts.line.service_id,
        order_number=facts.order_number,
        element=facts.line.element,
        step=first_step(kind),
        facts=facts.model_copy(update={"work": facts.work or f"saga/{key}"}).model_dump_json(),
        work_order_id=facts.work_order_id,
    )
