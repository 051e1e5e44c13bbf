"""A REST source over real HTTP: paging by links and by position, endings that never come, and what answers hold."""

import json
from dataclasses import replace
from typing import Any

import pytest
from rest_reading import READ, SECRET, STYLES, Open, as_json, by_token, header, ids, reading, settings

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from tests.fakes.paged_things import Things, serving, things
from tests.fakes.scripted_http import Asked, Reply, scripted_server


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("base", ["", "/api/v2/things", "{url}/api/v2/things"])
def test_every_style_of_paging_gives_every_row_once(style: str, base: str, open_: Open) -> None:
    service = Things(style)
    with serving(service) as server:
        service.base = base.format(url=server.url)
        pages = list(open_(settings(f"{server.url}/api")).pages(reading(**STYLES[style]), None))
    assert ids(pages) == [f"t{number}" for number in range(1, 8)]
    assert {urlless(asked.path) for asked in server.asked} == {"/api/v2/things"}
    assert {header(asked, "Authorization") for asked in server.asked} == {f"Bearer {SECRET}"}


def urlless(path: str) -> str:
    return path.partition("?")[0]


@pytest.mark.parametrize("style", ["link", "header"])
def test_a_break_after_any_page_of_links_loses_nothing(style: str, open_: Open) -> None:
    read = replace(reading(paging="link", since_parameter="since"), cursor_field="at", fields=("id", "at"))
    with serving(Things(style)) as server:
        for stored in (1, 2):
            source = open_(settings(f"{server.url}/api"))
            before = [page for page, _ in zip(source.pages(read, None), range(stored), strict=False)]
            after = list(source.pages(read, before[-1].resume))
            assert sorted(set(ids([*before, *after]))) == [f"t{number}" for number in range(1, 8)]


def test_the_next_cursor_may_be_a_field_of_the_last_row(open_: Open) -> None:
    def answer(asked: Asked) -> Reply:
        after = asked.path.partition("starting_after=t")[2]
        rows = [row for row in things(*range(1, 8)) if not after or row["id"] > f"t{after}"]
        return as_json({"data": rows[:3], "has_more": len(rows) > 3})

    options = {"position_parameter": "starting_after", "next_field": "id"}
    for more, questions in (({"more": "has_more"}, 3), ({}, 4)):
        with scripted_server(answer) as server:
            assert len(ids(list(open_(settings(server.url)).pages(reading(**options, **more), None)))) == 7
            assert len(server.asked) == questions


def test_a_word_that_is_no_truth_value_does_not_end_a_pull(open_: Open) -> None:
    with scripted_server(lambda _: as_json({"data": things(1), "has_more": "no"})) as server:
        source = open_(settings(server.url))
        with pytest.raises(ConfigurationError, match="has_more is neither true nor false"):
            list(source.pages(reading(more="has_more"), None))


def test_a_query_of_the_source_object_is_kept_beside_the_parameters(open_: Open) -> None:
    with scripted_server(lambda _: as_json({"data": []})) as server:
        list(open_(settings(server.url)).pages(replace(READ, source_object="things?state=open"), None))
    assert server.asked[0].path == "/things?state=open&limit=3"


@pytest.mark.parametrize(
    "link",
    [
        "{thief}/2",
        "//{thief_host}/2",
        "http://user@{host}/2",
        "https://{host}/2",
        "file:///etc/hostname",
        "http://[::1/2",
    ],
)
@pytest.mark.parametrize("style", ["body", "header"])
def test_a_link_elsewhere_gets_no_key(link: str, style: str, open_: Open) -> None:
    with scripted_server(lambda _: as_json({})) as thief:

        def answer(asked: Asked) -> Reply:
            host = header(asked, "Host")
            told = link.format(thief=thief.url, thief_host=thief.url.partition("//")[2], host=host)
            named = {"next": told} if style == "body" else {}
            return as_json({"data": things(1), **named}, Link=f'<{told}>; rel="next"' if style == "header" else "")

        with scripted_server(answer) as server, pytest.raises(ConfigurationError) as failed:
            list(open_(settings(server.url)).pages(reading(paging="link"), None))
        assert thief.asked == []
        assert len(server.asked) == 1
    assert "another host" in str(failed.value) or "no usable URL" in str(failed.value)
    assert SECRET not in str(failed.value)


def test_a_service_that_does_not_know_its_own_address_is_read_where_it_is(open_: Open) -> None:
    service = Things("link", base="http://10.0.0.1:8080/api/v2/things")
    with serving(service) as server:
        pages = list(open_(settings(f"{server.url}/api", links="same_host")).pages(reading(paging="link"), None))
    assert len(ids(pages)) == 7


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"paging": "page"}, "the same records on page after page"),
        ({"paging": "offset"}, "the same records on page after page"),
        ({"paging": "cursor"}, "the same next page twice"),
        ({"paging": "link"}, "the same next page twice"),
    ],
)
def test_paging_without_an_end_is_stopped(options: dict[str, Any], told: str, open_: Open) -> None:
    with scripted_server(lambda _: as_json({"data": things(1, 2, 3), "next": "?offset=3"})) as server:
        source = open_(settings(server.url))
        with pytest.raises(UnsafeToContinue, match=told):
            list(source.pages(reading(**options), None))
    assert len(server.asked) <= 4


def test_cursors_that_are_made_up_for_ever_are_stopped(open_: Open) -> None:
    asked_so_far: list[Asked] = []

    def answer(asked: Asked) -> Reply:
        asked_so_far.append(asked)
        return as_json({"data": things(1, 2), "next": f"c{len(asked_so_far)}"})

    with scripted_server(answer) as server:
        source = open_(settings(server.url))
        with pytest.raises(UnsafeToContinue, match="the same records on page after page"):
            list(source.pages(READ, None))


def test_a_record_with_octets_that_are_no_text_spoils_no_other(open_: Open) -> None:
    body = json.dumps({"data": things(1, 2)}).encode().replace(b'"n2"', b'"Pe\xf1a"')
    with scripted_server(lambda _: Reply(200, body, {"Content-Type": "application/json; charset=utf-8"})) as server:
        (page,) = open_(settings(server.url)).pages(READ, None)
    assert [record["name"] for record in page.records] == ["n1", "Pe\udcf1a"]
    assert json.loads(json.dumps(page.records)) == page.records


def test_a_field_of_ten_megabytes_arrives_whole(open_: Open) -> None:
    text = "x" * 10 * 1024 * 1024
    with scripted_server(lambda _: as_json({"data": [{"id": "t1", "name": text}]})) as server:
        (page,) = open_(settings(server.url)).pages(READ, None)
    assert page.records[0]["name"] == text


def test_what_stands_twice_in_a_row_is_kept_twice_and_in_the_answer_refused(open_: Open) -> None:
    row = b'{"data": [{"id": "t1", "name": "a", "name": "b"}]}'
    with scripted_server(lambda _: Reply(200, row)) as server:
        (page,) = open_(settings(server.url)).pages(READ, None)
    assert page.records == [{"id": "t1", "name": ["a", "b"]}]
    for body in (b'{"data": [{"id": "t1"}], "data": []}', b'{"data": [{"id": "t1"}], "next": "a", "next": "b"}'):
        with scripted_server(lambda _, body=body: Reply(200, body)) as server:  # type: ignore[misc]
            source = open_(settings(server.url))
            with pytest.raises(UnsafeToContinue):
                list(source.pages(READ, None))


def test_a_token_answer_that_is_no_json_may_pass(open_: Open) -> None:
    with scripted_server(lambda _: Reply(200, b"<html>")) as server:
        source = open_(by_token(server.url))
        with pytest.raises(RetryableError, match="login: the answer is no JSON"):
            list(source.pages(READ, None))
