"""A person who moves hand-offs of Riverbend on and back, with gates that answer as a test wants."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection

from handoffs.authority import WriterLease
from handoffs.cohort import Cohort
from handoffs.stages import HANDOFFS, Handoff, TakeoverStage
from handoffs.takeover import MoveKind, Position
from hub.decision import Decision
from hub.takeover.authority import MayAct, authority_of, history_of
from hub.takeover.moves import GateAnswer, Wish, move
from hub.workplace import Hub
from storage.takeover import renew_lease
from tests.fakes.effects import HandClock
from tests.fakes.ready_orders import MARKET

RIVERBEND = Cohort(towns=frozenset({"Riverbend"}))


@dataclass
class OpenGate:
    """A gate that lacks what a test says."""

    lacks: str = ""
    asked: list[TakeoverStage] = field(default_factory=list)

    def ask(
        self, connection: Connection, position: Position, target: TakeoverStage, cohort: Cohort, decision: Decision
    ) -> GateAnswer:
        assert connection.in_transaction()
        assert position.market == MARKET
        assert decision.why
        self.asked.append(target)
        return GateAnswer(7, self.lacks)


@dataclass
class TakeOver:
    """Moves hand-offs; ``gate`` lets everything through until a test says otherwise."""

    hub: Hub
    clock: HandClock
    gate: OpenGate = field(default_factory=OpenGate)

    @property
    def may_act(self) -> MayAct:
        return authority_of(self.hub, self.clock)

    def move(self, handoff: Handoff, kind: MoveKind, cohort: Cohort | None = None, why: str = "tried") -> Position:
        """One move; a moment later it is in force."""
        wish = Wish(MARKET, handoff, kind, cohort)
        moved = move(self.hub, wish, Decision("lee", self.clock(), why), self.gate)
        self.clock.move(seconds=1)
        return moved

    def begin_canary(self, *handoffs: Handoff, cohort: Cohort = RIVERBEND) -> None:
        """Shadow, then canary, with a guard that has just looked."""
        for handoff in handoffs or HANDOFFS:
            self.move(handoff, "promoted")
            self.move(handoff, "promoted", cohort)
            self.watch(handoff)

    def watch(self, handoff: Handoff, minutes: int = 60) -> None:
        """The guard has looked."""
        with self.hub.database.writing() as connection:
            epoch = history_of(connection, self.hub, MARKET, handoff)[-1].epoch
            lease = WriterLease(epoch, self.clock() + timedelta(minutes=minutes))
            renew_lease(connection, MARKET, handoff, lease, self.clock())

    def position(self, handoff: Handoff) -> Position:
        with self.hub.database.reading() as connection:
            return history_of(connection, self.hub, MARKET, handoff)[-1]
