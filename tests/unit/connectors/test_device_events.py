"""Notifications as events of devices: what the shipped profiles make of what elements of their kind send."""

from typing import Any

import pytest

from canonical_model.errors import ConfigurationError, Fault
from connectors.ports import StreamRead
from connectors.snmp.device_events import FIELDS, DeviceNotifications, Told
from connectors.snmp.device_profiles import device_profiles, read_profiles
from connectors.systems.snmp import notifications_of

ADTRAN = "1.3.6.1.4.1.664.6.10000.76.1.1"
AXOS, AXOS_ALARM = "1.3.6.1.4.1.6321.1.2.4.2.1.1.2", "1.3.6.1.4.1.6321.1.2.4.2.2.1.1.1.1"
E7 = "1.3.6.1.4.1.6321.1.2.2.4"
CAMBIUM = "1.3.6.1.4.1.161.19.3.1"
LINK_DOWN, LINK_UP = "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4"
IF_INDEX, IF_DESCR = "1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.2"
DESCRIPTION = b"Shelf: 1, Slot: 2, Pon: 12, ONT: 7, ONT Serial No: ADTN2424dc6c, ONT Reg ID: "


def of(profile: str) -> DeviceNotifications:
    found = device_profiles()[profile].notifications
    assert found is not None
    return found


def event(profile: str, notification: str, told: Told) -> dict[str, Any] | None:
    """What is told, without what is not."""
    found = of(profile).event(notification, told)
    assert found is None or tuple(found) == FIELDS
    return None if found is None else {name: value for name, value in found.items() if value is not None}


def axos(name: bytes, address: bytes = b"/config/system/ont[ont-id='CXNK12AB34CD']") -> Told:
    return [
        ("1.3.6.1.4.1.6321.1.2.4.2.1.1.1.1.0", 17),
        (f"{AXOS_ALARM}.2.5", name),
        (f"{AXOS_ALARM}.8.5", address),
        (f"{AXOS_ALARM}.11.5", 1_772_719_402),
    ]


def e7(alarm: int | None = None, status: int = 1, event_type: int | None = None, object_class: int = 63) -> Told:
    told: list[tuple[str, int | bytes]] = [(f"{E7}.1.4.0", object_class), (f"{E7}.1.5.0", 316)]
    if alarm is not None:
        told += [(f"{E7}.1.2.0", alarm), (f"{E7}.1.3.0", status)]
    return [*told, *([(f"{E7}.1.18.0", event_type)] if event_type is not None else [])]


@pytest.mark.parametrize(
    ("number", "kind"),
    [(2, "loss_of_signal"), (1, "restored"), (38, "dying_gasp"), (46, "dying_gasp"), (45, "restored")],
)
def test_adtran_names_index_port_and_serial_in_a_description(number: int, kind: str) -> None:
    told = [("1.3.6.1.2.1.1.5.0", b"shelf"), (f"{IF_DESCR}.1647320064", DESCRIPTION)]
    assert event("adtran_ta5000", f"{ADTRAN}.5.1.0.{number}", told) == {
        "event": kind,
        "serial": "ADTN2424dc6c",
        "index": "1647320064",
        "port": "Shelf: 1, Slot: 2, Pon: 12, ONT: 7",
    }


@pytest.mark.parametrize(("number", "place"), [(15, "2.6.1.2"), (16, "3.1.1.15")])
def test_adtran_tells_the_serial_of_an_arrival_in_a_column_of_its_own(number: int, place: str) -> None:
    told = [(f"{IF_DESCR}.7", b"Shelf: 1, Slot: 2, Pon: 12"), (f"{ADTRAN}.{place}.7.3", b"ADTN12AB34CD")]
    found = event("adtran_ta5000", f"{ADTRAN}.5.1.0.{number}", told)
    assert found == {"event": "arrival", "serial": "ADTN12AB34CD", "index": "7"}


def test_what_a_profile_does_not_know_speaks_of_no_device() -> None:
    assert event("adtran_ta5000", f"{ADTRAN}.5.1.0.26", [(f"{IF_DESCR}.7", DESCRIPTION)]) is None
    assert event("adtran_ta5000", f"{ADTRAN}.5.1.0.38.1", []) is None
    assert event("calix_axos", f"{AXOS}.1", axos(b"loss-of-pon")) is None
    assert event("calix_axos", f"{AXOS}.1", []) is None
    assert event("calix_e7", f"{E7}.2.1", e7(alarm=200, object_class=7)) is None
    assert event("if_mib", "1.3.6.1.6.3.1.1.5.1", []) is None


@pytest.mark.parametrize(
    ("number", "name", "kind"),
    [
        (1, b"ont-dying-gasp", "dying_gasp"),
        (2, b"ont-dying-gasp", "restored"),
        (1, b"ont-missing", "departure"),
        (2, b"ont-missing", "restored"),
        (3, b"ont-arrival", "arrival"),
        (3, b"ont-departure", "departure"),
    ],
)
def test_axos_names_the_alarm_and_when_it_was(number: int, name: bytes, kind: str) -> None:
    assert event("calix_axos", f"{AXOS}.{number}", axos(name)) == {
        "event": kind,
        "serial": "CXNK12AB34CD",
        "occurred_at": "2026-03-05T14:03:22Z",
    }


def test_axos_with_an_address_of_another_form_tells_no_serial_and_none_is_made_up() -> None:
    found = event("calix_axos", f"{AXOS}.1", axos(b"ont-dying-gasp", b"1/1/xp3/12"))
    assert found == {"event": "dying_gasp", "occurred_at": "2026-03-05T14:03:22Z"}


@pytest.mark.parametrize(
    ("told", "number", "kind"),
    [
        (e7(alarm=200), 1, "dying_gasp"),
        (e7(alarm=200, status=2), 1, "restored"),
        (e7(alarm=86), 1, "departure"),
        (e7(alarm=86, status=2), 1, "restored"),
        (e7(event_type=50), 2, "arrival"),
        (e7(event_type=51), 2, "departure"),
    ],
)
def test_e7_tells_the_number_of_the_terminal(told: Told, number: int, kind: str) -> None:
    assert event("calix_e7", f"{E7}.2.{number}", told) == {"event": kind, "index": "316"}


@pytest.mark.parametrize(("number", "kind"), [(1, "arrival"), (2, "departure")])
def test_cambium_tells_the_address_of_a_module(number: int, kind: str) -> None:
    told: Told = [(f"{CAMBIUM}.4.1.1.4", 4), (f"{CAMBIUM}.4.1.3.4", b"\x0a\x00\x3e\x12\x34\x56")]
    found = event("cambium_fwa", f"{CAMBIUM}.5.1.{number}", told)
    assert found == {"event": kind, "serial": "0A003E123456", "index": "4"}


@pytest.mark.parametrize("profile", ["if_mib", "ciena_saos_ae", "nokia_isam"])
@pytest.mark.parametrize(("notification", "kind"), [(LINK_DOWN, "loss_of_signal"), (LINK_UP, "restored")])
def test_a_link_is_told_by_the_index_of_its_port(profile: str, notification: str, kind: str) -> None:
    assert event(profile, notification, [(f"{IF_INDEX}.5", 5)]) == {"event": kind, "index": "5"}


SMALL = """\
name: small
devices: a device of ours
columns:
  operational_state: {oid: 1.3.6.1.4.1.1.1.2, states: {1: up, 2: down}}
notifications:
  events:
    - {kind: arrival, notification: 1.3.6.1.4.1.1.2.1, where: {1.3.6.1.4.1.1.3: [1]}}
  serial:
    - {oid: 1.3.6.1.4.1.1.4, pattern: "sn=(.*);"}
    - {oid: 1.3.6.1.4.1.1.5, form: gpon_serial}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kind: arrival", "kind: came", "small.yaml:7: notifications.events.0.kind"),
        ("notification: 1.3.6.1.4.1.1.2.1", "notification: linkUp", "events.0.notification: the OID of a column is"),
        ("{1.3.6.1.4.1.1.3: [1]}", "{ifIndex: [1]}", "events.0.where"),
        ('"sn=(.*);"', '"sn=.*;"', "serial.0.pattern: one group is expected"),
        ('"sn=(.*);"', '"sn=(.*"', "serial.0.pattern: a regular expression is expected"),
        ("form: gpon_serial", "form: hex", "serial.1.form"),
        ("  serial:", "  seriel:", "unknown key; nearest: serial"),
    ],
)
def test_a_fault_in_notifications_is_told_with_its_place(old: str, new: str, told: str) -> None:
    assert old in SMALL
    faults: list[Fault] = []
    read_profiles({"folder/small.yaml": SMALL.replace(old, new)}, faults)
    assert any(told in str(fault) for fault in faults), [str(fault) for fault in faults]


def test_the_first_place_that_holds_something_counts() -> None:
    faults: list[Fault] = []
    notifications = read_profiles({"small.yaml": SMALL}, faults)["small"].notifications
    assert notifications is not None
    base = [("1.3.6.1.4.1.1.3.9", 1)]

    def serial(*told: tuple[str, int | bytes]) -> str | None:
        found = notifications.event("1.3.6.1.4.1.1.2.1", [*base, *told])
        assert found is not None
        return found["serial"]

    octets = ("1.3.6.1.4.1.1.5", b"ALCL\x12\xab\x34\xcd")
    assert serial(("1.3.6.1.4.1.1.4.1", b"sn=ALCL00000001;"), octets) == "ALCL00000001"
    assert serial(octets, ("1.3.6.1.4.1.1.4.1", b"sn=;")) == "ALCL12AB34CD"
    assert serial(octets, ("1.3.6.1.4.1.1.44", b"sn=ALCL00000001;")) == "ALCL12AB34CD"
    assert serial() is None
    assert notifications.event("1.3.6.1.4.1.1.2.1", [("1.3.6.1.4.1.1.3.9", 2)]) is None


def test_a_stream_that_goes_by_a_profile_needs_one_that_knows_notifications() -> None:
    read = StreamRead("events", "notifications", ("serial",), ("event_id",))
    by_name = notifications_of("olt-1", {"profile": "calix_axos"}, read)
    assert by_name == of("calix_axos")
    own = {"columns": {"operational_state": {"oid": "1.3.6.1.4.1.1.1.2", "states": {1: "up"}}}}
    with pytest.raises(ConfigurationError, match="olt-1: events: device profile own knows no notifications"):
        notifications_of("olt-1", own, read)
    assert notifications_of("olt-1", {**own, "profile": "calix_axos"}, read) == by_name
    with pytest.raises(ConfigurationError, match="no device profile notifications"):
        notifications_of("olt-1", {}, read)
