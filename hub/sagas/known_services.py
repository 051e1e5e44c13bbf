"""What the hub knows of a service from what it has done to it, and how the next thing is begun on that."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from hub.sagas.beginning import begin_saga, keep_place
from hub.sagas.subscriptions import BilledAs, billed_as
from hub.sagas.wishes import Wish
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from provisioning.saga import SagaKind
from storage.saga_leases import redirect
from storage.sagas import UNDER_WAY, Saga, SagaStep, saga_with_key, sagas

_RESTING = ("suspend", "hold")
_ENDING = ("restore", "wake")


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service that the hub has brought to life.

    Attributes:
        done: the sagas that were done for it, oldest first.
    """

    hub: Hub
    service_id: str
    done: tuple[Saga, ...]

    @property
    def last(self) -> Saga:
        """The last thing that was done to it."""
        return self.done[-1]

    @property
    def facts(self) -> SagaFacts:
        """How it stands since."""
        return SagaFacts.model_validate_json(self.last.facts).without_ended()

    @property
    def rested_by(self) -> str | None:
        """The kind of saga since which it does not work as it was sold; None where it does."""
        if self.facts.standing == "active":
            return None
        return next((saga.kind for saga in reversed(self.done) if saga.kind in _RESTING), None)

    def begin(
        self,
        kind: SagaKind,
        now: datetime,
        wish: Wish,
        *,
        bills: bool = False,
        keeps_place: bool = False,
        **changes: Any,
    ) -> Saga:
        """Begin the next saga on what is known.

        Args:
            kind: of the saga.
            now: when this happens.
            wish: that asks for it.
            bills: billing has to be told of its subscription.
            keeps_place: it goes to another place, which is kept for its order.
            changes: facts that differ from those of the last saga.

        Raises:
            ConfigurationError: billing has no one subscription of it, or it shall count from a later day.
            UnsafeToContinue: another saga is under way, or the place is kept for somebody else.
        """
        market = self.hub.operator.markets[self.facts.line.market]
        if wish.effective_on is not None and wish.effective_on > market.local_date(now):
            raise ConfigurationError(f"{kind} of service {self.service_id}: begin it on {wish.effective_on}")
        facts = self.facts.following(
            {
                "order_number": wish.order_number,
                "reason": wish.reason,
                "effective_on": wish.effective_on,
                "work_order_id": wish.work_order_id,
                **self._billed(wish.subscription_id, required=bills),
                # what ends an earlier wish goes on with its work: whoever has put a service on hold wakes it
                "work": self.facts.acts_on if kind in _ENDING else None,
                **changes,
            }
        )
        name = wish.named or f"S-{self.service_id}.{self.last.id}"
        attempt = next_attempt(self.hub, name, kind)

        def first(connection: Connection) -> None:
            _set_aside(connection, self.service_id, now, wish.actor, kind)
            if keeps_place and wish.order_number is not None:
                keep_place(connection, facts.line, wish.order_number, now)

        return begin_saga(self.hub, kind, facts, now, attempt=attempt, actor=wish.actor, wish=name, first=first)

    def billed_as(self) -> BilledAs:
        """What billing calls its subscriptions."""
        with self.hub.database.reading() as connection:
            return billed_as(connection, self.done, self.facts)

    def _billed(self, named: str | None, *, required: bool) -> dict[str, object]:
        """The facts that tell its subscriptions."""
        known = self.billed_as()
        access = named or known.only_access
        if access is None and required:
            what = f"has {len(known.access)} subscriptions" if known.access else "has no subscription"
            raise ConfigurationError(
                f"account {self.facts.account_number} {what} in billing: name the one of service {self.service_id}"
            )
        return {
            "subscription_id": access,
            "voice_subscription_id": known.voice,
            "extra_subscription_ids": known.extras,
        }


def known_service(hub: Hub, service_id: str) -> KnownService:
    """A service that is there.

    Raises:
        ConfigurationError: the hub has not brought it to life, or it has ended.
    """
    with hub.database.reading() as connection:
        done = tuple(sagas(connection, states=("done",), service_id=service_id))
    if not done:
        raise ConfigurationError(
            f"service {service_id}: the hub has brought nothing of that number to life and knows no line of it"
        )
    known = KnownService(hub, service_id, done)
    if known.facts.standing == "ended":
        raise ConfigurationError(f"service {service_id} has ended with saga {known.last.key}")
    return known


def working_service(hub: Hub, service_id: str) -> KnownService:
    """A service that works as it was sold.

    Raises:
        ConfigurationError: as ``known_service``, or it is suspended or on hold.
    """
    known = known_service(hub, service_id)
    if known.facts.standing != "active":
        raise ConfigurationError(f"service {service_id} is {known.facts.standing}: let it work again first")
    return known


def settled_saga(hub: Hub, service_id: str, kind: SagaKind, wish: Wish) -> Saga | None:
    """The saga of a wish that has a name and was stated before; None where it is to be begun.

    Raises:
        ConfigurationError: the wish was stated of another service.
    """
    if wish.named is None:
        return None
    with hub.database.reading() as connection:
        known = saga_with_key(connection, f"{wish.named}/{kind}/{next_attempt(hub, wish.named, kind)}")
    if known is not None and known.service_id != service_id:
        raise ConfigurationError(f"{wish.named} was stated of service {known.service_id}")
    return known


def next_attempt(hub: Hub, name: str, kind: SagaKind) -> int:
    """The number of the try at a wish that counts: the first that was not brought back."""
    attempt = 1
    with hub.database.reading() as connection:
        while True:
            known = saga_with_key(connection, f"{name}/{kind}/{attempt}")
            if known is None or known.state != "undone":
                return attempt
            attempt += 1


def _set_aside(connection: Connection, service_id: str, now: datetime, actor: str, kind: SagaKind) -> None:
    """A saga that only waits for a telephone keeps nobody waiting: it begins anew after what comes now."""
    for saga in sagas(connection, states=UNDER_WAY, service_id=service_id):
        if saga.kind == "activate_voice" and saga.step == "verify_voice":
            step = SagaStep(now, saga.step, "ended", f"{kind} comes first; it goes on afterwards", actor=actor)
            redirect(connection, saga, {"state": "undone", "reason": step.said, "person": None}, step)
