"""Who decides something by hand, when and why."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision, or what stands for a person's, as the audit and the journals keep it."""

    actor: str
    at: datetime
    why: str = ""
