"""Answers that no well-behaved system gives: each ends in the error that says what to do, and no login leaks."""

import gzip
import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from pydantic import SecretStr
from source_harnesses import REST, SALESFORCE, SOAP

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError, UnsafeToContinue
from connectors.discovery import capabilities_by_kind
from connectors.ports import Page, Source, StreamRead, SystemSettings
from simulated_estate.servers.billing_schema import FEEDS, NAMESPACE
from simulated_estate.servers.billing_wsdl import wsdl_text
from tests.fakes.scripted_http import Asked, Reply, ScriptedServer, scripted_server

Open = Callable[[SystemSettings], Source]
Answer = Callable[[Asked], Reply]
SECRET = "hush-hush-0815"
PATIENT_S = 30.0
HTML = b"<!DOCTYPE html>\n<html><body><h1>Maintenance</h1></body></html>"


def as_json(told: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(told).encode(), {"Content-Type": "application/json"})


def as_envelope(inside: str, status: int = 200, before: str = "") -> Reply:
    envelope = (
        f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>{inside}</e:Body></e:Envelope>'
    )
    return Reply(status, (before + envelope).encode(), {"Content-Type": "text/xml"})


@dataclass(frozen=True)
class Kind:
    """How a kind gets as far as its first question for records.

    Attributes:
        read: the stream that is read.
        options: of the system; the secret goes to every name of ``secrets``.
        before: answers what comes before, None for a question for records.
    """

    read: StreamRead
    options: dict[str, Any]
    secrets: tuple[str, ...]
    before: Callable[[Asked], Reply | None]


def _salesforce_login(asked: Asked) -> Reply | None:
    if "oauth2/token" in asked.path:
        return as_json({"access_token": f"token-{SECRET}", "instance_url": "https://org.invalid"})
    return as_json({"totalSize": 3, "done": True, "records": []}) if "COUNT" in asked.path else None


def _wsdl(asked: Asked) -> Reply | None:
    text = wsdl_text(FEEDS, "http://elsewhere.invalid/billing")
    return Reply(200, text.encode(), {"Content-Type": "text/xml"}) if asked.method == "GET" else None


KINDS = {
    "salesforce": Kind(SALESFORCE.read, {"client_id": "app"}, ("client_secret",), _salesforce_login),
    "soap": Kind(SOAP.read, {"username": "hub"}, ("password",), _wsdl),
    "rest": Kind(REST.read, {}, ("api_key",), lambda _: None),
}
WITHOUT_HTTP = {"snmp", "sql", "files"}
OVER_HTTP = pytest.mark.parametrize("kind", KINDS)


def pulled(
    open_: Open,
    kind: str,
    server: ScriptedServer,
    read: StreamRead | None = None,
    timeout_s: float = PATIENT_S,
    **options: Any,
) -> list[Page]:
    known = KINDS[kind]
    settings = SystemSettings(
        f"their-{kind}",
        kind,
        server.url,
        {**known.options, "longest_wait_s": 0.05, **options},
        dict.fromkeys(known.secrets, SecretStr(SECRET)),
        timeout_s=timeout_s,
    )
    return list(open_(settings).pages(read or known.read, None))


def answering(kind: str, answer: Answer) -> Answer:
    return lambda asked: KINDS[kind].before(asked) or answer(asked)


def failure(open_: Open, kind: str, answer: Answer, **options: Any) -> SpliceError:
    with scripted_server(answering(kind, answer)) as server, pytest.raises(SpliceError) as failed:
        pulled(open_, kind, server, **options)
    assert f"their-{kind}" in str(failed.value) or KINDS[kind].read.stream in str(failed.value)
    assert SECRET not in "".join(traceback.format_exception(failed.value))
    return failed.value


def test_every_kind_that_speaks_http_is_tried() -> None:
    readers = {name for name, found in capabilities_by_kind().items() if found.reads}
    assert readers - WITHOUT_HTTP == set(KINDS)


@OVER_HTTP
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(200, b"\x00\x01 no text at all"), RetryableError),
        (Reply(200, b"<html><body>Maintenance</body></html>", {"Content-Type": "text/html"}), RetryableError),
        (Reply(200, b"[[", promised=100, ending="closed"), RetryableError),
        (Reply(200, b"[[", promised=100, ending="reset"), RetryableError),
        (Reply(200, b"no gzip", {"Content-Encoding": "gzip"}), RetryableError),
        (Reply(200, HTML, {"Content-Type": "text/html"}), RetryableError),
        (Reply(200, b"\xff\xfe\xfd", {"Content-Type": "application/json; charset=utf-16"}), RetryableError),
        (Reply(429, headers={"Retry-After": "0"}), RetryableError),
        (Reply(429, headers={"Retry-After": "\xb2"}), RetryableError),
        (Reply(429, headers={"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}), RetryableError),
        (Reply(500, b"<html>oops</html>"), RetryableError),
        (Reply(503), RetryableError),
        (Reply(429, headers={"Retry-After": "soon"}), RetryableError),
        (Reply(401), ConfigurationError),
        (Reply(403), ConfigurationError),
        (Reply(404), ConfigurationError),
        (Reply(302, headers={"Location": "/elsewhere"}), ConfigurationError),
    ],
    ids=lambda value: f"{value.status}-{value.ending}-{value.body[:5]!r}" if isinstance(value, Reply) else "",
)
def test_an_answer_of_no_use_is_told_for_what_it_is(
    kind: str, reply: Reply, error: type[SpliceError], open_: Open
) -> None:
    assert type(failure(open_, kind, lambda _: reply)) is error


@OVER_HTTP
def test_a_body_that_stops_in_the_middle_is_given_up_in_time(kind: str, open_: Open) -> None:
    found = failure(open_, kind, lambda _: Reply(200, b"[[", promised=100, ending="silent"), timeout_s=2.0)
    assert isinstance(found, RetryableError)
    assert "no answer in time" in str(found)


@pytest.mark.parametrize("kind", ["soap", "rest"])
def test_an_answer_that_drips_in_is_given_up(kind: str, open_: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.http.bounded.TIMES_THE_TIME_OUT", 1)
    dripping = Reply(200, b"[[", promised=10**9, ending="dripping")
    with scripted_server(answering(kind, lambda _: dripping)) as server:
        known = KINDS[kind]
        secrets = dict.fromkeys(known.secrets, SecretStr(SECRET))
        settings = SystemSettings(f"their-{kind}", kind, server.url, known.options, secrets, timeout_s=3.0)
        source = open_(settings)
        with pytest.raises(RetryableError, match=r"not whole after 3 s"):
            list(source.pages(known.read, None))


@pytest.mark.parametrize("kind", ["soap", "rest"])
def test_an_answer_that_unpacks_without_an_end_is_refused_at_its_bound(kind: str, open_: Open) -> None:
    bomb = gzip.compress(b" " * 50_000_000, 9)
    reply = Reply(200, bomb, {"Content-Encoding": "gzip"})
    found = failure(open_, kind, lambda _: reply, largest_answer_mb=1)
    assert isinstance(found, UnsafeToContinue)
    assert "more than 1 MB" in str(found)


@OVER_HTTP
def test_a_cut_connection_is_tried_again_at_once(kind: str, open_: Open) -> None:
    cut = Reply(200, b"[[", promised=100, ending="reset")
    with scripted_server(answering(kind, lambda _: cut)) as server, pytest.raises(RetryableError):
        pulled(open_, kind, server, attempts=3)
    questions = [asked for asked in server.asked if KINDS[kind].before(asked) is None]
    assert len(questions) == 3


@OVER_HTTP
@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_login_follows_no_redirect_to_another_host(kind: str, status: int, open_: Open) -> None:
    with scripted_server(lambda _: as_json({})) as thief:
        away = Reply(status, headers={"Location": f"{thief.url}/take"})
        assert isinstance(failure(open_, kind, lambda _: away), ConfigurationError)
        assert thief.asked == []


def test_a_redirected_salesforce_login_sends_no_secret_on(open_: Open) -> None:
    with scripted_server(lambda _: as_json({})) as thief:
        away = Reply(307, headers={"Location": f"{thief.url}/take"})
        with scripted_server(lambda _: away) as server, pytest.raises(ConfigurationError):
            pulled(open_, "salesforce", server)
        assert thief.asked == []


def test_a_link_to_another_host_gets_no_key(open_: Open) -> None:
    read = replace(REST.read, options={"rows": "data", "paging": "link", "since_parameter": "since"})
    with scripted_server(lambda _: as_json({})) as thief:
        page = as_json({"data": [{"id": "1", "updated_at": "2026-01-01T00:00:00Z"}], "next": f"{thief.url}/2"})
        with (
            scripted_server(lambda _: page) as server,
            pytest.raises(ConfigurationError, match="another host"),
        ):
            pulled(open_, "rest", server, read)
        assert thief.asked == []


# Salesforce


def accounts(*numbers: int, total: int, following: str | None = None) -> Reply:
    records = [
        {
            "attributes": {"type": "Account"},
            "Id": f"001{number:015d}",
            "AccountNumber": f"LV-{number}",
            "Amount__c": 79.9,
            "SystemModstamp": "2026-01-01T00:00:00.000+0000",
            "IsDeleted": False,
        }
        for number in numbers
    ]
    told = {"totalSize": total, "done": following is None, "records": records}
    return as_json(told if following is None else {**told, "nextRecordsUrl": following})


def said(code: str, message: str = "", status: int = 400) -> Reply:
    return as_json([{"errorCode": code, "message": message}], status)


def test_money_of_an_org_does_not_pass_through_a_binary_float(open_: Open) -> None:
    body = accounts(1, total=1).body.replace(b"79.9", b"79.90000000000000000001")
    with scripted_server(answering("salesforce", lambda _: Reply(200, body))) as server:
        (page,) = pulled(open_, "salesforce", server)
    assert page.records[0]["Amount__c"] == "79.90000000000000000001"


def test_a_query_locator_that_dies_under_way_loses_nothing(open_: Open) -> None:
    def answer(asked: Asked) -> Reply:
        if "/query/01g" in asked.path:
            return said("INVALID_QUERY_LOCATOR")
        if "Id+%3E" in asked.path:
            return accounts(3, total=1)
        return accounts(1, 2, total=3, following="/services/data/v59.0/query/01gX-2")

    with scripted_server(answering("salesforce", answer)) as server:
        pages = pulled(open_, "salesforce", server)
    assert [record["AccountNumber"] for page in pages for record in page.records] == ["LV-1", "LV-2", "LV-3"]


def test_a_page_with_fewer_records_than_the_org_counts_is_not_stored(open_: Open) -> None:
    assert isinstance(failure(open_, "salesforce", lambda _: accounts(1, total=5)), UnsafeToContinue)


def test_a_session_that_stays_refused_after_a_new_login_is_for_a_person(open_: Open) -> None:
    logins: list[str] = []

    def answer(asked: Asked) -> Reply:
        logins.extend([asked.path] if "oauth2/token" in asked.path else [])
        return _salesforce_login(asked) or said("INVALID_SESSION_ID", "Session expired or invalid", 401)

    with scripted_server(answer) as server, pytest.raises(ConfigurationError, match="right after login"):
        pulled(open_, "salesforce", server)
    assert len([asked for asked in server.asked if "oauth2/token" in asked.path]) == 2


@pytest.mark.parametrize("body", [b"{}", b"[1]", b"<html>login</html>"])
def test_a_login_answered_by_something_else_is_for_a_person(body: bytes, open_: Open) -> None:
    with scripted_server(lambda _: Reply(200, body)) as server, pytest.raises(ConfigurationError, match="login"):
        pulled(open_, "salesforce", server)


# SOAP


def charge_lines(*amounts: str, total: str = "1", more: str = "") -> Reply:
    rows = "".join(
        f"<chargeLine><lineId>L{number}</lineId><billNumber>B</billNumber><amount>{amount}</amount>"
        f"<coverFrom>2026-13-45</coverFrom><modified>2026-01-01T00:00:00Z</modified>{more}</chargeLine>"
        for number, amount in enumerate(amounts)
    )
    return as_envelope(
        f'<ListChargeLinesResponse xmlns="{NAMESPACE}">{rows}<total>{total}</total></ListChargeLinesResponse>'
    )


def fault(code: str, detail: str = "") -> Reply:
    inside = f"<detail>{detail}</detail>" if detail else ""
    return as_envelope(f"<e:Fault><faultcode>{code}</faultcode><faultstring>no</faultstring>{inside}</e:Fault>", 500)


def test_what_a_row_says_is_kept_as_it_was_written_even_where_it_breaks_its_type(open_: Open) -> None:
    with scripted_server(answering("soap", lambda _: charge_lines("79.900"))) as server:
        (page,) = pulled(open_, "soap", server)
    assert (page.records[0]["amount"], page.records[0]["coverFrom"]) == ("79.900", "2026-13-45")
    assert page.records[0]["rate"] is None  # declared, and not sent


@pytest.mark.parametrize("code", ["soap:Client", "soap:Server", "SOAP-ENV:Client"])
def test_a_typed_fault_is_known_by_its_detail_and_not_by_its_code(code: str, open_: Open) -> None:
    detail = f'<ValidationFault xmlns="{NAMESPACE}"><code>PAGE_SIZE</code><field>pageSize</field></ValidationFault>'
    found = failure(open_, "soap", lambda _: fault(code, detail))
    assert isinstance(found, ConfigurationError)
    assert "ValidationFault (code PAGE_SIZE, field pageSize)" in str(found)
    later = failure(open_, "soap", lambda _: fault(code, detail), retry_faults=["ValidationFault"])
    assert isinstance(later, RetryableError)


def test_a_fault_that_says_nothing_may_pass(open_: Open) -> None:
    assert isinstance(failure(open_, "soap", lambda _: fault("soap:Server")), RetryableError)


def test_entities_are_refused(open_: Open) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    body = charge_lines("&b;").body
    assert isinstance(failure(open_, "soap", lambda _: Reply(200, bomb.encode() + body)), UnsafeToContinue)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (charge_lines("1.00", more="<surprise/>"), "element surprise is not in the WSDL"),
        (
            as_envelope(f'<ListBillsResponse xmlns="{NAMESPACE}"><total>0</total></ListBillsResponse>'),
            "ListBillsResponse",
        ),
        (charge_lines("1.00", total="many"), "total holds no count"),
        (charge_lines("1.00", total=""), "total holds no count"),
    ],
)
def test_an_answer_that_is_not_what_the_wsdl_says_is_never_an_empty_feed(
    reply: Reply, told: str, open_: Open
) -> None:
    found = failure(open_, "soap", lambda _: reply)
    assert isinstance(found, ConfigurationError)
    assert told in str(found)


def test_each_attempt_has_a_nonce_of_its_own(open_: Open) -> None:
    cut = Reply(200, promised=100, ending="reset")
    with scripted_server(answering("soap", lambda _: cut)) as server, pytest.raises(RetryableError):
        pulled(open_, "soap", server, login="digest", attempts=3)
    nonces = [asked.body.partition(b"Nonce")[2].partition(b"<")[0] for asked in server.asked if asked.body]
    assert len(nonces) == len(set(nonces)) == 3


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(200, b"<html><body>x</body></html>"), "names no service"),
        (Reply(200, b"hello"), "no usable WSDL"),
        (Reply(200), "no usable WSDL"),
        (Reply(404), "HTTP 404"),
        (Reply(302, headers={"Location": "http://127.0.0.1:9/"}), "points elsewhere"),
    ],
)
def test_a_wsdl_that_is_none_is_told(reply: Reply, told: str, open_: Open) -> None:
    with scripted_server(lambda _: reply) as server, pytest.raises(ConfigurationError, match=told):
        pulled(open_, "soap", server)


@pytest.mark.parametrize("place", ["http://elsewhere.invalid/types.wsdl", "file:///etc/hostname"])
def test_a_wsdl_that_reaches_elsewhere_is_refused(place: str, open_: Open) -> None:
    text = wsdl_text(FEEDS, "http://elsewhere.invalid/").replace(
        "<wsdl:types>", f'<wsdl:import namespace="urn:x" location="{place}"/><wsdl:types>'
    )
    with scripted_server(lambda _: Reply(200, text.encode())) as server, pytest.raises(ConfigurationError):
        pulled(open_, "soap", server)
