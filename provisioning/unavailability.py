"""Why an order cannot be made ready: ``eligibilityUnavailabilityReason`` of TMF645, and who can change it."""

from dataclasses import dataclass
from typing import Literal

from provisioning.saga import Person

ReasonCode = Literal[
    "addressNotFound",
    "addressAmbiguous",
    "serviceabilityUnknown",
    "notYetServiceable",
    "notServiceable",
    "noTerminal",
    "noFreeCapacity",
    "unmappedOffering",
    "offeringNotSold",
    "technologyMismatch",
    "ponModeMismatch",
    "elementNotProvisioned",
    "noProfile",
    "nothingToProve",
    "noEquipment",
    "lineOccupied",
    "duplicateOrder",
    "cannotDispatch",
    "jobNotCreated",
    "serviceUnderWay",
    "serviceUnknown",
    "serviceAmbiguous",
    "serviceNotReady",
    "nothingToChange",
    "jobNotDone",
    "installedOther",
]


@dataclass(frozen=True, slots=True)
class ReasonMeaning:
    """What a reason is.

    Attributes:
        label: in a sentence.
        person: who can do something about it.
    """

    label: str
    person: Person


REASONS: dict[ReasonCode, ReasonMeaning] = {
    "addressNotFound": ReasonMeaning("the address is not in the system", "dispatcher"),
    "addressAmbiguous": ReasonMeaning("the address means several premises", "dispatcher"),
    "serviceabilityUnknown": ReasonMeaning("nobody has said whether the premise can be served", "network_engineer"),
    "notYetServiceable": ReasonMeaning("the premise is planned and not built", "network_engineer"),
    "notServiceable": ReasonMeaning("the premise cannot be served", "network_engineer"),
    "noTerminal": ReasonMeaning("the plant's inventory has no terminal for the premise", "network_engineer"),
    "noFreeCapacity": ReasonMeaning("no leg or port is free", "network_engineer"),
    "unmappedOffering": ReasonMeaning("what was ordered is not in the catalogue, or has no billing code", "finance"),
    "offeringNotSold": ReasonMeaning("what was ordered is not sold here on that day", "finance"),
    "technologyMismatch": ReasonMeaning("what was ordered does not run on the technology of the line", "dispatcher"),
    "ponModeMismatch": ReasonMeaning("the optics of the port do not carry what was ordered", "network_engineer"),
    "elementNotProvisioned": ReasonMeaning("nobody has said how the element is reached", "network_engineer"),
    "noProfile": ReasonMeaning("nobody has said what the tier means on the element", "network_engineer"),
    "nothingToProve": ReasonMeaning("nobody has said what would prove that it works", "network_engineer"),
    "noEquipment": ReasonMeaning("no device that would do is in the store room", "dispatcher"),
    "lineOccupied": ReasonMeaning("somebody else's service is still on the premise", "dispatcher"),
    "duplicateOrder": ReasonMeaning("the same was ordered before and is still open", "dispatcher"),
    "cannotDispatch": ReasonMeaning("the technician would lack what he needs", "dispatcher"),
    "jobNotCreated": ReasonMeaning("field service did not take the job", "dispatcher"),
    "serviceUnderWay": ReasonMeaning("something else is under way for the service", "network_engineer"),
    "serviceUnknown": ReasonMeaning(
        "nobody has brought the service to life that the order is about", "network_engineer"
    ),
    "serviceAmbiguous": ReasonMeaning("the order does not say which service it is about", "dispatcher"),
    "serviceNotReady": ReasonMeaning("the service cannot be changed as it stands", "network_engineer"),
    "nothingToChange": ReasonMeaning("the service has what was ordered already", "dispatcher"),
    "jobNotDone": ReasonMeaning("the technician could not do what the order needs", "dispatcher"),
    "installedOther": ReasonMeaning("the technician installed something else than was ordered", "dispatcher"),
}
"""Every reason; codes as TMF645 writes them, in camel case."""


@dataclass(frozen=True, slots=True)
class Unavailability:
    """One reason, with what it is about.

    Attributes:
        said: what it is about, for a person.
    """

    code: ReasonCode
    said: str = ""

    @property
    def label(self) -> str:
        """The reason in a sentence."""
        return REASONS[self.code].label + (f": {self.said}" if self.said else "")

    @property
    def person(self) -> Person:
        """Who can do something about it."""
        return REASONS[self.code].person
