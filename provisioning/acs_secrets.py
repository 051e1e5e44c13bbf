"""Settings of a router that are never read: which reference was set, and when, stands in a tag of the router; pure.

A password cannot be read back, and would not be shown if it could. What proves that it was set is a tag with the name
of its reference, which is no secret. A router that was reset since has lost it, whatever its tags say.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from provisioning.line import Line, Setting

ALWAYS_HIDDEN = frozenset({"voice_password"})
_REFERENCE = re.compile(r"(env|file):.+")
_START = "splice-secret"


def is_reference(value: Setting | None) -> bool:
    """Whether a setting is the name of a secret, and not a value."""
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None


def secret_tag(line: Line, word: str, reference: str, set_at: datetime) -> str:
    """The tag that remembers which reference a setting was set by; letters, digits and dashes alone."""
    moment = int(set_at.timestamp() * 1000)
    return f"{_start(line)}{word.encode().hex()}-{moment}-{reference.encode().hex()}"


def tags_of_secret(device: Mapping[str, Any], line: Line, word: str | None = None) -> list[str]:
    """The tags of a router that remember a setting of a service, or all of them."""
    start = _start(line) if word is None else f"{_start(line)}{word.encode().hex()}-"
    return [tag for tag in device.get("_tags", ()) if tag.startswith(start)]


def references_in(device: Mapping[str, Any], line: Line, words: Iterable[str]) -> dict[str, str]:
    """The references that were set since the router was last reset, by word."""
    reset = device.get("_lastBootstrap")
    since = None if reset is None else datetime.fromisoformat(reset)
    found: dict[str, tuple[datetime, str]] = {}
    for word in words:
        for tag in tags_of_secret(device, line, word):
            *_, moment, name = tag.split("-")
            set_at = datetime.fromtimestamp(int(moment) / 1000, UTC)
            if (since is None or set_at >= since) and (word not in found or found[word][0] < set_at):
                found[word] = set_at, bytes.fromhex(name).decode()
    return {word: reference for word, (_, reference) in found.items()}


def _start(line: Line) -> str:
    return f"{_START}-{line.service_id}-"
