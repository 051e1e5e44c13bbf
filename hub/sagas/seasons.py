"""Let services work again on the day up to which they were to rest."""

import logging
from datetime import datetime

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from hub.sagas.asking import wake_service
from hub.sagas.wishes import Wish
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from storage.resting_sagas import resting_since
from storage.sagas import Saga

log = logging.getLogger(__name__)


def wake_the_rested(hub: Hub, now: datetime, market: str | None = None) -> list[Saga]:
    """Begin the waking of every service whose season is over; the sagas that were begun.

    The day begins in the market's own time. Where something else is under way for a service, the next look does it.

    Args:
        hub: the operator's hub.
        now: when this happens.
        market: whose services; None for all.

    Raises:
        RetryableError: the database is out of reach.
    """
    with hub.database.reading() as connection:
        resting = resting_since(connection, "hold", market)
    return [begun for saga in resting if _is_over(hub, saga, now) and (begun := _woken(hub, saga, now)) is not None]


def _is_over(hub: Hub, saga: Saga, now: datetime) -> bool:
    until, market = SagaFacts.model_validate_json(saga.facts).rests_until, hub.operator.markets.get(saga.market)
    return until is not None and market is not None and until <= market.local_date(now)


def _woken(hub: Hub, saga: Saga, now: datetime) -> Saga | None:
    wish = Wish(name=f"hold-{saga.id}-ends", reason="the season is over")
    try:
        return wake_service(hub, saga.service_id, now, wish)
    except (ConfigurationError, UnsafeToContinue) as error:
        log.warning("a service was not woken", extra={"service": saga.service_id, "why": str(error)})
        return None
