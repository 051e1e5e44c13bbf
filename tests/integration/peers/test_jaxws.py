"""The SOAP connector and a JAX-WS server, which nobody here wrote, over a WSDL that is nothing like the estate's.

It nests what is asked for, pages by the number of the first row, keys its rows by an attribute, imports its schema,
and gives every fault the same code.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError
from connectors.commands import sight_of
from connectors.discovery import open_sink, open_source
from connectors.ports import Expected, Look, Page, Part, Sink, Source, StreamRead, SystemSettings, Write
from tests.fakes.certificates import KEY_PASSWORD, write_certificates
from tests.integration.peers.jaxws_server import PASSWORD, USER, build, running
from tests.peers import require_peer

HELD = 130
INVOICES = StreamRead(
    "invoices",
    "SearchInvoices",
    ("number", "account", "changed", "paid", "note", "entries.entry"),
    ("number",),
    "changed",
    page_size=40,
    options={
        "rows": "found.invoice",
        "paging": "offset",
        "page_size": "window.maxRows",
        "page_token": "window.startRow",
        "since": "criteria.changedFrom",
        "arguments": {"criteria": {}},
        "total": "matching",
        "more": "hasMore",
        "retry_faults": ["Busy"],
    },
    lists={"entries.entry": ("code", "amount", "period")},
)
RATES = StreamRead(
    "rates",
    "listRates",
    ("code", "price"),
    ("code",),
    page_size=5,
    options={
        "rows": "rates.rate",
        "paging": "page",
        "first_page": 0,
        "page_size": "size",
        "page_token": "page",
        "arguments": {"region": "north"},
    },
)


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return build(require_peer("jaxws"), tmp_path_factory.mktemp("classes"))


@pytest.fixture(scope="module")
def url(command: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(command, tmp_path_factory.mktemp("plain"), HELD) as address:
        yield address


@pytest.fixture
def opened() -> Iterator[Callable[[Any], Any]]:
    with ExitStack() as stack:

        def keep(connection: Any) -> Any:
            stack.callback(connection.close)
            return connection

        yield keep


def settings(address: str, service: str = "receivables", **options: Any) -> SystemSettings:
    known = {"login": "digest", "username": USER, "longest_wait_s": 1, **options}
    return SystemSettings(
        "ledger", "soap", f"{address}/{service}", known, {"password": SecretStr(PASSWORD)}, timeout_s=60.0
    )


@pytest.fixture
def source(url: str, opened: Callable[[Any], Source]) -> Source:
    return opened(open_source(settings(url)))


@pytest.fixture
def sink(url: str, opened: Callable[[Any], Sink]) -> Sink:
    return opened(open_sink(settings(url)))


def numbers(pages: list[Page]) -> list[str]:
    return [record["number"] for page in pages for record in page.records]


# Reading


@pytest.mark.parametrize("login", ["digest", "text"])
def test_every_row_comes_once_through_pages_of_row_numbers(
    login: str, url: str, opened: Callable[[Any], Source]
) -> None:
    pages = list(opened(open_source(settings(url, login=login))).pages(INVOICES, None))
    assert numbers(pages) == [f"INV-{number:05d}" for number in range(HELD)]
    assert [len(page.records) for page in pages] == [40, 40, 40, 10]
    assert {page.source_total for page in pages} == {HELD}


def test_a_row_has_its_attribute_its_nested_list_and_amounts_as_they_were_written(source: Source) -> None:
    page = next(iter(source.pages(INVOICES, None)))
    assert page.records[1] == {
        "number": "INV-00001",
        "account": "0000000001",
        "changed": "2026-01-01T00:01:00Z",
        "paid": False,
        "note": None,
        "entries": {
            "entry": [
                {
                    "code": "C0",
                    "amount": {"_value_1": "54.90", "currency": "USD"},
                    "period": {"from": "2026-01-01", "to": None},
                }
            ]
        },
    }
    assert page.records[0]["entries"] == {"entry": []}
    assert page.records[3]["note"] == "Peña & <sons> €"


def test_changes_alone_come_from_the_second_pull_on(source: Source) -> None:
    read = replace(INVOICES, overlap=timedelta(minutes=5))
    first = list(source.pages(read, None))
    again = list(source.pages(read, first[-1].resume))
    assert numbers(again) == [f"INV-{number:05d}" for number in range(HELD - 6, HELD)]
    assert {page.source_total for page in again} == {HELD}


def test_a_pull_that_breaks_goes_on_at_the_row_it_had_reached(url: str, opened: Callable[[Any], Source]) -> None:
    before = next(iter(opened(open_source(settings(url))).pages(INVOICES, None)))
    after = list(opened(open_source(settings(url))).pages(INVOICES, before.resume))
    assert numbers([before, *after]) == [f"INV-{number:05d}" for number in range(HELD)]


def test_rpc_style_is_read_too(url: str, opened: Callable[[Any], Source]) -> None:
    known = replace(settings(url, "rates", login="none"), secrets={})
    pages = list(opened(open_source(known)).pages(RATES, None))
    assert [record["code"] for page in pages for record in page.records] == [f"north-{row}" for row in range(17)]
    assert pages[0].records[0] == {"code": "north-0", "price": "1.50"}


# Faults: all of them come as S:Server, and only the detail element tells them apart


def test_a_typed_fault_that_means_later_is_worth_another_try(source: Source) -> None:
    read = replace(INVOICES, page_size=0)
    with pytest.raises(RetryableError, match=r"Busy \(seconds 1\); try again later"):
        list(source.pages(read, None))


def test_a_typed_fault_that_means_something_else_is_for_a_person(source: Source) -> None:
    read = replace(INVOICES, page_size=0, options={**INVOICES.options, "retry_faults": []})
    with pytest.raises(ConfigurationError, match=r"Busy \(seconds 1\); check the mapping's options"):
        list(source.pages(read, None))


def test_a_failure_inside_the_server_is_worth_another_try_and_its_words_stay_out(source: Source) -> None:
    with pytest.raises(RetryableError) as failed:
        list(source.pages(replace(INVOICES, page_size=501), None))
    assert "oracle" not in str(failed.value)


def test_a_request_that_breaks_the_schema_is_refused_by_the_server(source: Source) -> None:
    options = {name: value for name, value in INVOICES.options.items() if name not in {"arguments", "since"}}
    with pytest.raises((ConfigurationError, RetryableError)):
        list(source.pages(replace(INVOICES, options=options, cursor_field=None), None))


def test_a_wrong_password_is_told_by_the_code_of_ws_security(url: str, opened: Callable[[Any], Source]) -> None:
    known = replace(settings(url), secrets={"password": SecretStr("not-the-right-one")})
    with pytest.raises(ConfigurationError, match="FailedAuthentication: login refused") as failed:
        list(opened(open_source(known)).pages(INVOICES, None))
    assert "not-the-right-one" not in str(failed.value)


def test_a_name_that_is_not_in_the_imported_schema_is_told_with_the_nearest(source: Source) -> None:
    wrong = replace(INVOICES, fields=("number", "acount"), lists={})
    with pytest.raises(ConfigurationError, match=r"element acount is not in the WSDL; did you mean account"):
        list(source.pages(wrong, None))
    with pytest.raises(ConfigurationError, match=r"element maxRow is not in the WSDL; did you mean maxRows"):
        list(source.pages(replace(INVOICES, options={**INVOICES.options, "page_size": "window.maxRow"}), None))


# Writing


def dispute(key: str, amount: str = "20.00", reason: str = "wrong tier") -> Write:
    values = {"clientReference": key, "invoice": "INV-00001", "reason": reason}
    values |= {"amount._value_1": amount, "amount.currency": "USD"}
    look = Look(
        "GetDispute",
        {},
        {"clientReference": key},
        (Expected("invoice", "text", "INV-00001"), Expected("amount", "number", amount)),
        {"absent_faults": ["UnknownReference"]},
        "state",
        {"OPEN": "applied"},
        "disputeId",
    )
    return Write(
        "open_dispute", key, "keyed", (Part("OpenDispute", {}, values, {"retry_faults": ["Busy"]}),), (look,)
    )


def sight(sink: Sink, write: Write) -> str:
    return sight_of(write.looks[0], sink.observe(write.looks[0]))


def test_a_write_is_done_and_found_by_our_request_id(sink: Sink) -> None:
    write = dispute("key-done")
    assert sight(sink, write) == "absent"
    assert not sink.send(write).is_refusal
    assert sight(sink, write) == "applied"
    assert sink.observe(write.looks[0]) is not None


def test_a_time_out_after_the_commit_is_unknown_and_found_done(
    url: str, sink: Sink, opened: Callable[[Any], Sink]
) -> None:
    write = dispute("key-slow", reason="slow")
    hasty = opened(open_sink(replace(settings(url), timeout_s=4.0)))
    sight(hasty, write)  # the WSDL is read, so that only the write is waited for
    with pytest.raises(OutcomeUnknown):
        hasty.send(write)
    assert sight(sink, write) == "applied"


def test_a_failure_after_the_commit_is_unknown_and_found_done(sink: Sink) -> None:
    write = dispute("key-crash", reason="crash")
    with pytest.raises(OutcomeUnknown) as failed:
        sink.send(write)
    assert "after it was written" not in str(failed.value)
    assert sight(sink, write) == "applied"


def test_a_typed_refusal_is_told_in_the_words_of_its_detail(sink: Sink) -> None:
    write = dispute("key-refused", amount="100.01")
    receipt = sink.send(write)
    assert (receipt.is_refusal, receipt.said) == (True, "AmountRefused (limit 100.00)")
    assert sight(sink, write) == "absent"


def test_a_typed_fault_that_means_later_is_certain_not_to_be_done(sink: Sink) -> None:
    write = dispute("key-busy", reason="busy")
    with pytest.raises(RetryableError, match="Busy"):
        sink.send(write)
    assert sight(sink, write) == "absent"


def test_what_breaks_the_schema_there_is_never_taken_for_done(sink: Sink) -> None:
    write = dispute("KEY WITH BLANKS")
    with pytest.raises((OutcomeUnknown, ConfigurationError)):
        sink.send(write)
    assert sight(sink, write) == "absent"


# Client certificates


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    write_certificates(folder)
    return folder


@pytest.fixture(scope="module")
def secured(command: list[str], certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(command, tmp_path_factory.mktemp("secured"), 5, certificates) as address:
        yield address


def test_a_client_certificate_opens_the_door_for_reading_and_writing(
    secured: str, certificates: Path, opened: Callable[[Any], Any]
) -> None:
    shown = {"ca_bundle": str(certificates / "ca.pem"), "client_certificate": str(certificates / "client.pem")}
    assert len(numbers(list(opened(open_source(settings(secured, **shown))).pages(INVOICES, None)))) == 5
    write = dispute("key-tls")
    sink = opened(open_sink(settings(secured, **shown)))
    assert not sink.send(write).is_refusal
    assert sight(sink, write) == "applied"


def test_a_key_apart_with_a_password_opens_it_too(
    secured: str, certificates: Path, opened: Callable[[Any], Source]
) -> None:
    shown = {
        "ca_bundle": str(certificates / "ca.pem"),
        "client_certificate": str(certificates / "client.crt"),
        "client_key": str(certificates / "client.key"),
    }
    known = settings(secured, **shown)
    known = replace(known, secrets={**known.secrets, "client_key_password": SecretStr(KEY_PASSWORD)})
    assert len(numbers(list(opened(open_source(known)).pages(INVOICES, None)))) == 5


@pytest.mark.parametrize("shown", [None, "stranger.pem"])
def test_without_a_certificate_that_the_server_trusts_nothing_is_read(
    shown: str | None, secured: str, certificates: Path, opened: Callable[[Any], Source]
) -> None:
    options = {"ca_bundle": str(certificates / "ca.pem")}
    if shown is not None:
        options["client_certificate"] = os.fspath(certificates / shown)
    with pytest.raises((ConfigurationError, RetryableError), match="ledger: read WSDL"):
        list(opened(open_source(settings(secured, **options))).pages(INVOICES, None))
