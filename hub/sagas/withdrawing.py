"""Withdraw what a saga would tell other systems, as long as none of them has heard anything."""

from datetime import datetime
from typing import cast

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from hub.effects.decisions import discard_in
from provisioning.facts import SagaFacts
from provisioning.saga import SagaKind
from provisioning.telling import tellings_of
from storage.activations import end_activation
from storage.effects import Effect, effect_with_key
from storage.sagas import Saga


def withdraw(connection: Connection, saga: Saga, now: datetime, *, actor: str, why: str) -> None:
    """Give everything up that a saga has put into the journal and that has reached nobody.

    Args:
        connection: of the transaction in which the saga is cancelled.
        saga: that is cancelled.
        now: when this happens.
        actor: who decides.
        why: the reason.

    Raises:
        ConfigurationError: a system was told, or may have been; nothing is given up.
    """
    tellings = tellings_of(cast("SagaKind", saga.kind), SagaFacts.model_validate_json(saga.facts))
    planned = [effect_with_key(connection, f"{saga.key}/{each.name}") for each in tellings]
    journaled = [each for each in planned if each is not None]
    if told := [each for each in journaled if not _reached_nobody(each)]:
        raise ConfigurationError(
            f"saga {saga.id}: other systems were told already ({told[0].command} in {told[0].system} is "
            f"{told[0].state}); discard what is refused and cease the service instead"
        )
    end_activation(connection, saga.key, now)
    for each in journaled:
        if each.state != "discarded":
            discard_in(connection, each.id, now, actor=actor, why=why, states=("queued", "refused"))


def _reached_nobody(effect: Effect) -> bool:
    return effect.state == "refused" or (effect.state in ("queued", "discarded") and effect.sends == 0)
