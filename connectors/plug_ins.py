"""Plug-ins: one file each in a folder, found by listing it; a broken one is a loud error that names the file."""

from importlib.resources import files
from types import ModuleType

from canonical_model.errors import ConfigurationError
from connectors.importing import imported

_BROKEN = (ImportError, SyntaxError, LookupError, NameError, AttributeError, TypeError, ValueError, OSError)
"""What a file raises that is wrong in itself or misses something."""


def listed(package: str) -> list[str]:
    """Names of the plug-ins in a folder, in order; loads none of them."""
    names = (entry.name for entry in files(package).iterdir())
    return sorted(name.removesuffix(".py") for name in names if name.endswith(".py") and name != "__init__.py")


def file_of(package: str, name: str) -> str:
    """The file of a plug-in, as a person knows it."""
    return f"{package.replace('.', '/')}/{name}.py"


def loaded(package: str, name: str) -> ModuleType:
    """The module of a plug-in.

    Raises:
        ConfigurationError: it is broken; names the file and what is wrong with it.
    """
    try:
        return imported(f"{package}.{name}")
    except _BROKEN as error:
        raise ConfigurationError(
            f"{file_of(package, name)} cannot be loaded: {type(error).__name__}: {error}"
        ) from error
