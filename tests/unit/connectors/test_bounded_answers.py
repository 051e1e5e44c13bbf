"""Answers that are too large or come too slowly are given up at their bound."""

import time
from collections.abc import Iterator

import pytest

from canonical_model.errors import ConfigurationError
from connectors.http.bounded import TooLargeError, TooSlowError, gathered, largest_answer
from connectors.ports import SystemSettings


def test_pieces_within_the_bound_are_one_body() -> None:
    assert gathered([b"a", b"", b"bc"], 3, 1.0) == b"abc"
    assert gathered([], 3, 1.0) == b""


def test_no_more_is_read_than_the_bound_and_one_piece() -> None:
    read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 1_000_000

    with pytest.raises(TooLargeError, match="more than 5 MB"):
        gathered(pieces(), 5_000_000, 60.0)
    assert read == 6


def test_what_drips_in_is_given_up() -> None:
    def pieces() -> Iterator[bytes]:
        while True:
            time.sleep(0.005)
            yield b"x"

    begun = time.monotonic()
    with pytest.raises(TooSlowError):
        gathered(pieces(), 1_000_000, 0.005)
    assert time.monotonic() - begun >= 0.1


@pytest.mark.parametrize("value", [0, 5000, "many", True, 1.5])
def test_a_bound_that_makes_no_sense_is_told(value: object) -> None:
    with pytest.raises(ConfigurationError, match="largest_answer_mb is 1 to 4096"):
        largest_answer(SystemSettings("x", "rest", "", {"largest_answer_mb": value}))
