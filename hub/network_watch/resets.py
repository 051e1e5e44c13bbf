"""Give routers their settings again that were reset, before their subscribers call; no truck, and no new install."""

import logging
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from hub.sagas.asking import reapply_service
from hub.sagas.known_services import known_service
from hub.sagas.wishes import Wish
from hub.takeover.authority import MayAct
from hub.workplace import Hub
from provisioning.driver import NetworkDriver, ResetTeller
from storage.sagas import Saga, steps_of

LOOK_BACK = timedelta(days=7)
"""Resets that are older are left to whoever reports them: what a subscriber has set himself since is his."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Resets:
    """What came of a look for reset routers.

    Attributes:
        begun: sagas that give one its settings again.
        away: why the server of routers could not be asked; empty where it was, or there is none.
    """

    begun: list[Saga] = field(default_factory=list)
    away: str = ""


def reapply_after_resets(
    hub: Hub, market: str, now: datetime, may_act: MayAct, open_driver: Callable[[str], NetworkDriver]
) -> Resets:
    """Begin a saga for each service of a market whose router was reset since it was last told its settings.

    Args:
        hub: the operator's hub.
        market: whose routers.
        now: this moment.
        may_act: who may act.
        open_driver: opens an element.

    Raises:
        RetryableError: the database is out of reach.
    """
    name = hub.operator.network.element_of(market, "", "cpe")
    if name is None:
        return Resets()
    try:
        resets = _resets(open_driver(name), now - LOOK_BACK)
    except (ConfigurationError, RetryableError, UnsafeToContinue) as error:
        return Resets(away=str(error))
    asked = (_reapplied(hub, market, service, at, now, may_act) for service, at in sorted(resets.items()))
    return Resets([saga for saga in asked if saga is not None])


def _resets(driver: NetworkDriver, since: datetime) -> Mapping[str, datetime]:
    with closing(driver):
        return driver.resets_since(since) if isinstance(driver, ResetTeller) else {}


def _reapplied(
    hub: Hub, market: str, service: str, reset_at: datetime, now: datetime, may_act: MayAct
) -> Saga | None:
    try:
        known = known_service(hub, service)
        if known.facts.line.market != market or _was_told_since(hub, known.done, reset_at):
            return None
        if may_act(market, "order_to_provisioning", f"service/{service}").actor != "hub":
            return None
        wish = Wish(name=f"reset-{service}-{reset_at:%Y%m%dT%H%M%S}", reason="its router was reset")
        return reapply_service(hub, service, now, wish)
    except (ConfigurationError, UnsafeToContinue) as error:
        log.info("a router that was reset is left alone", extra={"service": service, "why": str(error)})
        return None


def _was_told_since(hub: Hub, done: tuple[Saga, ...], at: datetime) -> bool:
    """Whether a saga has seen the router show its settings since; the first reset is that of its first connection."""
    later = [saga.id for saga in done if saga.changed_at >= at]
    with hub.database.reading() as connection:
        steps = [step for number in later for step in steps_of(connection, number)]
    return any(each.step == "configure_cpe" and each.event == "passed" and each.at >= at for each in steps)
