"""Which kinds of systems there are: one file a kind in ``connectors/systems/``, found by listing the folder."""

from functools import cache
from importlib import import_module
from importlib.resources import files
from types import ModuleType

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from connectors.ports import Capabilities, Source, SystemSettings

_FOLDER = "connectors.systems"


@cache
def capabilities_by_kind() -> dict[str, Capabilities]:
    """What each kind can do, by its name; loads no vendor's library.

    Raises:
        ConfigurationError: a file of the folder is broken; names the file and what is wrong with it.
    """
    return {name: _loaded(name)[1] for name in _kinds()}


def open_source(settings: SystemSettings) -> Source:
    """Open a system for reading.

    Raises:
        ConfigurationError: there is no such kind, or a setting is wrong.
        RetryableError: the system is out of reach, where opening already reaches for it.
    """
    kinds = capabilities_by_kind()
    if settings.kind not in kinds:
        raise ConfigurationError(
            f"system {settings.name}: no connector {settings.kind}{nearest(settings.kind, kinds)}"
        )
    source: Source = _loaded(settings.kind)[0].open_source(settings)
    return source


def _kinds() -> list[str]:
    listed = (entry.name for entry in files(_FOLDER).iterdir())
    return sorted(name.removesuffix(".py") for name in listed if name.endswith(".py") and name != "__init__.py")


def _loaded(name: str) -> tuple[ModuleType, Capabilities]:
    try:
        module = import_module(f"{_FOLDER}.{name}")
    except ImportError as error:
        raise ConfigurationError(f"connectors/systems/{name}.py cannot be loaded: {error}") from error
    capabilities = getattr(module, "CAPABILITIES", None)
    if not isinstance(capabilities, Capabilities) or not callable(getattr(module, "open_source", None)):
        raise ConfigurationError(f"connectors/systems/{name}.py: CAPABILITIES and open_source are expected")
    if capabilities.kind != name:
        raise ConfigurationError(f"connectors/systems/{name}.py: says kind {capabilities.kind!r}, not its own name")
    return module, capabilities
