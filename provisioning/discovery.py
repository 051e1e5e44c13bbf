"""Which kinds of network elements there are: one file each in ``provisioning/drivers/``, found by listing it."""

from functools import cache
from types import ModuleType

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from connectors.plug_ins import file_of, listed, loaded
from provisioning.driver import DriverCapabilities, ElementSettings, NetworkDriver

_FOLDER = "provisioning.drivers"


@cache
def driver_capabilities(package: str = _FOLDER) -> dict[str, DriverCapabilities]:
    """What each kind can do, by its name; loads no vendor's library.

    Raises:
        ConfigurationError: a file of the folder is broken; names the file and what is wrong with it.
    """
    return {stem: _loaded(package, stem)[1] for stem in listed(package)}


def open_driver(settings: ElementSettings) -> NetworkDriver:
    """Open an element.

    Raises:
        ConfigurationError: there is no such kind, or a setting is wrong.
        RetryableError: it is out of reach.
    """
    kinds = driver_capabilities()
    if settings.kind not in kinds:
        raise ConfigurationError(f"element {settings.name}: no driver {settings.kind}{nearest(settings.kind, kinds)}")
    driver: NetworkDriver = _loaded(_FOLDER, settings.kind)[0].open_driver(settings)
    return driver


def _loaded(package: str, stem: str) -> tuple[ModuleType, DriverCapabilities]:
    file, module = file_of(package, stem), loaded(package, stem)
    capabilities = getattr(module, "CAPABILITIES", None)
    if not isinstance(capabilities, DriverCapabilities) or not callable(getattr(module, "open_driver", None)):
        raise ConfigurationError(f"{file}: CAPABILITIES and open_driver are expected")
    if capabilities.kind != stem:
        raise ConfigurationError(f"{file}: says kind {capabilities.kind!r}, not its own name")
    return module, capabilities
