"""What a step of a saga works with: the operator's network, its drivers, the clock, and who may act."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from canonical_model.errors import ConfigurationError, OutcomeUnknown
from hub.effects.authority import MayAct
from hub.running_clock import Clock
from hub.sagas.confirming import open_witness
from hub.workplace import Hub
from provisioning.confirmation import SnmpWitness, confirmed
from provisioning.driver import NetworkDriver, SpeedTester
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
    """

    hub: Hub
    network: NetworkFile
    open_driver: OpenDriver
    clock: Clock
    may_act: MayAct
    lease: timedelta = timedelta(minutes=5)
    _opened: dict[str, NetworkDriver] = field(default_factory=dict)
    _witnesses: dict[str, SnmpWitness] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for driver in self._opened.values():
            driver.close()
        self._opened.clear()
        for witness in self._witnesses.values():
            witness.close()
        self._witnesses.clear()

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

    def test_speed(self, line: Line, *, again: bool) -> None:
        """Bring a speed test of a line one step on, where an element can make one.

        Args:
            line: that is tested.
            again: a result that is there does not count any more.

        Raises:
            RetryableError, ConfigurationError, UnsafeToContinue: as ``SpeedTester.test_speed``.
        """
        for layer in LAYERS:
            element = self.element_of(line, layer)
            driver = None if element is None else self.driver_of(element)
            if isinstance(driver, SpeedTester):
                with suppress(OutcomeUnknown):  # it was asked: its result shows, or it does not
                    driver.test_speed(line, again=again)

    def conditions(self, line: Line) -> Mapping[Layer, Condition]:
        """What every layer shows of a line's operation.

        Raises:
            RetryableError, ConfigurationError, UnsafeToContinue: as ``NetworkDriver.observe``.
        """
        elements = {layer: self.element_of(line, layer) for layer in LAYERS}
        return {
            layer: self._confirmed(element, line, self.driver_of(element).observe(line).condition)
            for layer, element in elements.items()
            if element is not None
        }

    def _confirmed(self, element: str, line: Line, condition: Condition) -> Condition:
        system = self.network.elements[element].confirm_by
        if system is None:
            return condition
        if system not in self._witnesses:
            self._witnesses[system] = open_witness(self.hub, system)
        return confirmed(condition, line, self._witnesses[system])
