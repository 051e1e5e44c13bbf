"""Works of the hub that are proven and not told, told and not done, or done in the field and heard of by nobody.

What waits for a person who was asked is no sign of harm, nor what goes on since a person has answered; what nobody is
asked about is.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from canonical_model.field_work import FieldCompletion
from canonical_model.orders import PriceAlteration
from handoffs.rollback import Signal
from handoffs.stages import HANDOFFS, Handoff, Mandate
from hub.takeover.signals.acted import VOID, ActedSaga, order_of, work_of
from hub.takeover.signals.look import Look, signal
from provisioning.courtesy import served_for_nothing
from provisioning.telling import tellings_of
from storage.current_records import read_first_at, records_among
from storage.effects import effects_with_keys
from storage.sagas import Saga
from storage.work_paths import path_of

_TELLING = timedelta(hours=24)
_HEARING = timedelta(hours=12)
_BILLED = frozenset({"activate"})
_MESSAGES = frozenset({"notify_staff", "notify_subscriber"})
_BILLS: Handoff = "field_to_billing"


def find(look: Look) -> Iterator[Signal]:
    """Works that have come to a stand without anybody knowing."""
    told = {effect.idempotency_key for effect in look.acted.effects}
    found = {}
    for each in look.acted.sagas:
        said = next(_stuck(look, each, told), None)
        if said is not None:
            number = each.saga.order_number
            found[work_of(number) if number else f"service/{each.saga.service_id}"] = said
    of_effects = _untold(look)
    of_effects.setdefault(_BILLS, {}).update(found)
    for handoff in HANDOFFS:
        yield from signal(look, "unfinished_works", handoff, of_effects.get(handoff, {}), of=len(look.acted.sagas))


def _untold(look: Look) -> dict[str, dict[str, str]]:
    """What should have been told long since, by hand-off and work; a person knows of it while its saga is held."""
    found: dict[str, dict[str, str]] = {}
    for effect in look.acted.effects:
        teller = look.acted.saga_of(effect)
        if effect.state == "done" or effect.command in _MESSAGES or (teller and teller.saga.state == "held"):
            continue
        since = effect.enqueued_at if teller is None else max(effect.enqueued_at, teller.saga.step_began_at)
        if _waited(look, effect.handoff, since) > _TELLING:
            number = order_of(effect)
            said = (
                f"{effect.command} is {effect.state} since {effect.enqueued_at:%Y-%m-%d %H:%M} UTC: {effect.reason}"
            )
            found.setdefault(effect.handoff, {})[work_of(number) if number else effect.subject] = said
    return found


def _stuck(look: Look, each: ActedSaga, told: set[str]) -> Iterator[str]:
    saga, facts = each.saga, each.facts
    done = look.completion_of(saga.order_number or "") if saga.state == "running" and saga.step == "gate" else None
    is_unheard = done is not None and _waited(look, _BILLS, _could_be_heard_at(look, saga, done)) > _HEARING
    if (
        saga.state == "running"
        and facts.verified_at is not None
        and _waited(look, _BILLS, max(facts.verified_at, saga.step_began_at)) > _TELLING
        and (saga.step != "gate" or is_unheard)
    ):
        yield f"{saga.kind} is proven since {facts.verified_at:%Y-%m-%d %H:%M} UTC and stands at {saga.step}"
    if done is not None and is_unheard and facts.completed_at is None:
        yield f"its job {done.work_order_id} was completed, and {saga.kind} has not heard of it"
    if saga.state == "done" and saga.kind in _BILLED and look.now - saga.changed_at > timedelta(minutes=5):
        tellings = [each for each in tellings_of("activate", facts) if each.command == "start_billing"]
        keys = {f"{saga.key}/{telling.name}" for telling in tellings}
        if not keys & told and not _told_before(look, keys) and _is_billed_by_us(look, each):
            yield "it is done, and billing was never told"


def _could_be_heard_at(look: Look, saga: Saga, done: FieldCompletion) -> datetime:
    """From when on a saga could have heard of its job: the hub had read of it, and a person let the saga go on."""
    return max(done.completed_at, read_first_at(look.connection, done), saga.step_began_at)


def _told_before(look: Look, keys: set[str]) -> bool:
    """Whether it was told before the time that is looked at: its saga may have been held for days before its end."""
    return any(each.state not in VOID for each in effects_with_keys(look.connection, keys).values())


def _waited(look: Look, handoff: Mandate, since: datetime) -> timedelta:
    """How long something waits already; while a line was stopped nothing could be done."""
    went_on = look.went_on.get(handoff, since) if handoff in HANDOFFS else since
    return look.now - max(since, went_on)


def _is_billed_by_us(look: Look, each: ActedSaga) -> bool:
    """Whether the hub bills it at all: not what legacy bills, nor an account that is served for nothing."""
    facts = each.facts
    path = path_of(look.connection, look.market.id, "field_to_billing", facts.acts_on)
    day = look.day_of(facts.verified_at or each.saga.changed_at)
    approvals = records_among(
        look.connection, PriceAlteration, look.market.id, "account_number", [facts.account_number]
    )
    return (path is None or path.writer == "hub") and served_for_nothing(approvals, day) is None
