"""What a driver has to bring to be held against the contract."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioning.driver import ElementSettings
from provisioning.line import Layer, Line, Settings
from simulated_estate.servers.told_http import Lie


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
        lie: lets it lie from now on; nothing ends it.
        busy: lets somebody else hold it, or let go of it; None where nobody can.
        disturb: writes something of somebody else's beside the line that is there.
        beside: what stands there of somebody else's.
    """

    settings: ElementSettings
    line: Line
    first: Settings
    second: Settings
    refused: Settings | None
    stop: Callable[[], None] | None
    lie: Callable[[Lie], None]
    disturb: Callable[[], None]
    beside: Callable[[], Any]
    busy: Callable[[bool], None] | None = None
    wrong_login: ElementSettings | None = None
    plug: Callable[[], None] | None = None


ALL_LIES: tuple[Lie, ...] = ("forgets", "keeps_to_itself", "drops_a_setting", "loses_answer")


@dataclass(frozen=True)
class Harness:
    """A kind of driver and how its peer is started.

    Attributes:
        knows_logins: it refuses a wrong one.
        can_be_gone: it cannot be read while it is stopped.
        can_be_held: somebody else can hold it.
        reads_back: ``apply`` itself looks whether the element shows the change.
        lies: that it can be made to tell.
    """

    kind: str
    peer: str
    layer: Layer
    start: Callable[[Path], AbstractContextManager[Running]]
    knows_logins: bool = True
    can_be_gone: bool = True
    can_be_held: bool = True
    reads_back: bool = True
    lies: tuple[Lie, ...] = ALL_LIES
