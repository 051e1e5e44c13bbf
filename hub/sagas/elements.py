"""Open the elements of ``network.yaml``, their references resolved."""

from typing import Any

from pydantic import SecretStr

from canonical_model.errors import ConfigurationError
from hub.operator_folder.references import resolve
from hub.workplace import Hub
from provisioning.discovery import open_driver
from provisioning.driver import ElementSettings, NetworkDriver
from provisioning.network_file import NETWORK_FILE


def element_settings(hub: Hub, name: str) -> ElementSettings:
    """An element's block with its references resolved.

    Raises:
        ConfigurationError: there is no such element, a variable is not set, or a file cannot be read.
    """
    block = hub.operator.network.elements.get(name)
    if block is None:
        raise ConfigurationError(f"{NETWORK_FILE} knows no element {name}")

    def value(given: Any, key: str) -> Any:
        where = f"{NETWORK_FILE}: elements.{name}.{key}"
        return resolve(given, hub.environment, where) if isinstance(given, str) else given

    def revealed(reference: str) -> SecretStr:
        return SecretStr(resolve(reference, hub.environment, f"{NETWORK_FILE}: a setting of {name}"))

    return ElementSettings(
        name=name,
        kind=block.driver,
        address=value(block.address, "address"),
        variant=block.variant,
        options={key: value(given, f"options.{key}") for key, given in block.options.items()},
        secrets={key: SecretStr(value(given, f"secrets.{key}")) for key, given in block.secrets.items()},
        timeout_s=block.timeout_s,
        reveal=revealed,
    )


def open_element(hub: Hub, name: str) -> NetworkDriver:
    """The open driver of an element.

    Raises:
        ConfigurationError: as ``element_settings``, or a setting is wrong.
        RetryableError: it is out of reach.
    """
    return open_driver(element_settings(hub, name))
