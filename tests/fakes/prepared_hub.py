"""Hubs whose database was brought to its schema once for all tests of a process, and is copied for each."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hub.archive import DATABASE_FILE
from hub.operator_folder.load import OPERATOR_FILE
from hub.workplace import Hub, open_hub
from storage.database import open_database
from storage.migrate import upgrade


@contextmanager
def prepared_hub(folder: Path, workspace: Path, environment: Mapping[str, str]) -> Iterator[Hub]:
    """``open_hub``; where the operator names no database, an empty one lies in the workspace already."""
    if "\ndatabase:" not in (folder / OPERATOR_FILE).read_text(encoding="utf-8"):
        _prepare(workspace)
    with open_hub(folder, workspace, environment) as hub:
        yield hub


def _prepare(workspace: Path) -> None:
    """Leave an empty, migrated database in a workspace that has none."""
    place = workspace / DATABASE_FILE
    if not place.exists():
        workspace.mkdir(parents=True, exist_ok=True)
        place.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / DATABASE_FILE
        with closing(open_database(f"sqlite:///{file}")) as database:
            upgrade(database)
        return file.read_bytes()
