"""What holds for every sink: done once or told as what it is, whatever happens to a request or to its answer."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from sink_harnesses import SHORT_S, SINKS, SinkHarness, books

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, SpliceError
from connectors.commands import sight_of
from connectors.discovery import capabilities_by_kind, open_sink
from connectors.ports import Sink, SystemSettings, Write
from handoffs.effect_states import Sight
from simulated_estate.servers.serve import RunningEstate

Open = Callable[[SystemSettings], Sink]

KINDS = [kind for kind, can in capabilities_by_kind().items() if can.writes and can.writes.is_observable]
pytestmark = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def taker(kind: str) -> SinkHarness:
    assert kind in SINKS, f"connectors/systems/{kind}.py has no harness in sink_harnesses.py"
    return SINKS[kind]


@pytest.fixture
def estate(serve: Callable[..., RunningEstate]) -> RunningEstate:
    return serve(books())


@pytest.fixture
def open_() -> Iterator[Open]:
    with ExitStack() as stack:

        def opened(settings: SystemSettings) -> Sink:
            sink = open_sink(settings)
            stack.callback(sink.close)
            return sink

        yield opened


@pytest.fixture
def sink(taker: SinkHarness, estate: RunningEstate, open_: Open) -> Sink:
    return open_(taker.settings(estate))


def sights(sink: Sink, write: Write) -> set[Sight]:
    return {sight_of(look, sink.observe(look)) for look in write.looks}


def test_a_write_is_done_and_shows(taker: SinkHarness, estate: RunningEstate, sink: Sink) -> None:
    write = taker.write(1)
    assert "applied" not in sights(sink, write)
    assert not sink.send(write).is_refusal
    assert taker.done(estate) == 1
    assert sights(sink, write) == {"applied"}


def test_another_write_does_not_show_in_its_place(taker: SinkHarness, sink: Sink) -> None:
    sink.send(taker.write(1))
    assert sights(sink, taker.write(2)) <= {"absent", "differs"}


def test_the_same_write_again_leaves_the_same_state(taker: SinkHarness, estate: RunningEstate, sink: Sink) -> None:
    write = taker.write(1)
    sink.send(write)
    sink.send(write)
    assert sights(sink, write) == {"applied"}
    if write.repeats == "keyed":
        assert taker.done(estate) == 1


def test_a_write_that_was_done_and_whose_answer_is_late_is_unknown_and_shows(
    taker: SinkHarness, estate: RunningEstate, sink: Sink, open_: Open
) -> None:
    write = taker.write(1)
    impatient = open_(taker.settings(estate, timeout_s=SHORT_S))
    sights(impatient, write)  # logged in, so that only the write itself is waited for
    estate.set_faults(f"{taker.target}:answer_late=600")
    with pytest.raises(OutcomeUnknown):
        impatient.send(write)
    assert taker.done(estate) == 1
    assert sights(sink, write) == {"applied"}


@pytest.mark.parametrize("fault", ["answer_lost=1", "rubbish=1"])
def test_a_write_that_was_done_without_a_usable_answer_is_unknown_and_shows(
    taker: SinkHarness, estate: RunningEstate, sink: Sink, fault: str
) -> None:
    write = taker.write(1)
    estate.set_faults(f"{taker.target}:{fault}")
    with pytest.raises(OutcomeUnknown):
        sink.send(write)
    assert taker.done(estate) == 1
    assert sights(sink, write) == {"applied"}


@pytest.mark.parametrize("fault", ["write_lost=1", "http_500=1", "http_502=1", "http_503=1", "http_504=1"])
def test_a_write_that_nobody_can_tell_arrived_is_unknown_and_does_not_show(
    taker: SinkHarness, estate: RunningEstate, sink: Sink, fault: str
) -> None:
    write = taker.write(1)
    sights(sink, write)  # logged in, so that the fault strikes the write itself
    estate.set_faults(f"{taker.target}:{fault}")
    with pytest.raises(OutcomeUnknown):
        sink.send(write)
    estate.set_faults("")
    assert taker.done(estate) == 0
    assert sights(sink, write) <= {"absent", "differs"}


def test_a_write_that_was_turned_away_as_too_much_is_certain_not_to_be_done(
    taker: SinkHarness, estate: RunningEstate, sink: Sink
) -> None:
    sights(sink, taker.write(1))
    estate.set_faults(f"{taker.target}:429=1")
    with pytest.raises(RetryableError):
        sink.send(taker.write(1))
    assert taker.done(estate) == 0


def test_a_system_that_is_away_is_certain_not_to_have_done_it(
    taker: SinkHarness, estate: RunningEstate, sink: Sink
) -> None:
    sights(sink, taker.write(1))
    estate.set_faults(f"{taker.target}:missing")
    with pytest.raises(RetryableError):
        sink.send(taker.write(1))
    with pytest.raises(RetryableError):
        sights(sink, taker.write(1))


def test_a_system_that_was_never_there_is_certain_not_to_have_done_it(
    taker: SinkHarness, estate: RunningEstate, open_: Open
) -> None:
    with pytest.raises(RetryableError):
        open_(taker.unreachable(estate)).send(taker.write(1))


def test_a_wrong_secret_is_told_and_nothing_is_done(taker: SinkHarness, estate: RunningEstate, open_: Open) -> None:
    with pytest.raises(ConfigurationError) as failed:
        open_(taker.with_wrong_secrets(estate)).send(taker.write(1))
    assert "not-the-right-one" not in "".join(traceback.format_exception(failed.value))
    assert taker.done(estate) == 0


def test_a_session_that_has_ended_is_renewed_and_the_write_done_once(
    taker: SinkHarness, estate: RunningEstate, sink: Sink
) -> None:
    sink.send(taker.write(1))
    estate.expire_sessions()
    assert not sink.send(taker.write(2)).is_refusal
    assert taker.done(estate) == 2


def test_a_refusal_is_told_in_the_words_of_the_system(taker: SinkHarness, estate: RunningEstate, sink: Sink) -> None:
    receipt = sink.send(taker.refused(taker.write(1)))
    assert receipt.is_refusal
    assert taker.refusal in receipt.said
    assert taker.done(estate) == 0


def test_a_name_that_the_system_does_not_know_never_goes_through(
    taker: SinkHarness, estate: RunningEstate, sink: Sink
) -> None:
    write = taker.write(1)
    first, *others = write.parts
    wrong = replace(write, parts=(replace(first, values={**first.values, "no_such_field": "x"}), *others))
    try:
        assert sink.send(wrong).is_refusal
    except ConfigurationError as told:
        assert "no_such_field" in str(told)  # noqa: PT017 - refused here or there, but refused
    assert taker.done(estate) == 0


@pytest.mark.parametrize("fault", ["http_503=1", "truncate=1", "reset=1"])
def test_a_look_that_fails_says_so_and_never_that_nothing_is_there(
    taker: SinkHarness, estate: RunningEstate, sink: Sink, fault: str
) -> None:
    write = taker.write(1)
    sink.send(write)
    estate.set_faults(f"{taker.target}:{fault}")
    with pytest.raises(RetryableError):
        sights(sink, write)


def test_no_secret_is_in_any_message(taker: SinkHarness, estate: RunningEstate, sink: Sink) -> None:
    secrets = [value for value in estate.credentials[taker.address].values() if len(value) > 8]
    sink.send(taker.write(1))
    for fault in ("answer_lost=1", "rubbish=1", "write_lost=1", "http_500=1", "429=1", "missing"):
        estate.set_faults(f"{taker.target}:{fault}")
        with pytest.raises(SpliceError) as failed:
            sink.send(taker.write(2))
        told = "".join(traceback.format_exception(failed.value))
        assert not [secret for secret in secrets if secret in told], fault
