"""What the form of a service's change asks for, as a wish to the hub."""

from collections.abc import Callable
from datetime import date, datetime

from canonical_model.errors import ConfigurationError
from flows.asked import ChangeRequest, ServiceChange
from hub.sagas import asking, asking_parts, asking_settings
from hub.sagas.wishes import Wish
from hub.workplace import Hub
from provisioning.standing import Standing
from storage.sagas import Saga

MODES: dict[str, Standing] = {"walled": "walled", "throttled": "throttled", "blocked": "blocked"}


def asked_for(hub: Hub, request: ChangeRequest, now: datetime) -> Saga:
    """Write what a form asks for down as a saga; the same wish gives the same saga.

    Raises:
        ConfigurationError: the form lacks something, or the service is not one of which this can be asked.
        UnsafeToContinue: another saga is under way for it.
        RetryableError: the database is out of reach.
    """
    wish = Wish(
        actor="change_service",
        reason=request.reason or None,
        order_number=request.order or None,
        name=request.wish or None,
    )
    return _ASKING[request.change](hub, request, now, wish)


def _mode(asked: ChangeRequest) -> Standing:
    value = asked.value.strip()
    mode = MODES.get(value or "walled")
    if mode is None:
        raise ConfigurationError(f"{value!r} is no way to suspend: {', '.join(MODES)} are")
    return mode


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value.strip()) if value.strip() else None
    except ValueError:
        raise ConfigurationError(f"until {value!r}: a day like 2027-03-01 is expected") from None


def _needed(asked: ChangeRequest, what: str) -> str:
    if not asked.value.strip():
        raise ConfigurationError(f"{what} is missing: give it as the value")
    return asked.value.strip()


_ASKING: dict[ServiceChange, Callable[[Hub, ChangeRequest, datetime, Wish], Saga]] = {
    "change_tier": lambda hub, asked, now, wish: asking.change_tier(
        hub, asked.service, _needed(asked, "the tier"), now, wish
    ),
    "add_part": lambda hub, asked, now, wish: asking_parts.add_part(
        hub, asked.service, _needed(asked, "the product"), now, wish
    ),
    "end_part": lambda hub, asked, now, wish: asking_parts.end_part(
        hub, asked.service, _needed(asked, "the product"), now, wish
    ),
    "suspend": lambda hub, asked, now, wish: asking.suspend_service(hub, asked.service, _mode(asked), now, wish),
    "restore": lambda hub, asked, now, wish: asking.restore_service(hub, asked.service, now, wish),
    "hold": lambda hub, asked, now, wish: asking.hold_service(
        hub, asked.service, now, wish, _mode(asked), _day(asked.until)
    ),
    "wake": lambda hub, asked, now, wish: asking.wake_service(hub, asked.service, now, wish),
    "swap_device": lambda hub, asked, now, wish: asking.swap_device(
        hub, asked.service, _needed(asked, "the serial"), now, wish
    ),
    "cease": lambda hub, asked, now, wish: asking.cease_service(hub, asked.service, now, wish),
    "reapply": lambda hub, asked, now, wish: asking.reapply_service(hub, asked.service, now, wish),
    "customize": lambda hub, asked, now, wish: asking_settings.customize_service(
        hub, asked.service, asking_settings.settings_in([_needed(asked, "the setting")]), now, wish
    ),
}
"""How each is asked for."""
