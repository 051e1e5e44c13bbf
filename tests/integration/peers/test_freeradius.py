"""RADIUS against FreeRADIUS: access checks, orders and looks at its tables, accounting heard and read from tables."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from canonical_model.errors import OutcomeUnknown, RetryableError
from canonical_model.network import AaaSession
from connectors.commands import sight_of
from connectors.discovery import open_observer, open_sink, open_source
from connectors.ports import Expected, Look, Part, Receipt, StreamRead, SystemSettings, Write
from connectors.radius.access import check_access
from connectors.radius.exchange import RadiusServer
from handoffs.effect_states import Sight
from hub.inbox import take_inbox
from hub.listening.ears import Ears, listening
from hub.webhooks.group_commit import writing_to
from hub.workplace import Hub, open_hub
from storage.inbox import IncomingEvent, inbox_events
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.columns import STILL_KNOWN
from tests.fakes.aaa_server import SECRET, AaaServer, aaa_server
from tests.fakes.webhook_operator import CATALOGUE
from tests.peers import require_peer

SESSIONS = CANONICAL_TABLES[AaaSession]
OPERATOR = """
operator: Small Fiber
markets:
  oldtown: {name: Old Town, zone: America/Chicago, currency: USD, technology: pon}
systems:
  bng:
    kind: radius
    role: network
    market: oldtown
    address: 127.0.0.1:3799
    secrets: {shared_secret: env:BNG_SECRET}
    listens: {senders: [127.0.0.1]}
"""
MAPPING = """
system: bng
stream: sessions
listens: {}
read:
  object: accounting
  key: [Acct-Session-Id]
  cursor: occurred_at
  fields:
    Acct-Session-Id: text
    User-Name: text
    Acct-Status-Type: text
    NAS-IP-Address: text?
    NAS-Port-Id: text?
    Framed-IP-Address: text?
    Acct-Terminate-Cause: text?
    started_at: timestamp
    occurred_at: timestamp
    input_octets: integer
    output_octets: integer
records:
  - entity: AaaSession
    where: "\\"Acct-Status-Type\\" IN ('Start', 'Stop', 'Interim-Update')"
    fields:
      session_id: '"Acct-Session-Id"'
      username: '"User-Name"'
      element: '"NAS-IP-Address"'
      port: '"NAS-Port-Id"'
      framed_address: '"Framed-IP-Address"'
      started_at: started_at
      updated_at: occurred_at
      ended_at: "CASE WHEN \\"Acct-Status-Type\\" = 'Stop' THEN occurred_at END"
      end_cause: '"Acct-Terminate-Cause"'
      input_octets: input_octets
      output_octets: output_octets
"""
SESSION = {"User_Name": "line-7", "Acct_Session_Id": "S-1", "NAS_IP_Address": "10.0.0.9", "NAS_Port_Id": "1/1/7"}
GIGAWORDS = {"Acct_Input_Octets": 5, "Acct_Input_Gigawords": 2, "Acct_Output_Octets": 7}


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def aaa(tmp_path: Path) -> Iterator[AaaServer]:
    with aaa_server(tmp_path / "aaa", require_peer("freeradius")) as running:
        yield running


@pytest.fixture
def server(aaa: AaaServer) -> RadiusServer:
    return RadiusServer("aaa", "127.0.0.1", aaa.auth, SECRET, timeout_s=5.0)


def equipment(aaa: AaaServer, secret: str = SECRET, timeout_s: float = 5.0, **options: Any) -> SystemSettings:
    """FreeRADIUS as what takes orders."""
    known = {"shared_secret": SecretStr(secret)}
    return SystemSettings("bng", "radius", f"127.0.0.1:{aaa.orders}", options, known, timeout_s=timeout_s)


def order(target: str, key: dict[str, str], **fields: Any) -> Write:
    values = {name.replace("_", "-"): value for name, value in fields.items()}
    return Write("end_session", "key-1", "harmless", (Part(target, key, values),), at=now())


def given(aaa: AaaServer, write: Write, **settings: Any) -> Receipt:
    return open_sink(equipment(aaa, **settings)).send(write)


def session_in_tables(aaa: AaaServer, session: str = "S-1") -> Sight:
    """What the tables of the server show of a session that shall have ended."""
    query = (
        "SELECT acctsessionid, username, CASE WHEN acctstoptime IS NULL THEN 'open' ELSE 'ended' END AS state "
        "FROM radacct"
    )
    look = Look(
        "radacct",
        {"acctsessionid": session},
        {},
        (Expected("username", "text", "line-7"),),
        {"query": query},
        "state",
        {"ended": "applied"},
    )
    observer = open_observer(SystemSettings("aaa", "sql", f"sqlite:///{aaa.folder / 'radius.db'}"))
    return sight_of(look, observer.observe(look))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    folder = tmp_path / "operator"
    (folder / "mappings").mkdir(parents=True)
    (folder / "operator.yaml").write_text(OPERATOR, encoding="utf-8")
    (folder / "catalogue.yaml").write_text(CATALOGUE, encoding="utf-8")
    (folder / "mappings" / "sessions.yaml").write_text(MAPPING, encoding="utf-8")
    with open_hub(folder, tmp_path / "work", {"BNG_SECRET": SECRET}) as opened:
        yield opened


@pytest.fixture
def ears(hub: Hub) -> Iterator[Ears]:
    with listening(hub, writing_to(hub.database), now, "127.0.0.1", 0) as heard:
        yield heard


def port_of(ears: Ears) -> int:
    return int(ears.addresses[0].rpartition(" ")[2])


def sessions(hub: Hub) -> list[tuple[object, ...]]:
    take_inbox(hub, now())
    names = ("session_id", "username", "element", "port", "end_cause", "input_octets", "output_octets")
    current = select(*(SESSIONS.c[name] for name in names)).where(SESSIONS.c.known_to == STILL_KNOWN)
    with hub.database.reading() as connection:
        return [tuple(row) for row in connection.execute(current)]


def test_a_line_may_log_in_with_what_its_tables_say(server: RadiusServer) -> None:
    access = check_access(server, "line-7", "s3cret-of-7")
    assert access.is_accepted
    assert (access.attributes["Framed-IP-Address"], access.attributes["Filter-Id"]) == ("100.64.1.10", "SVC-1000")


def test_a_suspended_line_and_a_wrong_password_are_refused(server: RadiusServer) -> None:
    suspended = check_access(server, "line-8", "s3cret-of-8")
    assert (suspended.is_accepted, suspended.attributes.get("Reply-Message")) == (False, "account suspended")
    assert not check_access(server, "line-7", "wrong").is_accepted


def test_a_wrong_shared_secret_and_unsigned_replies_are_silence_with_a_hint(server: RadiusServer) -> None:
    for changed in (
        replace(server, secret="another-secret", timeout_s=0.5),
        replace(server, signs_replies=True, timeout_s=0.5),
    ):
        with pytest.raises(RetryableError, match="aaa: access check: no answer that fits") as told:
            check_access(changed, "line-7", "s3cret-of-7")
        assert "another-secret" not in str(told.value)
        assert "s3cret-of-7" not in str(told.value)
        assert "another-secret" not in repr(changed)


def test_a_look_at_access_shows_what_a_login_of_the_line_would_be_told(aaa: AaaServer) -> None:
    settings = equipment(aaa, access_port=aaa.auth)
    settings = replace(settings, secrets=settings.secrets | {"line_password": SecretStr("s3cret-of-7")})
    sink = open_sink(settings)
    look = Look("access", {"User-Name": "line-7"}, {}, (Expected("Filter-Id", "text", "SVC-1000"),))
    record = sink.observe(look)
    assert record is not None
    assert (record["access"], record["Filter-Id"], sight_of(look, record)) == ("accepted", "SVC-1000", "applied")
    aaa.sql("UPDATE radgroupreply SET value = 'SVC-500' WHERE groupname = 'tier-1000'")
    assert sight_of(look, sink.observe(look)) == "differs"
    suspended = sink.observe(replace(look, key={"User-Name": "line-8"}))
    assert suspended is not None
    assert suspended["access"] == "refused"


def test_an_order_counts_when_the_tables_show_it_and_not_when_it_is_acknowledged(aaa: AaaServer) -> None:
    assert aaa.account(Acct_Status_Type="Start", **SESSION) == 0
    named = {"User-Name": "line-7", "Acct-Session-Id": "S-1"}
    assert given(aaa, order("disconnect", named)) == Receipt(is_refusal=False, said="RADIUS: Disconnect-ACK")
    assert session_in_tables(aaa) == "differs"  # equipment that says yes and does nothing
    assert aaa.account(Acct_Status_Type="Stop", **SESSION) == 0
    assert session_in_tables(aaa) == "applied"
    assert session_in_tables(aaa, "S-2") == "absent"


def test_a_change_reaches_the_session_with_its_attributes_and_an_unknown_one_is_named(aaa: AaaServer) -> None:
    changed = given(aaa, order("change", {"User-Name": "line-7"}, Filter_Id="SVC-500"))
    assert not changed.is_refusal
    assert aaa.ordered == ["CoA-Request user=line-7 filter=SVC-500"]
    for target, fields in (("change", {"Filter_Id": "SVC-500"}), ("disconnect", {})):
        refused = given(aaa, order(target, {"User-Name": "nobody"}, **fields))
        assert refused.is_refusal
        assert "Error-Cause 503 Session-Context-Not-Found" in refused.said


def test_vendor_attributes_ours_and_the_operators_own_are_taken(aaa: AaaServer) -> None:
    own = {"Lumen-Tier": {"vendor": 64_999, "number": 7, "type": "string"}}
    fields = {"Alc_SLA_Prof_Str": "gold", "Cisco_AVPair": ["a=1", "b=2"], "Lumen_Tier": "gold"}
    assert not given(aaa, order("change", {"User-Name": "line-7"}, **fields), vendor_attributes=own).is_refusal


def test_an_order_without_an_answer_is_unknown(aaa: AaaServer) -> None:
    with pytest.raises(OutcomeUnknown, match=r"bng: end_session \(disconnect\): no answer within 0\.5 s") as told:
        given(aaa, order("disconnect", {"User-Name": "line-7"}), secret="another-secret", timeout_s=0.5)
    assert "another-secret" not in str(told.value)
    assert aaa.ordered == []


def test_accounting_that_is_heard_becomes_one_session_with_64_bits_of_octets(
    aaa: AaaServer, hub: Hub, ears: Ears
) -> None:
    port = port_of(ears)
    assert aaa.account(port, Acct_Status_Type="Start", **SESSION) == 0
    assert aaa.account(port, Acct_Status_Type="Interim-Update", Acct_Session_Time=60, **GIGAWORDS, **SESSION) == 0
    octets = 2 * 2**32 + 5
    assert sessions(hub) == [("S-1", "line-7", "10.0.0.9", "1/1/7", None, octets, 7)]
    ending = {"Acct_Terminate_Cause": "User-Request", "Acct_Session_Time": 90}
    assert aaa.account(port, Acct_Status_Type="Stop", **ending, **GIGAWORDS, **SESSION) == 0
    assert sessions(hub) == [("S-1", "line-7", "10.0.0.9", "1/1/7", "User-Request", octets, 7)]
    assert ears.news() == []


def test_accounting_that_is_sent_again_is_kept_once(aaa: AaaServer, hub: Hub, ears: Ears) -> None:
    for delay in (0, 5, 10):
        stamped = {"Acct_Delay_Time": delay, "Event_Timestamp": 1_900_000_000}
        assert aaa.account(port_of(ears), Acct_Status_Type="Start", **stamped, **SESSION) == 0
    with hub.database.reading() as connection:
        assert len(inbox_events(connection)) == 1


def test_accounting_with_a_wrong_secret_or_of_no_form_is_counted_and_not_answered(
    aaa: AaaServer, hub: Hub, ears: Ears
) -> None:
    assert aaa.account(port_of(ears), secret="another-secret", repeats=1, Acct_Status_Type="Start", **SESSION) != 0
    assert any("(wrong secret)" in line for line in ears.news())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        for rubbish in (b"", b"\x04", b"\x04\x01\x00\x14" + bytes(16), b"\x01" * 40, b"\x04\x01\xff\xff" + bytes(60)):
            wire.sendto(rubbish, ("127.0.0.1", port_of(ears)))
    assert aaa.account(port_of(ears), Acct_Status_Type="Start", **SESSION) == 0
    assert any("(no accounting request)" in line for line in ears.news())
    with hub.database.reading() as connection:
        assert len(inbox_events(connection)) == 1


def test_accounting_is_answered_only_after_its_commit(aaa: AaaServer, hub: Hub) -> None:
    may, committed = threading.Event(), []

    def write(events: Sequence[IncomingEvent]) -> set[int]:
        assert may.wait(60)
        against = writing_to(hub.database)(events)
        committed.append(time.monotonic())
        return against

    told: list[tuple[int, float]] = []
    with listening(hub, write, now, "127.0.0.1", 0) as heard:
        port = port_of(heard)
        answer = threading.Thread(
            target=lambda: told.append((aaa.account(port, Acct_Status_Type="Start", **SESSION), time.monotonic()))
        )
        answer.start()
        answer.join(0.5)
        assert told == []
        may.set()
        answer.join(60)
    ((status, answered),) = told
    assert status == 0
    assert answered > committed[0]


def test_the_tables_of_the_server_are_read_as_a_database(aaa: AaaServer) -> None:
    for number in range(30):
        named = {**SESSION, "Acct_Session_Id": f"S-{number:02}"}
        assert aaa.account(Acct_Status_Type="Start", **named) == 0
    assert aaa.account(Acct_Status_Type="Stop", **{**SESSION, "Acct_Session_Id": "S-07"}) == 0
    fields = ("radacctid", "acctsessionid", "username", "acctstarttime", "acctstoptime", "acctterminatecause")
    read = StreamRead("sessions", "radacct", fields, ("radacctid",), page_size=10)
    known = SystemSettings("aaa", "sql", f"sqlite:///{aaa.folder / 'radius.db'}")
    found = [record for page in open_source(known).pages(read, None) for record in page.records]
    assert {record["acctsessionid"] for record in found} == {f"S-{number:02}" for number in range(30)}
    assert [record["acctsessionid"] for record in found if record["acctstoptime"]] == ["S-07"]
