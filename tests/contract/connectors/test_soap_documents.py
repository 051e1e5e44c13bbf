"""What a SOAP answer or a WSDL may not do, and what it may hold all the same."""

import gzip
import json
import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest
from source_harnesses import SOAP
from test_hostile_answers import (
    SECRET,
    answering,
    as_envelope,
    charge_lines,
    failure,
    fault,
    pulled,
)

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError, UnsafeToContinue
from connectors.ports import Source, SystemSettings
from simulated_estate.servers.billing_schema import FEEDS, NAMESPACE
from simulated_estate.servers.billing_wsdl import wsdl_text
from tests.fakes.scripted_http import Asked, Reply, scripted_server

Open = Callable[[SystemSettings], Source]
XML = {"Content-Type": "text/xml; charset=utf-8"}
LAUGHS = "<!ENTITY a0 'lol'>" + "".join(f"<!ENTITY a{number} '{f'&a{number - 1};' * 10}'>" for number in range(1, 10))
DOCTYPES = {
    "laughs": f"<!DOCTYPE x [{LAUGHS}]>",
    "quadratic": f"<!DOCTYPE x [<!ENTITY a9 '{'a' * 50_000}'>]>",
    "external": "<!DOCTYPE x [<!ENTITY a9 SYSTEM '{place}'>]>",
    "parameter": "<!DOCTYPE x [<!ENTITY % p SYSTEM '{place}'> %p; <!ENTITY a9 'x'>]>",
    "subset": "<!DOCTYPE x SYSTEM '{place}' [<!ENTITY a9 'x'>]>",
    "bare": "<!DOCTYPE x>",
}


@pytest.mark.parametrize("doctype", DOCTYPES)
@pytest.mark.parametrize("place", ["web", "file:///etc/hostname"])
def test_a_document_type_in_an_answer_stops_the_pull_and_reaches_nothing(
    doctype: str, place: str, open_: Open
) -> None:
    with scripted_server(lambda _: Reply(200, b"<!ENTITY a9 'x'>")) as thief:
        head = DOCTYPES[doctype].replace("{place}", f"{thief.url}/x.dtd" if place == "web" else place)
        body = head.encode() + charge_lines("&a9;" * 20).body
        found = failure(open_, "soap", lambda _: Reply(200, body, XML))
        assert thief.asked == []
    assert isinstance(found, UnsafeToContinue)
    assert "document type" in str(found)


def wsdl(*changes: tuple[str, str]) -> bytes:
    text = wsdl_text(FEEDS, "http://elsewhere.invalid/")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text.encode()


@pytest.mark.parametrize("doctype", DOCTYPES)
def test_a_document_type_in_a_wsdl_is_refused_and_reaches_nothing(doctype: str, open_: Open) -> None:
    with scripted_server(lambda _: Reply(200, b"")) as thief:
        head = DOCTYPES[doctype].replace("{place}", f"{thief.url}/x.dtd")
        text = wsdl(('encoding="UTF-8"?>', f'encoding="UTF-8"?>{head}'))
        with scripted_server(lambda _: Reply(200, text, XML)) as server:
            with pytest.raises(UnsafeToContinue, match="the WSDL, or what it imports, has a document type"):
                pulled(open_, "soap", server)
            assert all(asked.method == "GET" for asked in server.asked)  # no login was sent
        assert thief.asked == []


def test_a_document_type_in_an_imported_schema_is_refused(open_: Open) -> None:
    imported = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:import namespace="urn:x" schemaLocation="x.xsd"/>'
        "</xs:schema>"
    )

    def answer(asked: Asked) -> Reply:
        if "x.xsd" in asked.path:
            return Reply(200, DOCTYPES["laughs"].encode() + b"<xs:schema/>", XML)
        return Reply(200, wsdl(("<wsdl:types>", f"<wsdl:types>{imported}")), XML)

    with scripted_server(answer) as server, pytest.raises(UnsafeToContinue, match="document type"):
        pulled(open_, "soap", server)


def test_imports_without_an_end_are_given_up(open_: Open) -> None:
    schema = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:n{n}">'
        '<xs:import namespace="urn:n{more}" schemaLocation="n{more}.xsd"/></xs:schema>'
    )

    def answer(asked: Asked) -> Reply:
        if ".xsd" in asked.path:
            number = int(asked.path.partition("/n")[2].partition(".")[0])
            return Reply(200, schema.format(n=number, more=number + 1).encode(), XML)
        first = schema.replace('targetNamespace="urn:n{n}"', "").format(n=0, more=1)
        return Reply(200, wsdl(("<wsdl:types>", f"<wsdl:types>{first}")), XML)

    with scripted_server(answer) as server:
        with pytest.raises(ConfigurationError, match="their-soap: the WSDL imports one document after another"):
            pulled(open_, "soap", server)
        assert len(server.asked) <= 305


def test_an_imported_document_of_another_host_gets_no_login(open_: Open) -> None:
    with scripted_server(lambda _: Reply(200, b"")) as thief:
        text = wsdl(("<wsdl:types>", f'<wsdl:import namespace="urn:x" location="{thief.url}/x"/><wsdl:types>'))
        with (
            scripted_server(lambda _: Reply(200, text, XML)) as server,
            pytest.raises(ConfigurationError, match="another host"),
        ):
            pulled(open_, "soap", server, login="basic")
        assert thief.asked == []


def test_a_login_by_http_basic_goes_with_every_request_to_the_service(open_: Open) -> None:
    with scripted_server(answering("soap", lambda _: charge_lines("1.00"))) as server:
        pulled(open_, "soap", server, login="basic")
    logins = {dict(asked.headers).get("Authorization", "") for asked in server.asked}
    assert len(server.asked) == 2
    assert {login.partition(" ")[0] for login in logins} == {"Basic"}
    assert SECRET.encode() not in b"".join(asked.body for asked in server.asked)


def test_a_field_of_ten_megabytes_arrives_whole(open_: Open) -> None:
    text = "x" * 10 * 1024 * 1024
    with scripted_server(answering("soap", lambda _: charge_lines(text))) as server:
        (page,) = pulled(open_, "soap", server, attempts=1)
    assert page.records[0]["amount"] == text


def test_an_answer_that_unpacks_to_more_than_its_bound_is_refused(open_: Open) -> None:
    bomb = gzip.compress(b"<a>" + b" " * 3_000_000, 9)
    assert len(bomb) < 5_000
    reply = Reply(200, bomb, {**XML, "Content-Encoding": "gzip"})
    found = failure(open_, "soap", lambda _: reply, largest_answer_mb=2)
    assert isinstance(found, UnsafeToContinue)
    assert "more than 2 MB; ask for smaller pages" in str(found)


def test_a_row_with_a_character_that_xml_does_not_have_spoils_no_other(open_: Open) -> None:
    body = charge_lines("1.00", "2.00").body.replace(b"2.00", b"2\x0b&#1;\xf1")
    with scripted_server(answering("soap", lambda _: Reply(200, body, XML))) as server:
        (page,) = pulled(open_, "soap", server)
    assert [record["amount"] for record in page.records] == ["1.00", "2\x0b\x01\udcf1"]
    assert json.loads(json.dumps(page.records)) == page.records


def test_an_element_that_is_nested_beyond_reason_is_told(open_: Open) -> None:
    deep = "<x xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type='a'>" * 1500 + "</x>" * 1500
    reply = charge_lines("1.00", more="").body.replace(b"1.00", deep.encode())
    found = failure(open_, "soap", lambda _: Reply(200, reply, XML))
    assert isinstance(found, SpliceError)
    assert not isinstance(found, RetryableError)


def test_a_fault_that_the_wsdl_does_not_name_is_the_services_own_trouble(open_: Open) -> None:
    inside = '<e:exception xmlns:e="urn:stack"><message>jdbc:oracle:scott/tiger@db</message></e:exception>'
    found = failure(open_, "soap", lambda _: fault("soap:Server", inside))
    assert isinstance(found, RetryableError)
    assert "exception, which the WSDL does not name" in str(found)
    assert "tiger" not in "".join(traceback.format_exception(found))


@pytest.mark.parametrize("paging", ["page", "offset", "last", "token"])
def test_paging_without_an_end_is_stopped(paging: str, open_: Open) -> None:
    options = {**SOAP.read.options, "paging": paging}
    del options["total"]
    if paging == "last":
        options["next_token"] = "lineId"
    body = charge_lines("1.00", "2.00").body.replace(b"<total>", b"<nextPageToken>t</nextPageToken><total>")
    with scripted_server(answering("soap", lambda _: Reply(200, body, XML))) as server:
        with pytest.raises(UnsafeToContinue, match=r"the same (next page twice|records on page after page)"):
            pulled(open_, "soap", server, replace(SOAP.read, options=options))
        assert len(server.asked) <= 6


def test_the_page_behind_the_last_row_is_asked_for_by_its_key(open_: Open) -> None:
    options = {**SOAP.read.options, "paging": "last", "next_token": "lineId"}

    def answer(asked: Asked) -> Reply:
        if b"pageToken>L1<" in asked.body:
            return Reply(200, charge_lines("3.00", total="3").body.replace(b"L0", b"L2"), XML)
        if b"pageToken>L2<" in asked.body:
            empty = f'<ListChargeLinesResponse xmlns="{NAMESPACE}"><total>3</total></ListChargeLinesResponse>'
            return as_envelope(empty)
        return charge_lines("1.00", "2.00", total="3")

    with scripted_server(answering("soap", answer)) as server:
        pages = pulled(open_, "soap", server, replace(SOAP.read, options=options))
    assert [record["lineId"] for page in pages for record in page.records] == ["L0", "L1", "L2"]
