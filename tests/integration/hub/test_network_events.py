"""A network that is swept and heard: a trap and a sweep of one fact are one event and one device."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from canonical_model.errors import ConfigurationError
from hub.inbox_records import GONE, ONCE
from hub.operator_folder.load import load_operator
from hub.webhooks.group_commit import writing_to
from storage.inbox import IncomingEvent
from tests.fakes.network_operator import ELEMENTS, NetworkOperator, device, network_operator

KINDS = {
    "rb-olt-calix": ("arrival", "dying_gasp"),
    "rb-olt-adtran": ("arrival", "dying_gasp"),
    "rb-olt-nokia": ("restored", "loss_of_signal"),
    "ms-sw-ciena": ("restored", "loss_of_signal"),
    "ns-ap-cambium": ("arrival", "departure"),
}
"""What each vendor's element says when a device arrives, and when it loses its power."""
READ_AGAIN = [name for name in ELEMENTS if name != "rb-olt-calix"]
"""Elements whose notifications tell the row of a device."""
PATIENCE_S = 30


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[NetworkOperator]:
    with network_operator(tmp_path) as running:
        yield running


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.05)


def heard(operator: NetworkOperator, number: int) -> None:
    """Wait for so many events in the inbox."""
    eventually(lambda: len(operator.inbox()) >= number)


def events_of(element: str) -> int:
    """Events that one notification of an element becomes: itself, and a row to be read again."""
    return 2 if element in READ_AGAIN else 1


@pytest.mark.parametrize("element", ELEMENTS)
def test_a_loss_of_power_that_is_heard_and_swept_is_one_event_and_one_device(
    operator: NetworkOperator, element: str
) -> None:
    operator.sweep(element)
    row = operator.row(element)
    with operator.hearing():
        operator.estate.network_events.lose_power(element, row)
        heard(operator, events_of(element))
    operator.take()
    event = (element, row.serial, KINDS[element][1])
    assert operator.events() == [event]
    told = "down" if element in READ_AGAIN else "up"
    assert operator.devices() == [(element, row.serial, told)]
    operator.sweep(element)
    assert operator.events() == [event]
    assert operator.devices() == [(element, row.serial, "down")]


@pytest.mark.parametrize("element", ELEMENTS)
def test_an_arrival_that_is_heard_and_swept_is_one_event_and_one_device(
    operator: NetworkOperator, element: str
) -> None:
    operator.sweep(element)
    first = operator.row(element)
    row = device(f"{ELEMENTS[element][1]}0000000A", "1/1/2")
    with operator.hearing(informs=True):
        operator.estate.network_events.arrive(element, row)
        heard(operator, events_of(element))
        eventually(lambda: operator.estate.network_events.unanswered == 0)
    operator.take()
    assert operator.events() == [(element, row.serial, KINDS[element][0])]
    operator.sweep(element)
    assert operator.devices() == [(element, first.serial, "up"), (element, row.serial, "up")]


def test_an_inform_is_acknowledged_when_it_is_stored_and_not_before(operator: NetworkOperator) -> None:
    may, committed = threading.Event(), threading.Event()

    def write(events: Sequence[IncomingEvent]) -> set[int]:
        assert may.wait(PATIENCE_S)
        against = writing_to(operator.hub.database)(events)
        committed.set()
        return against

    with operator.hearing(write, informs=True):
        operator.estate.network_events.lose_power("rb-olt-adtran", operator.row("rb-olt-adtran"))
        time.sleep(1.5)  # the inform comes a second time meanwhile
        assert operator.estate.network_events.unanswered == 1
        assert not operator.inbox()
        may.set()
        eventually(lambda: operator.estate.network_events.unanswered == 0)
        assert committed.is_set()
    operator.take()
    assert [kind for _, _, kind in operator.events()] == ["dying_gasp"]


def test_what_is_lost_on_its_way_comes_again_as_an_inform_and_is_kept_once(operator: NetworkOperator) -> None:
    operator.estate.set_faults("rb-olt-adtran:loss=0.7")
    with operator.hearing(informs=True):
        for number in range(5):
            operator.estate.network_events.arrive("rb-olt-adtran", device(f"ADTN000000B{number}", f"1/1/{number}"))
        eventually(lambda: operator.estate.network_events.unanswered == 0)
    operator.estate.set_faults("")
    operator.take()
    assert [serial for _, serial, _ in operator.events()] == [f"ADTN000000B{number}" for number in range(5)]


def test_an_element_that_is_away_leaves_what_only_it_can_tell_waiting_and_the_rest_is_taken(
    operator: NetworkOperator,
) -> None:
    nokia, adtran = operator.row("rb-olt-nokia"), operator.row("rb-olt-adtran")
    with operator.hearing():
        operator.estate.network_events.lose_power("rb-olt-nokia", nokia)
        operator.estate.network_events.lose_power("rb-olt-adtran", adtran)
        heard(operator, 4)
    operator.estate.set_faults("rb-olt-nokia:missing,rb-olt-adtran:missing")
    taken = operator.take()
    assert operator.events() == [("rb-olt-adtran", adtran.serial, "dying_gasp")]
    for system, stream in (("rb-olt-nokia", "events"), ("rb-olt-nokia", "devices"), ("rb-olt-adtran", "devices")):
        assert "no answer" in str(taken[system, stream].fault)
    assert sum(event.state == "received" for event in operator.inbox()) == 3
    operator.estate.set_faults("")
    assert not any(one.fault for one in operator.take().values())
    assert ("rb-olt-nokia", nokia.serial, "loss_of_signal") in operator.events()
    assert {serial: state for _, serial, state in operator.devices()} == {nokia.serial: "down", adtran.serial: "down"}


def test_a_device_that_is_gone_when_it_is_asked_for_is_told_and_not_made_up(operator: NetworkOperator) -> None:
    row = operator.row("rb-olt-nokia")
    with operator.hearing():
        operator.estate.network_events.lose_power("rb-olt-nokia", row)
        heard(operator, 2)
    operator.estate.books.network["rb-olt-nokia"].clear()
    taken = operator.take()
    assert (taken["rb-olt-nokia", "events"].rejected, taken["rb-olt-nokia", "devices"].taken) == (1, 1)
    reasons = {event.stream: event.reason for event in operator.inbox()}
    assert "serial" in reasons["events"]
    assert reasons["devices"] == GONE
    assert (operator.events(), operator.devices()) == ([], [])


def test_a_device_that_a_sweep_has_missed_is_back_when_it_is_heard_of(operator: NetworkOperator) -> None:
    element = "rb-olt-adtran"
    rows = operator.estate.books.network[element]
    for number in range(2, 8):
        rows.append(device(f"ADTN0000000{number}", f"1/1/{number}"))
    operator.sweep(element)
    (gone,) = (row for row in rows if row.serial == "ADTN00000003")
    rows.remove(gone)
    operator.sweep(element)
    assert len(operator.devices()) == 6
    with operator.hearing():
        operator.estate.network_events.arrive(element, gone)
        heard(operator, 2)
    operator.take()
    assert (element, "ADTN00000003", "up") in operator.devices()
    operator.sweep(element)
    assert len(operator.devices()) == 7


def test_many_notifications_of_one_device_read_its_row_once(operator: NetworkOperator) -> None:
    row = operator.row("rb-olt-adtran")
    with operator.hearing():
        for _ in range(4):
            operator.estate.network_events.lose_power("rb-olt-adtran", row)
        heard(operator, 8)
    operator.take()
    assert [event.reason for event in operator.inbox() if event.stream == "devices"].count(ONCE) == 3
    assert operator.devices() == [("rb-olt-adtran", row.serial, "down")]
    assert len(operator.events()) == 4  # the element said it four times


def test_what_an_element_says_of_no_device_is_not_kept(operator: NetworkOperator) -> None:
    row = operator.row("rb-olt-calix")
    row.serial = "the one in the shed"  # an ONT id is what somebody calls it
    with operator.hearing():
        operator.estate.network_events.lose_power("rb-olt-calix", row)
        heard(operator, 1)
    taken = operator.take()["rb-olt-calix", "events"]
    assert (taken.taken, taken.rejected) == (0, 1)
    (event,) = operator.inbox()
    assert "NetworkEvent.serial is refused" in event.reason
    assert event.payload["record"]["serial"] == "the one in the shed"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            "adtran_ta5000|adtran_ta500",
            "listens.profile: system rb-olt-adtran: events: no device profile adtran_ta500",
        ),
        (
            "{profile: adtran_ta5000}|{columns: {operational_state: {oid: 1.3.6.1.4.1.1.1, states: {1: up}}}}",
            "device profile own knows no notifications",
        ),
    ],
)
def test_a_profile_that_cannot_be_heard_by_is_told_when_the_operator_is_checked(
    operator: NetworkOperator, changed: str, told: str
) -> None:
    before, after = changed.split("|")
    written = operator.folder / "operator" / "operator.yaml"
    text = written.read_text(encoding="utf-8")
    assert before in text
    written.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told):
        load_operator(operator.folder / "operator")
