"""JSON whose amounts never become binary floats."""

import pytest

from connectors.exact_json import loads, loads_answer


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


@pytest.mark.parametrize(
    ("body", "parsed"),
    [
        ('{"a": 1, "b": 2, "a": 3}', {"a": [1, 3], "b": 2}),
        ('{"a": "x", "a": "x"}', {"a": "x"}),
        ('{"a": [1], "a": [2]}', {"a": [[1], [2]]}),
        ('[{"a": {"b": 1, "b": 2}}]', [{"a": {"b": [1, 2]}}]),
        ('{"n": ' + "9" * 5000 + "}", {"n": "9" * 5000}),
    ],
    ids=["two-values", "the-same", "lists", "nested", "digits"],
)
def test_nothing_that_stands_in_a_body_is_dropped(body: str, parsed: object) -> None:
    assert loads(body) == parsed


@pytest.mark.parametrize(
    ("body", "header", "text"),
    [
        ("Peña".encode(), "application/json", "Peña"),
        ("Peña".encode(), "application/json; charset=iso-8859-1", "Peña"),
        ("Peña".encode(), 'application/json; charset="no-such"', "Peña"),
        ("Peña".encode("latin-1"), "application/json; charset=ISO-8859-1", "Peña"),
        ("Peña €".encode("cp1252"), 'application/json; charset="windows-1252"', "Peña €"),
        ("Peña".encode("latin-1"), "application/json; charset=utf-8", "Pe\udcf1a"),
        ("Peña".encode("latin-1"), "application/json", "Pe\udcf1a"),
        ("Peña".encode("latin-1"), "application/json; charset=unicode_escape", "Pe\udcf1a"),
        ("Peña".encode("latin-1"), "application/json; charset=iso-8859-12", "Pe\udcf1a"),
    ],
)
def test_what_a_header_says_of_the_encoding_is_believed_where_it_can_be(body: bytes, header: str, text: str) -> None:
    assert loads_answer(b'{"name": "' + body + b'"}', header) == {"name": text}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_other_forms_of_unicode_are_told_by_their_first_octets(encoding: str) -> None:
    assert loads_answer('{"name": "Peña"}'.encode(encoding), "application/json") == {"name": "Peña"}


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"\x00\x01\x02", b"", b"\xef\xbb\xbf", b'{"x": "\xff'])
def test_octets_that_are_no_json_in_any_encoding_are_an_error(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever kind of it
        loads_answer(body, "application/json; charset=latin-1")
