"""Drain the journal: send what is due, look at what may have happened, and write down what came of it.

Every effect goes through the same steps, each of which may be the last of a process that dies: it is taken under a
lease; the journal says that it is being sent, and that is on the disk; it is sent, once; the other system is looked
at; what came of it is written down and the lease given back.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from canonical_model.errors import SpliceError, UnsafeToContinue
from connectors.commands import thawed
from connectors.discovery import open_sink as open_sink_of_kind
from connectors.ports import Write
from handoffs.effect_states import WAITING, EffectPolicy, EffectState, Move, after_look, after_silence
from handoffs.stages import Authority, Mandate
from hub.effects.attachments import refers, with_contents
from hub.effects.sinks import Answer, OpenSink, OpenSinks
from hub.running_clock import Clock
from hub.takeover.authority import MayAct
from hub.this_process import this_process
from hub.workplace import Hub
from storage.doubts import Doubt, last_doubt
from storage.effect_leases import claim, mark_sending, settle
from storage.effect_steps import Step, StepName, last_sending
from storage.effects import Effect
from storage.saga_wakes import wake_for_effect

log = logging.getLogger(__name__)

MAY_HAVE_HAPPENED: tuple[EffectState, ...] = ("unknown", "sending")


def _never() -> bool:
    return False


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


def drain(
    hub: Hub,
    clock: Clock,
    may_act: MayAct,
    *,
    most: int | None = None,
    only: int | None = None,
    owner: str | None = None,
    open_sink: OpenSink = open_sink_of_kind,
    away: Mapping[str, str] | None = None,
    shall_stop: Callable[[], bool] = _never,
    sinks: OpenSinks | None = None,
) -> DrainOutcome:
    """Take up every effect that is due, one after the other; several processes may do so at once.

    Args:
        hub: the operator's hub.
        clock: tells the moment; leases are measured by it.
        may_act: who may act.
        most: effects taken up at most.
        only: the id of the only effect that is wanted, whether it is due or not.
        owner: the name of this process in the history.
        open_sink: opens a system for writing.
        away: systems that are left alone from the start, and why.
        shall_stop: whether to end after the effect that is under way.
        sinks: that stay open for the next drain of this thread; others are closed in the end.

    Raises:
        RetryableError: the database is out of reach; what was settled stays.
    """
    outcome = DrainOutcome(away=dict(away or {}))
    with OpenSinks(hub, open_sink, clock) if sinks is None else nullcontext(sinks) as opened:
        work = _Work(hub, clock, may_act, opened, owner or this_process(), outcome)
        taken = 0
        while (most is None or taken < most) and not shall_stop() and (effect := work.take(only)) is not None:
            work.handle(effect)
            taken += 1
            if only is not None and outcome.left_as[effect.id] != "queued":
                break
    return outcome


def resolve_unknown(
    hub: Hub, effect_id: int, clock: Clock, *, open_sink: OpenSink = open_sink_of_kind
) -> Effect | None:
    """Look now at an effect that may have happened; nothing is sent. None where it is not unknown.

    Raises:
        RetryableError: the database is out of reach.
    """
    outcome = DrainOutcome()
    with OpenSinks(hub, open_sink, clock) as sinks:
        work = _Work(hub, clock, _nobody, sinks, this_process(), outcome)
        effect = work.take(effect_id, MAY_HAVE_HAPPENED)
        if effect is not None:
            work.handle(effect)
    return outcome.settled[-1] if outcome.settled else None


def _nobody(_market: str, handoff: Mandate, _subject: str) -> Authority:
    return Authority("legacy", records_intent=False, reason=f"{handoff} was not asked for")


@dataclass(slots=True)
class _Work:
    """A drain while it runs."""

    hub: Hub
    clock: Clock
    may_act: MayAct
    sinks: OpenSinks
    owner: str
    outcome: DrainOutcome
    faults: dict[str, str] = field(default_factory=dict)
    _doubt: Doubt | None = None

    @property
    def policy(self) -> EffectPolicy:
        """The operator's bounds."""
        return self.hub.operator.file.effects.policy()

    def take(self, only: int | None, states: Collection[EffectState] = WAITING) -> Effect | None:
        """The next effect, under a lease."""
        lease = self.sinks.lease(self.policy.lease)
        with self.hub.database.writing() as connection:
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

    def handle(self, effect: Effect) -> None:
        """Send it where it is certain that nothing has arrived; look at it where that is not certain."""
        if effect.state != "queued":
            self._look(effect)
        elif self._doubt is not None and self._doubt.covers(effect):
            move = Move("unknown", "unknown", "a backup was restored: it may have happened")
            self._settle(effect, move, [self._step("lapsed", effect, move.state, said=move.reason)], looks=0)
        else:
            self._send(effect)

    def _send(self, effect: Effect) -> None:
        authority = self.may_act(effect.market, effect.handoff, effect.acts_on)
        if authority.actor == "nobody":
            move = Move("queued", "nothing", f"waits: {authority.reason}", self.policy.wait_after(1))
            self._settle(effect, move, [self._step("withheld", effect, move.state, said=move.reason)], looks=0)
            return
        if authority.actor != "hub":
            move = Move("refused", "nothing", f"the hub may not act: {authority.reason}")
            self._settle(effect, move, [self._step("withheld", effect, move.state, said=move.reason)], looks=0)
            return
        write = thawed(effect.write)
        if refers(write):
            with self.hub.database.reading() as connection:
                write = with_contents(connection, write)
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

    def _look(self, effect: Effect) -> None:
        write, sent_at = thawed(effect.write), None
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
        with self._or_overtaken(effect), self.hub.database.writing() as connection:
            settled = settle(connection, effect, move, self.clock(), steps, looks=looks)
            wake_for_effect(connection, settled.idempotency_key, self.clock())
            self.outcome.settled.append(settled)

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
