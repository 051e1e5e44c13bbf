"""What a flow is asked for, as the form in the Prefect UI shows it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from hub.workplace import Hub, open_hub


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")

    operator: Path = Field(
        default_factory=lambda: Path(os.environ.get("SPLICE_OPERATOR", "examples/lumen_valley")),
        description="Folder of the operator's YAML files, as the worker sees it.",
    )
    workspace: Path | None = Field(
        default=None, description="Folder for snapshots and reports; var/<operator folder> where empty."
    )
    as_of: datetime | None = Field(default=None, description="Moment to work at, with its zone; now where empty.")

    @property
    def moment(self) -> datetime:
        """The moment asked for, or now."""
        return (self.as_of or datetime.now(UTC)).astimezone(UTC)


class SourceRequest(_Request):
    """Pull one system."""

    system: str = Field(description="Name of the system in operator.yaml.")


class MarketRequest(_Request):
    """Work on one market."""

    market: str = Field(description="Id of the market in operator.yaml.")


@contextmanager
def opened(request: SourceRequest | MarketRequest) -> Iterator[Hub]:
    """The hub that a request is about, references resolved from the worker's environment."""
    folder = request.operator
    default = Path(os.environ.get("SPLICE_WORKSPACE", Path("var") / folder.resolve().name))
    with open_hub(folder, request.workspace or default, os.environ) as hub:
        yield hub
