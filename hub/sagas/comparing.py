"""The step that looks whether a line which another has set up stands as the hub would have set it up."""

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from canonical_model.orders import ProductOrder
from hub.readiness.orders_around import UNFINISHED_STATES
from hub.sagas.desk import Desk
from provisioning.adopting import as_shown
from provisioning.driver import Labeller
from provisioning.facts import SagaFacts
from provisioning.line import LAYERS, Layer, Observation
from provisioning.profile_making import customizable
from provisioning.saga import GivesUp, Outcome, Passed, Waits
from storage.current_records import records_among


def compare(desk: Desk, facts: SagaFacts) -> Outcome:
    """Look at every layer; nothing is touched, whatever it shows. A server may be told whose a device is.

    It is told at the end, and not at the beginning, whether legacy may still change the line.

    Raises:
        RetryableError: a layer does not answer.
    """
    line = facts.line
    elements = {layer: element for layer in LAYERS if (element := desk.element_of(line, layer)) is not None}
    try:
        shown = _shown(desk, facts, elements)
    except (ConfigurationError, UnsafeToContinue) as error:
        return GivesUp(str(error))
    variant = desk.network.elements[line.element].variant
    found = as_shown(facts, shown, customizable(desk.network, facts.profile, line.market, variant))
    if isinstance(found, tuple):
        return GivesUp("; ".join(found))
    if (outcome := _left_to_legacy(desk, facts)) is not None:
        return outcome
    for layer, seen in shown.items():
        driver = desk.driver_of(elements[layer])
        if seen.unclaimed is not None and isinstance(driver, Labeller):
            driver.label(line)  # else the next change would take the device for one that nobody has told anything
    return Passed(
        f"{', '.join(elements.values())} show it as the hub would have set it up",
        {"profile": found.model_dump(), "verified_at": desk.clock()},
    )


def _shown(desk: Desk, facts: SagaFacts, elements: dict[Layer, str]) -> dict[Layer, Observation]:
    return {layer: desk.driver_of(element).observe(facts.line) for layer, element in elements.items()}


def _left_to_legacy(desk: Desk, facts: SagaFacts) -> Outcome | None:
    """What follows where legacy may change the line meanwhile, or nobody knows; None where it may not."""
    market = facts.line.market
    authority = desk.may_act(market, "order_to_provisioning", f"service/{facts.line.service_id}")
    if authority.actor == "legacy":
        return GivesUp(f"the hub does not lead what changes its line: {authority.reason}")
    if authority.actor == "nobody":
        return Waits(authority.reason, not_before=desk.clock())
    with desk.hub.database.reading() as connection:
        unfinished = records_among(
            connection, ProductOrder, market, "account_number", [facts.account_number], state=UNFINISHED_STATES
        )
    for order in unfinished:
        authority = desk.may_act(market, "order_to_provisioning", f"order/{order.order_number}")
        if authority.actor == "legacy":
            return GivesUp(f"order {order.order_number} is under way, and legacy's")
        if order.order_type != "new" and not authority.is_begun:  # a round may be leaving it to legacy this moment
            return Waits(f"nobody has begun order {order.order_number} yet", not_before=desk.clock())
    return None
