"""Begin a saga for a service: everything that it needs is written down first, and never looked up again."""

from datetime import datetime

from canonical_model.errors import ConfigurationError
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from provisioning.saga import SEQUENCES, SagaKind, first_step
from storage.sagas import PlannedSaga, Saga, begin


def begin_saga(
    hub: Hub, kind: SagaKind, facts: SagaFacts, now: datetime, *, attempt: int = 1, actor: str = "hub"
) -> Saga:
    """Write a saga down; stating the same wish again gives back what was begun and changes nothing.

    Args:
        hub: the operator's hub.
        kind: of saga.
        facts: what it is about.
        now: when this happens.
        attempt: grows where an order is tried again after its saga was undone.
        actor: who wants it.

    Raises:
        ConfigurationError: there is no such market.
        UnsafeToContinue: another saga is under way for this service.
        RetryableError: the database is out of reach.
    """
    if facts.line.market not in hub.operator.markets:
        raise ConfigurationError(f"there is no market {facts.line.market}")
    if kind not in SEQUENCES:
        raise ValueError(f"there is no saga {kind}")
    planned = PlannedSaga(
        key=f"SO-{facts.order_number}/{kind}/{attempt}",
        kind=kind,
        market=facts.line.market,
        service_id=facts.line.service_id,
        order_number=facts.order_number,
        element=facts.line.element,
        step=first_step(kind),
        facts=facts.model_dump_json(),
        work_order_id=facts.work_order_id,
    )
    with hub.database.journaling() as connection:
        return begin(connection, planned, now, actor)
