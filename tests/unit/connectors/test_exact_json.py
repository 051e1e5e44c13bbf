"""JSON whose amounts never become binary floats."""

import pytest

from connectors.http.exact_json import loads


def test_numbers_with_a_fraction_stay_as_they_were_written() -> None:
    assert loads('{"amount": 79.90, "big": 1e3, "count": 12, "ok": true, "none": null}') == {
        "amount": "79.90",
        "big": "1e3",
        "count": 12,
        "ok": True,
        "none": None,
    }


@pytest.mark.parametrize("body", ["", "{", "NaN", '{"x": Infinity}', "[" * 100_000, b"\xff"])
def test_what_is_no_json_is_an_error_of_the_value(body: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever kind of it
        loads(body)
