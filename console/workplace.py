"""What every command needs: which operator, which workspace, and what was found there."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hub.archive import Archive, open_archive

OperatorOption = Annotated[
    Path,
    typer.Option("--operator", "-o", envvar="SPLICE_OPERATOR", help="Folder of the operator's YAML files."),
]
WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        envvar="SPLICE_WORKSPACE",
        help="Folder for snapshots, runs, reports and the embedded database. Default: var/<operator folder>.",
    ),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option("--as-of", help="Moment to judge at, UTC (2026-11-05T12:00:00). Default: now."),
]

EXAMPLE_OPERATOR = Path("examples/lumen_valley")
screen = Console(width=None if sys.stdout.isatty() else 110)
"""A file or a pipe gets lines wide enough for the tables."""


@contextmanager
def opened_archive(operator: Path, workspace: Path | None) -> Iterator[Archive]:
    """What the hub of an operator has found; the operator's folder gives the workspace its name and is not read."""
    with open_archive(workspace or default_workspace(operator), os.environ) as archive:
        yield archive


def default_workspace(operator: Path) -> Path:
    """Where the work of an operator lies unless told otherwise."""
    return Path("var") / operator.resolve().name


def moment(as_of: datetime | None) -> datetime:
    """The given moment, read as UTC, or now."""
    if as_of is None:
        return datetime.now(UTC)
    return as_of.replace(tzinfo=UTC) if as_of.tzinfo is None else as_of.astimezone(UTC)
