"""The port to the network: what a driver of one kind of element can do, and how it is asked.

A driver is one file in ``provisioning/drivers/``. It translates our settings into its vendor's words and back, sends
one change at a time, and reads back what the element shows. What has to change is planned by ``provisioning.change``,
what a reading means by ``provisioning.verification``; undoing is applying the inverse.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from pydantic import SecretStr

from canonical_model.errors import ConfigurationError
from canonical_model.network import Technology
from connectors.ports import Option
from provisioning.change import Change
from provisioning.line import FoundDevice, Layer, Line, Observation

UNCONFIRMED_FOR = timedelta(seconds=30)
"""How long an element may keep a change that nobody confirms. A process that dies leaves no more than that behind, so
that the lease under which a saga is held has to be longer."""


@dataclass(frozen=True, slots=True)
class DriverCapabilities:
    """What a kind of driver can do, readable without opening a connection or loading its library.

    Attributes:
        kind: the name used in network.yaml, equal to the file's stem.
        protocol: the field's name of the protocol and the models spoken.
        layer: the part of the network that it tells.
        technologies: those that it can serve.
        variants: vendors' dialects that it knows as data; empty where there is only one.
        discovers: whether it sees terminals that nobody has configured.
        atomic: whether a change is done all or not at all.
        tests_speed: whether it lets a line's speed be tested (``SpeedTester``).
        evidence: kinds of proof that its readings give (``canonical_model.network.EvidenceKind``).
        settings: names of the settings that it can hold; empty for any.
        options: what its block in network.yaml may hold.
        logins: ways to authenticate, the first being the default.
    """

    kind: str
    protocol: str
    layer: Layer
    technologies: tuple[Technology, ...]
    variants: tuple[str, ...] = ()
    discovers: bool = False
    atomic: bool = True
    tests_speed: bool = False
    evidence: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    logins: tuple[str, ...] = ("password",)


def nothing_revealed(reference: str) -> SecretStr:
    """What reveals nothing.

    Raises:
        ConfigurationError: always.
    """
    raise ConfigurationError(f"{reference}: nobody here resolves references")


@dataclass(frozen=True, slots=True)
class ElementSettings:
    """One element of the operator, its references resolved.

    Attributes:
        name: the name in network.yaml, the same that observations of the network carry.
        kind: which file of ``provisioning/drivers/`` speaks to it.
        variant: the vendor's dialect.
        address: URL, ``host:port`` or database address.
        options: settings without secrets.
        secrets: settings that are never shown.
        timeout_s: seconds to wait for one answer.
        reveal: gives the secret behind a reference that stands in a setting of a service; asked when it is sent.
    """

    name: str
    kind: str
    address: str
    variant: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, SecretStr] = field(default_factory=dict)
    timeout_s: float = 30.0
    reveal: Callable[[str], SecretStr] = nothing_revealed


class NetworkDriver(Protocol):
    """A connection to one element; used by one thread at a time."""

    def discover(self) -> Sequence[FoundDevice]:
        """Terminals that the element sees and has no service for.

        Raises:
            RetryableError: it cannot be asked now.
            ConfigurationError: login or address are wrong.
        """
        ...

    def observe(self, line: Line) -> Observation:
        """What the element shows of a line now: settings that are configured, and the line's condition.

        Raises:
            RetryableError: it cannot be asked now.
            ConfigurationError: login or address are wrong.
            UnsafeToContinue: what it shows contradicts itself.
        """
        ...

    def apply(self, change: Change) -> None:
        """Bring the element to the state after a change; its acknowledgement proves nothing, ``observe`` does.

        Raises:
            RetryableError: it is certain that nothing has changed.
            OutcomeUnknown: something may have changed: a time-out, a cut connection.
            UnsafeToContinue: the element refuses the change, and would again.
            ConfigurationError: login, address or a setting that the element cannot hold.
        """
        ...

    def close(self) -> None:
        """Release the connection; calling it twice is harmless."""
        ...


@runtime_checkable
class SpeedTester(Protocol):
    """A driver whose element can test the speed of a line."""

    def test_speed(self, line: Line, *, again: bool = False) -> None:
        """Bring a speed test one step on: ask for it, or look how far it is; ``observe`` shows its result.

        Nothing is asked for twice while a test is under way.

        Args:
            line: that is tested.
            again: a result that is there does not count any more.

        Raises:
            RetryableError: it cannot be asked now.
            OutcomeUnknown: it was asked, and what became of it is not known.
            ConfigurationError: login or address are wrong.
            UnsafeToContinue: the element refuses.
        """
        ...


@runtime_checkable
class Labeller(Protocol):
    """A driver whose server has labels by which it knows the device of a service; the device itself has none."""

    def label(self, line: Line) -> None:
        """Let the server know a device as that of a service; the same again changes nothing.

        Raises:
            RetryableError: it cannot be told now, or does not know the device.
            ConfigurationError: login or address are wrong.
        """
        ...


@runtime_checkable
class ResetTeller(Protocol):
    """A driver whose server remembers when a router was set back to what it had left the factory with."""

    def resets_since(self, at: datetime) -> Mapping[str, datetime]:
        """Services whose router was reset later than a moment, by the server's clock, with when it last was.

        Raises:
            RetryableError: it cannot be asked now.
            ConfigurationError: login or address are wrong.
        """
        ...
