"""What a system did because somebody asked it to over the wire: the proof that a thing was done once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Applied:
    """One change that was made.

    Attributes:
        system: ``crm``, ``billing`` or ``fsm``, or the name of an element or of access equipment.
        operation: ``POST work-orders``, ``StartBilling``, ``PATCH Order``, ``SET``, ``Disconnect-Request``.
        key: what the caller knows the request by; empty where it told nothing.
        subject: the record that was changed.
    """

    system: str
    operation: str
    key: str
    subject: str


class WriteLog:
    """Every change in the order in which it was made; requests that were refused or known already are not in it."""

    def __init__(self) -> None:
        self.applied: list[Applied] = []

    def note(self, system: str, operation: str, key: str, subject: str) -> None:
        """A change was made."""
        self.applied.append(Applied(system, operation, key, subject))

    def of(self, system: str) -> list[Applied]:
        """The changes of one system."""
        return [applied for applied in self.applied if applied.system == system]
