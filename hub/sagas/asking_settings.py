"""Ask for settings of a router that its subscriber wants otherwise than the operator."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from canonical_model.errors import ConfigurationError
from hub.sagas.known_services import known_service, settled_saga
from hub.sagas.wishes import Wish
from hub.workplace import Hub
from provisioning.customizing import customized
from provisioning.network_file import NETWORK_FILE
from provisioning.profile_making import customizable
from storage.sagas import Saga


def settings_in(said: Sequence[str]) -> dict[str, str]:
    """Settings as they are typed, ``word=value`` each; with nothing behind the sign that of the operator is meant.

    Raises:
        ConfigurationError: one of them has no sign, or is said twice.
    """
    found: dict[str, str] = {}
    for each in said:
        word, sign, value = (part.strip() for part in each.partition("="))
        if not sign or not word:
            raise ConfigurationError(f"{each}: a setting like wifi_name=Home is expected")
        if word in found:
            raise ConfigurationError(f"{word} is said twice")
        found[word] = value
    return found


def customize_service(hub: Hub, service_id: str, settings: Mapping[str, str], now: datetime, wish: Wish) -> Saga:
    """Give the router of a service settings of its subscriber's own; nothing is billed for it.

    They belong to the service from then on: another router, tier or premise gets them too.

    Args:
        hub: the operator's hub.
        service_id: of the service.
        settings: what is wanted of each, by the operator's word for it; empty for that of the operator.
        now: when this happens.
        wish: that asks for it.

    Raises:
        ConfigurationError: the hub does not know the service, it has ended, network.yaml lets nobody have such a
            setting otherwise, or the value is none of its form.
        UnsafeToContinue: another saga is under way for it.
        RetryableError: the database is out of reach.
    """
    if (said := settled_saga(hub, service_id, "customize", wish)) is not None:
        return said
    known = known_service(hub, service_id)
    facts, network = known.facts, hub.operator.network
    element = network.elements.get(facts.line.element)
    allowed = customizable(network, facts.profile, facts.line.market, "" if element is None else element.variant)
    try:
        profile = customized(facts.profile, allowed, settings)
    except ValueError as error:
        raise ConfigurationError(f"service {service_id}: {error} ({NETWORK_FILE}, customizable)") from error
    if profile == facts.profile:
        return known.last
    return known.begin("customize", now, wish, profile=profile)
