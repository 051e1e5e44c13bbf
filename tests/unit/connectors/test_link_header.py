"""Link headers as services write them, well and less well."""

import pytest

from connectors.http.link_header import next_link


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('<https://x.example/things?page=2>; rel="next"', "https://x.example/things?page=2"),
        ("<?page=2>; rel=next", "?page=2"),
        ('<https://x.example/a?ids=1,2>; rel="next"', "https://x.example/a?ids=1,2"),
        ('<a>; rel="prev", <b>; rel="next", <c>; rel="last"', "b"),
        ('<a>; rel="prev",<b>;rel="next"', "b"),
        ('<b>; title="a, b; rel=\\"prev\\""; rel="next"', "b"),
        ('<b>; rel="last next"', "b"),
        ('<b>; REL="Next"', "b"),
        ('<b>; rel = "next"', "b"),
        ('<b>; type="a=b"; rel="next"', "b"),
        ('<b>; crossorigin; rel="next"', "b"),
        (', , <b>; rel="next"', "b"),
        ('<a>; rel="next"; anchor="#other", <b>; rel="next"', "b"),
        ('<b>; rel="prev"; rel="next"', None),
        ('<b>; rel="nextish"', None),
        ('<b>; rel="prev"', None),
        ("<b>", None),
        ("", None),
        ("b; rel=next", None),
        ('<b; rel="next"', None),
        ('<>; rel="next"', ""),
    ],
)
def test_the_next_link_is_found_and_no_other(header: str, target: str | None) -> None:
    assert next_link(header) == target


def test_a_long_header_of_nothing_costs_little() -> None:
    assert next_link("<" * 60_000) is None
    assert next_link("<a>" + ";" * 60_000) is None
    assert next_link('<a>; rel="' + "\\" * 60_000) is None
