"""An element that does not answer is left alone, longer each time, and tried by one thread at a time."""

from datetime import UTC, datetime

import pytest

from canonical_model.errors import RetryableError
from hub.sagas.element_health import RESTS, ElementHealth

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)


def asked(health: ElementHealth, at: datetime) -> bool:
    try:
        health.check("olt-1", at)
    except RetryableError:
        return False
    return True


def test_one_silence_says_little_and_two_in_a_row_a_rest() -> None:
    health = ElementHealth()
    health.silent("olt-1", "no answer", NOW)
    assert asked(health, NOW)
    health.silent("olt-1", "no answer", NOW)
    with pytest.raises(RetryableError, match=r"no answer \(left alone until 12:00:05 UTC\)"):
        health.check("olt-1", NOW)
    assert asked(health, NOW + RESTS[0])
    health.check("olt-2", NOW)


def test_after_a_rest_one_thread_tries_and_the_others_wait_for_what_it_finds() -> None:
    health = ElementHealth()
    for _ in range(2):
        health.silent("olt-1", "no answer", NOW)
    at = NOW + RESTS[0]
    assert [asked(health, at), asked(health, at)] == [True, False]
    health.answered("olt-1")
    assert [asked(health, at), asked(health, at)] == [True, True]


def test_each_rest_is_longer_until_it_is_a_minute() -> None:
    health, at, rests = ElementHealth(), NOW, []
    health.silent("olt-1", "no answer", at)
    for _ in range(5):
        health.silent("olt-1", "no answer", at)
        rests.append(next(rest for rest in RESTS if asked(health, at + rest)))
    assert rests == [RESTS[0], RESTS[1], RESTS[2], RESTS[2], RESTS[2]]


def test_an_element_has_as_many_threads_as_it_may_have() -> None:
    health = ElementHealth({"olt-2": 2})
    for element in ("olt-1", "olt-2"):
        with health.taking() as taking:
            taking.begin(element)
    with health.taking() as taking:
        assert taking.crowded == {"olt-1"}
        taking.begin("olt-2")
    health.left("olt-1")
    with health.taking() as taking:
        assert taking.crowded == {"olt-2"}
