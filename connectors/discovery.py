"""Which kinds of systems there are: one file a kind in ``connectors/systems/``, found by listing the folder."""

from functools import cache
from types import ModuleType

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from connectors.plug_ins import file_of, listed, loaded
from connectors.ports import Capabilities, Observer, Sink, Source, SystemSettings
from connectors.probing import Probe

_FOLDER = "connectors.systems"


@cache
def capabilities_by_kind(package: str = _FOLDER) -> dict[str, Capabilities]:
    """What each kind can do, by its name; loads no vendor's library.

    Raises:
        ConfigurationError: a file of the folder is broken; names the file and what is wrong with it.
    """
    return {name: _loaded(package, name)[1] for name in listed(package)}


def open_source(settings: SystemSettings) -> Source:
    """Open a system for reading.

    Raises:
        ConfigurationError: there is no such kind, nothing can be read from it, or a setting is wrong.
        RetryableError: the system is out of reach, where opening already reaches for it.
    """
    module, can = _module_of(settings)
    if not can.reads:
        raise ConfigurationError(f"system {settings.name}: {can.kind} takes commands; nothing is read from it")
    source: Source = module.open_source(settings)
    return source


def open_sink(settings: SystemSettings) -> Sink:
    """Open a system for writing.

    Raises:
        ConfigurationError: there is no such kind, it takes no commands, or a setting is wrong.
        RetryableError: the system is out of reach, where opening already reaches for it.
    """
    module, can = _module_of(settings)
    if can.writes is None:
        raise ConfigurationError(f"system {settings.name}: {can.kind} takes no commands")
    sink: Sink = module.open_sink(settings)
    return sink


def open_observer(settings: SystemSettings) -> Observer:
    """Open a system to look at what it shows; nothing is written.

    Raises:
        ConfigurationError: there is no such kind, it cannot be looked at, or a setting is wrong.
        RetryableError: the system is out of reach, where opening already reaches for it.
    """
    module, can = _module_of(settings)
    if can.observation is None:
        raise ConfigurationError(f"system {settings.name}: {can.kind} cannot be looked at")
    observer: Observer = module.open_sink(settings) if can.writes is not None else module.open_observer(settings)
    return observer


def open_probe(settings: SystemSettings) -> Probe:
    """Open a system to look around in it.

    Raises:
        ConfigurationError: there is no such kind, it tells nothing of itself, or a setting is wrong.
    """
    module, can = _module_of(settings)
    if not callable(getattr(module, "open_probe", None)):
        raise ConfigurationError(f"system {settings.name}: {can.kind} tells nothing of what it holds")
    probe: Probe = module.open_probe(settings)
    return probe


def _module_of(settings: SystemSettings) -> tuple[ModuleType, Capabilities]:
    kinds = capabilities_by_kind()
    if settings.kind not in kinds:
        raise ConfigurationError(
            f"system {settings.name}: no connector {settings.kind}{nearest(settings.kind, kinds)}"
        )
    return _loaded(_FOLDER, settings.kind)


def _loaded(package: str, name: str) -> tuple[ModuleType, Capabilities]:
    file, module = file_of(package, name), loaded(package, name)
    capabilities = getattr(module, "CAPABILITIES", None)
    if not isinstance(capabilities, Capabilities):
        raise ConfigurationError(f"{file}: CAPABILITIES and open_source are expected, or open_sink")
    openers = {
        "open_source": capabilities.reads,
        "open_sink": capabilities.writes is not None,
        "open_observer": capabilities.writes is None and capabilities.looks is not None,
    }
    if missing := [name for name, wanted in openers.items() if wanted and not callable(getattr(module, name, None))]:
        raise ConfigurationError(f"{file}: CAPABILITIES and {' and '.join(missing)} are expected")
    if capabilities.kind != name:
        raise ConfigurationError(f"{file}: says kind {capabilities.kind!r}, not its own name")
    return module, capabilities
