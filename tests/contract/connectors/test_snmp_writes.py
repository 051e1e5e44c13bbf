"""Variables set by SNMP: what each answer means, and what goes out."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, SpliceError
from connectors.discovery import open_sink
from connectors.ports import Expected, Look, Part, RawRecord, Receipt, Sink, SystemSettings, Write
from simulated_estate.servers.snmp_ber import GET, SET, Request, binding, raw_binding, response
from simulated_estate.servers.snmp_values import Value
from tests.fakes.scripted_agent import Answer, scripted_agent

Open = Callable[[SystemSettings], Sink]

STATE = "1.3.6.1.4.1.99.4"
LONG_S, SHORT_S = 20.0, 0.6
NULL = b"\x05\x00"
REFUSED = {
    1: "tooBig",
    2: "noSuchName",
    3: "badValue",
    4: "readOnly",
    6: "noAccess",
    7: "wrongType",
    8: "wrongLength",
    9: "wrongEncoding",
    10: "wrongValue",
    11: "noCreation",
    17: "notWritable",
    18: "inconsistentName",
}
NOT_NOW = {12: "inconsistentValue", 13: "resourceUnavailable", 14: "commitFailed"}
UNCLEAR = {5: "genErr", 15: "undoFailed", 77: "status 77"}


@pytest.fixture
def open_() -> Iterator[Open]:
    with ExitStack() as stack:

        def opened(settings: SystemSettings) -> Sink:
            sink = open_sink(settings)
            stack.callback(sink.close)
            return sink

        yield opened


def known(address: str, timeout_s: float = LONG_S, **changes: Any) -> SystemSettings:
    secrets = {"community": SecretStr("not-to-be-told")}
    return replace(SystemSettings("olt-1", "snmp", address, {}, secrets, timeout_s), **changes)


def by_index(value: Any = 2, index: str = "7.1", **options: Any) -> Write:
    look = Look(index, {}, {}, (Expected(STATE, "integer", 2),))
    return Write("set_device_state", "key-1", "harmless", (Part(index, {}, {STATE: value}, options),), (look,))


def answered(status: int = 0, place: int = 0) -> Answer:
    def answer(request: Request) -> list[tuple[float, bytes]]:
        return [(0.0, response(request, [raw_binding(request.oids[0], NULL)], status, place))]

    return answer


def told_by(open_: Open, answer: Answer, write: Write | None = None, timeout_s: float = LONG_S) -> Receipt:
    with scripted_agent(answer) as address:
        return open_(known(address, timeout_s)).send(write or by_index())


@pytest.mark.parametrize("status", REFUSED)
def test_a_status_that_stays_is_a_refusal_that_names_the_variable(open_: Open, status: int) -> None:
    receipt = told_by(open_, answered(status, 1))
    assert receipt.is_refusal
    assert receipt.said == f"SNMP {REFUSED[status]} ({STATE}.7.1)"


def test_a_status_about_no_variable_is_told_without_one(open_: Open) -> None:
    assert told_by(open_, answered(17, 0)).said == "SNMP notWritable"


@pytest.mark.parametrize("status", NOT_NOW)
def test_a_status_that_passes_is_certain_not_to_be_done_and_tried_again(open_: Open, status: int) -> None:
    with pytest.raises(RetryableError, match=f"{NOT_NOW[status]}.*nothing was set; try again later"):
        told_by(open_, answered(status, 1))


def test_a_right_to_write_that_is_missing_is_for_a_person_to_mend(open_: Open) -> None:
    with pytest.raises(ConfigurationError, match=r"authorizationError.*the login may not write this"):
        told_by(open_, answered(16, 1))


@pytest.mark.parametrize("status", UNCLEAR)
def test_a_status_that_leaves_it_open_is_unknown(open_: Open, status: int) -> None:
    with pytest.raises(OutcomeUnknown, match=rf"{UNCLEAR[status]} .*may have been set all the same; look"):
        told_by(open_, answered(status, 1))


def rubbish(request: Request) -> list[tuple[float, bytes]]:
    return [(0.0, b"\x30\x82\xff\xff" + bytes(40))]


def cut_short(request: Request) -> list[tuple[float, bytes]]:
    return [(0.0, response(request, [binding(request.oids[0], Value("integer", 2))])[:-3])]


def of_another(request: Request) -> list[tuple[float, bytes]]:
    other = replace(request, request_id=request.request_id - 1)
    return [(0.0, response(other, [raw_binding(request.oids[0], NULL)]))]


def silent(request: Request) -> list[tuple[float, bytes]]:
    return []


@pytest.mark.parametrize("answer", [rubbish, cut_short, of_another, silent])
def test_a_write_that_is_answered_by_nothing_usable_is_unknown_and_was_sent_once(open_: Open, answer: Answer) -> None:
    asked: list[Request] = []

    def counting(request: Request) -> list[tuple[float, bytes]]:
        asked.append(request)
        return answer(request)

    with pytest.raises(OutcomeUnknown, match=r"no answer within 0\.6 s.*; look"):
        told_by(open_, counting, timeout_s=SHORT_S)
    assert [request.pdu for request in asked] == [SET]


def test_the_right_answer_counts_whatever_came_before_it(open_: Open) -> None:
    def noisy(request: Request) -> list[tuple[float, bytes]]:
        return [*rubbish(request), *of_another(request), *cut_short(request), *answered()(request)]

    assert not told_by(open_, noisy).is_refusal


def test_a_host_that_is_not_found_is_told_and_nothing_went_out(open_: Open) -> None:
    sink = open_(known("olt-1.invalid:161"))
    for asked in (lambda: sink.send(by_index()), lambda: sink.observe(by_index().looks[0])):
        with pytest.raises(RetryableError, match=r"olt-1\.invalid cannot be found"):
            asked()


def test_no_secret_is_in_what_is_told(open_: Open) -> None:
    with pytest.raises(SpliceError) as told:
        told_by(open_, silent, timeout_s=SHORT_S)
    assert "not-to-be-told" not in str(told.value)


def looked(open_: Open, answer: Answer, timeout_s: float = LONG_S) -> RawRecord | None:
    with scripted_agent(answer) as address:
        (look,) = by_index().looks
        return open_(known(address, timeout_s)).observe(look)


def test_a_look_at_a_row_that_is_not_there_finds_nothing(open_: Open) -> None:
    def absent(request: Request) -> list[tuple[float, bytes]]:
        return [(0.0, response(request, [raw_binding(oid, b"\x81\x00") for oid in request.oids]))]

    assert looked(open_, absent) is None


def test_a_look_is_asked_again_where_an_answer_is_lost(open_: Open) -> None:
    asked: list[Request] = []

    def losing(request: Request) -> list[tuple[float, bytes]]:
        asked.append(request)
        shown = response(request, [binding(oid, Value("integer", 2)) for oid in request.oids])
        return [] if len(asked) == 1 else [(0.0, shown)]

    assert looked(open_, losing, timeout_s=6.0) == {STATE: 2}
    assert {request.pdu for request in asked} == {GET}


@pytest.mark.parametrize("answer", [rubbish, cut_short, of_another, silent])
def test_a_look_that_fails_never_says_that_nothing_is_there(open_: Open, answer: Answer) -> None:
    with pytest.raises(RetryableError, match=r"look at 7\.1: no answer within 0\.6 s"):
        looked(open_, answer, timeout_s=SHORT_S)


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (3, None, Value("integer", 3)),
        ("3", "integer", Value("integer", 3)),
        ("Ünder the roof", None, Value("octets", "Ünder the roof".encode())),
        ("0a003e", "hex", Value("octets", b"\x0a\x00\x3e")),
        (4_000_000_000, "gauge", Value("gauge", 4_000_000_000)),
        (9, "ticks", Value("ticks", 9)),
        ("1.3.6.1", "oid", Value("oid", (1, 3, 6, 1))),
    ],
)
def test_a_value_goes_out_as_the_type_that_the_command_file_says(
    open_: Open, value: Any, kind: str | None, shown: Value
) -> None:
    asked: list[Request] = []

    def listening(request: Request) -> list[tuple[float, bytes]]:
        asked.append(request)
        return answered()(request)

    told_by(open_, listening, by_index(value, **({"types": {STATE: kind}} if kind else {})))
    assert asked[0].values == [shown]


@pytest.mark.parametrize(
    ("value", "kind", "told"),
    [
        ("up", "integer", "the value is no integer"),
        (2**40, None, "the value is no integer"),
        ("0g", "hex", "the value is no hex"),
        ("10.0.0", "ip", "the value is no ip"),
        (True, None, "a text or a whole number is expected"),
        (1.5, None, "a text or a whole number is expected"),
        (None, None, "a text or a whole number is expected"),
        (1, "real", "real"),
    ],
)
def test_a_value_that_is_none_of_its_type_never_goes_out(
    open_: Open, value: Any, kind: str | None, told: str
) -> None:
    asked: list[Request] = []
    with (
        scripted_agent(lambda request: asked.append(request) or []) as address,
        pytest.raises(ConfigurationError, match=told),
    ):
        open_(known(address)).send(by_index(value, **({"types": {STATE: kind}} if kind else {})))
    assert not asked


@pytest.mark.parametrize("index", ["", "one", "7..1", "-1", "{serial}"])
def test_an_object_that_is_no_index_never_goes_out(open_: Open, index: str) -> None:
    with pytest.raises(ConfigurationError, match="object is no index"):
        open_(known("127.0.0.1:9")).send(by_index(index=index))


def test_a_single_object_is_set_by_index_0_and_a_placeholder_stands_for_part_of_an_index(open_: Open) -> None:
    asked: list[Request] = []

    def listening(request: Request) -> list[tuple[float, bytes]]:
        asked.append(request)
        return answered()(request)

    told_by(open_, listening, by_index(index="0"))
    write = by_index()
    keyed = replace(write, parts=(replace(write.parts[0], target="7.{port}", key={"port": "12"}),))
    told_by(open_, listening, keyed)
    assert [request.oids for request in asked] == [
        [(1, 3, 6, 1, 4, 1, 99, 4, 0)],
        [(1, 3, 6, 1, 4, 1, 99, 4, 7, 12)],
    ]
