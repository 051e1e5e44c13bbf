"""Agents that fail in the middle of a table: a sweep is whole, or it ends in the error that says what to do."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from connectors.ports import Source, StreamRead, SystemSettings
from simulated_estate.servers.snmp_ber import Request, binding, raw_binding, response
from simulated_estate.servers.snmp_values import Value
from tests.fakes.scripted_agent import Answer, Table, honest, rows_after, scripted_agent

Open = Callable[[SystemSettings], Source]

SERIAL, STATE = (1, 3, 6, 1, 4, 1, 99, 1), (1, 3, 6, 1, 4, 1, 99, 2)
COLUMNS = {
    "serial": {"oid": "1.3.6.1.4.1.99.1"},
    "operational_state": {"oid": "1.3.6.1.4.1.99.2", "states": {1: "up", 2: "down"}},
}
READ = StreamRead(
    "devices", "own", ("serial", "operational_state"), ("serial",), page_size=30, options={"columns": COLUMNS}
)
NUMBER = 100


def table(number: int = NUMBER) -> Table:
    serials = {(*SERIAL, 7, row): Value("octets", b"CXNK%08X" % row) for row in range(1, number + 1)}
    states = {(*STATE, 7, row): Value("integer", 1 + row % 2) for row in range(1, number + 1)}
    return {**serials, **states}


def swept(open_: Open, answer: Answer, read: StreamRead = READ, timeout_s: float = 2.0) -> list[dict[str, Any]]:
    with scripted_agent(answer) as address:
        secrets = {"community": SecretStr("not-to-be-told")}
        known = SystemSettings("olt-1", "snmp", address, {"repetitions": 20}, secrets, timeout_s)
        return [record for page in open_(known).pages(read, None) for record in page.records]


def at(request: Request, row: int) -> bool:
    """Whether a question asks for what stands behind a row of the first column."""
    return request.oids[0] == (*SERIAL, 7, row)


def serials(records: list[dict[str, Any]]) -> list[str]:
    return [record["serial"] for record in records]


WHOLE = [f"CXNK{row:08X}" for row in range(1, NUMBER + 1)]


def test_rows_are_joined_by_index_whatever_a_column_lacks(open_: Open) -> None:
    found = table()
    del found[(*STATE, 7, 3)], found[(*SERIAL, 7, 5)]
    found[(*STATE, 6, 1)] = found[(*STATE, 7, 1000)] = Value("integer", 2)
    records = swept(open_, honest(found))
    assert serials(records) == [serial for serial in WHOLE if serial != "CXNK00000005"]
    states = {record["serial"]: record["operational_state"] for record in records}
    assert states["CXNK00000003"] is None
    assert (states["CXNK00000004"], states["CXNK00000006"], states["CXNK00000007"]) == ("up", "up", "down")


def test_a_column_of_strays_takes_no_memory_and_hides_nothing(open_: Open) -> None:
    found = table(20)
    found |= {(*STATE, 6, row): Value("integer", 2) for row in range(5_000)}
    assert {record["operational_state"] for record in swept(open_, honest(found))} == {"up", "down"}


@pytest.mark.parametrize("status", [5, 2], ids=["genErr", "noSuchName"])
def test_a_failure_in_the_middle_is_no_end_of_the_table(open_: Open, status: int) -> None:
    def failing(request: Request) -> list[tuple[float, bytes]]:
        if at(request, 40):
            return [(0.0, response(request, [raw_binding(request.oids[0], b"\x05\x00")], status, 1))]
        return honest(table())(request)

    with pytest.raises(RetryableError, match=r"olt-1: walk behind 1\.3\.6\.1\.4\.1\.99\.1\.7\.40: failed"):
        swept(open_, failing)


def test_a_right_to_read_that_is_missing_is_for_a_person_to_mend(open_: Open) -> None:
    def refusing(request: Request) -> list[tuple[float, bytes]]:
        return [(0.0, response(request, [raw_binding(request.oids[0], b"\x05\x00")], 16, 1))]

    with pytest.raises(ConfigurationError, match="may not read this"):
        swept(open_, refusing)


def test_an_answer_that_would_be_too_big_is_asked_for_in_pieces(open_: Open) -> None:
    def weak(request: Request) -> list[tuple[float, bytes]]:
        return [(0.0, response(request, [], 1, 0))] if request.second > 6 else honest(table())(request)

    assert serials(swept(open_, weak)) == WHOLE


def test_an_empty_answer_in_the_middle_is_no_end_of_the_table(open_: Open, caplog: pytest.LogCaptureFixture) -> None:
    asked = []

    def forgetful(request: Request) -> list[tuple[float, bytes]]:
        if at(request, 40) and not asked:
            asked.append(request)
            return [(0.0, response(request, []))]
        return honest(table())(request)

    with caplog.at_level(logging.INFO):
        assert serials(swept(open_, forgetful)) == WHOLE
    assert "the fast SNMP client missed rows" in caplog.text


def test_a_circle_is_told(open_: Open) -> None:
    def circling(request: Request) -> list[tuple[float, bytes]]:
        again = [binding((*SERIAL, 7, 1), Value("octets", b"CXNK00000001"))]
        return [(0.0, response(request, again))] if at(request, 40) else honest(table())(request)

    with pytest.raises(UnsafeToContinue, match="in a circle"):
        swept(open_, circling)


def test_answers_that_are_lost_late_or_doubled_cost_no_row(open_: Open) -> None:
    asked: list[Request] = []

    def lossy(request: Request) -> list[tuple[float, bytes]]:
        asked.append(request)
        told = response(request, rows_after(table(), request))
        kind = len(asked) % 5
        return {0: [], 1: [(0.0, told), (0.0, told)], 2: [(0.45, told)]}.get(kind, [(0.0, told)])

    assert serials(swept(open_, lossy, timeout_s=6.0)) == WHOLE


def test_rubbish_and_answers_of_others_are_passed_over(open_: Open) -> None:
    def noisy(request: Request) -> list[tuple[float, bytes]]:
        told = response(request, rows_after(table(), request))
        other = response(replace(request, request_id=request.request_id - 1), rows_after(table(3), request))
        return [(0.0, other), (0.0, told[:-4] if at(request, 40) else told), (0.0, told)]

    assert serials(swept(open_, noisy)) == WHOLE


def test_an_agent_that_falls_silent_in_the_middle_gives_nothing_but_the_reason(open_: Open) -> None:
    def dying(request: Request) -> list[tuple[float, bytes]]:
        return [] if request.oids[0] >= (*SERIAL, 7, 40) else honest(table())(request)

    with pytest.raises(RetryableError, match=r"no answer within 0\.5 s") as told:
        swept(open_, dying, timeout_s=0.5)
    assert "not-to-be-told" not in str(told.value)


def test_large_indexes_and_numbers_written_as_text_are_read(open_: Open) -> None:
    found: Table = {
        (*SERIAL, 4_194_304_000): Value("octets", b"CXNK00000001"),
        (*SERIAL, 4_294_967_295): Value("octets", b"CXNK00000002"),
        (*STATE, 4_194_304_000): Value("octets", b"2"),
        (*STATE, 4_294_967_295): Value("gauge", 1),
    }
    indexed = replace(READ, fields=(*READ.fields, "index"))
    assert swept(open_, honest(found), indexed) == [
        {"serial": "CXNK00000001", "operational_state": "down", "index": "4194304000"},
        {"serial": "CXNK00000002", "operational_state": "up", "index": "4294967295"},
    ]


def test_a_device_without_a_serial_is_read_by_its_index(open_: Open) -> None:
    states = {"columns": {"operational_state": COLUMNS["operational_state"]}}
    read = replace(READ, fields=("operational_state",), key=("index",), options=states)
    assert [record["index"] for record in swept(open_, honest(table(3)), read)] == ["7.1", "7.2", "7.3"]
    e7 = replace(READ, options={"profile": "calix_e7"})
    with pytest.raises(ConfigurationError, match="devices of profile calix_e7 tell no serial: read index"):
        swept(open_, honest(table(3)), e7)
