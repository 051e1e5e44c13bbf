"""A session that a login operation gives: shown with every call, had anew once it has ended, told where it is not."""

import logging
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree
from pydantic import SecretStr
from test_soap_encoded import READ, pay, records

from canonical_model.errors import ConfigurationError, OutcomeUnknown
from connectors.discovery import open_sink
from connectors.ports import Page, Source, SystemSettings
from tests.fakes.old_ledger import PASSWORD, USER, OldLedger, line_record
from tests.fakes.scripted_http import Asked, Reply, scripted_server

Open = Callable[[SystemSettings], Source]
ALL = [line_record(row) for row in range(10)]
OPTIONS = {
    "login": "session",
    "username": USER,
    "session_operation": "logIn",
    "session_username": "user",
    "session_password": "pass",
    "session_arguments": {"tenant": "north"},
    "session_id": "logInReturn.id",
    "session_header": "session.id",
    "session_faults": ["SessionEnded"],
    "longest_wait_s": 0.02,
}
UNDECLARED = "{urn:old:types}Session.{}id"


def settings(url: str, password: str = PASSWORD, **options: Any) -> SystemSettings:
    known = {name: value for name, value in {**OPTIONS, **options}.items() if value is not None}
    return SystemSettings("ledger", "soap", url, known, {"password": SecretStr(password)})


@pytest.mark.parametrize("header", ["session.id", UNDECLARED])
def test_the_id_of_one_login_goes_with_every_call(header: str, open_: Open) -> None:
    ledger = OldLedger(wants_session=True, declares_header=header == "session.id")
    with scripted_server(ledger) as server:
        assert records(list(open_(settings(server.url, session_header=header)).pages(READ, None))) == ALL
    assert (ledger.sessions, len(ledger.bodies["logIn"]), len(ledger.bodies["listLines"])) == (1, 1, 3)
    (login,) = ledger.bodies["logIn"]
    assert b"Header" not in login
    shown = etree.fromstring(ledger.bodies["listLines"][0])[0][0]
    name = "session" if header == "session.id" else "{urn:old:types}Session"
    assert (shown.tag, shown[0].tag, shown[0].text) == (name, "id", "session-1")


def test_a_session_that_ends_under_way_is_had_anew_once_and_no_page_is_lost_or_doubled(open_: Open) -> None:
    ledger = OldLedger(wants_session=True, session_lasts=2)
    with scripted_server(ledger) as server:
        assert records(list(open_(settings(server.url)).pages(READ, None))) == ALL
    assert (ledger.sessions, len(ledger.bodies["listLines"])) == (2, 4)


def test_an_end_may_be_told_by_a_code_or_by_status_401(open_: Open) -> None:
    ledger = OldLedger(wants_session=True, session_lasts=2)

    def without_words(asked: Asked) -> Reply:
        reply = ledger(asked)
        return Reply(401) if reply.status == 500 else reply

    with scripted_server(without_words) as server:
        assert records(list(open_(settings(server.url)).pages(READ, None))) == ALL
    by_code = OldLedger(wants_session=True, session_lasts=2)
    with scripted_server(by_code) as server:
        known = settings(server.url, session_faults=["Server.SessionEnded"])
        assert records(list(open_(known).pages(READ, None))) == ALL


def shut_after_a_page(source: Source, ledger: OldLedger, pages: list[Page]) -> None:
    for page in source.pages(READ, None):
        pages.append(page)
        ledger.session_lasts = 0


def test_a_session_that_is_refused_right_after_login_is_told_with_its_page_and_the_pull_goes_on_there(
    open_: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ledger = OldLedger(wants_session=True)
    with scripted_server(ledger) as server:
        before: list[Page] = []
        refusal = r"refused right after login.* \(page 2 of this pull\)"
        with pytest.raises(ConfigurationError, match=refusal) as refused:
            shut_after_a_page(open_(settings(server.url)), ledger, before)
        assert ledger.sessions == 2, "it was tried more than once more"
        told = caplog.text + "".join(traceback.format_exception(refused.value))
        assert PASSWORD not in told
        assert "s3cret" not in told
        assert "session-1" not in told
        ledger.session_lasts = 1000
        after = list(open_(settings(server.url)).pages(READ, before[-1].resume))
    assert records([*before, *after]) == ALL


def test_a_login_that_is_refused_is_for_a_person_and_told_without_the_password(open_: Open) -> None:
    ledger = OldLedger(wants_session=True)
    told = pytest.raises(ConfigurationError, match=r"ledger: login: logIn: .*\*\*\*.*check username, password")
    with scripted_server(ledger) as server, told as refused:
        list(open_(settings(server.url, "no such user")).pages(READ, None))
    assert len(ledger.bodies["logIn"]) == 1
    assert "no such user" not in str(refused.value)


def test_a_write_is_sent_again_only_where_its_session_had_ended() -> None:
    ledger = OldLedger(wants_session=True, session_lasts=1)
    with scripted_server(ledger) as server, closing(open_sink(settings(server.url))) as sink:
        for line in ("L01", "L02", "L03"):
            assert not sink.send(pay(line, "5.00")).is_refusal
    assert ledger.paid == ["L01", "L02", "L03"]
    assert (ledger.sessions, len(ledger.bodies["payLine"])) == (3, 5)


def test_a_write_without_an_answer_is_not_sent_again() -> None:
    ledger = OldLedger(wants_session=True)

    def silent(asked: Asked) -> Reply:
        reply = ledger(asked)
        return Reply(200, promised=90, ending="closed") if ledger.paid else reply

    with (
        scripted_server(silent) as server,
        closing(open_sink(settings(server.url))) as sink,
        pytest.raises(OutcomeUnknown),
    ):
        sink.send(pay("L01", "5.00"))
    assert ledger.paid == ["L01"]


def test_a_session_is_ended_where_there_is_an_operation_for_it(open_: Open) -> None:
    ledger = OldLedger(wants_session=True)
    with scripted_server(ledger) as server:
        source = open_(settings(server.url, session_end="logOut"))
        list(source.pages(READ, None))
        source.close()
        source.close()
    assert ledger.ended == 1


def test_a_session_that_cannot_be_ended_is_no_fault(open_: Open) -> None:
    with scripted_server(OldLedger(wants_session=True)) as server:
        source = open_(settings(server.url, session_end="logOut"))
        list(source.pages(READ, None))
    source.close()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"session_header": "sesion.id"}, "operation listLines declares no header sesion; did you mean session"),
        ({"session_header": "session..id"}, "session_header: expected Name.element"),
        ({"session_header": None}, "session_header is missing"),
        ({"session_operation": "logon"}, "no operation logon; did you mean logIn"),
        ({"session_end": "logOff"}, "no operation logOff; did you mean logOut"),
        ({"session_id": "logInReturn.key"}, "element key is not in the WSDL"),
        ({"session_password": "pas"}, "element pas is not in the WSDL; did you mean pass"),
        ({"session_faults": None}, "session_faults is a list"),
        ({"session_arguments": "north"}, "session_arguments is a table"),
    ],
)
def test_an_option_that_leads_nowhere_is_told_with_the_nearest(
    options: dict[str, Any], told: str, open_: Open
) -> None:
    with scripted_server(OldLedger(wants_session=True)) as server, pytest.raises(ConfigurationError, match=told):
        list(open_(settings(server.url, **options)).pages(READ, None))


def test_two_sources_have_a_session_each(open_: Open) -> None:
    ledger = OldLedger(wants_session=True)
    with scripted_server(ledger) as server:
        one, other = (open_(settings(server.url)) for _ in range(2))
        pages = one.pages(replace(READ, page_size=5), None)
        next(pages)
        assert records(list(other.pages(READ, None))) == ALL
        assert len(records(list(pages))) == 5  # the other's login ended its session, and it had another
    assert ledger.sessions == 3
