"""The hub at work: an operator's folder, its database and its workspace, opened together."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from canonical_model.errors import ConfigurationError
from hub.operator_folder.load import Operator, load_operator
from hub.operator_folder.references import resolve
from storage.database import Database, open_database
from storage.migrate import upgrade


@dataclass(frozen=True, slots=True)
class Hub:
    """What a use case needs to work for one operator.

    Attributes:
        workspace: holds snapshots, runs and reports, and the database where it is a SQLite file.
        environment: where references in the operator's folder are looked up.
    """

    operator: Operator
    database: Database
    workspace: Path
    environment: Mapping[str, str]

    @property
    def snapshots(self) -> Path:
        """Folder of the snapshots, by market."""
        return self.workspace / "snapshots"

    @property
    def reports(self) -> Path:
        """Folder of the reports, by market."""
        return self.workspace / "reports"


@contextmanager
def open_hub(
    folder: Path,
    workspace: Path,
    environment: Mapping[str, str],
    load: Callable[[Path], Operator] = load_operator,
) -> Iterator[Hub]:
    """Check an operator's folder, open its database and bring its schema up to date.

    Args:
        folder: of the operator's YAML files.
        workspace: made where it is missing.
        environment: where references in the folder are looked up.
        load: reads the folder; for whoever opens a hub often and keeps what was read.

    Raises:
        ConfigurationError: something in the folder is wrong; every fault is listed.
        RetryableError: the database is out of reach.
    """
    if odd := set(str(workspace.resolve())) & set("'\"[]*?{}"):
        raise ConfigurationError(
            f"workspace {workspace}: a folder without {' '.join(sorted(odd))} in its name is needed"
        )
    operator = load(folder)
    workspace.mkdir(parents=True, exist_ok=True)
    address = operator.file.database or f"sqlite:///{(workspace / 'hub.sqlite').resolve()}"
    database = open_database(resolve(address, environment, "operator.yaml: database"))
    try:
        upgrade(database)
        yield Hub(operator, database, workspace, environment)
    finally:
        database.close()
