"""Traps of v1 as net-snmp sends them: their two numbers become the OID of a notification (RFC 3584)."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.network_operator import COMMUNITY, NetworkOperator, network_operator
from tests.integration.hub.test_network_events import heard
from tests.peers import require_peer

ADTRAN, CIENA = "rb-olt-adtran", "ms-sw-ciena"
ENTERPRISE = "1.3.6.1.4.1.1271.1.2"
IF_INDEX, IF_DESCR = "1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.2"
STANDARD = "1.3.6.1.6.3.1.1.5"
EVERYTHING = f"""
system: {CIENA}
stream: everything
listens: {{fields: {{from_enterprise: 1.3.6.1.6.3.1.1.4.3, agent: 1.3.6.1.6.3.18.1.3}}}}
read:
  object: notifications
  key: [event_id]
  cursor: received_at
  fields: {{event_id: text, kind: text, received_at: timestamp}}
records:
  - entity: NetworkEvent
    where: "FALSE"
    fields: {{serial: event_id, element: system_name, kind: "'arrival'", occurred_at: received_at}}
"""


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[NetworkOperator]:
    with network_operator(tmp_path, {"mappings/everything.yaml": EVERYTHING}) as running:
        yield running


def send(
    operator: NetworkOperator, element: str, *trap: str, to: int | None = None, community: str = COMMUNITY
) -> None:
    """Send a trap from the address of an element: enterprise, agent, generic and specific number, uptime, values."""
    events = operator.estate.network_events
    target = events.target
    assert target is not None
    program = str(require_peer("net-snmp")["snmptrap"])
    who = ["-v1", "-c", community, f"--clientaddr={events.sources[element]}"]
    command = [program, *who, f"127.0.0.1:{to or target[1]}", *trap]
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0


@contextmanager
def relayed() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as relay:
        relay.bind(("127.0.0.1", 0))
        relay.settimeout(60)
        yield relay


@pytest.mark.parametrize("generic", range(6))
def test_a_generic_number_becomes_the_notification_of_the_standard(operator: NetworkOperator, generic: int) -> None:
    with operator.hearing():
        send(operator, CIENA, ENTERPRISE, "10.1.2.3", str(generic), "0", "4711")
        heard(operator, 1)
    (event,) = [one for one in operator.inbox() if one.stream == "everything"]
    record = event.payload["record"]
    assert (record["kind"], record["uptime"]) == (f"{STANDARD}.{generic + 1}", 4711)
    assert (record["from_enterprise"], record["agent"]) == (ENTERPRISE, "10.1.2.3")


def test_a_number_of_an_enterprise_becomes_a_notification_under_it(operator: NetworkOperator) -> None:
    with operator.hearing():
        send(operator, CIENA, ENTERPRISE, "10.1.2.3", "6", "99", "1")
        heard(operator, 1)
    (event,) = operator.inbox()
    assert event.payload["record"]["kind"] == f"{ENTERPRISE}.0.99"


def test_a_generic_trap_is_an_event_of_a_device(operator: NetworkOperator) -> None:
    with operator.hearing():
        send(operator, CIENA, ENTERPRISE, "127.0.0.1", "2", "0", "1", f"{IF_INDEX}.1", "i", "1")
        heard(operator, 3)
    operator.take()
    assert operator.events() == [(CIENA, "CIEN00000001", "loss_of_signal")]


def test_a_trap_of_an_enterprise_is_an_event_of_a_device(operator: NetworkOperator) -> None:
    said = "Shelf: 1, Slot: 2, Pon: 12, ONT: 7, ONT Serial No: ADTN2424dc6c, ONT Reg ID: "
    enterprise = "1.3.6.1.4.1.664.6.10000.76.1.1.5.1"
    with operator.hearing():
        send(operator, ADTRAN, enterprise, "127.0.0.1", "6", "38", "1", f"{IF_DESCR}.7", "s", said)
        heard(operator, 2)
    operator.take()
    assert operator.events() == [(ADTRAN, "ADTN2424DC6C", "dying_gasp")]


def test_a_copy_is_kept_once_and_a_wrong_community_not_at_all(operator: NetworkOperator) -> None:
    values = (ENTERPRISE, "127.0.0.1", "2", "0", "17", f"{IF_INDEX}.1", "i", "1")
    with operator.hearing(), relayed() as relay:
        send(operator, CIENA, *values, to=relay.getsockname()[1])
        copy = relay.recv(65_535)
        events = operator.estate.network_events
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.bind((events.sources[CIENA], 0))
            for _ in range(5):
                assert events.target is not None
                wire.sendto(copy, events.target)
        send(operator, CIENA, ENTERPRISE, "127.0.0.1", "3", "0", "18", community="another")
        send(operator, CIENA, ENTERPRISE, "127.0.0.1", "3", "0", "19", f"{IF_INDEX}.1", "i", "1")
        heard(operator, 6)
    operator.take()
    assert operator.events() == [(CIENA, "CIEN00000001", "loss_of_signal"), (CIENA, "CIEN00000001", "restored")]
