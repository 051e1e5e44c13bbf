"""What a driver has to bring to be held against the contract."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from provisioning.driver import ElementSettings
from provisioning.line import Layer, Line, Settings


@dataclass(frozen=True)
class Running:
    """A running element with one line that it knows nothing of.

    Attributes:
        settings: how a driver reaches it.
        wrong_login: the same, with a login that it refuses; None where it knows none.
        line: of a subscriber.
        first: settings that it shall hold.
        second: others that it shall hold later.
        refused: settings that it cannot hold; None where it holds anything.
        plug: connects the line's terminal; None where the element knows of none.
        stop: ends it at once; None where what it holds can be read without it.
    """

    settings: ElementSettings
    line: Line
    first: Settings
    second: Settings
    refused: Settings | None
    stop: Callable[[], None] | None
    wrong_login: ElementSettings | None = None
    plug: Callable[[], None] | None = None


@dataclass(frozen=True)
class Harness:
    """A kind of driver and how its peer is started.

    Attributes:
        knows_logins: it refuses a wrong one.
        can_be_gone: it cannot be read while it is stopped.
    """

    kind: str
    peer: str
    layer: Layer
    start: Callable[[Path], AbstractContextManager[Running]]
    knows_logins: bool = True
    can_be_gone: bool = True
