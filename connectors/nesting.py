"""Names with points as nested objects, and paths with placeholders; what a write is put together from."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import quote

from canonical_model.errors import ConfigurationError


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """A value by dotted name into objects within objects; a step of digits is a place in a list.

    ``{"to.0.number": "1", "text": "x"}`` becomes ``{"to": [{"number": "1"}], "text": "x"}``.
    """
    whole: dict[str, Any] = {}
    for name, value in values.items():
        *outer, last = name.split(".")
        inside = whole
        for step in outer:
            inside = inside.setdefault(step, {})
        inside[last] = deepcopy(value) if isinstance(value, dict) else value  # other names may go into it
    return {name: _with_lists(value) for name, value in whole.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inside = {name: _with_lists(held) for name, held in value.items()}
    if inside and all(name.isdigit() for name in inside):
        return [inside[name] for name in sorted(inside, key=int)]
    return inside


def filled(target: str, key: Mapping[str, str]) -> str:
    """A path with its placeholders filled; what stands in them can never become another path.

    Raises:
        ConfigurationError: a value is a step up or none, which no encoding keeps from being walked.
    """
    for name, value in key.items():
        if value in {".", ".."}:
            raise ConfigurationError(f"{target}: {name} names no record; check the command file")
        target = target.replace(f"{{{name}}}", quote(value, safe=""))
    return target
