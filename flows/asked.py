"""What a flow is asked for, as the form in the Prefect UI shows it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from canonical_model.errors import ConfigurationError
from flows.server_settings import OPERATOR_VARIABLE, WORKSPACE_VARIABLE
from hub.operator_folder.load import Operator, load_operator
from hub.workplace import Hub, open_hub
from identity.settings import SUBJECTS, Subject


class _Place(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    operator: Path | None = Field(
        default=None,
        description=f"Folder of the operator's YAML files, as the worker sees it; {OPERATOR_VARIABLE} where empty.",
    )
    workspace: Path | None = Field(
        default=None,
        description=f"Folder for snapshots and reports; {WORKSPACE_VARIABLE} or var/<operator folder> where empty.",
    )


class OutboxRequest(_Place):
    """Send what is due to other systems, and look at what may have happened."""

    most: int | None = Field(
        default=None, ge=1, description="Effects taken up at most; all that are due where empty."
    )


class _Request(_Place):
    as_of: AwareDatetime | None = Field(
        default=None, description="Moment to work at, with its zone; the moment of the run where empty."
    )

    def for_system(self, system: str) -> "SourceRequest":
        """The same for one system."""
        return SourceRequest(operator=self.operator, workspace=self.workspace, as_of=self.as_of, system=system)

    @property
    def moment(self) -> datetime:
        """The moment asked for, or now; UTC."""
        return (self.as_of or datetime.now(UTC)).astimezone(UTC)


class SourceRequest(_Request):
    """Pull one system."""

    system: str = Field(description="Name of the system in operator.yaml.", min_length=1)


class IdentityRequest(_Request):
    """Match customers and premises of all systems."""

    subject: Subject | None = Field(default=None, description="Only these; customers and premises where empty.")
    pull_first: bool = Field(
        default=True, description="Pull first what systems say of customers and premises; nothing else of them."
    )

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What is asked for."""
        return SUBJECTS if self.subject is None else (self.subject,)


class MarketRequest(_Request):
    """Work on one market."""

    market: str = Field(description="Id of the market in operator.yaml.", min_length=1)


@contextmanager
def opened(request: SourceRequest | MarketRequest | OutboxRequest | IdentityRequest) -> Iterator[Hub]:
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
