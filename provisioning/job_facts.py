"""The facts that a technician may need for a job, by name; and who can find out what is not known."""

from dataclasses import dataclass
from typing import Literal

from provisioning.saga import Person

JobFact = Literal[
    "address",
    "contact",
    "offering",
    "tier",
    "element",
    "port",
    "terminal",
    "terminal_model",
    "serial",
    "tests",
    "appointment",
    "location",
    "inside_wiring",
    "consent",
]


@dataclass(frozen=True, slots=True)
class FactMeaning:
    """What a fact is.

    Attributes:
        label: in a few words.
        person: who finds it out where it is missing.
    """

    label: str
    person: Person


JOB_FACTS: dict[JobFact, FactMeaning] = {
    "address": FactMeaning("where to go: house and street", "dispatcher"),
    "contact": FactMeaning("whom to call before the door: a telephone number", "dispatcher"),
    "offering": FactMeaning("what was ordered", "dispatcher"),
    "tier": FactMeaning("the rates that were sold, in Mbit/s", "network_engineer"),
    "element": FactMeaning("the OLT, switch or access point", "network_engineer"),
    "port": FactMeaning("the port that is kept for the line", "network_engineer"),
    "terminal": FactMeaning("the terminal in the street, and its leg", "network_engineer"),
    "terminal_model": FactMeaning("the model of the device that ends the line", "dispatcher"),
    "serial": FactMeaning("the serial of the device that was given to the job", "dispatcher"),
    "tests": FactMeaning("the tests to run before leaving, with their limits", "network_engineer"),
    "appointment": FactMeaning("when the customer expects somebody", "dispatcher"),
    "location": FactMeaning("the place on the map", "dispatcher"),
    "inside_wiring": FactMeaning("what was laid inside before", "dispatcher"),
    "consent": FactMeaning("that whoever owns the building agrees", "dispatcher"),
}

USUALLY_REQUIRED: tuple[JobFact, ...] = (
    "address",
    "contact",
    "offering",
    "tier",
    "element",
    "port",
    "terminal_model",
    "serial",
    "tests",
)
"""Where ``network.yaml`` says nothing else."""
