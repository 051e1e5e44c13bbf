"""`splice market gate`, `guard` and `freeze`, as a market operator types them."""

from pathlib import Path

import pytest

from canonical_model.errors import ConfigurationError
from tests.fakes.acted_works import DONE_ON, ActedWorks
from tests.fakes.command_line import CommandLine

AT = ("--as-of", "2026-04-05T12:00:00+00:00")


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    works = ActedWorks(tmp_path)
    works.handoffs("declared: {oldtown: {field_to_billing: active, order_to_provisioning: shadow}}")
    works.good(1)
    return works


def line(works: ActedWorks) -> CommandLine:
    """The command, over a hub that knows all of it."""
    with works.hub():
        return CommandLine(works.small)


def told(command: CommandLine, *words: str) -> str:
    done = command.other("market", *words)
    assert done.exception is None, done.exception
    return " ".join(done.output.split())


def test_what_each_hand_off_lacks_is_told_in_sentences(works: ActedWorks) -> None:
    command = line(works)
    said = told(command, "gate", "oldtown", *AT)
    assert "order_to_provisioning: shadow to canary: fail" in said
    assert "Days: 0 of 30 days; 30 to go." in said
    assert "Serials reconciled" not in said
    everything = told(command, "gate", "oldtown", "order_to_provisioning", "--all", *AT)
    assert "pass Serials reconciled: 1 of 1 (100 %); 100 % is asked for." in everything
    assert "field_to_billing" not in everything


def test_a_gate_as_json(works: ActedWorks) -> None:
    done = line(works).other("market", "gate", "oldtown", "field_to_billing", "--json", *AT)
    assert '"result": "inconclusive"' in done.output
    assert '"leaves": "active"' in done.output


def test_where_all_is_well_the_guard_says_so(works: ActedWorks) -> None:
    assert told(line(works), "guard", "oldtown", *AT) == "no harm is seen"


def test_harm_is_told_with_what_is_to_be_done_and_an_exit_status(works: ActedWorks) -> None:
    works.operator.subscription("1", "legacy-1", DONE_ON, premise="P1")
    done = line(works).other("market", "guard", "oldtown", *AT)
    said = " ".join(done.output.split())
    assert done.exit_code == 3
    assert "ROLL BACK field_to_billing: Double bill" in said
    assert "give it back: change declared.oldtown.field_to_billing in handoffs.yaml" in said


def test_a_job_is_paused_with_an_owner_a_reason_and_a_day(works: ActedWorks) -> None:
    command = line(works)
    assert told(command, "frozen", "oldtown") == "nothing is paused"
    owned = ("--owner", "anna", "--why", "the move")
    assert "until 2999-01-01" in told(command, "freeze", "oldtown", "dunning", *owned, "--until", "2999-01-01")
    assert "anna" in told(command, "frozen", "oldtown")
    twice = command.other("market", "freeze", "oldtown", "dunning", *owned, "--until", "2999-01-01")
    assert isinstance(twice.exception, ConfigurationError)
    late = command.other("market", "freeze", "oldtown", "expiry", *owned, "--until", "2020-01-01")
    assert isinstance(late.exception, ConfigurationError)
    assert "runs again" in told(command, "thaw", "oldtown", "dunning")
    assert told(command, "frozen", "oldtown") == "nothing is paused"
    assert "runs again" in told(command, "frozen", "oldtown", "--ended")


@pytest.mark.parametrize("words", [("gate", "oldtwn"), ("gate", "oldtown", "to_billing"), ("guard", "oldtwn")])
def test_wrong_names_are_told(works: ActedWorks, words: tuple[str, ...]) -> None:
    assert isinstance(line(works).other("market", *words).exception, ConfigurationError)
