"""What a stream remembers between pulls beside where it stopped: the object's fields, and the last sweep."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.ports import ResumePoint

_KEY = "org"


@dataclass(frozen=True, slots=True)
class Memory:
    """The part of a resume point that is no position.

    Attributes:
        fields: type of each field of the object at the last pull.
        swept: when all keys were last seen by a sweep or a whole pull, by the org's clock (HTTP date).
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    swept: str = ""

    def is_sweep_due(self, now: str, hours: float) -> bool:
        """Whether the last sweep is long ago; also where a clock cannot be read."""
        last, this = _moment(self.swept), _moment(now)
        return last is None or this is None or this - last >= timedelta(hours=hours)


def split(resume: ResumePoint | None) -> tuple[ResumePoint | None, Memory]:
    """The position that a pull goes on from, and what is remembered."""
    if resume is None:
        return None, Memory()
    told = resume.get(_KEY)
    known = told if isinstance(told, dict) else {}
    position = {name: value for name, value in resume.items() if name != _KEY}
    return position, Memory(dict(known.get("fields") or {}), str(known.get("swept") or ""))


def joined(position: ResumePoint, memory: Memory) -> ResumePoint:
    """A resume point of both."""
    remembered: dict[str, Any] = asdict(memory)
    return {**position, _KEY: remembered}


def _moment(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None
