"""Entity tags: what has not changed is not pulled again, and nothing that has changed is missed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_reading import CURSOR, NOW, STYLES, Open, header, ids, reading, settings

from connectors.ports import Page, Source, StreamRead
from tests.fakes.paged_things import Things, serving, things
from tests.fakes.scripted_http import Asked, Reply, scripted_server


@pytest.fixture
def tagged() -> Iterator[Things]:
    return Things("cursor", is_tagged=True)


def pulled(source: Source, read: StreamRead, resume: Any, at: datetime = NOW) -> tuple[list[Page], Any]:
    stored = None if resume is None else json.loads(json.dumps(resume))
    pages = list(source.pages(replace(read, hub_clock=at), stored))
    return pages, pages[-1].resume


@pytest.mark.parametrize("style", ["cursor", "page", "offset", "link", "header", "none"])
def test_what_has_not_changed_is_not_pulled_again(style: str, open_: Open) -> None:
    service = Things(style, is_tagged=True)
    with serving(service) as server:
        source = open_(settings(server.url))
        read = reading(**STYLES[style] | ({} if style == "none" else {"total": "header:X-Total"}))
        first, resume = pulled(source, read, None)
        service.asked.clear()
        (page,), again = pulled(source, read, resume, NOW + timedelta(hours=1))
        assert (page.records, page.last, page.unchanged, again) == ([], True, True, resume)
        assert page.source_total == first[-1].source_total
        assert {status for status, _ in service.asked} == {304}
        assert len(service.asked) == len(first)
        (page,), _ = pulled(source, read, again, NOW + timedelta(hours=23))
        assert page.unchanged


@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_change_on_any_page_brings_everything(place: int, open_: Open) -> None:
    service = Things("cursor", is_tagged=True)
    with serving(service) as server:
        source = open_(settings(server.url))
        _, resume = pulled(source, CURSOR, None)
        service.rows[place]["name"] = "changed"
        pages, _ = pulled(source, CURSOR, resume)
    assert len(ids(pages)) == 7
    assert "changed" in [record["name"] for page in pages for record in page.records]
    assert not any(page.unchanged for page in pages)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("count", [3, 6, 7])
def test_rows_that_come_behind_the_last_page_are_found(style: str, count: int, open_: Open) -> None:
    service = Things(style, rows=things(*range(1, count + 1)), is_tagged=True)
    read = reading(**STYLES[style])
    with serving(service) as server:
        source = open_(settings(server.url))
        _, resume = pulled(source, read, None)
        service.rows.extend(things(8, 9))
        pages, _ = pulled(source, read, resume)
    assert {"t8", "t9"} <= set(ids(pages))


@pytest.mark.parametrize(
    "changes",
    [
        {"fields": ("id",)},
        {"revision": "another"},
        {"page_size": 4},
        {"options": {**CURSOR.options, "parameters": {"state": "open"}}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_another_question_is_asked_anew(changes: dict[str, Any], tagged: Things, open_: Open) -> None:
    with serving(tagged) as server:
        source = open_(settings(server.url))
        _, resume = pulled(source, CURSOR, None)
        pages, _ = pulled(source, replace(CURSOR, **changes), resume)
    assert len(ids(pages)) == 7


@pytest.mark.parametrize("later", [timedelta(days=1), timedelta(days=-1)])
def test_once_a_day_everything_is_read_whatever_the_tags_say(later: timedelta, tagged: Things, open_: Open) -> None:
    with serving(tagged) as server:
        source = open_(settings(server.url))
        _, resume = pulled(source, CURSOR, None)
        pages, _ = pulled(source, CURSOR, resume, NOW + later)
    assert len(ids(pages)) == 7


def test_a_cursor_that_has_worn_out_is_no_reason_to_fail(tagged: Things, open_: Open) -> None:
    worn: list[str] = []

    def answer(asked: Asked) -> Reply:
        return (
            Reply(400)
            if any(mark in asked.path for mark in worn) and header(asked, "If-None-Match")
            else tagged(asked)
        )

    with scripted_server(answer) as server:
        source = open_(settings(server.url))
        _, resume = pulled(source, CURSOR, None)
        worn.append("offset=3")
        pages, _ = pulled(source, CURSOR, resume)
    assert len(ids(pages)) == 7


def test_pages_of_which_one_has_no_tag_are_read_each_time(open_: Open) -> None:
    service = Things("cursor", is_tagged=True)

    def answer(asked: Asked) -> Reply:
        service.is_tagged = "offset=3" not in asked.path
        return service(asked)

    with scripted_server(answer) as server:
        source = open_(settings(server.url))
        _, resume = pulled(source, CURSOR, None)
        assert "unchanged_since" not in resume
