"""Rows of the field service API as JSON, and the tag of a version."""

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def as_json(value: Any) -> bytes:
    """A row, or a listing, as it is served and as its ETag is computed."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def tag_of(content: bytes) -> str:
    """A strong ETag: two versions never share it."""
    return f'"{hashlib.sha256(content).hexdigest()[:24]}"'


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"no JSON for a {type(value).__name__}")
