"""The steps that look for the terminal: whether its element sees it, and whether it is the one that was expected."""

from datetime import datetime, timedelta

from canonical_model.field_work import WorkOrder
from hub.sagas.desk import Desk
from provisioning.driver import NetworkDriver
from provisioning.facts import SagaFacts
from provisioning.line import FoundDevice
from provisioning.matching import SerialMatch, match_serial
from provisioning.saga import Holds, Outcome, Passed, Waits
from storage.current_records import current_records

_EARLY = timedelta(hours=12)
"""Technicians come at another hour than was said, and seldom on another day."""


def discover(desk: Desk, facts: SagaFacts) -> Outcome:
    """Wait until the element sees the expected terminal anywhere, or another one on the expected port.

    Many share a port. One of which nobody knows whose it is says nothing of this order before the day of its visit.

    Raises:
        RetryableError, ConfigurationError: the element cannot be asked.
    """
    line, driver = facts.line, desk.driver_of(facts.line.element)
    if line.serial is not None and driver.observe(line).condition.presence == "present":
        return Passed(f"{line.element} {line.port}: {line.serial} is registered")
    seen = driver.discover()
    here = [device for device in seen if device.port == line.port or device.serial == facts.expected_serial]
    visit_at = _visit_at(desk, facts)
    is_early = visit_at is not None and visit_at - desk.clock() > _EARLY
    if any(device.serial == facts.expected_serial for device in here) or (here and not is_early):
        return Passed(f"{line.element} {line.port}: sees {_told(here)}")
    if _is_served_already(driver, facts):
        return Passed(f"{line.element} {line.port}: {facts.expected_serial} carries this service already")
    found = f"{_told(here)}, and not the one that is expected," if here else "no terminal without a service"
    said = f"{line.element} {line.port}: {found} is seen"
    if visit_at is not None and visit_at > desk.clock():
        said += f"; the technician comes at {visit_at:%Y-%m-%d %H:%M} UTC"
    return Waits(said, not_before=visit_at)


def _is_served_already(driver: NetworkDriver, facts: SagaFacts) -> bool:
    """Whether the terminal that is expected works on this line for this service, as after a restored backup."""
    if facts.expected_serial is None:
        return False
    seen = driver.observe(facts.line.model_copy(update={"serial": facts.expected_serial}))
    is_there = seen.condition.presence == "present" and seen.condition.detected_serial == facts.expected_serial
    return is_there and seen.settings is not None


def _visit_at(desk: Desk, facts: SagaFacts) -> datetime | None:
    """When a technician is to come, as field service has it now; None where that is not known."""
    if facts.work_order_id is None:
        return None
    with desk.hub.database.reading() as connection:
        jobs = current_records(connection, WorkOrder, facts.line.market, work_order_id=facts.work_order_id)
    return next((job.scheduled_for for job in jobs), None)


def match(desk: Desk, facts: SagaFacts) -> Outcome:
    """Bind the terminal that was expected; anything else is asked.

    Raises:
        RetryableError, ConfigurationError: the element cannot be asked.
    """
    line = facts.line
    if facts.expected_serial is None:
        return Holds("the order expects no terminal: allocate one, or name its serial", "dispatcher")
    driver = desk.driver_of(line.element)
    bound = line.model_copy(update={"serial": facts.expected_serial})
    if driver.observe(bound).condition.detected_serial == facts.expected_serial:
        return _bound(facts, facts.expected_serial, "is registered already")
    found = match_serial(facts.expected_serial, line.port, driver.discover())
    if found.found is not None and (not found.found.claimed or _is_taken_along(facts, found.found.serial)):
        return _bound(facts, found.found.serial, "is the one that was expected")
    return _asked(facts, found)


def _asked(facts: SagaFacts, found: SerialMatch) -> Outcome:
    line, expected = facts.line, facts.expected_serial
    if found.found is not None:
        return Holds(f"{expected} carries another service on this element already: it is not moved without a person")
    if found.elsewhere is not None:
        return Holds(f"{expected} is seen on port {found.elsewhere.port} and was expected on {line.port}")
    if len(found.alike) == 1:
        serial = found.alike[0].serial
        return Holds(
            f"expected {expected}, and {line.port} sees {serial}, one character apart: is it this one?",
            proposal={"expected_serial": serial},
        )
    if found.alike or found.others:
        return Holds(f"expected {expected}, and {line.port} sees {_told([*found.alike, *found.others])}")
    return Waits(f"{expected} was seen and is gone again")


def _is_taken_along(facts: SagaFacts, serial: str) -> bool:
    """Whether a terminal that carries a service carries this one: it has moved with its customer."""
    return facts.previous_line is not None and facts.previous_line.serial == serial


def _bound(facts: SagaFacts, serial: str, why: str) -> Passed:
    line = facts.line.model_copy(update={"serial": serial})
    return Passed(f"{serial} {why}", {"line": line.model_dump()})


def _told(devices: list[FoundDevice]) -> str:
    return ", ".join(sorted(device.serial for device in devices))
