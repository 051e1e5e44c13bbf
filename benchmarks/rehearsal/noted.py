"""What happened in a rehearsed year, for whoever judges it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Noted:
    """Something that happened, for whoever judges the year.

    Attributes:
        kind: ``moved``, ``kept`` (as it was), ``tripped``, ``held``, ``asked`` or ``sent``.
        wrong: bills that were sent and are wrong.
        wrong_of_hub: those of works that the hub bills, of ``of_hub`` such bills.
    """

    at: datetime
    market: str
    kind: str
    said: str
    handoff: str = ""
    signal: str = ""
    took_s: float = 0.0
    wrong: int = 0
    wrong_of_hub: int = 0
    of_hub: int = 0
