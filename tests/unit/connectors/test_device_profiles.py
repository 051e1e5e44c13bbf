"""Device profiles and the records that they make of walked columns."""

import logging

import pytest

from canonical_model.errors import ConfigurationError, Fault
from connectors.snmp.agent import waits
from connectors.snmp.device_profiles import DeviceProfile, device_profile, device_profiles, read_profiles
from connectors.snmp.devices import FIELDS, columns_for, devices

SMALL = """\
name: small
devices: a device of ours
columns:
  serial: {oid: 1.3.6.1.4.1.1.1.1, prefix: "NID "}
  operational_state: {oid: 1.3.6.1.4.1.1.1.2, states: {1: up, 2: down}}
  optical: {oid: 1.3.6.1.4.1.1.1.3, side: ont_rx, unit: dbm_tenth, no_reading: [999]}
"""


def profile(text: str = SMALL) -> DeviceProfile:
    faults: list[Fault] = []
    profiles = read_profiles({"folder/small.yaml": text}, faults)
    assert faults == []
    return profiles["small"]


def faults_of(text: str) -> list[str]:
    faults: list[Fault] = []
    read_profiles({"folder/small.yaml": text}, faults)
    return [str(fault) for fault in faults]


def test_every_profile_of_the_folder_is_sound_and_tells_the_state() -> None:
    assert set(device_profiles()) >= {"calix_axos", "adtran_ta5000", "nokia_isam", "ciena_saos_ae", "cambium_fwa"}
    for name, found in device_profiles().items():
        assert found.name == name
        assert "up" in found.columns.operational_state.states.values()


def test_a_profile_that_does_not_exist_is_named_with_its_nearest() -> None:
    with pytest.raises(ConfigurationError, match="olt-1: no device profile calix_axs; nearest: calix_axos"):
        device_profile("calix_axs", "olt-1")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("unit: dbm_tenth, ", "", "folder/small.yaml:6: columns.optical.unit: is missing"),
        ("dbm_tenth", "decibel", "folder/small.yaml:6: columns.optical.unit: Input should be"),
        ("side: ont_rx, ", "", "columns.optical.side: is missing"),
        ("1: up", "1: upp", "columns.operational_state.states"),
        ("1: up", "one: up", "columns.operational_state.states"),
        ("1.3.6.1.4.1.1.1.1", "ifAlias", "columns.serial.oid: the OID of a column is expected"),
        ("name: small", "name: large", "folder/small.yaml:1: name: the name of the file is expected"),
        ("  serial:", "  seriel:", "unknown key; nearest: serial"),
        (
            "{1: up, 2: down}}",
            "{1: up}}\n  port: {oid: 1.3.6.1.4.1.1.1.4, form: text}",
            "columns.port.form: unknown key",
        ),
    ],
)
def test_a_fault_in_a_profile_is_told_with_its_place(old: str, new: str, told: str) -> None:
    assert any(told in fault for fault in faults_of(SMALL.replace(old, new)))


def test_a_text_time_needs_pattern_and_zone() -> None:
    line = "  last_traffic_at: {oid: 1.3.6.1.4.1.1.1.5, form: text, pattern: '%Y'}\n"
    assert any("pattern and zone go with form: text" in fault for fault in faults_of(SMALL + line))
    assert any("IANA" in fault for fault in faults_of(SMALL + line.replace("'%Y'", "'%Y', zone: Mars/Olympus")))


def test_every_fault_of_every_file_is_told_at_once() -> None:
    faults: list[Fault] = []
    read_profiles({"a.yaml": "name: a\n", "b.yaml": "- 1\n", "c.yaml": "x: {\n"}, faults)
    assert {fault.file for fault in faults} == {"a.yaml", "b.yaml", "c.yaml"}


def test_only_the_columns_that_are_needed_are_walked() -> None:
    assert list(columns_for(profile(), ["operational_state"])) == ["serial", "operational_state"]
    assert list(columns_for(profile(), ["optical_resolution_db"])) == ["serial", "optical"]
    assert list(columns_for(profile(), ["last_traffic_at"])) == ["serial"]


def test_columns_are_joined_by_index() -> None:
    walked = {
        "serial": {(1,): b"NID CIEN00000001", (2,): b"uplink", (3,): b"NID CIEN00000003", (4,): b""},
        "operational_state": {(3,): 2, (1,): 1, (2,): 1},
        "optical": {(1,): -200, (3,): 999},
    }
    first, third = devices(profile(), walked, FIELDS, "sw-1")
    assert (first["serial"], first["operational_state"], first["optical_dbm"]) == ("CIEN00000001", "up", "-20.00")
    assert (first["optical_side"], first["optical_raw_unit"], first["optical_raw"]) == ("ont_rx", "dbm_tenth", -200)
    assert (third["serial"], third["operational_state"]) == ("CIEN00000003", "down")
    assert {third[name] for name in FIELDS if name.startswith("optical")} == {None}
    assert set(first) == set(third) == set(FIELDS)


def test_a_state_that_no_profile_lists_stays_a_number() -> None:
    walked = {"serial": {(1,): b"NID CIEN00000001"}, "operational_state": {(1,): 7}}
    (device,) = devices(profile(), walked, ("serial", "operational_state"), "sw-1")
    assert device == {"serial": "CIEN00000001", "operational_state": "7"}


def test_a_row_that_a_column_lacks_holds_nothing_there() -> None:
    walked: dict[str, dict[tuple[int, ...], int | bytes]] = {
        "serial": {(1,): b"NID CIEN00000001"},
        "operational_state": {},
    }
    (device,) = devices(profile(), walked, ("serial", "operational_state"), "sw-1")
    assert device["operational_state"] is None


def test_a_column_that_the_element_lacks_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        devices(profile(), {"serial": {(1,): b"NID A"}, "operational_state": {}, "optical": {}}, FIELDS, "sw-1")
        devices(profile(), {"serial": {}, "operational_state": {}}, FIELDS, "sw-1")
    (told,) = caplog.records
    assert vars(told)["columns"] == ["operational_state", "optical"]


@pytest.mark.parametrize("timeout_s", [0.05, 0.7, 1.0, 5.0, 30.0, 300.0])
def test_waits_grow_and_add_up_to_the_time_out(timeout_s: float) -> None:
    found = waits(timeout_s)
    assert sum(found) == pytest.approx(timeout_s, abs=0.01)
    assert list(found[:-1]) == sorted(found[:-1])
    assert 3 <= len(found) <= 10
    assert waits(30.0) == (1, 2, 4, 8, 15)
