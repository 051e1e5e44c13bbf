"""Answers to a write that no well-behaved system gives: the outcome is unknown, never done, and it is asked once."""

import json
import traceback
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from pydantic import SecretStr
from sink_harnesses import SINKS

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, SpliceError
from connectors.discovery import open_sink
from connectors.ports import ObserverOfMany, Receipt, Sink, SystemSettings, Write
from simulated_estate.servers.billing_schema import FEEDS, NAMESPACE
from simulated_estate.servers.billing_wsdl import wsdl_text
from tests.fakes.scripted_http import Asked, Reply, scripted_server

SECRET = "hush-hush-0815"
HTML = b"<!DOCTYPE html>\n<html><body><h1>Welcome</h1></body></html>"


def as_json(told: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(told).encode(), {"Content-Type": "application/json"})


def as_envelope(inside: str, status: int = 200) -> Reply:
    envelope = (
        f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>{inside}</e:Body></e:Envelope>'
    )
    return Reply(status, envelope.encode(), {"Content-Type": "text/xml"})


def fault(detail: str = "", code: str = "e:Server") -> Reply:
    inside = f"<detail>{detail}</detail>" if detail else ""
    return as_envelope(f"<e:Fault><faultcode>{code}</faultcode><faultstring>x</faultstring>{inside}</e:Fault>", 500)


def composite(*parts: tuple[int, Any]) -> Reply:
    answers = [
        {"httpStatusCode": status, "body": body, "referenceId": f"part{n}"} for n, (status, body) in enumerate(parts)
    ]
    return as_json({"compositeResponse": answers})


def told(code: str) -> list[dict[str, str]]:
    return [{"errorCode": code, "message": f"{code} in words"}]


BEFORE: dict[str, Callable[[Asked], Reply | None]] = {
    "rest": lambda asked: as_json({"access_token": f"t-{SECRET}"}) if "token" in asked.path else None,
    "salesforce": lambda asked: (
        as_json({"access_token": f"t-{SECRET}", "instance_url": "https://org.invalid"})
        if "token" in asked.path
        else None
    ),
    "soap": lambda asked: (
        Reply(200, wsdl_text(FEEDS, "http://elsewhere.invalid/").encode(), {"Content-Type": "text/xml"})
        if asked.method == "GET"
        else None
    ),
}
LOGINS: dict[str, tuple[dict[str, Any], str]] = {
    "rest": ({"login": "oauth2", "token_url": "/token", "client_id": "hub"}, "client_secret"),
    "salesforce": ({"client_id": "app", "api_version": "62.0"}, "client_secret"),
    "soap": ({"username": "hub"}, "password"),
}
OVER_HTTP = pytest.mark.parametrize("kind", BEFORE)


def sent(kind: str, reply: Reply) -> tuple[Receipt | SpliceError, int]:
    """What a sink makes of an answer to its write, and how many writes arrived."""
    options, secret = LOGINS[kind]
    patience_s = 3.0 if reply.ending == "silent" else 30.0
    with scripted_server(lambda asked: BEFORE[kind](asked) or reply) as server:
        settings = SystemSettings("theirs", kind, server.url, options, {secret: SecretStr(SECRET)}, patience_s)
        with closing(open_sink(settings)) as sink:
            outcome = outcome_of(sink, SINKS[kind].write(1))
    return outcome, sum(BEFORE[kind](asked) is None for asked in server.asked)


def outcome_of(sink: Sink, write: Write) -> Receipt | SpliceError:
    try:
        return sink.send(write)
    except SpliceError as error:
        return error


@OVER_HTTP
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(200, HTML, {"Content-Type": "text/html"}), OutcomeUnknown),
        (Reply(200, b'{"id": "wo_', {"Content-Type": "application/json"}), OutcomeUnknown),
        (Reply(200, b"[[", promised=100, ending="closed"), OutcomeUnknown),
        (Reply(200, b"[[", promised=100, ending="reset"), OutcomeUnknown),
        (Reply(200, b"", promised=100, ending="silent"), OutcomeUnknown),
        (Reply(200, b"no gzip", {"Content-Encoding": "gzip"}), OutcomeUnknown),
        (Reply(408), OutcomeUnknown),
        (Reply(409), OutcomeUnknown),
        (Reply(500, HTML), OutcomeUnknown),
        (Reply(502, HTML), OutcomeUnknown),
        (Reply(503, headers={"Retry-After": "1"}), OutcomeUnknown),
        (Reply(504), OutcomeUnknown),
        (Reply(429, headers={"Retry-After": "1"}), RetryableError),
        (Reply(302, headers={"Location": "/elsewhere"}), ConfigurationError),
        (Reply(403), ConfigurationError),
    ],
    ids=lambda value: f"{value.status}-{value.ending}-{value.body[:5]!r}" if isinstance(value, Reply) else "",
)
def test_an_answer_that_tells_nothing_leaves_the_outcome_unknown(
    kind: str, reply: Reply, error: type[SpliceError]
) -> None:
    outcome, writes = sent(kind, reply)
    assert type(outcome) is error
    assert SECRET not in "".join(traceback.format_exception(outcome))
    assert writes == 1, f"{writes} writes arrived: {outcome}"


@pytest.mark.parametrize(
    "reply",
    [
        fault(),
        fault("<Strange xmlns='urn:other'><code>1</code></Strange>"),
        fault("<UnknownTokenFault xmlns='x'/>"),
        as_envelope(f"<OtherResponse xmlns='{NAMESPACE}'/>"),
        as_envelope(""),
        Reply(200, b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', {"Content-Type": "text/xml"}),
    ],
    ids=["no-detail", "foreign-detail", "undeclared", "other-element", "empty-body", "entities"],
)
def test_a_soap_answer_of_an_unknown_kind_leaves_the_outcome_unknown(reply: Reply) -> None:
    outcome, writes = sent("soap", reply)
    assert isinstance(outcome, OutcomeUnknown)
    assert writes == 1


def test_a_fault_that_the_wsdl_declares_is_a_refusal() -> None:
    detail = f"<ValidationFault xmlns='{NAMESPACE}'><code>NO</code><field>planCode</field></ValidationFault>"
    outcome, _ = sent("soap", fault(detail, "e:Client"))
    assert isinstance(outcome, Receipt)
    assert (outcome.is_refusal, outcome.said) == (True, "ValidationFault (code NO, field planCode)")


def test_a_security_fault_is_told_as_what_to_mend() -> None:
    outcome, _ = sent("soap", fault(code="wsse:FailedAuthentication"))
    assert isinstance(outcome, ConfigurationError)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (composite((200, {"id": "801"}), (200, {"id": "001"})), "done"),
        (composite((204, None), (204, None)), "done"),
        (composite((201, {"id": "801", "success": True}), (204, None)), "done"),
        (composite((400, told("INVALID_FIELD")), (400, told("PROCESSING_HALTED"))), "refused INVALID_FIELD"),
        (composite((400, told("PROCESSING_HALTED")), (404, told("NOT_FOUND"))), "refused NOT_FOUND"),
        (composite((400, told("UNABLE_TO_LOCK_ROW")), (400, told("PROCESSING_HALTED"))), "RetryableError"),
        (composite((500, told("UNKNOWN_EXCEPTION")), (400, told("PROCESSING_HALTED"))), "OutcomeUnknown"),
        (composite((200, {"id": "801"})), "OutcomeUnknown"),
        (composite((200, {"id": "801"}), (400, "what")), "OutcomeUnknown"),
        (as_json({"compositeResponse": "none"}), "OutcomeUnknown"),
        (as_json([]), "OutcomeUnknown"),
        (as_json(told("JSON_PARSER_ERROR"), 400), "ConfigurationError"),
        (as_json(told("REQUEST_LIMIT_EXCEEDED"), 403), "RetryableError"),
        (as_json(told("SERVER_UNAVAILABLE"), 503), "OutcomeUnknown"),
    ],
)
def test_a_composite_answer_is_read_part_by_part(reply: Reply, expected: str) -> None:
    outcome, writes = sent("salesforce", reply)
    if isinstance(outcome, Receipt):
        shown = f"refused {outcome.said.partition(':')[0]}" if outcome.is_refusal else "done"
    else:
        shown = type(outcome).__name__
    assert shown == expected
    assert writes == 1


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (composite((200, {"Id": "801"}), (404, told("NOT_FOUND"))), "seen"),
        (composite((200, {"Id": "801"}), (404, "what")), "ConfigurationError"),
        (composite((200, {"Id": "801"}), (400, told("INVALID_FIELD"))), "ConfigurationError"),
        (composite((300, ["a", "b"]), (200, {"Id": "001"})), "UnsafeToContinue"),
        (composite((503, told("SERVER_UNAVAILABLE")), (200, {"Id": "001"})), "RetryableError"),
        (composite((200, None), (200, {"Id": "001"})), "RetryableError"),
        (composite((200, {"Id": "801"})), "RetryableError"),
        (as_json({"compositeResponse": [1, 2]}), "RetryableError"),
        (as_json([]), "RetryableError"),
    ],
)
def test_what_an_org_shows_of_several_records_is_read_part_by_part(reply: Reply, expected: str) -> None:
    options, secret = LOGINS["salesforce"]
    with scripted_server(lambda asked: BEFORE["salesforce"](asked) or reply) as server:
        settings = SystemSettings("theirs", "salesforce", server.url, options, {secret: SecretStr(SECRET)}, 30.0)
        with closing(open_sink(settings)) as sink:
            assert isinstance(sink, ObserverOfMany)
            assert looked(sink) == expected


def looked(sink: ObserverOfMany) -> str:
    """What a sink makes of an answer to its look at two records."""
    try:
        found = sink.observe_all(SINKS["salesforce"].write(1).looks)
    except SpliceError as error:
        return type(error).__name__
    return "seen" if found == [{"Id": "801"}, None] else repr(found)


def test_an_org_of_an_old_version_is_not_asked_to_update_only() -> None:
    settings = SystemSettings(
        "theirs", "salesforce", "http://127.0.0.1:9", {"client_id": "app"}, {"client_secret": SecretStr(SECRET)}
    )
    with pytest.raises(ConfigurationError, match=r"api_version: 61\.0 or later is needed"):
        open_sink(settings).send(SINKS["salesforce"].write(1))
