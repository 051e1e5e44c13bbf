"""The folder of a demo: emptied before it, and never one that no demo made."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from canonical_model.errors import ConfigurationError

WORKSPACE = Path("var/demo")
MARK = "made-by-splice-demo"
"""A file of this name says that a folder may be emptied."""

WorkspaceOption = Annotated[Path, typer.Option(help="Folder for all that the demo writes; emptied first.")]


def emptied(workspace: Path) -> None:
    """An empty folder for a demo.

    Raises:
        ConfigurationError: something is in it that no demo made.
    """
    if workspace.exists() and not (workspace / MARK).exists() and (workspace.is_file() or any(workspace.iterdir())):
        raise ConfigurationError(f"{workspace} would be emptied, and no demo made it: name another --workspace")
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True)
    (workspace / MARK).touch()
