"""What a hub has left in its workspace: snapshots, runs and findings, read without the operator's folder.

The folder may be broken, changed or gone by then: the workspace remembers where the database is. Nothing here knows
what connects or maps systems, so that explaining and reporting do not wait for it.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from canonical_model.errors import ConfigurationError
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


@contextmanager
def open_archive(workspace: Path, environment: Mapping[str, str]) -> Iterator[Archive]:
    """Open what a hub has left in its workspace; the operator's folder is not looked at.

    Raises:
        ConfigurationError: no hub has worked there, or its database is named by a variable that is not set.
        RetryableError: the database is out of reach.
    """
    check_name(workspace)
    remembered = workspace / ADDRESS_FILE
    if not remembered.is_file() and not (workspace / DATABASE_FILE).is_file():
        raise ConfigurationError(f"no hub has worked in {workspace}: name its folder with --workspace")
    address = json.loads(remembered.read_text(encoding="utf-8"))["database"] if remembered.is_file() else None
    with opened_database(workspace, address, environment, f"{remembered}: database") as database:
        yield Archive(database, workspace)


@contextmanager
def opened_database(
    workspace: Path, address: str | None, environment: Mapping[str, str], named: str
) -> Iterator[Database]:
    """The database of a workspace with its schema up to date.

    Args:
        workspace: holds the database where no address is given.
        address: of the database, or a reference to one.
        environment: where references are looked up.
        named: where the address stands, for messages.

    Raises:
        ConfigurationError: a reference leads nowhere, or there is no such database.
        RetryableError: the database is out of reach.
    """
    database = open_database(resolve(address or own_database(workspace), environment, named))
    try:
        upgrade(database)
        yield database
    finally:
        database.close()


def own_database(workspace: Path) -> str:
    """Address of the SQLite file in a workspace, which is the database unless another one is named."""
    return f"sqlite:///{(workspace / DATABASE_FILE).resolve()}"


def remember(workspace: Path, address: str | None) -> None:
    """Leave in a workspace where its database is, for who opens the archive."""
    text = json.dumps({"database": address}) + "\n"
    place = workspace / ADDRESS_FILE
    if not place.is_file() or place.read_text(encoding="utf-8") != text:
        place.write_text(text, encoding="utf-8")


def check_name(workspace: Path) -> None:
    """Refuse a name that means something in a pattern of files or in SQL.

    Raises:
        ConfigurationError: names the characters.
    """
    if odd := set(str(workspace.resolve())) & set("'\"[]*?{}"):
        raise ConfigurationError(
            f"workspace {workspace}: a folder without {' '.join(sorted(odd))} in its name is needed"
        )
