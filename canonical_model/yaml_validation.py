"""A part of a YAML file as a pydantic model, every fault with its line."""

from collections.abc import Iterator
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource, nearest

Model = TypeVar("Model", bound=BaseModel)


def validated(source: YamlSource, model: type[Model], faults: list[Fault]) -> Model | None:
    """Read a part of a YAML file as a model.

    Args:
        source: the part; the keys of its data are the model's fields.
        model: what it should be.
        faults: whatever is wrong is added here, each with file, line, key and what was expected.

    Returns:
        The model, or None where something was wrong.
    """
    if not isinstance(source.data, dict):
        faults.append(source.place().fault("keys and values were expected here"))
        return None
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        faults.extend(_faults(source, model, error))
        return None


def _faults(source: YamlSource, model: type[BaseModel], error: ValidationError) -> Iterator[Fault]:
    for detail in error.errors(include_url=False, include_input=False):
        steps = detail["loc"]
        if detail["type"] == "extra_forbidden":
            fields = _field_names(model, steps[:-1])
            yield source.place(*steps).fault(f"unknown key{nearest(str(steps[-1]), fields)}")
        elif detail["type"] == "missing":
            yield source.place(*steps).fault("is missing and must be given")
        else:
            yield source.place(*_steps_in_file(source, steps)).fault(detail["msg"].removeprefix("Value error, "))


def _steps_in_file(source: YamlSource, steps: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Pydantic adds steps of its own behind a key (the branch of a union); the file knows the key only."""
    length = len(steps)
    while length and (*source.path, *steps[:length]) not in source.lines:
        length -= 1
    return steps[:length]


def _field_names(model: type[BaseModel], steps: tuple[int | str, ...]) -> list[str]:
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
