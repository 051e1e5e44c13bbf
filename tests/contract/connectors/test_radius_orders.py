"""Orders for sessions against equipment that answers wrongly, late, twice, or as somebody else."""

import random
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, SpliceError
from connectors.discovery import open_sink
from connectors.ports import Look, Part, Receipt, SystemSettings, Write
from connectors.radius.dictionary import ERROR_CAUSES
from connectors.radius.refusals import MEANINGS
from simulated_estate.books import Books, SessionRow
from simulated_estate.servers import radius_packets as radius
from simulated_estate.servers.serve import CREDENTIALS, RunningEstate
from tests.fakes.scripted_datagrams import Answer, scripted_port

SECRET = "a-secret-of-two"
SHORT_S = 0.7
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
KEY = {"User-Name": "line-7", "Acct-Session-Id": "S-7"}
Answering = Callable[[radius.Packet, bytes], list[bytes]]


def order(target: str = "disconnect", key: dict[str, str] | None = None, **fields: Any) -> Write:
    values = {name.replace("_", "-"): value for name, value in fields.items()}
    return Write("end_session", "key-1", "harmless", (Part(target, KEY if key is None else key, values),), at=NOW)


def settings(port: int, **options: Any) -> SystemSettings:
    known = {"shared_secret": SecretStr(SECRET)}
    return SystemSettings("bng", "radius", f"127.0.0.1:{port}", options, known, timeout_s=SHORT_S)


def signed(code: int, *attributes: tuple[int, bytes]) -> Answering:
    return lambda request, _: [radius.answer(request, code, SECRET.encode(), attributes)]


ACK = signed(radius.DISCONNECT_ACK)


def outcome(answering: Answering, write: Write | None = None, **options: Any) -> Receipt | SpliceError:
    def answer(octets: bytes) -> list[bytes]:
        return answering(radius.read_packet(octets), octets)

    return given(answer, write or order(), **options)[0]


def given(answer: Answer, write: Write, **options: Any) -> tuple[Receipt | SpliceError, list[bytes]]:
    with scripted_port(answer) as port:
        told: Receipt | SpliceError
        try:
            told = open_sink(settings(port.port, **options)).send(write)
        except SpliceError as error:
            told = error
        assert SECRET not in str(told)
        return told, port.octets


def rubbish(seed: int) -> bytes:
    return random.Random(seed).randbytes(random.Random(seed).choice((0, 1, 19, 20, 21, 400, 9_000, 60_000)))


NOISE: dict[str, Answering] = {
    "octets of chance": lambda request, _: [rubbish(number) for number in range(20)],
    "its own question": lambda _, octets: [octets],
    "an answer that ends early": lambda request, octets: [each[:-1] for each in ACK(request, octets)],
    "a length beyond the end": lambda request, octets: [
        each[:2] + b"\xff\xff" + each[4:] for each in ACK(request, octets)
    ],
    "the answer to another order": lambda request, octets: ACK(
        replace(request, identifier=(request.identifier + 1) % 256), octets
    ),
    "an answer signed with another secret": lambda request, _: [
        radius.answer(request, radius.DISCONNECT_ACK, b"another-secret")
    ],
    "an answer with a spoilt signature": lambda request, octets: [
        each[:22] + bytes(16) + each[38:] for each in ACK(request, octets)
    ],
    "an attribute of no length": lambda request, _: [
        radius.answer(request, radius.DISCONNECT_ACK, SECRET.encode())[:20] + b"\x65\x00"
    ],
}


@pytest.mark.parametrize("noise", list(NOISE.values()), ids=list(NOISE))
def test_what_is_no_answer_of_ours_is_passed_over_and_leaves_the_outcome_open(noise: Answering) -> None:
    told = outcome(noise)
    assert isinstance(told, OutcomeUnknown)
    assert "answers were not signed with the shared secret" in str(told)


@pytest.mark.parametrize("noise", list(NOISE.values()), ids=list(NOISE))
def test_the_answer_is_found_among_noise(noise: Answering) -> None:
    told = outcome(lambda request, octets: [*noise(request, octets), *ACK(request, octets), *noise(request, octets)])
    assert told == Receipt(is_refusal=False, said="RADIUS: Disconnect-ACK")


def test_an_order_goes_out_again_as_the_same_datagram_until_it_is_answered() -> None:
    came: list[bytes] = []

    def late(octets: bytes) -> list[bytes]:
        came.append(octets)
        return ACK(radius.read_packet(octets), octets) if len(came) == 3 else []

    told, octets = given(late, order())
    assert isinstance(told, Receipt)
    assert (len(octets), len(set(octets))) == (3, 1)
    stamp = radius.read_packet(octets[0]).value(radius.EVENT_TIMESTAMP)
    assert stamp == radius.integer(int(NOW.timestamp()))


def test_an_answer_that_was_captured_does_not_answer_a_later_order() -> None:
    captured: list[bytes] = []

    def first(request: radius.Packet, octets: bytes) -> list[bytes]:
        captured.extend(ACK(request, octets))
        return captured

    assert isinstance(outcome(first), Receipt)
    later = replace(order(), at=NOW + timedelta(seconds=30))

    def replayed(request: radius.Packet, _: bytes) -> list[bytes]:
        return [captured[0][:1] + bytes((request.identifier,)) + captured[0][2:]]

    assert isinstance(outcome(replayed, later), OutcomeUnknown)


@pytest.mark.parametrize("code", [radius.CHANGE_ACK, radius.CHANGE_NAK, 2, 3])
def test_a_signed_answer_of_another_kind_is_no_answer(code: int) -> None:
    told = outcome(signed(code))
    assert isinstance(told, OutcomeUnknown)
    assert f"packet code {code}" in str(told)


@pytest.mark.parametrize(("name", "number"), ERROR_CAUSES.items())
def test_each_cause_of_a_refusal_is_told_and_typed(name: str, number: int) -> None:
    told = outcome(signed(radius.DISCONNECT_NAK, (radius.ERROR_CAUSE, radius.integer(number))))
    expected = {"for good": Receipt, "later": RetryableError, "unclear": OutcomeUnknown}[MEANINGS[number]]
    assert isinstance(told, expected)
    assert f"Error-Cause {number} {name}" in (told.said if isinstance(told, Receipt) else str(told))


@pytest.mark.parametrize("cause", [b"", b"\x01", b"\x00\x00\x01\xf7\x00", b"\x00\x00\xff\xff"])
def test_a_refusal_without_a_cause_that_can_be_read_is_for_good(cause: bytes) -> None:
    told = outcome(signed(radius.DISCONNECT_NAK, (radius.ERROR_CAUSE, cause)))
    assert isinstance(told, Receipt)
    assert told.is_refusal


def test_unsigned_answers_are_passed_over_where_the_operator_says_so() -> None:
    def unsigned(request: radius.Packet, _: bytes) -> list[bytes]:
        kept = tuple(each for each in request.attributes if each[0] != radius.MESSAGE_AUTHENTICATOR)
        return [radius.answer(replace(request, attributes=kept), radius.DISCONNECT_ACK, SECRET.encode())]

    assert isinstance(outcome(unsigned), Receipt)
    assert isinstance(outcome(unsigned, signs_replies=True), OutcomeUnknown)
    assert isinstance(outcome(ACK, signs_replies=True), Receipt)


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (order(key={"NAS-IP-Address": "10.0.0.9"}), "key names no session"),
        (order("change"), "says nothing that the session becomes"),
        (order(Filter_Id="SVC-500"), "a session that ends becomes nothing"),
        (order("change", Filter_Idd="SVC-500"), "knows no attribute Filter-Idd; did you mean Filter-Id?"),
        (order("change", Filter_Id="x" * 254), "Filter-Id is empty or longer"),
        (order("change", Filter_Id=""), "Filter-Id is empty or longer"),
        (order("change", Filter_Id=True), "a text or a whole number is expected"),
        (order("change", Session_Timeout="soon"), "the value of Session-Timeout does not fit"),
        (order("change", Session_Timeout=2**40), "the value of Session-Timeout does not fit"),
        (order("change", Framed_IP_Address="10.0.0.999"), "the value of Framed-IP-Address does not fit"),
        (order("change", Cisco_AVPair=["x" * 240] * 20), "larger than a packet may be"),
        (order("reboot"), "object is change or disconnect"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_order_that_cannot_be_said_is_told_and_never_sent(write: Write, told: str) -> None:
    outcome, came = given(lambda octets: [], write)
    assert isinstance(outcome, ConfigurationError)
    assert told in str(outcome)
    assert came == []
    assert "xxx" not in str(outcome)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"vendor_attributes": ["A"]}, "attributes by their name are expected"),
        ({"vendor_attributes": {"User-Name": {"vendor": 9, "number": 1, "type": "string"}}}, "a new name"),
        ({"vendor_attributes": {"A-B": {"vendor": 9, "number": 1}}}, "vendor, number and type are expected"),
        ({"vendor_attributes": {"A-B": {"vendor": 9, "number": 300, "type": "string"}}}, "number from 1 to 255"),
        ({"vendor_attributes": {"A-B": {"vendor": 9, "number": 3, "type": "text"}}}, "type one of string"),
        ({"access_port": "1812"}, "access_port is a whole number from 1 to 65535"),
        ({"acces_port": 1812}, "acces_port is unknown to radius"),
    ],
)
def test_a_wrong_setting_is_told_when_the_equipment_is_opened(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        open_sink(settings(9, **options))


def test_a_host_that_nobody_knows_was_sent_nothing() -> None:
    with pytest.raises(RetryableError, match="nothing was taken there"):
        open_sink(replace(settings(9), address="no-such-host.invalid:3799")).send(order())


def test_a_look_at_access_needs_a_name() -> None:
    with pytest.raises(ConfigurationError, match="User-Name is missing"):
        open_sink(settings(9)).observe(Look("access", {}, {}, ()))


def estate_order(at: datetime, **fields: Any) -> Write:
    named = {"User-Name": "line-1", "Acct-Session-Id": "S-1"}
    return replace(order("change", named, **fields), at=at)


def test_the_same_order_given_often_in_one_second_is_never_taken_for_one_played_again() -> None:
    with scripted_port(lambda octets: ACK(radius.read_packet(octets), octets)) as port:
        for _ in range(100):
            open_sink(settings(port.port)).send(order())
    assert len({radius.read_packet(octets).authenticator for octets in port.octets}) == 100


def test_an_order_that_somebody_plays_again_changes_nothing(serve: Callable[..., RunningEstate]) -> None:
    rows = [SessionRow(f"line-{n}", f"S-{n}", f"100.64.0.{n}", f"1/{n}", f"SVC-{n}", NOW) for n in (1, 2, 3)]
    clock = [NOW]
    estate = serve(Books(sessions={"bng": rows}), clock=lambda: clock[0])
    known = {"shared_secret": SecretStr(CREDENTIALS["access"]["shared_secret"])}
    target = estate.addresses["bng"].rpartition(":")[2]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.connect(("127.0.0.1", int(target)))
        wire.settimeout(5)
        captured: list[bytes] = []

        def relayed(octets: bytes) -> list[bytes]:
            captured.append(octets)
            wire.send(octets)
            return [wire.recv(4_096)]

        with scripted_port(relayed) as relay:
            through = SystemSettings("bng", "radius", f"127.0.0.1:{relay.port}", {}, known, timeout_s=10)
            sink = open_sink(through)
            assert not sink.send(estate_order(NOW, Filter_Id="SVC-2")).is_refusal
            assert not sink.send(estate_order(NOW, Filter_Id="SVC-3")).is_refusal
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.connect(("127.0.0.1", int(target)))
        stranger.send(captured[0])
        clock[0] = NOW + timedelta(hours=1)
        stranger.send(captured[0])
        stranger.settimeout(1)
        with pytest.raises(TimeoutError):
            stranger.recv(4_096)
    assert estate.access_servers["bng"].replayed == 2
    assert (rows[0].profile, len(estate.write_log.of("bng"))) == ("SVC-3", 2)
    direct = SystemSettings("bng", "radius", estate.addresses["bng"], {}, known, timeout_s=0.6)
    with pytest.raises(OutcomeUnknown):  # our own clock is an hour behind: told as what it may be
        open_sink(direct).send(estate_order(NOW, Filter_Id="SVC-1"))
