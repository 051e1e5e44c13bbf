"""The hub at work: an operator's folder, its database and its workspace, opened together.

What was found can be read without the operator's folder, which may be broken, changed or gone by then: the workspace
remembers where the database is.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from canonical_model.errors import ConfigurationError
from hub.operator_folder.load import Operator, load_operator
from hub.operator_folder.references import resolve
from storage.database import Database, open_database
from storage.migrate import upgrade

DATABASE_FILE = "hub.sqlite"
ADDRESS_FILE = "hub.json"
"""Names the database where it is not the file beside it; an address or a reference to one, never a password."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What a hub has found: enough to explain and to report it.

    Attributes:
        workspace: holds snapshots, runs and reports.
    """

    database: Database
    workspace: Path

    @property
    def snapshots(self) -> Path:
        """Folder of the snapshots, by market."""
        return self.workspace / "snapshots"

    @property
    def reports(self) -> Path:
        """Folder of the reports, by market."""
        return self.workspace / "reports"


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
    address = operator.file.database or _own_database(workspace)
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
    _check_name(workspace)
    operator = load_operator(folder)
    workspace.mkdir(parents=True, exist_ok=True)
    _remember(workspace, operator.file.database)
    with _opened(workspace, operator.file.database, environment, "operator.yaml: database") as database:
        yield Hub(operator, database, workspace, environment)


@contextmanager
def open_archive(workspace: Path, environment: Mapping[str, str]) -> Iterator[Archive]:
    """Open what a hub has left in its workspace; the operator's folder is not looked at.

    Raises:
        ConfigurationError: no hub has worked there, or its database is named by a variable that is not set.
        RetryableError: the database is out of reach.
    """
    _check_name(workspace)
    remembered = workspace / ADDRESS_FILE
    if not remembered.is_file() and not (workspace / DATABASE_FILE).is_file():
        raise ConfigurationError(f"no hub has worked in {workspace}: name its folder with --workspace")
    address = json.loads(remembered.read_text(encoding="utf-8"))["database"] if remembered.is_file() else None
    with _opened(workspace, address, environment, f"{remembered}: database") as database:
        yield Archive(database, workspace)


@contextmanager
def _opened(workspace: Path, address: str | None, environment: Mapping[str, str], named: str) -> Iterator[Database]:
    database = open_database(resolve(address or _own_database(workspace), environment, named))
    try:
        upgrade(database)
        yield database
    finally:
        database.close()


def _own_database(workspace: Path) -> str:
    return f"sqlite:///{(workspace / DATABASE_FILE).resolve()}"


def _remember(workspace: Path, address: str | None) -> None:
    text = json.dumps({"database": address}) + "\n"
    place = workspace / ADDRESS_FILE
    if not place.is_file() or place.read_text(encoding="utf-8") != text:
        place.write_text(text, encoding="utf-8")


def _check_name(workspace: Path) -> None:
    """Refuse a name that means something in a pattern of files or in SQL."""
    if odd := set(str(workspace.resolve())) & set("'\"[]*?{}"):
        raise ConfigurationError(
            f"workspace {workspace}: a folder without {' '.join(sorted(odd))} in its name is needed"
        )
