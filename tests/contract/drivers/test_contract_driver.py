"""What every driver of the network keeps: it brings an element to a state, shows it, and brings it back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, UnsafeToContinue
from provisioning.change import Change, planned, shows
from provisioning.discovery import driver_capabilities, open_driver
from provisioning.driver import NetworkDriver
from provisioning.line import Settings
from simulated_estate.servers.told_http import Lie
from tests.contract.drivers.harness import all_harnesses
from tests.contract.drivers.running import Harness, Running


def those(fits: Callable[[Harness], bool]) -> pytest.MarkDecorator:
    """Only harnesses that have what a test is about."""
    fitting = [each for each in all_harnesses() if fits(each)]
    return pytest.mark.parametrize("harness", fitting, indirect=True, ids=name_of)


def name_of(harness: Harness) -> str:
    return f"{harness.kind}-{harness.peer}"


@pytest.fixture(params=all_harnesses(), ids=name_of)
def harness(request: pytest.FixtureRequest) -> Harness:
    found: Harness = request.param
    return found


@pytest.fixture
def running(harness: Harness) -> Iterator[Running]:
    with TemporaryDirectory() as folder, harness.start(Path(folder)) as started:
        yield started


@pytest.fixture
def driver(running: Running) -> Iterator[NetworkDriver]:
    opened = open_driver(running.settings)
    yield opened
    opened.close()


def bring(driver: NetworkDriver, harness: Harness, running: Running, wanted: Settings | None) -> Change:
    change = planned(harness.layer, running.line, driver.observe(running.line), wanted)
    driver.apply(change)
    return change


def test_every_kind_of_driver_is_held_against_the_contract() -> None:
    assert {each.kind for each in all_harnesses()} == set(driver_capabilities())


def test_it_holds_only_what_it_says_that_it_can(harness: Harness, running: Running) -> None:
    capabilities = driver_capabilities()[harness.kind]
    assert capabilities.layer == harness.layer
    if capabilities.settings:
        assert {*running.first, *running.second} <= set(capabilities.settings)


def test_a_line_is_made_and_shown_to_whoever_looks(harness: Harness, running: Running, driver: NetworkDriver) -> None:
    assert driver.observe(running.line).settings is None
    change = bring(driver, harness, running, running.first)
    assert change.before is None
    assert shows(driver.observe(running.line), running.first)
    other = open_driver(running.settings)
    assert shows(other.observe(running.line), running.first)
    other.close()


def test_what_is_there_already_may_be_asked_for_again(
    harness: Harness, running: Running, driver: NetworkDriver
) -> None:
    first = bring(driver, harness, running, running.first)
    driver.apply(first)
    assert shows(driver.observe(running.line), running.first)
    assert bring(driver, harness, running, running.first).difference == {}


def test_a_change_is_brought_back_by_its_inverse(harness: Harness, running: Running, driver: NetworkDriver) -> None:
    made = bring(driver, harness, running, running.first)
    before = driver.observe(running.line).settings
    changed = bring(driver, harness, running, running.second)
    assert shows(driver.observe(running.line), running.second)
    driver.apply(changed.inverse)
    assert driver.observe(running.line).settings == before
    driver.apply(made.inverse)
    assert driver.observe(running.line).settings is None
    driver.apply(made.inverse)
    assert driver.observe(running.line).settings is None


def test_what_it_cannot_hold_is_refused_and_leaves_nothing(
    harness: Harness, running: Running, driver: NetworkDriver
) -> None:
    assert running.refused is not None
    bring(driver, harness, running, running.first)
    with pytest.raises(UnsafeToContinue) as refusal:
        bring(driver, harness, running, running.refused)
    assert not isinstance(refusal.value, OutcomeUnknown)
    assert running.settings.name in str(refusal.value)
    assert shows(driver.observe(running.line), running.first)
    bring(driver, harness, running, running.second)
    assert shows(driver.observe(running.line), running.second)


LYING = [(harness, lie) for harness in all_harnesses() for lie in harness.lies]
LYING_IDS = [f"{name_of(harness)}-{lie}" for harness, lie in LYING]


@pytest.mark.parametrize(("harness", "lie"), LYING, indirect=["harness"], ids=LYING_IDS)
def test_a_lie_is_never_told_as_done(harness: Harness, lie: Lie, running: Running, driver: NetworkDriver) -> None:
    """It says yes and forgets, keeps it to itself, leaves a setting out, or is lost after it has done it."""
    wanted = running.first if lie == "keeps_to_itself" else running.second
    if lie != "keeps_to_itself":
        bring(driver, harness, running, running.first)
    running.lie(lie)
    said_done = True
    try:
        bring(driver, harness, running, wanted)
    except OutcomeUnknown:
        said_done = False
    except (RetryableError, UnsafeToContinue):
        said_done = False
        assert lie != "loses_answer", "what became of it is not known, so that nothing else may be said"
    if harness.reads_back or lie == "loses_answer":
        assert not said_done
    running.lie("")
    looker = open_driver(running.settings)
    if lie != "loses_answer":
        assert not shows(looker.observe(running.line), wanted)
    bring(looker, harness, running, wanted)
    assert shows(looker.observe(running.line), wanted)
    looker.close()


@those(lambda each: each.can_be_held)
def test_one_that_somebody_else_holds_is_left_alone_and_told_later(
    harness: Harness, running: Running, driver: NetworkDriver
) -> None:
    bring(driver, harness, running, running.first)
    assert running.busy is not None
    running.busy(True)
    with pytest.raises(RetryableError, match=running.settings.name):
        bring(driver, harness, running, running.second)
    assert shows(driver.observe(running.line), running.first)
    running.busy(False)
    bring(driver, harness, running, running.second)
    assert shows(driver.observe(running.line), running.second)


def test_what_others_set_beside_ours_stays(harness: Harness, running: Running, driver: NetworkDriver) -> None:
    bring(driver, harness, running, running.first)
    running.disturb()
    theirs = running.beside()
    assert theirs is not None
    changed = bring(driver, harness, running, running.second)
    assert running.beside() == theirs
    driver.apply(changed.inverse)
    assert shows(driver.observe(running.line), running.first)
    assert running.beside() == theirs


@those(lambda each: driver_capabilities()[each.kind].discovers)
def test_a_terminal_without_a_service_is_found_on_its_port(running: Running) -> None:
    driver = open_driver(running.settings)
    assert driver.discover() == []
    assert running.plug is not None
    running.plug()
    assert [(each.serial, each.port, each.claimed) for each in driver.discover()] == [
        (running.line.serial, running.line.port, False)
    ]
    driver.close()


@those(lambda each: each.knows_logins)
def test_a_wrong_login_is_a_matter_of_configuration(running: Running) -> None:
    assert running.wrong_login is not None
    with pytest.raises(ConfigurationError, match=running.settings.name):
        open_driver(running.wrong_login).observe(running.line)


@those(lambda each: each.can_be_gone)
def test_one_that_is_gone_is_tried_again_later(running: Running, harness: Harness, driver: NetworkDriver) -> None:
    assert running.stop is not None
    running.stop()
    with pytest.raises(RetryableError):
        driver.observe(running.line)
    patient = replace(running.settings, timeout_s=5)
    with pytest.raises(RetryableError, match=running.settings.name):
        open_driver(patient).observe(running.line)
