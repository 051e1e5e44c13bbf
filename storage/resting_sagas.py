"""Services that rest since their last saga."""

from sqlalchemy import Connection, exists, select

from storage.sagas import SAGA_COLUMNS, UNDER_WAY, Saga, saga_of
from storage.schema.sagas import SAGA


def resting_since(connection: Connection, kind: str, market: str | None = None) -> list[Saga]:
    """The sagas of a kind that were done for services for which nothing was done, or is under way, since.

    Args:
        connection: of a transaction.
        kind: that lets a service rest.
        market: only this one; None for all.
    """
    later = SAGA.alias("later")
    followed = exists().where(
        later.c.service_id == SAGA.c.service_id,
        later.c.market == SAGA.c.market,
        later.c.id > SAGA.c.id,
        later.c.state.in_(("done", *UNDER_WAY)),
    )
    query = select(*SAGA_COLUMNS).where(SAGA.c.kind == kind, SAGA.c.state == "done", ~followed)
    if market is not None:
        query = query.where(SAGA.c.market == market)
    return [saga_of(row) for row in connection.execute(query.order_by(SAGA.c.id))]
