"""A part of a YAML file as a pydantic model, every fault with its line.

A file with wrong keys is not given up: what is wrong is left out or stood in for, so that the checks that need the
model can go on and a person is told everything at once.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from canonical_model.errors import Fault
from canonical_model.yaml_source import Path, YamlSource, nearest

Model = TypeVar("Model", bound=BaseModel)

StandIns = Mapping[tuple[str, ...], Any]
"""Values for keys that must be given, by path; ``*`` is any key or item."""

MOST_PASSES = 20


@dataclass(frozen=True, slots=True)
class Readable(Generic[Model]):
    """What could be read of a part of a file, wrong keys or not.

    Attributes:
        model: to be used only where nothing is doubtful, or to look for more faults.
        source: the part.
        doubtful: keys that are wrong or missing; the model lacks them or has a stand-in.
    """

    model: Model
    source: YamlSource
    doubtful: frozenset[Path] = frozenset()

    def doubts(self, *steps: str | int) -> bool:
        """Whether a key of the part, or one above it, is doubtful."""
        return any(steps[:length] in self.doubtful for length in range(1, len(steps) + 1))

    def names_below(self, *steps: str | int) -> set[str]:
        """The doubtful keys that stand right below a key."""
        length = len(steps)
        return {str(path[length]) for path in self.doubtful if len(path) == length + 1 and path[:length] == steps}

    def is_told(self, fault: Fault) -> bool:
        """Whether a fault is about a key that is told to be wrong already."""
        keys = [self.source.place(*path).key for path in self.doubtful]
        return any(fault.key == key or fault.key.startswith(f"{key}.") for key in keys)


def validated(source: YamlSource, model: type[Model], faults: list[Fault]) -> Model | None:
    """Read a part of a YAML file as a model.

    Args:
        source: the part; the keys of its data are the model's fields.
        model: what it should be.
        faults: whatever is wrong is added here, each with file, line, key and what was expected.

    Returns:
        The model, or None where something was wrong.
    """
    found = readable(source, model, faults)
    return None if found is None or found.doubtful else found.model


def readable(
    source: YamlSource, model: type[Model], faults: list[Fault], stand_ins: StandIns | None = None
) -> Readable[Model] | None:
    """Read a part of a YAML file as a model, wrong keys left out or stood in for.

    Args:
        source: as for ``validated``.
        model: likewise.
        faults: likewise.
        stand_ins: values for keys without which nothing could be read.

    Returns:
        What could be read; None where nothing could.
    """
    if not isinstance(source.data, dict):
        faults.append(source.place().fault("keys and values were expected here"))
        return None
    data = copy.deepcopy(source.data)
    doubtful: set[Path] = set()
    unknown: set[Path] = set()
    for _ in range(MOST_PASSES):
        try:
            return Readable(model.model_validate(data), source, frozenset(doubtful))
        except ValidationError as error:
            details = _details(error)
            told = [one for one in details if not _follows(one["loc"], doubtful - unknown)]
            faults.extend(_fault(source, model, one) for one in told)
            unknown |= {one["loc"] for one in details if one["type"] == "extra_forbidden"}
            mended: set[Path] = set()
            if not all(_mend(data, _keys_of(source, one), stand_ins or {}, mended) for one in details):
                return None
            doubtful |= mended
    return None


def _details(error: ValidationError) -> list[ErrorDetails]:
    """What is wrong; a list is not called too short for the items in it that are wrong themselves."""
    details = error.errors(include_url=False, include_input=False)
    inner = {one["loc"][:length] for one in details for length in range(len(one["loc"]))}
    return [one for one in details if not (one["type"] == "too_short" and one["loc"] in inner)]


def _follows(path: Path, doubtful: set[Path]) -> bool:
    """Whether a fault may be there only because a key above or below was taken away."""
    return any(path[: len(one)] == one or one[: len(path)] == path for one in doubtful)


def _mend(data: Any, path: Path, stand_ins: StandIns, mended: set[Path]) -> bool:
    """Take a wrong key away, or put a stand-in in its place; where that was done already, the key above it.

    Args:
        data: the part, changed in place.
        path: the key.
        stand_ins: values for keys that must be given.
        mended: keys for which this was done just now; gets the key that was changed.

    Returns:
        Whether there was something to change.
    """
    if any(path[:length] in mended for length in range(len(path) + 1)):
        return True
    for length in range(len(path), 0, -1):
        key = path[:length]
        parent = _at(data, key[:-1])
        if not isinstance(parent, dict):
            continue
        pattern = next((one for one in stand_ins if _fits(key, one)), None)
        if pattern is not None and parent.get(key[-1]) != stand_ins[pattern]:
            parent[key[-1]] = copy.deepcopy(stand_ins[pattern])
        elif pattern is None and key[-1] in parent:
            del parent[key[-1]]
        else:
            continue
        mended.add(key)
        return True
    return False


def _fits(path: Path, pattern: tuple[str, ...]) -> bool:
    return len(path) == len(pattern) and all(
        wanted in ("*", step) for step, wanted in zip(path, pattern, strict=True)
    )


def _at(data: Any, path: Path) -> Any:
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def _fault(source: YamlSource, model: type[BaseModel], detail: ErrorDetails) -> Fault:
    steps = detail["loc"]
    if detail["type"] == "extra_forbidden":
        fields = _field_names(model, steps[:-1])
        return source.place(*steps).fault(f"unknown key{nearest(str(steps[-1]), fields)}")
    if detail["type"] == "missing":
        return source.place(*steps).fault("is missing and must be given")
    return source.place(*_steps_in_file(source, steps)).fault(detail["msg"].removeprefix("Value error, "))


def _keys_of(source: YamlSource, detail: ErrorDetails) -> Path:
    steps = detail["loc"]
    if detail["type"] == "missing":
        return (*_steps_in_file(source, steps[:-1]), steps[-1])
    return _steps_in_file(source, steps)


def _steps_in_file(source: YamlSource, steps: Path) -> Path:
    """Pydantic adds steps of its own behind a key (the branch of a union); the file knows the key only."""
    length = len(steps)
    while length and (*source.path, *steps[:length]) not in source.lines:
        length -= 1
    return steps[:length]


def _field_names(model: type[BaseModel], steps: Path) -> list[str]:
    for step in steps:
        if isinstance(step, str) and step in model.model_fields:
            inner = next(_models_in(model.model_fields[step].annotation), None)
            if inner is None:
                return []
            model = inner
    return [info.alias or name for name, info in model.model_fields.items()]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
