"""Resolve references to what must not stand in a file: ``env:NAME`` and ``file:PATH``."""

from collections.abc import Mapping
from pathlib import Path

from canonical_model.errors import ConfigurationError


def resolve(text: str, environment: Mapping[str, str], named: str) -> str:
    """The value behind a reference; any other text is its own value.

    Args:
        text: ``env:NAME``, ``file:PATH`` or a plain value.
        environment: variables, given so that nothing below the shell reads the process's own.
        named: what is being resolved, for the message.

    Raises:
        ConfigurationError: the variable is not set or the file cannot be read; never shows a value.
    """
    kind, _, name = text.partition(":")
    if kind == "env":
        try:
            return environment[name]
        except KeyError:
            raise ConfigurationError(f"{named}: environment variable {name} is not set") from None
    if kind == "file":
        try:
            return Path(name).expanduser().read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"{named}: file {name} cannot be read: {error.strerror}") from error
    return text
