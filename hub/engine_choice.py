"""Judge with another engine than the operator's file says, for once."""

from dataclasses import replace

from pydantic import ValidationError

from canonical_model.errors import ConfigurationError
from hub.operator_folder.operator_file import EngineBlock
from hub.workplace import Hub


def with_engine(hub: Hub, kind: str | None, master: str | None) -> Hub:
    """The hub with another engine, or another master of Spark; what is not given stays as the file says.

    Raises:
        ConfigurationError: no such engine, or no such master.
    """
    asked = {name: value for name, value in (("kind", kind), ("master", master)) if value is not None}
    if not asked:
        return hub
    file = hub.operator.file
    try:
        engine = EngineBlock.model_validate(dict(file.engine) | asked)
    except ValidationError as error:
        faults = "; ".join(each["msg"].removeprefix("Value error, ") for each in error.errors())
        raise ConfigurationError(f"engine {' '.join(asked.values())}: {faults}") from error
    return replace(hub, operator=replace(hub.operator, file=file.model_copy(update={"engine": engine})))
