"""Retries inside one request: bounded, and as long as the source asks for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from canonical_model.errors import ConfigurationError
from connectors.patience import PASSING_STATUSES, Patience, patience_of, patiently, retry_after_s
from connectors.ports import SystemSettings


@dataclass
class Told:
    status_code: int
    headers: Mapping[str, str] = field(default_factory=dict)


class CutError(Exception):
    pass


def script(*answers: Told | type[Exception]) -> Callable[[], Told]:
    left = list(answers)

    def ask() -> Told:
        told = left.pop(0)
        if isinstance(told, Told):
            return told
        raise told

    return ask


def ask_patiently(ask: Callable[[], Told], patience: Patience) -> tuple[Told, list[float]]:
    slept: list[float] = []
    answer = patiently(
        ask,
        patience,
        passing=lambda answer: answer.status_code in PASSING_STATUSES,
        broken=(CutError,),
        sleep=slept.append,
    )
    return answer, slept


def test_an_answer_is_taken_at_once() -> None:
    assert ask_patiently(script(Told(200)), Patience()) == (Told(200), [])
    assert ask_patiently(script(Told(404)), Patience()) == (Told(404), [])


def test_without_a_retry_after_the_waits_are_doubled() -> None:
    answer, slept = ask_patiently(script(Told(429), Told(503), CutError, Told(200)), Patience(attempts=4))
    assert (answer.status_code, slept) == (200, [0.5, 1.0, 2.0])


def test_a_retry_after_is_waited_for_as_asked() -> None:
    _, slept = ask_patiently(script(Told(429, {"Retry-After": "7"}), Told(200)), Patience())
    assert slept == [7.0]


def test_a_wait_longer_than_the_bound_is_not_begun() -> None:
    answer, slept = ask_patiently(script(Told(429, {"Retry-After": "21"})), Patience())
    assert (answer.status_code, slept) == (429, [])


def test_no_wait_is_longer_than_the_bound() -> None:
    _, slept = ask_patiently(
        script(CutError, CutError, CutError, Told(200)), Patience(attempts=4, longest_wait_s=0.7)
    )
    assert slept == [0.5, 0.7, 0.7]


def test_the_last_refusal_is_given_back_and_the_last_error_let_through() -> None:
    answer, slept = ask_patiently(script(Told(503), Told(503), Told(503)), Patience(attempts=3))
    assert (answer.status_code, len(slept)) == (503, 2)
    with pytest.raises(CutError):
        ask_patiently(script(CutError, CutError), Patience(attempts=2))


def test_an_error_that_is_not_listed_is_let_through_at_once() -> None:
    with pytest.raises(TimeoutError):
        ask_patiently(script(TimeoutError), Patience())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),  # no clock to measure it against
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT", "Date": "Wed, 21 Oct 2026 07:27:30 GMT"}, 30.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT", "Date": "Wed, 21 Oct 2026 07:28:30 GMT"}, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2026 09:28:00 +0200", "Date": "Wed, 21 Oct 2026 07:27:30 -0000"}, 30.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT", "Date": "yesterday"}, None),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "\u00b2"}, None),  # a digit to Python, and no number
        ({"Retry-After": "9" * 400}, None),
    ],
)
def test_what_a_retry_after_says(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers) == seconds


def test_bounds_are_read_from_the_options_and_checked() -> None:
    settings = SystemSettings("crm", "rest", "", {"attempts": "5", "longest_wait_s": 0})
    assert patience_of(settings) == Patience(5, 0.0)
    for wrong in ({"attempts": 0}, {"attempts": 11}, {"longest_wait_s": 301}, {"attempts": "many"}):
        with pytest.raises(ConfigurationError, match="system crm: attempts"):
            patience_of(SystemSettings("crm", "rest", "", wrong))
