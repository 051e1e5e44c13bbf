"""Who agreed that a building is worked in, where whoever owns it has to: noted once, known at every later look."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from storage.schema.sagas import ORDER_CONSENT
from storage.upsert import conflict_insert

_MOST = 500


def note_consent(
    connection: Connection, market: str, order_number: str, given_by: str, noted_by: str, at: datetime
) -> None:
    """Note who agreed; whoever agreed before is replaced."""
    key = {"market": market, "order_number": order_number}
    said = {"given_by": given_by, "noted_by": noted_by, "noted_at": at}
    statement = conflict_insert(connection, ORDER_CONSENT).values(**key, **said)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=said))


def consents(connection: Connection, market: str, order_numbers: Collection[str]) -> dict[str, str]:
    """Who agreed, by order; orders of which nobody did are left out."""
    wanted, found = sorted(order_numbers), dict[str, str]()
    for start in range(0, len(wanted), _MOST):
        query = select(ORDER_CONSENT.c.order_number, ORDER_CONSENT.c.given_by).where(
            ORDER_CONSENT.c.market == market, ORDER_CONSENT.c.order_number.in_(wanted[start : start + _MOST])
        )
        found |= {row.order_number: row.given_by for row in connection.execute(query)}
    return found
