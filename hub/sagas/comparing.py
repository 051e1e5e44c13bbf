"""The step that looks whether a line which another has set up stands as the hub would have set it up."""

from hub.sagas.desk import Desk
from provisioning.adopting import as_shown
from provisioning.facts import SagaFacts
from provisioning.line import LAYERS
from provisioning.profile_making import customizable
from provisioning.saga import GivesUp, Outcome, Passed


def compare(desk: Desk, facts: SagaFacts) -> Outcome:
    """Look at every layer; nothing is touched, whatever it shows.

    Raises:
        RetryableError, ConfigurationError, UnsafeToContinue: a layer cannot be asked.
    """
    line = facts.line
    elements = {layer: element for layer in LAYERS if (element := desk.element_of(line, layer)) is not None}
    shown = {layer: desk.driver_of(element).observe(line) for layer, element in elements.items()}
    variant = desk.network.elements[line.element].variant
    found = as_shown(facts, shown, customizable(desk.network, facts.profile, line.market, variant))
    if isinstance(found, tuple):
        return GivesUp("; ".join(found))
    return Passed(
        f"{', '.join(elements.values())} show it as the hub would have set it up",
        {"profile": found.model_dump(), "verified_at": desk.clock()},
    )
