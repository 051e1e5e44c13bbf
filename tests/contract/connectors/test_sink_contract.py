"""What holds for every sink: done once or told as what it is, whatever happens to a request or to its answer."""

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from sink_harnesses import SHORT_S, SINKS, SinkHarness, books

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, SpliceError
from connectors.commands import sight_of
from connectors.discovery import capabilities_by_kind, open_observer, open_sink
from connectors.ports import Observer, ObserverOfMany, Sink, SystemSettings, Write
from handoffs.effect_states import Sight
from simulated_estate.servers.serve import RunningEstate

Open = Callable[[SystemSettings], Sink]

KINDS = [kind for kind, can in capabilities_by_kind().items() if can.writes and can.writes.is_observable]
AT_ONCE = [kind for kind in KINDS if SINKS[kind].looks_at_many]
FAULTS = ("unusable", "unsure", "blind")
"""Arguments of tests that stand for the faults of a harness."""
SHOWN_WITHIN_S = 20


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask of every kind what holds for every kind, under each of its faults."""
    assert set(KINDS) <= set(SINKS), (
        f"connectors/systems: no harness in sink_harnesses.py for {set(KINDS) - set(SINKS)}"
    )
    fault = next((name for name in FAULTS if name in metafunc.fixturenames), None)
    if fault is None:
        metafunc.parametrize("kind", AT_ONCE if "observer_of_many" in metafunc.fixturenames else KINDS)
    else:
        pairs = [(kind, each) for kind in KINDS for each in getattr(SINKS[kind], fault)]
        metafunc.parametrize(("kind", fault), pairs, ids=[f"{kind}-{each}" for kind, each in pairs])


@pytest.fixture
def taker(kind: str) -> SinkHarness:
    return SINKS[kind]


@pytest.fixture
def estate(taker: SinkHarness, request: pytest.FixtureRequest) -> Iterator[RunningEstate]:
    with taker.serve(*map(request.getfixturevalue, taker.fixtures), books()) as served:
        yield served


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


@pytest.fixture
def hasty(taker: SinkHarness, estate: RunningEstate, open_: Open) -> Sink:
    """A sink that does not wait for an answer longer than it must, where silence is one."""
    return open_(taker.settings(estate, timeout_s=taker.patience_s))


@pytest.fixture
def observer(taker: SinkHarness, estate: RunningEstate, sink: Sink) -> Iterator[Observer]:
    if taker.observer is None:
        yield sink
        return
    other = open_observer(taker.observer(estate))
    yield other
    other.close()


@pytest.fixture
def observer_of_many(observer: Observer) -> ObserverOfMany:
    assert isinstance(observer, ObserverOfMany)
    return observer


def sights(observer: Observer, write: Write) -> set[Sight]:
    return {sight_of(look, observer.observe(look)) for look in write.looks}


def in_the_end(observer: Observer, write: Write) -> set[Sight]:
    """What shows once it shows that a write is done: some systems tell of it a while later."""
    deadline = time.monotonic() + SHOWN_WITHIN_S
    while (seen := sights(observer, write)) != {"applied"} and time.monotonic() < deadline:
        time.sleep(0.05)
    return seen


def test_a_write_is_done_and_shows(taker: SinkHarness, estate: RunningEstate, sink: Sink, observer: Observer) -> None:
    write = taker.write(1)
    assert "applied" not in sights(observer, write)
    assert not sink.send(write).is_refusal
    assert taker.done(estate) == 1
    assert in_the_end(observer, write) == {"applied"}


def test_which_kinds_look_at_many_records_with_one_request(taker: SinkHarness, observer: Observer) -> None:
    assert isinstance(observer, ObserverOfMany) == taker.looks_at_many


def test_many_records_show_with_one_request_what_each_shows_alone(
    taker: SinkHarness, sink: Sink, observer_of_many: ObserverOfMany
) -> None:
    observer = observer_of_many
    other, write = taker.write(2), taker.write(1)
    sink.send(write)
    assert in_the_end(observer, write) == {"applied"}
    looks = (
        *write.looks,
        *other.looks,
        *(replace(look, key=dict.fromkeys(look.key, "none")) for look in write.looks),
    )
    assert observer.observe_all(looks) == [observer.observe(look) for look in looks]
    assert observer.observe_all(looks)[-1] is None


def test_another_write_does_not_show_in_its_place(taker: SinkHarness, sink: Sink, observer: Observer) -> None:
    sink.send(taker.write(1))
    in_the_end(observer, taker.write(1))
    assert sights(observer, taker.write(2)) <= {"absent", "differs"}


def test_the_same_write_again_leaves_the_same_state(
    taker: SinkHarness, estate: RunningEstate, sink: Sink, observer: Observer
) -> None:
    write = taker.write(1)
    sink.send(write)
    sink.send(write)
    assert in_the_end(observer, write) == {"applied"}
    if write.repeats == "keyed":
        assert taker.done(estate) == 1


def test_a_write_that_was_done_and_whose_answer_is_late_is_unknown_and_shows(
    taker: SinkHarness, estate: RunningEstate, observer: Observer, open_: Open
) -> None:
    write = taker.write(1)
    impatient = open_(taker.settings(estate, timeout_s=SHORT_S))
    if taker.observer is None:
        sights(impatient, write)  # logged in, so that only the write itself is waited for
    estate.set_faults(f"{taker.target}:answer_late=600")
    with pytest.raises(OutcomeUnknown):
        impatient.send(write)
    assert taker.done(estate) == 1
    assert in_the_end(observer, write) == {"applied"}


def test_a_write_that_was_done_without_a_usable_answer_is_unknown_and_shows(
    taker: SinkHarness, estate: RunningEstate, hasty: Sink, observer: Observer, unusable: str
) -> None:
    write = taker.write(1)
    estate.set_faults(f"{taker.target}:{unusable}")
    with pytest.raises(OutcomeUnknown):
        hasty.send(write)
    assert taker.done(estate) == 1
    estate.set_faults("")
    assert in_the_end(observer, write) == {"applied"}


def test_a_write_that_nobody_can_tell_arrived_is_unknown_and_does_not_show(
    taker: SinkHarness, estate: RunningEstate, hasty: Sink, observer: Observer, unsure: str
) -> None:
    write = taker.write(1)
    if taker.observer is None:
        sights(hasty, write)  # logged in, so that the fault strikes the write itself
    estate.set_faults(f"{taker.target}:{unsure}")
    with pytest.raises(OutcomeUnknown):
        hasty.send(write)
    estate.set_faults("")
    assert taker.done(estate) == 0
    assert sights(observer, write) <= {"absent", "differs"}


def test_a_write_that_was_turned_away_as_too_much_is_certain_not_to_be_done(
    taker: SinkHarness, estate: RunningEstate, sink: Sink, observer: Observer
) -> None:
    sights(observer, taker.write(1))
    estate.set_faults(f"{taker.target}:{taker.too_much}")
    with pytest.raises(RetryableError):
        sink.send(taker.write(1))
    assert taker.done(estate) == 0


def test_a_system_that_is_away_is_certain_not_to_have_done_it_unless_silence_is_all_there_is(
    taker: SinkHarness, estate: RunningEstate, hasty: Sink
) -> None:
    if taker.observer is None:
        sights(hasty, taker.write(1))
    estate.set_faults(f"{taker.target}:missing")
    with pytest.raises(taker.away):
        hasty.send(taker.write(1))
    assert taker.done(estate) == 0
    if taker.observer is None:
        with pytest.raises(RetryableError):
            sights(hasty, taker.write(1))


def test_a_system_that_was_never_there_is_certain_not_to_have_done_it(
    taker: SinkHarness, estate: RunningEstate, open_: Open
) -> None:
    with pytest.raises(RetryableError):
        open_(replace(taker.unreachable(estate), timeout_s=taker.patience_s)).send(taker.write(1))


def test_a_wrong_secret_is_told_and_nothing_is_done(taker: SinkHarness, estate: RunningEstate, open_: Open) -> None:
    stranger = replace(taker.with_wrong_secrets(estate), timeout_s=taker.patience_s)
    with pytest.raises(taker.stranger) as failed:
        open_(stranger).send(taker.write(1))
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


def test_a_look_that_fails_says_so_and_never_that_nothing_is_there(
    taker: SinkHarness, estate: RunningEstate, hasty: Sink, blind: str
) -> None:
    write = taker.write(1)
    hasty.send(write)
    estate.set_faults(f"{taker.target}:{blind}")
    with pytest.raises(RetryableError):
        sights(hasty, write)


def test_no_secret_is_in_any_message(taker: SinkHarness, estate: RunningEstate, hasty: Sink) -> None:
    settings = taker.settings(estate)
    secrets = [value for held in settings.secrets.values() if len(value := held.get_secret_value()) >= 8]
    assert secrets
    hasty.send(taker.write(1))
    for fault in (*taker.unusable, *taker.unsure[:2], taker.too_much, "missing"):
        estate.set_faults(f"{taker.target}:{fault}")
        with pytest.raises(SpliceError) as failed:
            hasty.send(taker.write(2))
        told = "".join(traceback.format_exception(failed.value))
        assert not [secret for secret in secrets if secret in told], fault
