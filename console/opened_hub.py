"""The hub opened for a command that works with the operator's folder; what only reads findings opens the archive."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from console.workplace import default_workspace
from hub.workplace import Hub, open_hub


@contextmanager
def opened(operator: Path, workspace: Path | None) -> Iterator[Hub]:
    """The hub of an operator's folder, with the process's environment for its references."""
    with open_hub(operator, workspace or default_workspace(operator), os.environ) as hub:
        yield hub
