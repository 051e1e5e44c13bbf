"""What a flow is asked for, as the form in the Prefect UI shows it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from canonical_model.errors import ConfigurationError
from flows.server_settings import OPERATOR_VARIABLE, WORKSPACE_VARIABLE
from hub.operator_folder.load import Operator, load_operator
from hub.workplace import Hub, open_hub


def _none_where_empty(given: object) -> object:
    return None if given == "" else given


def _without_default(schema: dict[str, Any]) -> None:
    """An empty input is left out, and not sent as the null that its type does not have."""
    schema.pop("default", None)


def _optional(title: str, description: str) -> Any:
    return Field(default=None, title=title, description=description, json_schema_extra=_without_default)


# one plain input in the form each: a value or None would be a switch with an input behind it
_EMPTY = BeforeValidator(_none_where_empty)
Folder = Annotated[Path | None, _EMPTY, WithJsonSchema({"type": "string"})]
Moment = Annotated[AwareDatetime | None, _EMPTY, WithJsonSchema({"type": "string", "format": "date-time"})]
Number = Annotated[int | None, Field(ge=1), _EMPTY, WithJsonSchema({"type": "integer", "minimum": 1})]


class _Place(BaseModel):
    """Where things lie, for who does not take what the worker's environment says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    operator: Folder = _optional(
        "Operator's folder", f"With its YAML files, as the worker sees it. Empty: the worker's {OPERATOR_VARIABLE}."
    )
    workspace: Folder = _optional(
        "Workspace",
        f"Folder for snapshots and reports. Empty: the worker's {WORKSPACE_VARIABLE}, else one under var.",
    )


class _AtMoment(BaseModel):
    as_of: Moment = _optional("As of", "Moment to work at, with its zone. Empty: when it runs.")

    @property
    def moment(self) -> datetime:
        """The moment asked for, or now; UTC."""
        return (self.as_of or datetime.now(UTC)).astimezone(UTC)


class _OfSystem(BaseModel):
    system: str = Field(description="Name of the system in operator.yaml.", min_length=1)


class _OfMarket(BaseModel):
    market: str = Field(description="Id of the market in operator.yaml.", min_length=1)


class _SoMany(BaseModel):
    most: Number = _optional("At most", "So many effects are taken up. Empty: all that are due.")


# the fields of a form stand in the order of the bases, the last one first: what is always asked, then what seldom is


class OutboxRequest(_Place, _SoMany):
    """Send what is due to other systems, and look at what may have happened."""


class SourceRequest(_Place, _AtMoment, _OfSystem):
    """Pull one system."""


class MarketRequest(_Place, _AtMoment, _OfMarket):
    """Work on one market."""

    def for_system(self, system: str) -> SourceRequest:
        """The same for a system that the market depends on."""
        return SourceRequest(operator=self.operator, workspace=self.workspace, as_of=self.as_of, system=system)


@contextmanager
def opened(request: SourceRequest | MarketRequest | OutboxRequest) -> Iterator[Hub]:
    """The hub that a request is about, references resolved from the environment of the worker.

    Raises:
        ConfigurationError: no operator is named, or something in its folder is wrong.
        RetryableError: the database is out of reach.
    """
    named = request.operator or os.environ.get(OPERATOR_VARIABLE)
    if not named:
        raise ConfigurationError(
            f"no operator is named: set {OPERATOR_VARIABLE} where the worker runs, or give the run an operator folder"
        )
    folder = Path(named)
    workspace = request.workspace or os.environ.get(WORKSPACE_VARIABLE) or Path("var") / folder.resolve().name
    with open_hub(folder, Path(workspace), os.environ, _loaded) as hub:
        yield hub


def _loaded(folder: Path) -> Operator:
    """The operator of a folder, read anew only where a file has changed: each task of a run asks for it."""
    files = sorted(folder.rglob("*.yaml"))
    return _read(folder, tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files))


@lru_cache(maxsize=4)
def _read(folder: Path, files: tuple[tuple[Path, int, int], ...]) -> Operator:
    del files
    return load_operator(folder)
