"""Where the report of a judgement was sent, written down before it is sent, so that it goes out once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from storage.schema.reconciliation import RECONCILIATION_RUN
from storage.schema.run_results import REPORT_DELIVERY

DeliveryState = Literal["sending", "sent", "unsent", "unknown"]
"""``unsent``: it is certain that nothing arrived; ``unknown``: it may have arrived, and nobody can tell."""

_SAYS_MOST: tuple[DeliveryState, ...] = ("sent", "unknown", "sending", "unsent")

BROKEN_OFF = "a process ended while it sent; it may have arrived"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The report of a run on its way to one place.

    Attributes:
        judgement: what the report says, as a digest: another run with the same one has the same report.
        target: ``email ADDRESS`` or ``folder PATH``.
        reason: why it was not sent, or may not have been.
        tries: how often it was sent, or tried to.
    """

    run_id: int
    target: str
    state: DeliveryState
    reason: str
    reference: str
    tries: int
    changed_at: datetime
    judgement: str = ""


def begin_delivery(
    connection: Connection,
    run_id: int,
    target: str,
    at: datetime,
    *,
    repeats: bool,
    anyway: bool = False,
    judgement: str = "",
) -> Delivery | None:
    """Write down that the report of a run is being sent; None where it must not be.

    It must not be where it was sent, or may have been, be it by another run that says the same. A sending that never
    ended becomes ``unknown``.

    Args:
        connection: of a transaction that lies on the disk when it has ended.
        run_id: the run.
        target: where to.
        at: when.
        repeats: sending twice does no harm, so that only what was sent is not sent again.
        anyway: a person wants it sent, whatever is known.
        judgement: what the report says, as a digest; empty where that is not compared.
    """
    market = select(RECONCILIATION_RUN.c.market).where(RECONCILIATION_RUN.c.id == run_id).scalar_subquery()
    # one after the other for a market, also where there is no row yet
    of_market = select(RECONCILIATION_RUN.c.id).where(RECONCILIATION_RUN.c.market == market)
    connection.execute(of_market.order_by(RECONCILIATION_RUN.c.id).with_for_update()).all()
    known = standing_delivery(connection, run_id, target, judgement)
    if known is not None and known.state != "unsent" and not anyway and not (repeats and known.state != "sent"):
        if known.state == "sending":
            _set(connection, known, {"state": "unknown", "reason": BROKEN_OFF, "changed_at": at})
        return None
    own = delivery_of(connection, run_id, target)
    if own is None:
        values = {"run_id": run_id, "target": target, "state": "sending", "reason": "", "reference": "", "tries": 1}
        connection.execute(insert(REPORT_DELIVERY).values(**values, changed_at=at, judgement=judgement))
    else:
        _set(connection, own, {"state": "sending", "reason": "", "tries": own.tries + 1, "changed_at": at})
    return delivery_of(connection, run_id, target)


def end_delivery(
    connection: Connection,
    delivery: Delivery,
    state: DeliveryState,
    at: datetime,
    reason: str = "",
    reference: str = "",
) -> None:
    """Write down what became of a sending."""
    _set(connection, delivery, {"state": state, "reason": reason, "reference": reference, "changed_at": at})


def delivery_of(connection: Connection, run_id: int, target: str) -> Delivery | None:
    """What is known of the report of a run and a place."""
    query = select(REPORT_DELIVERY).where(REPORT_DELIVERY.c.run_id == run_id, REPORT_DELIVERY.c.target == target)
    row = connection.execute(query).one_or_none()
    return None if row is None else _delivery(row)


def standing_delivery(connection: Connection, run_id: int, target: str, judgement: str) -> Delivery | None:
    """What is known of a place and a report, whichever run that says the same brought it there.

    Of several the one that says most: that it was sent, else that it may have been.
    """
    of_run = REPORT_DELIVERY.c.run_id == run_id
    of_judgement = (REPORT_DELIVERY.c.judgement == judgement) & (REPORT_DELIVERY.c.judgement != "")
    query = select(REPORT_DELIVERY).where(REPORT_DELIVERY.c.target == target, of_run | of_judgement)
    found = [_delivery(row) for row in connection.execute(query)]
    return min(found, key=lambda one: (_SAYS_MOST.index(one.state), -one.run_id), default=None)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**row._mapping)  # noqa: SLF001 - the public name of a row's columns


def _set(connection: Connection, delivery: Delivery, values: dict[str, object]) -> None:
    connection.execute(
        update(REPORT_DELIVERY)
        .values(**values)
        .where(REPORT_DELIVERY.c.run_id == delivery.run_id, REPORT_DELIVERY.c.target == delivery.target)
    )
