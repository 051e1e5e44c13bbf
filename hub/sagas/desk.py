"""What a step of a saga works with: the operator's network, its drivers, the clock, and who may act."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from canonical_model.errors import ConfigurationError, OutcomeUnknown
from hub.running_clock import Clock
from hub.sagas.confirming import open_witness
from hub.sagas.element_health import ElementHealth
from hub.sagas.gatekeeper import Gatekeeper
from hub.sagas.look_turns import LookTurns
from hub.takeover.authority import MayAct
from hub.workplace import Hub
from provisioning.confirmation import SnmpWitness, confirmed
from provisioning.driver import UNCONFIRMED_FOR, NetworkDriver, SpeedTester
from provisioning.line import LAYERS, Condition, Layer, Line
from provisioning.network_file import NetworkFile

OpenDriver = Callable[[str], NetworkDriver]
"""Opens the driver of an element, by the element's name in network.yaml."""


def _never() -> bool:
    return False


@dataclass(slots=True)
class Desk:
    """Everything that a worker has at hand; used by one thread, closed at the end.

    Attributes:
        network: what network.yaml says.
        open_driver: opens the driver of an element.
        lease: how long a saga may be held between two writes to the journal.
        elements: how elements fare, shared by the desks of a process.
        shall_stop: whether what is held is to be given back after the step that is under way.
        looks: whose turn it is to look at what waits, shared likewise.
    """

    hub: Hub
    network: NetworkFile
    open_driver: OpenDriver
    clock: Clock
    may_act: MayAct
    lease: timedelta = timedelta(minutes=5)
    elements: ElementHealth = field(default_factory=ElementHealth)
    shall_stop: Callable[[], bool] = _never
    looks: LookTurns = field(default_factory=LookTurns)
    _opened: dict[str, NetworkDriver] = field(default_factory=dict)
    _witnesses: dict[str, SnmpWitness] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)
    _last_asked: str | None = None
    _gatekeeper: Gatekeeper | None = None

    def __post_init__(self) -> None:
        if self.lease <= UNCONFIRMED_FOR:
            raise ValueError(f"a lease of {self.lease} ends before an element has taken back what nobody confirmed")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for driver in self._opened.values():
            driver.close()
        self._opened.clear()
        for witness in self._witnesses.values():
            witness.close()
        self._witnesses.clear()
        if self._gatekeeper is not None:
            self._gatekeeper.close()

    @property
    def gatekeeper(self) -> Gatekeeper:
        """Who judges completions for this worker."""
        if self._gatekeeper is None:
            self._gatekeeper = Gatekeeper(self.hub.operator)
        return self._gatekeeper

    def element_of(self, line: Line, layer: Layer) -> str | None:
        """The element that a layer of a line is told through; None where nobody is told."""
        return self.network.element_of(line.market, line.element, layer)

    def driver_of(self, element: str) -> NetworkDriver:
        """The open driver of an element.

        Raises:
            ConfigurationError: network.yaml does not know the element.
            RetryableError: it is out of reach, or was a moment ago.
        """
        if element not in self.network.elements:
            raise ConfigurationError(f"network.yaml knows no element {element}: bring it back, or cancel the saga")
        self._last_asked = None
        self.elements.check(element, self.clock())
        self._last_asked = element
        if element not in self._opened:
            self._opened[element] = self.open_driver(element)
        self._asked.add(element)
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

    def step_ended(self) -> None:
        """Every element that the step has asked has answered."""
        for element in self._asked:
            self.elements.answered(element)
        self._asked.clear()
        self._last_asked = None

    def step_broken(self, why: str, *, is_silent: bool) -> None:
        """The element that the step asked last failed: its session is given up, the next step opens another.

        Args:
            why: what it failed with.
            is_silent: whether it gave no answer, so that it may be left alone for a while.
        """
        lost = self._last_asked
        if lost is not None:
            driver = self._opened.pop(lost, None)
            if driver is not None:
                driver.close()
            self._asked.discard(lost)
            if is_silent:
                self.elements.silent(lost, why, self.clock())
        self.step_ended()

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
