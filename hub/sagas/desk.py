"""What a step of a saga works with: the operator's network, its drivers, the clock, and who may act."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from canonical_model.errors import ConfigurationError
from hub.effects.authority import MayAct
from hub.running_clock import Clock
from hub.sagas.gatekeeper import Gatekeeper
from hub.workplace import Hub
from provisioning.driver import NetworkDriver
from provisioning.line import LAYERS, Condition, Layer, Line
from provisioning.network_file import NetworkFile

OpenDriver = Callable[[str], NetworkDriver]
"""Opens the driver of an element, by the element's name in network.yaml."""


@dataclass(slots=True)
class Desk:
    """Everything that a worker has at hand; used by one thread, closed at the end.

    Attributes:
        network: what network.yaml says.
        open_driver: opens the driver of an element.
        lease: how long a saga may be held between two writes to the journal.
        look_every: how often it is looked at most whether something new is known of completed jobs.
    """

    hub: Hub
    network: NetworkFile
    open_driver: OpenDriver
    clock: Clock
    may_act: MayAct
    lease: timedelta = timedelta(minutes=5)
    look_every: timedelta = timedelta(milliseconds=500)
    _opened: dict[str, NetworkDriver] = field(default_factory=dict)
    _gatekeeper: Gatekeeper | None = None
    _look_at: dict[str | None, datetime] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for driver in self._opened.values():
            driver.close()
        self._opened.clear()
        if self._gatekeeper is not None:
            self._gatekeeper.close()

    @property
    def gatekeeper(self) -> Gatekeeper:
        """Who judges completions for this worker."""
        if self._gatekeeper is None:
            self._gatekeeper = Gatekeeper(self.hub.operator)
        return self._gatekeeper

    def may_look(self, market: str | None) -> bool:
        """Whether it is time to look what is known of completed jobs of a market, or of all."""
        due = self._look_at.get(market)
        return due is None or due <= self.clock()

    def has_looked(self, market: str | None, began_at: datetime) -> None:
        """It was looked; the more that costs, the longer until the next time, a tenth of all time at most."""
        now = self.clock()
        self._look_at[market] = now + max(self.look_every, 9 * (now - began_at))

    def element_of(self, line: Line, layer: Layer) -> str | None:
        """The element that a layer of a line is told through; None where nobody is told."""
        return self.network.element_of(line.market, line.element, layer)

    def driver_of(self, element: str) -> NetworkDriver:
        """The open driver of an element.

        Raises:
            ConfigurationError: network.yaml does not know the element.
            RetryableError: it is out of reach.
        """
        if element not in self.network.elements:
            raise ConfigurationError(f"network.yaml knows no element {element}: bring it back, or cancel the saga")
        if element not in self._opened:
            self._opened[element] = self.open_driver(element)
        return self._opened[element]

    def conditions(self, line: Line) -> Mapping[Layer, Condition]:
        """What every layer shows of a line's operation.

        Raises:
            RetryableError, ConfigurationError, UnsafeToContinue: as ``NetworkDriver.observe``.
        """
        elements = {layer: self.element_of(line, layer) for layer in LAYERS}
        return {
            layer: self.driver_of(element).observe(line).condition
            for layer, element in elements.items()
            if element is not None
        }
