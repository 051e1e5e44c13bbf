"""What the hub has acted on in a market lately, by the journals of its own deeds.

Not what somebody meant to hand over, but what was done: a saga that was begun, an effect that was written down.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, or_, select

from handoffs.effect_states import EffectState
from handoffs.stages import Handoff
from provisioning.facts import SagaFacts, facts_in
from storage.effects import EFFECT_COLUMNS, Effect, effect_of
from storage.sagas import SAGA_COLUMNS, Saga, saga_of
from storage.schema.effects import EFFECT
from storage.schema.sagas import SAGA

VOID: frozenset[EffectState] = frozenset({"refused", "discarded"})
"""Effects that did not come about."""

_PREFIX = "order/"


@dataclass(frozen=True, slots=True)
class ActedSaga:
    """A saga with what it knows."""

    saga: Saga
    facts: SagaFacts


@dataclass(frozen=True)
class Acted:
    """Everything that the hub did.

    Attributes:
        sagas: oldest first.
        effects: of hand-offs, oldest first; those that did not come about are left out.
        unreadable: keys of sagas whose facts could not be read, which nobody can watch over.
    """

    sagas: tuple[ActedSaga, ...]
    effects: tuple[Effect, ...]
    unreadable: tuple[str, ...] = ()

    @cached_property
    def accounts(self) -> set[str]:
        """Of whom."""
        told = {str(each.fields["account_number"]) for each in self.effects if each.fields.get("account_number")}
        return told | {each.facts.account_number for each in self.sagas}

    def orders(self, handoff: Handoff | None = None) -> set[str]:
        """Numbers of the orders, of one hand-off or of all."""
        told = {
            order
            for each in self.effects
            if handoff in (None, each.handoff) and (order := order_of(each)) is not None
        }
        if handoff not in (None, "order_to_provisioning"):
            return told
        return told | {each.saga.order_number for each in self.sagas if each.saga.order_number}

    def since(self, moment: datetime) -> "Acted":
        """What of it began or changed since a moment."""
        sagas = tuple(each for each in self.sagas if each.saga.changed_at >= moment)
        return replace(self, sagas=sagas, effects=tuple(each for each in self.effects if each.changed_at >= moment))

    def services(self) -> dict[str, ActedSaga]:
        """The last saga of each service that was done or is under way; one that was undone changed nothing."""
        return {each.saga.service_id: each for each in self.sagas if each.saga.state != "undone"}

    def began_at(self) -> dict[str, datetime]:
        """When the hub first acted for each account."""
        first: dict[str, datetime] = {}
        of_sagas = ((each.facts.account_number, each.saga.began_at) for each in self.sagas)
        of_effects = ((str(each.fields.get("account_number")), each.enqueued_at) for each in self.effects)
        for account, at in (*of_sagas, *of_effects):
            first[account] = min(at, first.get(account, at))
        return first

    def saga_of(self, effect: Effect) -> ActedSaga | None:
        """The saga whose telling an effect is."""
        return self._by_key.get(effect.idempotency_key.rpartition("/")[0])

    @cached_property
    def _by_key(self) -> dict[str, ActedSaga]:
        return {each.saga.key: each for each in self.sagas}


def acted_works(connection: Connection, market: str, since: datetime, works: Collection[str] | None = None) -> Acted:
    """What the hub did in a market since a moment.

    Args:
        connection: of a transaction.
        market: which.
        since: what neither began nor changed since is left out.
        works: only these (``order/1234``); None for all.
    """
    orders = None if works is None else {each.removeprefix(_PREFIX) for each in works if each.startswith(_PREFIX)}
    # one that adopts a line has only looked at it
    acts = (SAGA.c.market == market, SAGA.c.changed_at >= since, SAGA.c.kind != "adopt")
    sagas = select(*SAGA_COLUMNS).where(*acts).order_by(SAGA.c.id)
    if orders is not None:
        sagas = sagas.where(SAGA.c.order_number.in_(sorted(orders)))
    found = [saga_of(row) for row in connection.execute(sagas)]
    effects = (
        select(*EFFECT_COLUMNS)
        .where(EFFECT.c.market == market, EFFECT.c.changed_at >= since, EFFECT.c.handoff != "remedies")
        .where(EFFECT.c.state.not_in(sorted(VOID)))
        .order_by(EFFECT.c.id)
    )
    if orders is not None:
        effects = effects.where(_about(orders, found))
    told = [effect_of(row) for row in connection.execute(effects)]
    with_facts: list[ActedSaga] = []
    unreadable: list[str] = []
    for each in found:
        try:
            with_facts.append(ActedSaga(each, facts_in(each.facts)))
        except ValidationError:
            unreadable.append(each.key)
    return Acted(tuple(with_facts), tuple(told), tuple(unreadable))


def _about(orders: Collection[str], sagas: Collection[Saga]) -> ColumnElement[bool]:
    """Effects of some orders: about one of them, or told by one of their sagas; both are looked up by an index."""
    subjects = [f"{_PREFIX}{number}" for number in sorted(orders)]
    keys = [
        (EFFECT.c.idempotency_key > f"{each.key}/") & (EFFECT.c.idempotency_key < f"{each.key}0") for each in sagas
    ]  # "0" comes behind "/"
    return or_(EFFECT.c.subject.in_(subjects), *keys)


def order_of(effect: Effect) -> str | None:
    """The number of the order that an effect is about; None where nothing tells."""
    number = effect.fields.get("order_number")
    if number:
        return str(number)
    return effect.subject.removeprefix(_PREFIX) if effect.subject.startswith(_PREFIX) else None


def work_of(order_number: str) -> str:
    """How a take-over names the work of an order."""
    return f"{_PREFIX}{order_number}"


def by_key(found: Iterable[Any], name: str) -> dict[str, list[Any]]:
    """Things by one of their attributes, those without it left out."""
    grouped: dict[str, list[Any]] = defaultdict(list)
    for each in found:
        value = getattr(each, name)
        if value is not None:
            grouped[value].append(each)
    return dict(grouped)


def signature(fields: dict[str, Any]) -> str:
    """The fields of a command in an order that is always the same."""
    return json.dumps(fields, sort_keys=True, ensure_ascii=False)
