"""What billing calls the subscriptions of a service: as it answered when they began."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from canonical_model.billing import Subscription
from provisioning.facts import SagaFacts
from storage.current_records import current_records
from storage.effects import effect_with_key
from storage.sagas import Saga


@dataclass(frozen=True, slots=True)
class BilledAs:
    """The subscriptions of a service.

    Attributes:
        access: every one that may be that of the access; it is known only where there is one.
        voice: that of the telephone, where the hub has begun one.
        extras: those of what is sold beside the access, in its order; None where the hub has begun none.
    """

    access: tuple[str, ...]
    voice: str | None
    extras: tuple[str | None, ...]

    @property
    def only_access(self) -> str | None:
        """That of the access, where it is known."""
        return self.access[0] if len(self.access) == 1 else None


def billed_as(connection: Connection, done: Sequence[Saga], facts: SagaFacts) -> BilledAs:
    """How a service is billed: by what was told, or else by the account's only subscription that runs.

    Args:
        connection: of a transaction.
        done: the sagas that were done for it, oldest first.
        facts: of the last of them.
    """
    voice = None
    if facts.voice_offering_id is not None:
        voice = facts.voice_subscription_id or _told(connection, done, "start_billing_of_voice")
    extras = _extras(connection, done, facts)
    access = facts.subscription_id or _told(connection, done, "start_billing")
    if access is not None:
        return BilledAs((access,), voice, extras)
    held = current_records(connection, Subscription, facts.line.market, account_number=facts.account_number)
    return BilledAs(_running(held, but={voice, *extras}), voice, extras)


def _extras(connection: Connection, done: Sequence[Saga], facts: SagaFacts) -> tuple[str | None, ...]:
    known = facts.extra_subscription_ids
    return tuple(
        known[place] if place < len(known) else _told(connection, done, f"start_billing_of_extra_{place + 1}")
        for place in range(len(facts.extra_offering_ids))
    )


def _told(connection: Connection, done: Sequence[Saga], telling: str) -> str | None:
    began = (effect_with_key(connection, f"{saga.key}/{telling}") for saga in reversed(done))
    return next((effect.reference for effect in began if effect is not None and effect.reference), None)


def _running(held: Iterable[Subscription], *, but: set[str | None]) -> tuple[str, ...]:
    return tuple(sorted({each.subscription_id for each in held if each.state != "closed"} - but))
