"""Datagrams on the accounting port that are none, or are broken within: counted, never believed, never lost."""

import asyncio
import hashlib
from collections.abc import Sequence
from ipaddress import IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from connectors.radius.accounting import AccountingReceiver, AccountingRecord, AccountingSender

SECRET = "the-accounting-secret"
SENDERS = [
    AccountingSender("bng", (IPv4Network("127.0.0.0/8"),), SECRET),
    AccountingSender("other", (IPv4Network("127.0.0.0/8"),), "another-secret"),
]
PEER = ("127.0.0.1", 50_000)
STATUS, USER, SESSION, OCTETS = 40, 1, 44, 42
HONEST = ((STATUS, (1).to_bytes(4, "big")), (USER, b"line-1"), (SESSION, b"S-0001"))
Attributes = Sequence[tuple[int, bytes]]


def signed(attributes: Attributes, secret: str = SECRET, code: int = 4, tail: bytes = b"") -> bytes:
    """A packet as equipment signs it; ``tail`` is within its length."""
    encoded = b"".join(bytes((number, len(value) + 2)) + value for number, value in attributes) + tail
    head = bytes((code, 7)) + (20 + len(encoded)).to_bytes(2, "big")
    authenticator = hashlib.md5(head + bytes(16) + encoded + secret.encode()).digest()
    return head + authenticator + encoded


def received(*datagrams: bytes, is_kept: bool = True) -> tuple[list[AccountingRecord], dict[str, int], list[bytes]]:
    """What is kept, what is counted and what is answered."""
    kept: list[AccountingRecord] = []
    answers: list[bytes] = []

    async def keep(record: AccountingRecord) -> bool:
        kept.append(record)
        return is_kept

    class Wire(asyncio.DatagramTransport):
        def sendto(self, data: bytes, _addr: object = None) -> None:
            answers.append(bytes(data))

        def close(self) -> None: ...

    async def take() -> dict[str, int]:
        receiver = AccountingReceiver(SENDERS, keep)
        receiver.connection_made(Wire())
        for datagram in datagrams:
            receiver.datagram_received(datagram, PEER)
        await receiver.close()
        return await receiver.counts()

    return kept, asyncio.run(take()), answers


def test_a_request_is_believed_by_its_secret_and_answered() -> None:
    kept, counts, answers = received(signed(HONEST))
    assert [(record.system, record.values["User-Name"]) for record in kept] == [("bng", "line-1")]
    assert (counts, [answer[0] for answer in answers]) == ({}, [5])


@given(st.binary(max_size=200))
def test_whatever_comes_is_counted_once_and_not_believed(octets: bytes) -> None:
    kept, counts, answers = received(octets)
    assert (kept, answers, sum(counts.values())) == ([], [], 1)


@given(st.integers(0, len(signed(HONEST)) - 1))
def test_a_packet_that_is_cut_short_anywhere_is_not_believed(length: int) -> None:
    kept, counts, answers = received(signed(HONEST)[:length])
    assert (kept, answers, sum(counts.values())) == ([], [], 1)


@given(st.integers(0, len(signed(HONEST)) - 1), st.integers(1, 255))
def test_a_packet_of_which_one_octet_is_another_is_not_believed(place: int, change: int) -> None:
    octets = bytearray(signed(HONEST))
    octets[place] ^= change
    kept, counts, answers = received(bytes(octets))
    assert (kept, answers, sum(counts.values())) == ([], [], 1)


def test_a_wrong_secret_and_another_kind_of_packet_are_told_apart() -> None:
    _, counts, answers = received(signed(HONEST, "not-the-secret"), signed(HONEST, code=43), b"")
    assert counts == {"wrong secret": 1, "no accounting request": 2}
    assert answers == []


def test_padding_behind_a_packet_is_passed_over() -> None:
    kept, _, _ = received(signed(HONEST) + bytes(30))
    assert [record.values["User-Name"] for record in kept] == ["line-1"]


@given(st.lists(st.tuples(st.integers(1, 255), st.binary(max_size=60)), max_size=12))
def test_attributes_that_are_not_of_their_form_are_kept_as_octets(attributes: list[tuple[int, bytes]]) -> None:
    kept, counts, answers = received(signed([*HONEST, *attributes]))
    if kept:
        (record,) = kept
        assert (counts, len(answers)) == ({}, 1)
        assert all(isinstance(value, int | str) for value in record.values.values())
        assert record.values["Acct-Session-Id"] == "S-0001"
        assert record.digest == received(signed([*HONEST, *attributes]))[0][0].digest
    else:
        assert (counts, answers) == ({"no accounting request": 1}, [])


def test_a_number_that_is_too_short_and_a_text_that_is_no_text_are_told_as_hex() -> None:
    broken = [(STATUS, b"\x01"), (USER, b"\xff\xfe"), (SESSION, b"S-0001"), (OCTETS, b"\x00\x01")]
    (record,) = received(signed(broken))[0]
    assert {name: record.values[name] for name in ("Acct-Status-Type", "User-Name", "Acct-Input-Octets")} == {
        "Acct-Status-Type": "01",
        "User-Name": "fffe",
        "Acct-Input-Octets": "0001",
    }


def test_attributes_that_run_over_the_end_are_no_request() -> None:
    kept, counts, _ = received(signed(HONEST, tail=b"\x01"), signed(HONEST, tail=b"\x01\x01"))
    assert (kept, counts) == ([], {"no accounting request": 2})


def test_what_could_not_be_kept_is_not_answered() -> None:
    kept, counts, answers = received(signed(HONEST), is_kept=False)
    assert (len(kept), counts, answers) == (1, {"could not be kept": 1}, [])
