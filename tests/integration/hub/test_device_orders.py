"""Orders to a network element: set once, believed when the element shows them, whatever it says or does not say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from console.main import app
from hub.effects.drain import drain
from hub.effects.enqueue import enqueue
from storage.effect_steps import steps_of
from storage.effects import Effect
from tests.fakes.device_operator import ELEMENT, SECRETS, DeviceOperator, device_operator, label, lock
from tests.fakes.effects import START, Stages, now_of, settled, story


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[DeviceOperator]:
    with device_operator(tmp_path) as running:
        yield running


@pytest.fixture
def stages() -> Stages:
    return Stages()


def in_the_end(operator: DeviceOperator, stages: Stages, effect: Effect) -> Effect:
    return settled(operator.hub, operator.clock, stages, effect)


def said(operator: DeviceOperator, effect: Effect) -> str:
    with operator.hub.database.reading() as connection:
        return " | ".join(step.said or "" for step in steps_of(connection, effect.id))


def test_a_device_is_taken_out_of_service_once_and_believed_when_the_element_shows_it(
    operator: DeviceOperator, stages: Stages
) -> None:
    effect = enqueue(operator.hub, lock(), START, stages)
    done = in_the_end(operator, stages, effect)
    assert (done.state, done.told, done.sends) == ("done", "acknowledged", 1)
    assert (operator.device.locked, operator.done) == (True, 1)
    assert story(operator.hub, effect)[:4] == ["enqueued", "sending", "sent", "looked"]
    back = in_the_end(operator, stages, enqueue(operator.hub, lock(state="unlocked", attempt=2), START, stages))
    assert (back.state, operator.device.locked) == ("done", False)


def test_a_device_is_labelled_by_its_index(operator: DeviceOperator, stages: Stages) -> None:
    done = in_the_end(operator, stages, enqueue(operator.hub, label("Roof, 2nd of 3"), START, stages))
    assert (done.state, operator.device.label) == ("done", "Roof, 2nd of 3")


def test_the_same_order_twice_is_one_order(operator: DeviceOperator, stages: Stages) -> None:
    first = enqueue(operator.hub, lock(), START, stages)
    again = enqueue(operator.hub, lock(), START, stages)
    assert first.id == again.id
    in_the_end(operator, stages, first)
    assert operator.done == 1


def test_an_order_that_was_done_without_an_answer_is_found_done_by_looking(
    operator: DeviceOperator, stages: Stages
) -> None:
    operator.estate.set_faults(f"{ELEMENT}:answer_lost=1")
    done = in_the_end(operator, stages, enqueue(operator.hub, lock(), START, stages))
    assert (done.state, done.told, done.sends, operator.done) == ("done", "unknown", 1, 1)


def test_an_order_that_never_arrived_goes_out_again_after_two_looks_and_is_done_once(
    operator: DeviceOperator, stages: Stages
) -> None:
    effect = enqueue(operator.hub, lock(), START, stages)
    operator.estate.set_faults(f"{ELEMENT}:write_lost=1")
    drain(operator.hub, operator.clock, stages)
    assert (now_of(operator.hub, effect).state, operator.done) == ("unknown", 0)
    operator.estate.set_faults("")
    done = in_the_end(operator, stages, effect)
    assert (done.state, done.sends, operator.done) == ("done", 2, 1)


def test_an_element_that_says_yes_and_does_nothing_is_never_believed(
    operator: DeviceOperator, stages: Stages
) -> None:
    operator.estate.set_faults(f"{ELEMENT}:hollow=1")
    parked = in_the_end(operator, stages, enqueue(operator.hub, lock(), START, stages))
    assert (parked.state, parked.told, operator.done) == ("parked", "acknowledged", 0)


def test_an_element_that_is_busy_or_away_is_asked_later(operator: DeviceOperator, stages: Stages) -> None:
    effect = enqueue(operator.hub, lock(), START, stages)
    operator.estate.set_faults(f"{ELEMENT}:busy=1")
    drain(operator.hub, operator.clock, stages)
    busy = now_of(operator.hub, effect)
    assert (busy.state, busy.told, operator.done) == ("queued", "nothing", 0)
    assert "resourceUnavailable" in busy.reason
    operator.estate.set_faults(f"{ELEMENT}:missing")
    operator.clock.move(seconds=31)
    drain(operator.hub, operator.clock, stages)
    assert (now_of(operator.hub, effect).state, operator.done) == ("queued", 0)
    operator.estate.set_faults("")
    assert (in_the_end(operator, stages, effect).state, operator.done) == ("done", 1)


def test_a_device_that_is_gone_is_refused(operator: DeviceOperator, stages: Stages) -> None:
    rows = operator.estate.books.network[ELEMENT]
    rows.remove(operator.device)
    refused = in_the_end(operator, stages, enqueue(operator.hub, lock(), START, stages))
    assert (refused.state, refused.told, operator.done) == ("refused", "refused", 0)
    assert "no row shows what 1.3.6.1.4.1.664" in said(operator, refused)
    assert not any(row.locked for row in rows)


def test_two_devices_of_one_serial_wait_for_a_person(operator: DeviceOperator, stages: Stages) -> None:
    operator.estate.books.network[ELEMENT][1].serial = operator.device.serial
    parked = in_the_end(operator, stages, enqueue(operator.hub, lock(), START, stages))
    assert (parked.state, operator.done) == ("parked", 0)
    assert "2 rows show" in f"{parked.reason} {said(operator, parked)}"


def test_a_community_that_may_only_read_is_refused(tmp_path: Path, stages: Stages) -> None:
    readers = dict.fromkeys(SECRETS, SECRETS["OLT_READS"])
    with device_operator(tmp_path, secrets=readers) as operator:
        refused = in_the_end(operator, stages, enqueue(operator.hub, lock(), START, stages))
        assert (refused.state, refused.told, operator.done) == ("refused", "refused", 0)
        assert "SNMP noAccess" in said(operator, refused)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ("1.3.6.1.4.1.664.6.10000.76.1.1.2.3.1.4:|status:", "send.fields.status"),
        ("row_by|rows_by", "send.options.rows_by: is no option here; nearest: row_by"),
        ("key: {serial: serial}|key: {seral: serial}", "serial"),
    ],
)
def test_a_command_file_that_is_wrong_is_told_with_its_place(
    operator: DeviceOperator, changed: str, told: str
) -> None:
    before, after = changed.split("|")
    written = operator.folder / "operator" / "commands" / "state.yaml"
    text = written.read_text(encoding="utf-8")
    assert before in text
    written.write_text(text.replace(before, after, 1), encoding="utf-8")
    result = CliRunner().invoke(app, ["check", "--operator", str(operator.folder / "operator")], env=SECRETS)
    assert isinstance(result.exception, ConfigurationError), result.output
    assert told in str(result.exception)


def test_the_outbox_and_the_list_of_systems_show_orders(operator: DeviceOperator, stages: Stages) -> None:
    effect = enqueue(operator.hub, lock(), START, stages)
    in_the_end(operator, stages, effect)

    def run(*words: str) -> str:
        where = ["--operator", str(operator.folder / "operator"), "--workspace", str(operator.folder / "work")]
        result = CliRunner().invoke(app, [*words, *where], env={**SECRETS, "COLUMNS": "200"})
        assert result.exit_code == 0, (result.output, result.exception)
        return " ".join(result.output.replace("│", " ").split())

    assert "set_device_state" in run("outbox", "list", "--state", "done")
    assert "SNMP: set, as it says" in run("outbox", "show", str(effect.id))
    assert "olt snmp network oldtown - label_device, set_device_state" in run("connect", "list")
