"""Systems that fail: what passes by itself is survived, what does not ends in the error that says what to do."""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from source_harnesses import PATIENT_S, SILENCE_S, SILENT_TO_STRANGERS, Harness
from test_source_contract import as_stored, keys_of

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError
from connectors.ports import Page, Source, SystemSettings
from simulated_estate.servers.serve import RunningEstate

Serve = Callable[..., RunningEstate]
Open = Callable[[SystemSettings], Source]

OVER_HTTP = {"salesforce", "soap", "rest"}
"""Kinds of which the estate knows faults beyond those of a network."""

WITHOUT_WAITING = {"files-folder"}
"""Harnesses of which nothing can be late."""


def pull_with_patience(source: Source, harness: Harness) -> list[Page]:
    """As the hub does it: each page is stored, and an error that may pass is followed by another try."""
    pages: list[Page] = []
    for _ in range(40):
        try:
            for page in source.pages(harness.read, as_stored(pages[-1]) if pages else None):
                pages.append(page)  # noqa: PERF402 - what came before an error counts
        except RetryableError:
            continue
        return pages
    raise AssertionError("still failing after 40 tries")


def faults_of(harness: Harness, fault: str) -> str:
    return f"{harness.target}:{fault}".replace("{}", harness.target)


def test_a_fault_that_passes_loses_no_record(harness: Harness, passing_fault: str, serve: Serve, open_: Open) -> None:
    books = harness.books()
    estate = serve(books, faults=faults_of(harness, passing_fault), seed=5)
    settings = harness.settings(estate, timeout_s=7.0 if harness.kind == "snmp" else PATIENT_S)
    pages = pull_with_patience(open_(settings), harness)
    assert set(keys_of(pages, harness)) == harness.keys(books)
    assert pages[-1].last


def test_a_fault_that_lasts_is_worth_another_try_later(
    harness: Harness, lasting_fault: str, serve: Serve, open_: Open
) -> None:
    estate = serve(harness.books(), faults=faults_of(harness, lasting_fault))
    settings = harness.settings(estate, timeout_s=0.5)
    if harness.kind in OVER_HTTP:
        settings = replace(settings, options={**settings.options, "attempts": 2})
    with pytest.raises(RetryableError, match=harness.address):
        list(open_(settings).pages(harness.read, None))


def test_a_record_given_twice_is_no_fault(harness: Harness, serve: Serve, open_: Open) -> None:
    books = harness.books()
    faults = f"{harness.target}:duplicate=0.5" if harness.kind in OVER_HTTP else ""
    pages = list(open_(harness.settings(serve(books, faults=faults))).pages(harness.read, None))
    assert set(keys_of(pages, harness)) == harness.keys(books)


def test_records_that_show_late_are_found_by_the_overlap(harness: Harness, serve: Serve, open_: Open) -> None:
    if harness.kind not in OVER_HTTP:
        return
    books = harness.books()
    source = open_(harness.settings(serve(books, faults=f"{harness.target}:late=300")))
    read = replace(harness.read, overlap=timedelta(minutes=10))
    first = list(source.pages(read, None))
    assert 0 < len(harness.keys(books) - set(keys_of(first, harness))) <= 5
    second = list(source.pages(read, as_stored(first[-1])))
    assert set(keys_of([*first, *second], harness)) == harness.keys(books)


def test_a_source_asks_to_wait_and_is_waited_for(harness: Harness, serve: Serve, open_: Open) -> None:
    if harness.kind not in OVER_HTTP:
        return
    estate = serve(harness.books(), faults=f"{harness.target}:429=1,{harness.target}:retry_after=1")
    settings = harness.settings(estate)
    settings = replace(settings, options={**settings.options, "attempts": 2, "longest_wait_s": 1})
    begun = time.monotonic()
    with pytest.raises(RetryableError, match="429"):
        list(open_(settings).pages(harness.read, None))
    assert time.monotonic() - begun >= 1.0


def test_a_time_out_is_kept(harness: Harness, serve: Serve, open_: Open) -> None:
    if harness.name in WITHOUT_WAITING:
        return
    estate = serve(harness.books(), faults=f"{harness.target}:latency=60")
    begun = time.monotonic()
    with pytest.raises(RetryableError):
        list(open_(harness.settings(estate, timeout_s=SILENCE_S)).pages(harness.read, None))
    assert 0.5 <= time.monotonic() - begun < 40


def test_a_wrong_login_is_for_a_person_to_mend(harness: Harness, serve: Serve, open_: Open) -> None:
    if not harness.is_remote:
        return
    settings = harness.with_wrong_secrets(serve(harness.books()))
    wanted = RetryableError if harness.kind in SILENT_TO_STRANGERS else ConfigurationError
    with pytest.raises(wanted, match=harness.address) as refused:
        list(open_(settings).pages(harness.read, None))
    if harness.kind in SILENT_TO_STRANGERS:
        assert "community" in str(refused.value)


def test_a_system_out_of_reach_is_worth_another_try(harness: Harness, serve: Serve, open_: Open) -> None:
    if not harness.is_remote:
        return
    with pytest.raises(RetryableError, match=harness.address):
        list(open_(harness.unreachable(serve(harness.books()))).pages(harness.read, None))


def test_no_secret_is_told_in_logs_errors_or_representations(
    harness: Harness, serve: Serve, open_: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    estate = serve(harness.books())
    told: list[str] = []
    for settings in (harness.settings(estate), harness.with_wrong_secrets(estate)):
        source = open_(settings)
        told += [repr(settings), repr(source), *(repr(part) for part in vars(source).values())]
        error = _error_of(source, harness)
        told += traceback.format_exception(error) if error else []
        secrets = [value.get_secret_value() for value in settings.secrets.values()]
        assert [secret for secret in secrets for text in [*told, caplog.text] if secret in text] == []


def _error_of(source: Source, harness: Harness) -> Any:
    try:
        list(source.pages(harness.read, None))
    except SpliceError as error:
        return error
    return None
