"""Device profiles and the records that they make of walked columns."""

import pytest

from canonical_model.errors import ConfigurationError, Fault
from connectors.patience import waits
from connectors.ports import RawRecord
from connectors.snmp.agent import TableRow
from connectors.snmp.device_events import FIELDS as EVENT_FIELDS
from connectors.snmp.device_profiles import (
    DeviceProfile,
    device_profile,
    device_profiles,
    read_profiles,
    with_columns,
)
from connectors.snmp.devices import FIELDS, Devices, columns_for

SMALL = """\
name: small
devices: a device of ours
columns:
  serial: {oid: 1.3.6.1.4.1.1.1.1, prefix: "NID "}
  operational_state: {oid: 1.3.6.1.4.1.1.1.2, states: {1: up, 2: down}}
  optical: {oid: 1.3.6.1.4.1.1.1.3, side: ont_rx, unit: dbm_tenth, no_reading: [999]}
"""


PLACES = EVENT_FIELDS[1:]
KNOWN = {
    *("calix_axos", "calix_e7", "adtran_ta5000", "nokia_isam"),
    *("ciena_saos_ae", "cambium_fwa", "if_mib"),
}


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
    assert set(device_profiles()) >= KNOWN
    for name, found in device_profiles().items():
        assert found.name == name
        assert "up" in found.columns.operational_state.states.values()


def test_of_every_column_and_notification_it_is_said_how_it_is_known() -> None:
    for name, found in device_profiles().items():
        told = [(key, column.known_from) for key, column in found.columns if column is not None]
        if found.notifications is not None:
            told += [(event.kind, event.known_from) for event in found.notifications.events]
            told += [(place, one.known_from) for place in PLACES for one in getattr(found.notifications, place)]
        assert not [f"{name}: {key}" for key, known_from in told if not known_from]
        assert found.sources, name


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
            "{1: up}}\n  port: {oid: 1.3.6.1.4.1.1.1.4, zone: UTC}",
            "columns.port.zone: unknown key",
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


def records(rows: list[TableRow], fields: tuple[str, ...] = FIELDS) -> list[RawRecord]:
    return Devices(profile(), fields).records(rows)


def test_a_row_is_a_record_of_a_subscribers_device() -> None:
    rows: list[TableRow] = [
        ("1", [b"NID CIEN00000001", 1, -200]),
        ("2", [b"uplink", 1, None]),
        ("3", [b"NID CIEN00000003", 2, 999]),
        ("4.7", [b"", None, None]),
    ]
    first, third = records(rows)
    assert (first["serial"], first["operational_state"], first["optical_dbm"]) == ("CIEN00000001", "up", "-20.00")
    assert (first["optical_side"], first["optical_raw_unit"], first["optical_raw"]) == ("ont_rx", "dbm_tenth", -200)
    assert (third["serial"], third["operational_state"], third["index"]) == ("CIEN00000003", "down", "3")
    assert {third[name] for name in FIELDS if name.startswith("optical")} == {None}
    assert set(first) == set(third) == set(FIELDS)


@pytest.mark.parametrize(("told", "meant"), [(7, "7"), (2, "down"), (b"2", "down"), (b"up", "up"), (None, None)])
def test_a_state_that_no_profile_lists_stays_as_it_is_told(told: int | bytes | None, meant: str | None) -> None:
    (device,) = records([("1", [b"NID CIEN00000001", told])], ("serial", "operational_state"))
    assert device == {"serial": "CIEN00000001", "operational_state": meant}


def test_columns_that_the_element_lacks_and_serials_that_are_none_are_noticed() -> None:
    found = Devices(profile(), FIELDS)
    found.records([("1", [b"uplink", None, None])])
    assert (found.missing(), found.found) == ([], 0)
    found.records([("1", [b"NID 316", None, None])])
    assert (found.missing(), found.has_serials) == (["operational_state", "optical"], False)
    found.records([("1", [b"NID CXNK12AB34CD", 1, None])])
    assert (found.missing(), found.has_serials) == (["optical"], True)


def test_without_a_serial_the_state_tells_the_rows() -> None:
    bare = profile(
        "name: small\ndevices: ours\ncolumns:\n  operational_state: {oid: 1.3.6.1.4.1.1.1.2, states: {1: up}}\n"
    )
    found = Devices(bare, ("index", "operational_state"))
    assert list(found.columns) == ["operational_state"]
    assert found.records([("316", [1])]) == [{"index": "316", "operational_state": "up"}]


def test_a_mapping_may_put_columns_in_the_place_of_a_profiles() -> None:
    own = {"serial": {"oid": "1.3.6.1.4.1.1.1.9"}, "port": {"oid": "1.3.6.1.4.1.1.1.4"}}
    found = with_columns(profile(), own, "olt-1")
    assert found.columns.serial is not None
    assert found.columns.port is not None
    assert found.columns.serial.oid[-1] == 9
    assert found.columns.optical == profile().columns.optical
    with pytest.raises(ConfigurationError, match=r"olt-1: options: columns.serial.oid: .*OID of a column"):
        with_columns(profile(), {"serial": {"oid": "ifAlias"}}, "olt-1")
    with pytest.raises(ConfigurationError, match=r"columns.operational_state: Field required"):
        with_columns(None, own, "olt-1")
    with pytest.raises(ConfigurationError, match="columns by their name are expected"):
        with_columns(None, "all", "olt-1")


@pytest.mark.parametrize("timeout_s", [0.05, 0.7, 1.0, 5.0, 30.0, 300.0])
def test_waits_grow_and_add_up_to_the_time_out(timeout_s: float) -> None:
    found = waits(timeout_s)
    assert sum(found) == pytest.approx(timeout_s, abs=0.01)
    assert list(found[:-1]) == sorted(found[:-1])
    assert 3 <= len(found) <= 10
    assert waits(30.0) == (1, 2, 4, 8, 15)
