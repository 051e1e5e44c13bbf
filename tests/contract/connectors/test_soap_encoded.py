"""RPC style with SOAP encoding: a system of the first years is read and written as any other."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from connectors.discovery import open_probe, open_sink
from connectors.ports import Look, Page, Part, Source, StreamRead, SystemSettings, Write
from tests.fakes.old_ledger import XML, OldLedger, as_axis, as_php, envelope, fault, line_record, wsdl_text
from tests.fakes.scripted_http import Asked, Reply, scripted_server

Open = Callable[[SystemSettings], Source]
FIELDS = tuple(line_record(1))
PAGING = {"paging": "offset", "page_token": "window.first", "page_size": "window.most", "since": "since"}
READ = StreamRead(
    "lines",
    "listLines",
    FIELDS,
    ("lineId",),
    "modified",
    page_size=4,
    options={"rows": "listLinesReturn", "total": "total", **PAGING},
    lists={"devices": ("serial", "kind")},
)
XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"


def settings(url: str, **options: Any) -> SystemSettings:
    return SystemSettings("ledger", "soap", url, {"login": "none", "longest_wait_s": 0.02, **options})


def records(pages: list[Page]) -> list[Any]:
    return [record for page in pages for record in page.records]


@pytest.mark.parametrize("written", [as_axis, as_php])
def test_rows_that_stand_apart_or_are_shared_are_read_as_if_they_stood_in_place(
    written: Callable[[list[int], int], str], open_: Open
) -> None:
    with scripted_server(OldLedger(written)) as server:
        source = open_(settings(server.url))
        pages = list(source.pages(READ, None))
        assert [len(page.records) for page in pages] == [4, 4, 2]
        assert records(pages) == [line_record(row) for row in range(10)]
        resume = json.loads(json.dumps(pages[-1].resume))
        assert resume["high"] == "2026-01-01T00:09:00Z"
        later = list(source.pages(replace(READ, overlap=READ.overlap * 0), resume))
    assert records(later) == [line_record(9)]


def test_a_request_tells_the_type_of_each_value_and_the_encoding(open_: Open) -> None:
    ledger = OldLedger()
    with scripted_server(ledger) as server:
        next(iter(open_(settings(server.url)).pages(READ, None)))
    (body,) = ledger.bodies["listLines"][:1]
    root = etree.fromstring(body)
    (call,) = root[0]
    assert call.tag == "{urn:old:ledger}listLines"
    assert call.get("{http://schemas.xmlsoap.org/soap/envelope/}encodingStyle").endswith("/soap/encoding/")

    def typed(node: Any) -> tuple[str, str]:
        prefix, _, name = node.get(XSI).partition(":")
        return node.nsmap[prefix], name

    kinds = {node.tag: typed(node) for node in call.iter() if node is not call}
    assert kinds == {
        "since": ("http://www.w3.org/2001/XMLSchema", "string"),
        "window": ("urn:old:types", "Window"),
        "first": ("http://www.w3.org/2001/XMLSchema", "int"),
        "most": ("http://www.w3.org/2001/XMLSchema", "int"),
    }


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (as_axis([1], 1).replace('href="#device0"', 'href="#line1"'), "refers to itself"),
        (as_axis([1], 1).replace('href="#owner1"', 'href="#nobody"'), "refers to what is not in the answer"),
        (as_axis([1], 1).replace('href="#owner1"', 'href="http://127.0.0.1:9/x"'), "refers to what is not in"),
        (as_axis([1], 1).replace('"t:Line[1]"', '"t:Line[1,1]"'), "several dimensions"),
        (as_axis([1], 1).replace('soapenc:arrayType="t:Line[1]"', 'soapenc:offset="[3]"'), "sent in part"),
    ],
)
def test_references_that_cannot_be_followed_stop_the_pull(body: str, told: str, open_: Open) -> None:
    ledger = OldLedger(lambda rows, total: body)
    with (
        scripted_server(ledger) as server,
        pytest.raises(UnsafeToContinue, match=f"ledger: call listLines: .*{told}"),
    ):
        list(open_(settings(server.url)).pages(READ, None))


def test_references_that_would_fill_the_memory_are_not_followed(open_: Open) -> None:
    layers = "".join(
        f'<multiRef id="a{layer}">{f"""<x href="#a{layer + 1}"/>""" * 10}</multiRef>' for layer in range(12)
    )
    body = as_axis([1], 1).replace('href="#owner1"', 'href="#a0"') + layers + '<multiRef id="a12">lol</multiRef>'
    with (
        scripted_server(OldLedger(lambda rows, total: body)) as server,
        pytest.raises(UnsafeToContinue, match="many times larger"),
    ):
        list(open_(settings(server.url)).pages(READ, None))


def test_an_element_that_the_wsdl_does_not_know_is_told(open_: Open) -> None:
    body = as_axis([1], 1).replace("<owner ", '<colour xsi:type="xsd:string">red</colour><owner ')
    with (
        scripted_server(OldLedger(lambda rows, total: body)) as server,
        pytest.raises(ConfigurationError, match="element colour is not in the WSDL"),
    ):
        list(open_(settings(server.url)).pages(READ, None))


@pytest.mark.parametrize(("later", "error"), [([], ConfigurationError), (["Busy"], RetryableError)])
def test_a_fault_is_known_by_the_type_of_its_detail(later: list[str], error: type[Exception], open_: Open) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply(200, wsdl_text(), XML)
        return fault("Busy", '<seconds xsi:type="xsd:int">3</seconds>')

    read = replace(READ, options={**READ.options, "retry_faults": later})
    with scripted_server(answer) as server, pytest.raises(error, match=r"Busy \(seconds 3\)"):
        list(open_(settings(server.url, attempts=1)).pages(read, None))


def test_a_fault_without_any_value_is_known_by_the_type_of_its_detail_all_the_same(open_: Open) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply(200, wsdl_text(), XML)
        detail = '<detail><fault xsi:type="t:Busy"/></detail>'
        return envelope(f"<env:Fault><faultcode>env:Server</faultcode>{detail}</env:Fault>", 500)

    read = replace(READ, options={**READ.options, "retry_faults": ["Busy"]})
    with scripted_server(answer) as server, pytest.raises(RetryableError, match=r"Busy \(no more is said\)"):
        list(open_(settings(server.url, attempts=1)).pages(read, None))


def test_a_wsdl_in_utf_16_is_read_alike(open_: Open) -> None:
    ledger = OldLedger()

    def answer(asked: Asked) -> Reply:
        text = wsdl_text().decode().replace("UTF-8", "UTF-16")
        return (
            Reply(200, text.encode("utf-16"), {"Content-Type": "text/xml"})
            if asked.method == "GET"
            else ledger(asked)
        )

    with scripted_server(answer) as server:
        assert len(records(list(open_(settings(server.url)).pages(READ, None)))) == 10


def test_an_array_in_a_request_is_refused_before_anything_is_sent(open_: Open) -> None:
    ledger = OldLedger()
    read = replace(READ, options={**READ.options, "arguments": {"window.codes": [{"_value_1": "x"}]}})
    with scripted_server(ledger) as server, pytest.raises(ConfigurationError, match=r"ledger: .*codes"):
        list(open_(settings(server.url)).pages(read, None))
    assert ledger.bodies == {}


def test_document_style_with_encoding_is_refused_where_it_is_used(open_: Open) -> None:
    text = wsdl_text().replace(b'style="rpc"', b'style="document"')
    with (
        scripted_server(lambda _: Reply(200, text, XML)) as server,
        pytest.raises(ConfigurationError, match="operation listLines is of document style with SOAP encoding"),
    ):
        list(open_(settings(server.url)).pages(READ, None))


def test_a_probe_describes_an_encoded_list_and_what_it_proposes_can_be_pulled(open_: Open) -> None:
    with scripted_server(OldLedger()) as server:
        with closing(open_probe(settings(server.url))) as probe:
            assert [found.name for found in probe.objects()] == ["listLines"]
            found = probe.describe("listLines", 5)
        assert found.options["rows"] == "listLinesReturn"
        assert {one.name for one in found.fields} >= {"lineId", "amount", "owner.name", "devices"}
        assert [one.name for one in found.lists["devices"]] == ["serial", "kind"]
        assert found.samples[4] == line_record(4)


def pay(line: str, amount: str) -> Write:
    return Write("pay", "r-1", "harmful", (Part("payLine", {}, {"lineId": line, "amount": amount}),))


def test_an_encoded_operation_takes_writes_and_its_refusals_are_told() -> None:
    ledger = OldLedger()
    with scripted_server(ledger) as server, closing(open_sink(settings(server.url))) as sink:
        assert not sink.send(pay("L01", "5.00")).is_refusal
        refused = sink.send(pay("L02", "0"))
        assert (refused.is_refusal, refused.said) == (True, "Busy (seconds 3)")
        look = Look("listLines", {}, {"window.first": 1, "window.most": 1}, (), {"row": "listLinesReturn"})
        assert sink.observe(look) == line_record(1)
    assert ledger.paid == ["L01"]


def test_an_encoded_answer_of_another_name_is_never_an_empty_feed(open_: Open) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply(200, wsdl_text(), XML)
        return envelope('<n:listBillsResponse xmlns:n="urn:old:ledger"/>')

    with (
        scripted_server(answer) as server,
        pytest.raises(ConfigurationError, match="the answer is listBillsResponse, the WSDL says listLinesResponse"),
    ):
        list(open_(settings(server.url)).pages(READ, None))
