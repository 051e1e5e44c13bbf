"""Traps and informs of net-snmp: into the inbox, each once, and acknowledged only when they are safe."""

import os
import random
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from canonical_model.errors import ConfigurationError, RetryableError
from canonical_model.network import NetworkEvent
from hub.inbox import take_inbox
from hub.listening.ears import Ears, listening
from hub.snapshots import _feeds
from hub.sync import streams_of
from hub.webhooks.group_commit import Write, writing_to
from hub.workplace import Hub
from storage.inbox import IncomingEvent, inbox_events
from storage.schema.canonical import CANONICAL_TABLES
from tests.fakes.trap_operator import ARRIVAL, ENVIRONMENT, OTHER, Element, by_community, by_user, trap_hub
from tests.peers import require_peer
from tests.waiting import wait_until

Heard = Callable[..., tuple[Element, Ears]]
EVENTS = CANONICAL_TABLES[NetworkEvent]


def udp() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with trap_hub(tmp_path) as opened:
        yield opened


@pytest.fixture
def heard(hub: Hub) -> Iterator[Heard]:
    with ExitStack() as stack:

        def listen(write: Write | None = None) -> tuple[Element, Ears]:
            programs = require_peer("net-snmp")
            ears = stack.enter_context(listening(hub, write or writing_to(hub.database), now, "127.0.0.1", 0))
            return Element(programs, int(ears.addresses[0].rpartition(" ")[2])), ears

        yield listen


def wait_for(hub: Hub, number: int) -> None:
    def is_there() -> bool:
        with hub.database.reading() as connection:
            return len(inbox_events(connection, most=10_000)) >= number

    wait_until(is_there, f"{number} events are in the inbox")


def news(ears: Ears, wanted: str) -> str:
    told: list[str] = []

    def is_told() -> bool:
        told.extend(line for line in ears.news() if wanted in line)
        return bool(told)

    wait_until(is_told, f"something is told of {wanted}")
    return told[0]


def records(hub: Hub) -> list[tuple[str, str, str, str]]:
    take_inbox(hub, now())
    columns = (EVENTS.c.source_system, EVENTS.c.serial, EVENTS.c.kind, EVENTS.c.port)
    with hub.database.reading() as connection:
        return sorted((a, b, c, d) for a, b, c, d in connection.execute(select(*columns)))


def test_dying_gasp_and_arrival_become_events_of_their_terminals(hub: Hub, heard: Heard) -> None:
    element, _ = heard()
    element.send(by_community(), "ADTN2424dc6c")
    element.send(by_user(), "ADTN2424dc6d", ARRIVAL)
    assert element.send(by_community(), "ADTN2424dc6e", ARRIVAL, inform=True) == 0
    assert element.send(by_user(engine=None), "ADTN2424dc6f", inform=True) == 0
    wait_for(hub, 4)
    port = "Shelf: 1, Slot: 2, Pon: 12, ONT: 7"
    assert records(hub) == [
        ("olt-a", "ADTN2424DC6C", "dying_gasp", port),
        ("olt-a", "ADTN2424DC6E", "arrival", port),
        ("olt-b", "ADTN2424DC6D", "arrival", port),
        ("olt-b", "ADTN2424DC6F", "dying_gasp", port),
    ]


def test_a_stream_that_is_heard_is_neither_pulled_nor_a_feed_that_grows_old(hub: Hub) -> None:
    assert streams_of(hub, "olt-a") == ()
    assert list(_feeds(hub.operator, "oldtown", {})) == []


def test_a_copy_is_kept_once_and_other_kinds_not_at_all(hub: Hub, heard: Heard) -> None:
    element, _ = heard()
    element.send(by_community(), "ADTN2424dc6c", OTHER)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as relay,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire,
    ):
        relay.bind(("127.0.0.1", 0))
        Element(element.programs, relay.getsockname()[1]).send(by_community(), "ADTN2424dc6d")
        copy = relay.recv(65_535)
        for _ in range(5):
            wire.sendto(copy, ("127.0.0.1", element.port))
    element.send(by_community(), "ADTN2424dc6e")
    wait_for(hub, 2)
    assert [serial for _, serial, _, _ in records(hub)] == ["ADTN2424DC6D", "ADTN2424DC6E"]


def test_an_inform_is_acknowledged_only_after_its_commit(hub: Hub, heard: Heard) -> None:
    may, committed = threading.Event(), []

    def write(events: Sequence[IncomingEvent]) -> set[int]:
        assert may.wait(60)
        against = writing_to(hub.database)(events)
        committed.append(time.monotonic())
        return against

    element, _ = heard(write)
    told: list[tuple[int, float]] = []
    sending = threading.Thread(
        target=lambda: told.append(
            (element.send(by_user(engine=None), "ADTN2424dc6c", inform=True), time.monotonic())
        )
    )
    sending.start()
    sending.join(0.8)
    assert told == []
    may.set()
    sending.join(60)
    ((status, acknowledged),) = told
    assert status == 0
    assert acknowledged > committed[0]
    assert len(records(hub)) == 1


def test_an_inform_that_cannot_be_kept_is_not_acknowledged(heard: Heard) -> None:
    def write(events: Sequence[IncomingEvent]) -> set[int]:
        raise RetryableError("the database is out of reach")

    element, ears = heard(write)
    assert element.send(by_community(), "ADTN2424dc6c", inform=True, repeats=1) != 0
    assert "could not be kept" in news(ears, "could not be kept")


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (by_community("another-community"), "unknown community"),
        (by_user(auth="another-auth-key-x"), "wrong signature"),
        (by_user(priv="another-priv-key-x"), "not"),
        (by_user(level="noAuthNoPriv"), "unknown sender"),
        (by_user(level="authNoPriv"), "unknown sender"),
        (by_user(engine="80001f88800102030499"), "unknown"),
    ],
    ids=["community", "authentication key", "privacy key", "unsigned", "not encrypted", "engine"],
)
def test_strangers_are_counted_and_nothing_of_them_is_kept(
    hub: Hub, heard: Heard, who: list[str], reason: str
) -> None:
    element, ears = heard()
    element.send(who, "ADTN2424dc6c")
    line = news(ears, reason)
    assert "traps not taken: 1 " in line
    assert "another" not in line
    element.send(by_community(), "ADTN2424dc6d")
    wait_for(hub, 1)
    assert [serial for _, serial, _, _ in records(hub)] == ["ADTN2424DC6D"]


def test_rubbish_is_counted_and_hearing_goes_on(hub: Hub, heard: Heard) -> None:
    element, ears = heard()
    rubbish = random.Random(7)
    with udp() as wire:
        for size in (0, 1, 2, 50, 500, 1_400):
            for _ in range(20):
                wire.sendto(rubbish.randbytes(size), ("127.0.0.1", element.port))
    element.send(by_community(), "ADTN2424dc6d")
    wait_for(hub, 1)
    assert "no SNMP" in news(ears, "no SNMP")


def test_a_flood_is_kept_whole(hub: Hub, heard: Heard) -> None:
    element, ears = heard()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as relay,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire,
    ):
        relay.bind(("127.0.0.1", 0))
        Element(element.programs, relay.getsockname()[1]).send(by_community(), "ADTN00000000")
        model = relay.recv(65_535)
        for number in range(1_000):
            wire.sendto(model.replace(b"ADTN00000000", b"ADTN%08X" % number), ("127.0.0.1", element.port))
    wait_for(hub, 1_000)
    assert ears.news() == []
    assert {serial for _, serial, _, _ in records(hub)} == {f"ADTN{number:08X}" for number in range(1_000)}


def test_a_port_that_is_taken_is_told(hub: Hub) -> None:
    with udp() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        told = pytest.raises(ConfigurationError, match=f"traps cannot be heard on 127.0.0.1 port {port}")
        with told, listening(hub, writing_to(hub.database), now, "127.0.0.1", port):
            raise AssertionError("it listens")


def test_splice_listen_keeps_what_it_acknowledged_when_it_is_killed(tmp_path: Path) -> None:
    programs = require_peer("net-snmp")
    with trap_hub(tmp_path):
        folders = ["--operator", str(tmp_path / "operator"), "--workspace", str(tmp_path / "work")]
    command = [sys.executable, "-m", "console.main", "listen", "--port", "0", "--trap-port", "0", "--every", "60"]
    with subprocess.Popen(
        [*command, *folders],
        env=os.environ | ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        port = next(
            int(found[1]) for line in process.stdout if (found := re.search(r"traps of olt-a .* (\d+)", line))
        )
        element = Element(programs, port)
        acknowledged = [element.send(by_community(), f"ADTN{number:08X}", inform=True) for number in range(5)]
        process.kill()
    assert acknowledged == [0] * 5
    with trap_hub(tmp_path) as hub:
        assert [serial for _, serial, _, _ in records(hub)] == [f"ADTN{number:08X}" for number in range(5)]
