"""A file as a part of a message."""

import base64
from pathlib import Path

from connectors.ports import Part

MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".html": "text/html",
    ".csv": "text/csv",
    ".json": "application/json",
}


def attachment(path: Path) -> Part:
    """The part that a message carries a file by.

    Raises:
        OSError: it cannot be read.
    """
    content = base64.b64encode(path.read_bytes()).decode("ascii")
    return Part(MEDIA_TYPES[path.suffix], {}, {"name": path.name, "content": content})
