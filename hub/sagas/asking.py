"""Ask for something to be done to a service that the hub knows: its line and profile are those of its last saga.

Each function writes one saga down and gives it back; stating the same wish again gives back the same one and changes
nothing. A wish is named by its order, or by whoever states it (the number of a reminder, the id of an event); where
nothing names it, it stands for what follows upon the last thing that was done to the service.
"""

from datetime import date, datetime
from typing import Any

from canonical_model.errors import ConfigurationError
from canonical_model.identifiers import parse_device_serial
from hub.sagas.known_services import known_service, settled_saga, working_service
from hub.sagas.wishes import Wish
from hub.workplace import Hub
from provisioning.facts import SuspensionBilling
from provisioning.line import Line
from provisioning.network_file import NETWORK_FILE
from provisioning.profile import ProvisioningProfile
from provisioning.profile_making import ProfileRequest, make_profile
from provisioning.saga import SagaKind
from provisioning.standing import Standing
from storage.sagas import Saga


def suspend_service(hub: Hub, service_id: str, mode: Standing, now: datetime, wish: Wish) -> Saga:
    """Suspend a service for non-payment: walled (the pay page is reachable), throttled or blocked.

    Raises:
        ConfigurationError: the hub does not know the service, it has ended, or its profile has no group of that mode.
        UnsafeToContinue: another saga is under way for it.
        RetryableError: the database is out of reach.
    """
    billing = hub.operator.network.lifecycle.suspension
    return _rested(hub, service_id, "suspend", mode, billing, now, wish)


def hold_service(
    hub: Hub, service_id: str, now: datetime, wish: Wish, mode: Standing = "walled", until: date | None = None
) -> Saga:
    """Let a service rest as the customer asked, for a season.

    Args:
        hub: the operator's hub.
        service_id: of the service.
        now: when this happens.
        wish: that asks for it.
        mode: how it rests.
        until: local day on which it works again by itself; until somebody asks where it is None.

    Raises:
        ConfigurationError: as ``suspend_service``, or the day is not to come.
        UnsafeToContinue, RetryableError: as ``suspend_service``.
    """
    billing = hub.operator.network.lifecycle.seasonal_hold
    return _rested(hub, service_id, "hold", mode, billing, now, wish, until)


def restore_service(hub: Hub, service_id: str, now: datetime, wish: Wish) -> Saga:
    """Let a service work again that was suspended.

    Raises:
        ConfigurationError: the hub does not know the service, or it is not suspended.
        UnsafeToContinue, RetryableError: as ``suspend_service``.
    """
    return _woken(hub, service_id, "restore", now, wish)


def wake_service(hub: Hub, service_id: str, now: datetime, wish: Wish) -> Saga:
    """Let a service work again that was on hold.

    Raises:
        ConfigurationError: the hub does not know the service, or it is not on hold.
        UnsafeToContinue, RetryableError: as ``suspend_service``.
    """
    return _woken(hub, service_id, "wake", now, wish)


def change_tier(hub: Hub, service_id: str, offering_id: str, now: datetime, wish: Wish) -> Saga:
    """Give a service another tier, in the network and on the bill.

    Raises:
        ConfigurationError: the hub does not know the service, it is suspended, or no table knows the tier.
        UnsafeToContinue, RetryableError: as ``suspend_service``.
    """
    if (said := settled_saga(hub, service_id, "change_tier", wish)) is not None:
        return said
    known = working_service(hub, service_id)
    if known.facts.profile.offering_id == offering_id:
        return known.last
    if offering_id not in {each.id for each in hub.operator.catalogue.offerings}:
        raise ConfigurationError(f"the catalogue knows no offering {offering_id}")
    profile = _same_tags(known.facts.profile, _profile(hub, known.facts.line, known.facts.profile, offering_id))
    return known.begin("change_tier", now, wish, bills=True, profile=profile)


def swap_device(hub: Hub, service_id: str, serial: str, now: datetime, wish: Wish) -> Saga:
    """Put another terminal in the place of that of a service; the old one goes back to the store room.

    Raises:
        ConfigurationError: the hub does not know the service, or the serial is none.
        UnsafeToContinue, RetryableError: as ``suspend_service``.
    """
    if (said := settled_saga(hub, service_id, "swap_device", wish)) is not None:
        return said
    known = working_service(hub, service_id)
    expected = _serial(serial)
    if known.facts.line.serial == expected:
        return known.last
    line = known.facts.line.model_copy(update={"serial": None})
    return known.begin("swap_device", now, wish, line=line, expected_serial=expected)


def move_service(hub: Hub, service_id: str, line: Line, now: datetime, wish: Wish, serial: str | None = None) -> Saga:
    """Bring a service to another premise: the new line is proven before the old one is taken away.

    The new place is kept for its order at once; the old one is given free when it is done.

    Args:
        hub: the operator's hub.
        service_id: of the service.
        line: where it shall hang; its serial is bound when the terminal is seen.
        now: when this happens.
        wish: the order.
        serial: of the terminal at the new premise; None where it is taken along.

    Raises:
        ConfigurationError: no order is named, the hub does not know the service, or no table knows its tier there.
        UnsafeToContinue, RetryableError: as ``suspend_service``.
    """
    _needs_order(wish, "a move")
    if (said := settled_saga(hub, service_id, "move", wish)) is not None:
        return said
    known = working_service(hub, service_id)
    if line.service_id != service_id or line.market != known.facts.line.market:
        raise ConfigurationError(f"service {service_id} keeps its number and its market where it moves to")
    expected = known.facts.line.serial if serial is None else _serial(serial)
    profile = _profile(hub, line, known.facts.profile, known.facts.profile.offering_id)
    changes: dict[str, Any] = {"line": line.model_copy(update={"serial": None}), "profile": profile}
    return known.begin("move", now, wish, keeps_place=True, expected_serial=expected, **changes)


def cease_service(hub: Hub, service_id: str, now: datetime, wish: Wish) -> Saga:
    """End a service: the network first, then the bill, from the day of the proof or the earlier one of the order.

    Raises:
        ConfigurationError: no order is named, or the hub does not know the service.
        UnsafeToContinue, RetryableError: as ``suspend_service``.
    """
    _needs_order(wish, "a cease")
    if (said := settled_saga(hub, service_id, "cease", wish)) is not None:
        return said
    known = known_service(hub, service_id)
    return known.begin("cease", now, wish, bills=True, standing="ended", collected_by=wish.collected_by)


def reapply_service(hub: Hub, service_id: str, now: datetime, wish: Wish) -> Saga:
    """Give a router its settings again that was reset (TR-069 event 0 BOOTSTRAP); nothing is billed for it.

    Raises:
        ConfigurationError: the hub does not know the service, or it has ended.
        UnsafeToContinue, RetryableError: as ``suspend_service``.
    """
    if (said := settled_saga(hub, service_id, "reapply", wish)) is not None:
        return said
    return known_service(hub, service_id).begin("reapply", now, wish)


def _rested(
    hub: Hub,
    service_id: str,
    kind: SagaKind,
    mode: Standing,
    billing: SuspensionBilling,
    now: datetime,
    wish: Wish,
    until: date | None = None,
) -> Saga:
    if (said := settled_saga(hub, service_id, kind, wish)) is not None:
        return said
    known = known_service(hub, service_id)
    if known.last.kind == kind and known.facts.standing == mode:
        return known.last
    if known.facts.standing != "active":
        raise ConfigurationError(f"service {service_id} is {known.facts.standing} since saga {known.last.key}")
    groups = known.facts.profile.standing_groups
    if mode not in groups:
        told = ", ".join(sorted(groups)) or "none"
        raise ConfigurationError(f"service {service_id} cannot be {mode}: {NETWORK_FILE} gave it groups for {told}")
    if until is not None and until <= hub.operator.markets[known.facts.line.market].local_date(now):
        raise ConfigurationError(f"service {service_id} cannot rest until {until}: name a day that is to come")
    bills = billing.policy in ("stop", "price")
    return known.begin(kind, now, wish, bills=bills, standing=mode, billing=billing, rests_until=until)


def _woken(hub: Hub, service_id: str, kind: SagaKind, now: datetime, wish: Wish) -> Saga:
    if (said := settled_saga(hub, service_id, kind, wish)) is not None:
        return said
    known = known_service(hub, service_id)
    if known.facts.standing == "active" and known.last.kind == kind:
        return known.last
    rested_by = "suspend" if kind == "restore" else "hold"
    if known.rested_by != rested_by:
        raise ConfigurationError(f"service {service_id} is {known.facts.standing} and not after a {rested_by}")
    return known.begin(kind, now, wish, standing="active")


def _profile(hub: Hub, line: Line, before: ProvisioningProfile, offering_id: str) -> ProvisioningProfile:
    """The profile of a tier on a line; what was set for this subscriber stays.

    Raises:
        ConfigurationError: no table knows it.
    """
    network = hub.operator.network
    element = network.elements.get(line.element)
    asked = ProfileRequest(
        line.market,
        before.technology,
        "" if element is None else element.variant,
        offering_id,
        line.onu_id or 0,
        before.voice,
        before.customizations,
    )
    try:
        profile = make_profile(network, network.fingerprint, asked)
    except ValueError as error:
        raise ConfigurationError(f"{NETWORK_FILE}: {error}") from error
    if profile is None:
        raise ConfigurationError(f"{NETWORK_FILE} has no tier {offering_id} for {before.technology} in {line.market}")
    return profile


def _same_tags(before: ProvisioningProfile, profile: ProvisioningProfile) -> ProvisioningProfile:
    """A profile for the same line, which may have tags of its own."""
    if not before.has_own_vlans:
        return profile
    return profile.model_copy(update={"vlans": before.vlans, "has_own_vlans": True})


def _serial(text: str) -> str:
    try:
        return parse_device_serial(text)
    except ValueError as error:
        raise ConfigurationError(f"{text} is no serial of a terminal: {error}") from error


def _needs_order(wish: Wish, what: str) -> None:
    if wish.order_number is None:
        raise ConfigurationError(f"{what} needs the number of its order")
