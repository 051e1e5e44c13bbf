"""Links to report files, as people open them from a page of a run."""

import os
from pathlib import Path
from urllib.parse import quote

from flows.server_settings import REPORTS_VARIABLE


def report_link(path: Path) -> str:
    """A link in Markdown where reports are served, else the file's place.

    Args:
        path: of a file in a folder of reports, which is called as its market or subject.
    """
    served_at = os.environ.get(REPORTS_VARIABLE)
    if served_at:
        return f"[{path.name}]({served_at.rstrip('/')}/{quote(path.parent.name)}/{quote(path.name)})"
    return f"`{path}`"
