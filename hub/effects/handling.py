"""One effect after the other: taken under a lease, sent where that is certain to be right, looked at, settled."""

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from canonical_model.errors import SpliceError, UnsafeToContinue
from connectors.commands import thawed
from connectors.ports import Write
from handoffs.effect_states import WAITING, EffectPolicy, EffectState, Move, after_look, after_silence
from hub.effects.attachments import refers, with_contents
from hub.effects.sinks import Answer, OpenSinks
from hub.running_clock import Clock
from hub.takeover.authority import MayAct
from hub.workplace import Hub
from storage.doubts import Doubt, last_doubt
from storage.effect_leases import claim, mark_sending, settle
from storage.effect_steps import Step, StepName, last_sending
from storage.effects import Effect
from storage.saga_wakes import wake_for_effect

log = logging.getLogger(__name__)


@dataclass(slots=True)
class DrainOutcome:
    """What a drain came to.

    Attributes:
        settled: every effect that was taken up, as it was left; one may stand here more than once.
        away: systems that were left alone after two effects in a row failed for one and the same reason.
        overtaken: effects that another process took over meanwhile.
    """

    settled: list[Effect] = field(default_factory=list)
    away: dict[str, str] = field(default_factory=dict)
    overtaken: int = 0

    @property
    def left_as(self) -> dict[int, EffectState]:
        """The state in which each effect was left, by its id."""
        return {effect.id: effect.state for effect in self.settled}

    @property
    def need_a_person(self) -> list[Effect]:
        """Effects that were refused or parked."""
        last = {effect.id: effect for effect in self.settled}
        return [effect for effect in last.values() if effect.state in ("refused", "parked")]


def no_other() -> bool:
    """No other effect is wanted."""
    return False


@dataclass(slots=True)
class Handling:
    """A drain while it runs: what handles one effect after the other."""

    hub: Hub
    clock: Clock
    may_act: MayAct
    sinks: OpenSinks
    owner: str
    outcome: DrainOutcome
    faults: dict[str, str] = field(default_factory=dict)
    _doubt: Doubt | None = None
    _goes_on: Callable[[], bool] = no_other
    _next: Effect | None = None

    @property
    def policy(self) -> EffectPolicy:
        """The operator's bounds."""
        return self.hub.operator.file.effects.policy()

    def take(self, only: int | None = None, states: Collection[EffectState] = WAITING) -> Effect | None:
        """The next effect, under a lease."""
        with self.hub.database.writing() as connection:
            return self._taken(connection, only, states)

    def _taken(
        self, connection: Connection, only: int | None = None, states: Collection[EffectState] = WAITING
    ) -> Effect | None:
        lease = self.sinks.lease(self.policy.lease)
        effect = claim(
            connection,
            self.owner,
            self.clock(),
            lease,
            except_systems=self.outcome.away,
            only=only,
            states=states,
        )
        if effect is not None and effect.state == "queued":
            self._doubt = last_doubt(connection)
        return effect

    def handle(self, effect: Effect, goes_on: Callable[[], bool] = no_other) -> Effect | None:
        """Send it where it is certain that nothing has arrived; look at it where that is not certain.

        Args:
            effect: that was taken.
            goes_on: whether the next one is taken with it.

        Returns:
            The next one; None where none is due, or no other one was wanted.
        """
        self._goes_on, self._next = goes_on, None
        try:
            write = thawed(effect.write)
        except ValueError:
            self._park(effect)
            return self._next
        if effect.state != "queued":
            self._look(effect, write)
        elif self._is_in_doubt(effect):
            move = Move("unknown", "unknown", "a backup was restored: it may have happened")
            self._settle(effect, move, [self._step("lapsed", effect, move.state, said=move.reason)], looks=0)
        else:
            self._send(effect, write)
        return self._next

    def _is_in_doubt(self, effect: Effect) -> bool:
        return effect.state == "queued" and self._doubt is not None and self._doubt.covers(effect)

    def _park(self, effect: Effect) -> None:
        """Leave an effect to a person that cannot be read, and nobody behind it waiting."""
        why = "what was journaled cannot be read: this version does not know it"
        move = Move("parked", "unknown" if self._is_in_doubt(effect) else effect.told, why)
        self._settle(effect, move, [self._step("withheld", effect, move.state, said=why)], looks=effect.looks)

    def _send(self, effect: Effect, write: Write) -> None:
        authority = self.may_act(effect.market, effect.handoff, effect.acts_on)
        if authority.actor == "nobody":
            move = Move("queued", "nothing", f"waits: {authority.reason}", self.policy.wait_after(1))
            self._settle(effect, move, [self._step("withheld", effect, move.state, said=move.reason)], looks=0)
            return
        if authority.actor != "hub":
            move = Move("refused", "nothing", f"the hub may not act: {authority.reason}")
            self._settle(effect, move, [self._step("withheld", effect, move.state, said=move.reason)], looks=0)
            return
        if refers(write):
            try:
                with self.hub.database.reading() as connection:
                    write = with_contents(connection, write)
            except ValueError:  # the one that holds the file
                self._park(effect)
                return
        # one that carries no key is told from a foreign write by what was shown before it
        before = self.sinks.look(effect.system, write) if write.repeats == "harmless" and write.looks else None
        sending = self._mark(effect, None if before is None else before.shown)
        if sending is None:
            return
        if before is not None and before.error is not None:
            answer = Answer("nothing", said=before.said, error=before.error)
        else:
            answer = self.sinks.send(sending.system, write)
        sent = self._step("sent", sending, "sending", told=answer.told, said=answer.said, error=answer.error)
        sent = replace(sent, reference=answer.reference)
        self._note_fault(sending.system, answer.error)
        if answer.told == "nothing":
            move = after_silence(sending.sends, self.policy, answer.said)
            self._settle(sending, move, [replace(sent, state=move.state)], looks=0)
            return
        self._settle_by_look(replace(sending, told=answer.told), write, [sent], sent_at=sending.changed_at)

    def _look(self, effect: Effect, write: Write) -> None:
        sent_at = None
        if any(look.needs_news for look in write.looks):
            with self.hub.database.reading() as connection:
                sent_at = last_sending(connection, effect.id)
        # one that was never sent is here in doubt: what came since it was planned may be of it
        self._settle_by_look(effect, write, [], sent_at=sent_at or effect.enqueued_at)

    def _settle_by_look(self, effect: Effect, write: Write, steps: list[Step], *, sent_at: datetime) -> None:
        seen = self.sinks.look(effect.system, write, sent_at).against(effect.shown_before)
        if not steps:
            self._note_fault(effect.system, seen.error)
        looks = effect.looks + 1
        move = after_look(
            effect.told,
            seen.sight,
            repeats=write.repeats,
            unsure=write.unsure,
            sends=effect.sends,
            looks=looks,
            policy=self.policy,
        )
        looked = self._step("looked", effect, move.state, sight=seen.sight, said=seen.said, error=seen.error)
        looked = replace(looked, reference=seen.reference)
        self._settle(effect, move, [*steps, looked], looks=looks)

    def _mark(self, effect: Effect, shown_before: str | None) -> Effect | None:
        lease = self.sinks.lease(self.policy.lease)
        with self._or_overtaken(effect), self.hub.database.journaling() as connection:
            return mark_sending(connection, effect, self.owner, self.clock(), lease, shown_before)
        return None

    def _settle(self, effect: Effect, move: Move, steps: list[Step], looks: int) -> None:
        with self._or_overtaken(effect):
            with self.hub.database.writing() as connection:
                settled = settle(connection, effect, move, self.clock(), steps, looks=looks)
                wake_for_effect(connection, settled.idempotency_key, self.clock())
                following = self._taken(connection) if self._goes_on() else None
            self.outcome.settled.append(settled)
            self._next = following

    @contextmanager
    def _or_overtaken(self, effect: Effect) -> Iterator[None]:
        """Count an effect that another process has taken over; that one finds out what happened."""
        try:
            yield
        except UnsafeToContinue:
            self.outcome.overtaken += 1
            log.warning("effect was overtaken", extra={"effect": effect.id, "system": effect.system})

    def _note_fault(self, system: str, error: SpliceError | None) -> None:
        """Leave a system alone when the same fault comes twice in a row: more tries would make more unknowns."""
        said = "" if error is None else str(error)
        if said and self.faults.get(system) == said:
            self.outcome.away[system] = said
        self.faults[system] = said

    def _step(self, step: StepName, effect: Effect, state: EffectState, **facts: Any) -> Step:
        error = facts.pop("error", None)
        return Step(
            self.clock(),
            step,
            effect.sends,
            state,
            error=None if error is None else type(error).__name__,
            actor=self.owner,
            **facts,
        )
