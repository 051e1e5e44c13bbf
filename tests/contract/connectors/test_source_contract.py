"""What the hub relies on, whatever the kind of system."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from source_harnesses import START, Harness

from canonical_model.errors import ConfigurationError
from connectors.discovery import capabilities_by_kind, open_source
from connectors.ports import Page, Source, SystemSettings
from simulated_estate.servers.serve import RunningEstate

Serve = Callable[..., RunningEstate]
Open = Callable[[SystemSettings], Source]


def as_stored(page: Page) -> dict[str, Any]:
    """A resume point after its way through the database."""
    stored: dict[str, Any] = json.loads(json.dumps(page.resume))
    return stored


def keys_of(pages: list[Page], harness: Harness) -> list[str]:
    (name,) = harness.read.key
    return [record[name] for page in pages for record in page.records]


def stamp(row: dict[str, Any], cursor: str | None, moment: datetime) -> None:
    """Let a row of the books bear a moment, as its server spells it."""
    name = cursor or ""
    row[name] = moment.isoformat() if isinstance(row[name], str) else moment


def test_every_record_comes_once(harness: Harness, serve: Serve, open_: Open) -> None:
    books = harness.books()
    pages = list(open_(harness.settings(serve(books))).pages(harness.read, None))
    keys = keys_of(pages, harness)
    assert len(keys) == len(set(keys)) == harness.size
    assert set(keys) == harness.keys(books)
    assert len(pages) > 1
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]


def test_a_record_holds_the_fields_that_are_asked_for_as_json(harness: Harness, serve: Serve, open_: Open) -> None:
    page = next(iter(open_(harness.settings(serve(harness.books()))).pages(harness.read, None)))
    for record in page.records:
        assert set(harness.read.fields) <= set(record)
        assert json.loads(json.dumps(record)) == record


def test_a_pull_that_breaks_after_any_page_loses_nothing(harness: Harness, serve: Serve, open_: Open) -> None:
    books = harness.books()
    settings = harness.settings(serve(books))
    for stored in (1, 2, 3):
        before: list[Page] = []
        for page in open_(settings).pages(harness.read, None):
            before.append(page)
            if len(before) == stored:
                break
        after = list(open_(settings).pages(harness.read, as_stored(before[-1])))
        assert set(keys_of([*before, *after], harness)) == harness.keys(books)
        assert after[-1].last


def test_the_total_is_the_whole_even_where_changes_are_asked_for(harness: Harness, serve: Serve, open_: Open) -> None:
    assert capabilities_by_kind()[harness.kind].total
    books = harness.books()
    source = open_(harness.settings(serve(books)))
    first = list(source.pages(harness.read, None))
    assert {page.source_total for page in first} == {harness.size}
    again = list(source.pages(harness.read, as_stored(first[-1])))
    assert {page.source_total for page in again} == {harness.size}


def test_a_source_that_has_shrunk_says_so(harness: Harness, serve: Serve, open_: Open) -> None:
    books = harness.books()
    estate = serve(books)
    source = open_(harness.settings(estate))
    first = list(source.pages(harness.read, None))
    del harness.rows(books)[5:]
    harness.publish(estate)
    again = list(source.pages(harness.read, as_stored(first[-1])))
    assert {page.source_total for page in again} == {5}


def test_an_empty_source_gives_one_last_page(harness: Harness, serve: Serve, open_: Open) -> None:
    estate = serve(harness.books(), faults=f"{harness.target}:missing_feed")
    (page,) = open_(harness.settings(estate)).pages(harness.read, None)
    assert (page.records, page.last, page.source_total) == ([], True, 0)


def test_a_second_pull_brings_changes_alone_or_everything(harness: Harness, serve: Serve, open_: Open) -> None:
    books = harness.books()
    estate = serve(books)
    source = open_(harness.settings(estate))
    read = replace(harness.read, overlap=timedelta(0))
    first = list(source.pages(read, None))
    can = capabilities_by_kind()[harness.kind]
    if can.takes_once:
        (nothing,) = source.pages(read, as_stored(first[-1]))
        assert (nothing.records, nothing.last, nothing.swept) == ([], True, False)
        harness.publish(estate)
    again = list(source.pages(read, as_stored(first[-1])))
    assert keys_of(again, harness)
    changed = harness.rows(books)[3]
    if not can.incremental:
        assert set(keys_of(again, harness)) == harness.keys(books)
        return
    stamp(changed, read.cursor_field, START + timedelta(days=1))
    harness.publish(estate)
    again = list(source.pages(read, as_stored(first[-1])))
    keys = keys_of(again, harness)
    assert harness.key(changed) in keys
    assert len(keys) <= 2  # the change, and the record that stands at the cursor itself


def test_a_record_stamped_in_the_far_future_hides_no_later_change(
    harness: Harness, serve: Serve, open_: Open
) -> None:
    if not capabilities_by_kind()[harness.kind].incremental:
        return
    books = harness.books()
    estate = serve(books)
    source = open_(harness.settings(estate))
    read = replace(harness.read, overlap=timedelta(0), hub_clock=START + timedelta(days=7))
    poisoned, changed = harness.rows(books)[1], harness.rows(books)[3]
    stamp(poisoned, read.cursor_field, datetime(9999, 12, 31, tzinfo=UTC))
    harness.publish(estate)
    first = list(source.pages(read, None))
    assert harness.key(poisoned) in keys_of(first, harness)
    stamp(changed, read.cursor_field, START + timedelta(days=1))
    harness.publish(estate)
    again = keys_of(list(source.pages(read, as_stored(first[-1]))), harness)
    assert {harness.key(changed), harness.key(poisoned)} <= set(again)
    assert len(again) <= 3  # and the record that stands at the cursor itself


def test_a_soft_deletion_comes_as_a_deleted_key(harness: Harness, serve: Serve, open_: Open) -> None:
    books = harness.books()
    estate = serve(books)
    source = open_(harness.settings(estate))
    first = list(source.pages(harness.read, None))
    assert all(page.deleted == [] for page in first)
    if capabilities_by_kind()[harness.kind].deletes == "invisible":
        gone = harness.key(harness.rows(books).pop())
        harness.publish(estate)
        again = list(source.pages(harness.read, as_stored(first[-1])))
        assert all(page.deleted == [] for page in again)
        assert gone not in keys_of(again, harness)
        return
    row = harness.rows(books)[-1]
    row[harness.deleted_mark], row[harness.read.cursor_field or ""] = True, START + timedelta(days=1)
    harness.publish(estate)
    again = list(source.pages(harness.read, as_stored(first[-1])))
    assert [key for page in again for key in page.deleted] == [(harness.key(row),)]
    assert harness.key(row) not in keys_of(again, harness)
    assert {page.source_total for page in again} == {harness.size - 1}


def test_a_source_object_that_does_not_exist_is_named(harness: Harness, serve: Serve, open_: Open) -> None:
    read = replace(harness.read, source_object="NoSuchThing")
    with pytest.raises(ConfigurationError, match="NoSuchThing"):
        list(open_(harness.settings(serve(harness.books()))).pages(read, None))


def test_a_mapping_option_that_nobody_knows_is_named(harness: Harness, serve: Serve, open_: Open) -> None:
    if not capabilities_by_kind()[harness.kind].stream_options:
        return
    read = replace(harness.read, options={**harness.read.options, "pageing": "x"})
    with pytest.raises(ConfigurationError, match="pageing"):
        list(open_(harness.settings(serve(harness.books()))).pages(read, None))


def test_a_system_option_that_nobody_knows_is_named(harness: Harness, serve: Serve) -> None:
    settings = harness.settings(serve(harness.books()))
    with pytest.raises(ConfigurationError, match="colour"):
        open_source(replace(settings, options={**settings.options, "colour": "blue"}))


def test_a_secret_among_the_options_is_refused_without_repeating_it(harness: Harness, serve: Serve) -> None:
    settings = harness.settings(serve(harness.books()))
    if not harness.is_remote:
        return
    name = next(iter(settings.secrets))
    with pytest.raises(ConfigurationError, match=f"{name} belongs under secrets") as refused:
        open_source(replace(settings, options={**settings.options, name: "hush"}, secrets={}))
    assert "hush" not in str(refused.value)


def test_a_missing_secret_is_named(harness: Harness, serve: Serve) -> None:
    settings = harness.settings(serve(harness.books()))
    if not harness.is_remote:
        return
    with pytest.raises(ConfigurationError, match=next(iter(settings.secrets))):
        open_source(replace(settings, secrets={}))


def test_closing_twice_is_harmless(harness: Harness, serve: Serve) -> None:
    source = open_source(harness.settings(serve(harness.books())))
    list(source.pages(harness.read, None))
    source.close()
    source.close()
