"""The hub at work: an operator's folder, its database and its workspace, opened together."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.archive import Archive, check_name, opened_database, own_database, remember
from hub.operator_folder.load import Operator, load_operator
from hub.operator_folder.references import resolve
from storage.database import Database


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
    def archive(self) -> Archive:
        """What has been found, without the operator's folder."""
        return Archive(self.database, self.workspace)

    @property
    def snapshots(self) -> Path:
        """Folder of the snapshots, by market."""
        return self.archive.snapshots

    @property
    def reports(self) -> Path:
        """Folder of the reports, by market."""
        return self.archive.reports


def database_address(operator: Operator, workspace: Path, environment: Mapping[str, str]) -> str:
    """Address of the hub's own database: as operator.yaml says, or a SQLite file in the workspace.

    Raises:
        ConfigurationError: a variable is not set, or a file cannot be read.
    """
    address = operator.file.database or own_database(workspace)
    return resolve(address, environment, "operator.yaml: database")


@contextmanager
def open_hub(folder: Path, workspace: Path, environment: Mapping[str, str]) -> Iterator[Hub]:
    """Check an operator's folder, open its database and bring its schema up to date.

    Args:
        folder: of the operator's YAML files.
        workspace: made where it is missing.
        environment: where references in the folder are looked up.

    Raises:
        ConfigurationError: something in the folder is wrong; every fault is listed.
        RetryableError: the database is out of reach.
    """
    check_name(workspace)
    operator = load_operator(folder)
    workspace.mkdir(parents=True, exist_ok=True)
    remember(workspace, operator.file.database)
    with opened_database(workspace, operator.file.database, environment, "operator.yaml: database") as database:
        yield Hub(operator, database, workspace, environment)
