"""What goes with the end of a saga, or with its being held, in the transaction that writes it down."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from hub.sagas.beginning import planned_saga
from hub.sagas.desk import Desk
from hub.sagas.notifying import told_of_missing_parts, told_of_move
from provisioning.facts import SagaFacts
from provisioning.saga import BEGINNINGS, SagaMove
from storage.effects import PlannedEffect, journal
from storage.reservations import release_device, release_lines_of
from storage.sagas import PlannedSaga, Saga, begin, sagas


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What follows.

    Attributes:
        told: messages to people.
        follows: a saga that begins where this one ends.
        frees: whether every place on a port that is kept for the service is given free, or those that it had before.
        freed_device: serial of a device that is kept no longer.
    """

    told: tuple[PlannedEffect, ...] = ()
    follows: PlannedSaga | None = None
    frees: Literal["none", "all", "before"] = "none"
    freed_device: str | None = None

    def write(self, connection: Connection, saga: Saga, actor: str, at: datetime) -> None:
        """Write all of it down; the saga itself was written before."""
        for each in self.told:
            journal(connection, each, at)
        if self.follows is not None:
            begin(connection, self.follows, at, actor)
        if self.frees != "none":
            kept = saga.order_number if self.frees == "before" else None
            release_lines_of(connection, saga.market, saga.service_id, at, saga.key, but_of_order=kept)
        if self.freed_device is not None:
            release_device(connection, self.freed_device, at, saga.key)


def aftermath(desk: Desk, saga: Saga, facts: SagaFacts, move: SagaMove) -> Aftermath:
    """What follows from a saga's new state.

    Raises:
        RetryableError: the database is out of reach.
    """
    if move.state != "done":
        follows = _still_missing(desk, saga) if move.state == "undone" else None
        return Aftermath(tuple(told_of_move(desk, saga, facts, move)), follows)
    if saga.kind == "cease":
        return Aftermath(frees="all", freed_device=facts.line.serial)
    told = []
    follows = None
    if facts.missing_parts and facts.standing == "active":
        told = told_of_missing_parts(desk, saga, facts) if saga.kind in BEGINNINGS else []
        wish = f"S-{saga.service_id}.{saga.id}"
        follows = planned_saga("activate_voice", facts.without_ended().for_what_is_missing(), wish)
    before = facts.previous_line
    freed = None if before is None or before.serial == facts.line.serial else before.serial
    return Aftermath(tuple(told), follows, "before" if saga.kind == "move" else "none", freed)


def _still_missing(desk: Desk, saga: Saga) -> PlannedSaga | None:
    """What waits for a telephone goes on where that which came first was brought back."""
    if saga.kind in (*BEGINNINGS, "activate_voice"):
        return None
    with desk.hub.database.reading() as connection:
        done = sagas(connection, states=("done",), service_id=saga.service_id, market=saga.market)
    if not done:
        return None
    stands = SagaFacts.model_validate_json(done[-1].facts).without_ended()
    if not stands.missing_parts or stands.standing != "active":
        return None
    return planned_saga("activate_voice", stands.for_what_is_missing(), f"S-{saga.service_id}.{saga.id}")
