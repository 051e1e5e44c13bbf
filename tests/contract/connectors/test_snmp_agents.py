"""The SNMP connector against agents that nobody here wrote: snmpsim, with v3 and with what a real device answered."""

import logging
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.ports import Source, StreamRead, SystemSettings
from connectors.snmp.devices import FIELDS
from tests.peers import require_recording
from tests.ports import free_port
from tests.waiting import wait_until

Open = Callable[[SystemSettings], Source]
Serve = Callable[[dict[str, Path]], str]

READ = StreamRead("devices", "calix_axos", FIELDS, ("serial",))
OPTIONS = {"login": "v3", "user": "hub", "auth_protocol": "sha256"}
SECRETS = {"auth_key": SecretStr("an-auth-key-of-ours"), "priv_key": SecretStr("a-priv-key-of-ours")}
TABLE = "1.3.6.1.4.1.6321.1.2.4.2.6.1.1"
OWN = "1.3.6.1.4.1.6321.999.1.1"
OWN_RECORDING = f"""\
1.3.6.1.2.1.1.1.0|4|an element of ours
{TABLE}.2.7|4|CXNK12AB34CD
{TABLE}.2.9|4x|43584e4b00ff00ff
{TABLE}.3.7|2|1
{TABLE}.3.9|2|2
{TABLE}.4.7|2|1
{TABLE}.4.9|2|77
{TABLE}.6.7|2|16
{TABLE}.6.9|2|0
{OWN}.1.7|4|1/1/7
{OWN}.3.7|4x|07ea03050e0316002d0500
{OWN}.3.9|4x|
"""


@pytest.fixture
def snmpsim(tmp_path: Path) -> Iterator[Serve]:
    """Serves recordings by their name, which is the v3 context as well as the community."""
    started: list[subprocess.Popen[bytes]] = []

    def serve(recordings: dict[str, Path]) -> str:
        data = tmp_path / "data"
        data.mkdir()
        for name, path in recordings.items():
            shutil.copy(path, data / f"{name}.snmprec")
        address = f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
        started.append(subprocess.Popen(command(data, tmp_path, address)))
        return address

    yield serve
    for process in started:
        process.terminate()
        process.wait(timeout=60)


def command(data: Path, work: Path, address: str) -> list[str]:
    as_root = ["--process-user=root", "--process-group=root"] if os.geteuid() == 0 else []
    return [
        str(Path(sys.executable).with_name("snmpsim-command-responder")),
        *as_root,
        f"--data-dir={data}",
        f"--cache-dir={work / 'cache'}",
        f"--agent-udpv4-endpoint={address}",
        "--v3-user=hub",
        f"--v3-auth-key={SECRETS['auth_key'].get_secret_value()}",
        "--v3-auth-proto=SHA256",
        f"--v3-priv-key={SECRETS['priv_key'].get_secret_value()}",
        "--v3-priv-proto=AES",
        "--log-level=error",
        f"--logging-method=file:{work / 'snmpsim.log'}",
    ]


def settings(address: str, context: str, **changes: Any) -> SystemSettings:
    options = {**OPTIONS, "context": context}
    return replace(SystemSettings("olt-7", "snmp", address, options, SECRETS, timeout_s=14.0), **changes)


def records(source: Source) -> list[dict[str, Any]]:
    return [record for page in source.pages(READ, None) for record in page.records]


@pytest.fixture
def own_agent(snmpsim: Serve, tmp_path: Path, open_: Open) -> str:
    """Address of an agent that serves our own recording, once it answers."""
    path = tmp_path / "own.snmprec"
    path.write_text(OWN_RECORDING, encoding="utf-8")
    address = snmpsim({"own": path})
    wait_for(open_, settings(address, "own", timeout_s=0.7))
    return address


def wait_for(open_: Open, known: SystemSettings) -> None:
    def answers() -> bool:
        try:
            next(iter(open_(known).pages(READ, None)))
        except RetryableError:
            return False
        return True

    wait_until(answers, "the agent answers")


def test_a_v3_user_reads_states_times_and_light(own_agent: str, open_: Open) -> None:
    device, odd = records(open_(settings(own_agent, "own")))
    assert device == {
        "index": "7",
        "serial": "CXNK12AB34CD",
        "port": "1/1/7",
        "operational_state": "up",
        "administrative_state": "unlocked",
        "profile": None,
        "registered_since": "2026-03-05T19:03:22Z",
        "profile_since": None,
        "last_traffic_at": None,
        "optical_dbm": "-27.96",
        "optical_raw": 16,
        "optical_raw_unit": "milliwatt_e4",
        "optical_resolution_db": "0.281",
        "optical_side": "ont_rx",
    }
    assert (odd["serial"], odd["operational_state"]) == ("0x43584e4b00ff00ff", "77")
    assert {odd[name] for name in FIELDS if name.startswith("optical")} == {None}
    assert odd["registered_since"] is None


@pytest.mark.parametrize(
    "change",
    [
        {"options": {**OPTIONS, "context": "own", "user": "nobody"}},
        {"secrets": {**SECRETS, "priv_key": SecretStr("another-key-of-ours")}},
        {"secrets": {**SECRETS, "auth_key": SecretStr("another-key-of-ours")}},
    ],
    ids=["user", "privacy key", "authentication key"],
)
def test_a_wrong_v3_login_is_told_and_leaves_the_right_one_alone(
    own_agent: str, open_: Open, change: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError, match="olt-7"):
        records(open_(settings(own_agent, "own", timeout_s=5.0, **change)))
    assert len(records(open_(settings(own_agent, "own")))) == 2


def test_pulls_of_several_threads_share_the_agents(own_agent: str, open_: Open) -> None:
    sources = [open_(settings(own_agent, "own")) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert [len(found) for found in pool.map(records, sources)] == [2] * 4


def test_an_agent_without_the_table_has_no_devices(snmpsim: Serve, tmp_path: Path, open_: Open) -> None:
    path = tmp_path / "bare.snmprec"
    path.write_text("1.3.6.1.2.1.1.1.0|4|a switch\n", encoding="utf-8")
    known = settings(snmpsim({"bare": path}), "bare")
    wait_for(open_, replace(known, timeout_s=0.7))
    (page,) = open_(known).pages(READ, None)
    assert (page.records, page.source_total, page.last) == ([], 0, True)


def test_a_recorded_axos_shelf_is_read_whole(snmpsim: Serve, open_: Open, caplog: pytest.LogCaptureFixture) -> None:
    address = snmpsim({"axos": require_recording("axos_e7-2.snmprec")})
    known = SystemSettings("olt-8", "snmp", address, {}, {"community": SecretStr("axos")}, timeout_s=14.0)
    wait_for(open_, replace(known, timeout_s=3.0))
    with caplog.at_level(logging.WARNING):
        (page,) = open_(known).pages(READ, None)
    found = page.records
    # its operator named the ONTs by number: the pull says so, and the mapping sets them aside
    (warning,) = page.warnings
    assert "none of 206 devices has a serial where profile calix_axos" in warning
    assert len({device["serial"] for device in found}) == 206
    assert {device["operational_state"] for device in found} == {"up"}
    levels = sorted(float(device["optical_dbm"]) for device in found)
    assert (levels[0], levels[-1]) == (-27.7, -14.39)
    weakest = next(device for device in found if device["optical_raw"] == 17)
    assert (weakest["optical_dbm"], weakest["optical_resolution_db"]) == ("-27.70", "0.264")
    told = [record for record in caplog.records if record.name == "connectors.systems.snmp"]
    assert {"port", "registered_since"} <= set(vars(told[-1])["columns"])


def test_interfaces_of_a_recorded_shelf_are_read_by_the_generic_profile(snmpsim: Serve, open_: Open) -> None:
    address = snmpsim({"isam": require_recording("nokia-isam.snmprec")})
    known = SystemSettings("olt-9", "snmp", address, {}, {"community": SecretStr("isam")}, timeout_s=14.0)
    by_name = {"serial": {"oid": "1.3.6.1.2.1.2.2.1.2", "prefix": "nokia FWLT-C"}}
    read = StreamRead("ports", "if_mib", ("serial", "operational_state"), ("index",))
    wait_for(open_, replace(known, timeout_s=3.0))
    named = replace(read, options={"profile": "if_mib", "columns": by_name})
    (page,) = open_(known).pages(named, None)
    assert Counter(device["serial"] for device in page.records) == {"ONT": 30, "PHYSICALUNI": 52, "PON": 16}
    assert {device["operational_state"] for device in page.records} <= {"up", "down", "discovered"}
    with pytest.raises(ConfigurationError, match=r"columns.serial.oid: .*OID of a column"):
        list(open_(known).pages(replace(read, options={"columns": {"serial": {"oid": "ifName"}}}), None))


def test_a_table_of_a_recorded_switch_with_56000_rows_is_read_whole(snmpsim: Serve, open_: Open) -> None:
    recording = require_recording("ciena-saos_cn5164.snmprec")
    column = "1.3.6.1.2.1.2.2.1.8"
    ports = [line for line in recording.read_text("latin-1").splitlines() if line.startswith(f"{column}.")]
    address = snmpsim({"saos": recording})
    known = SystemSettings("sw-1", "snmp", address, {}, {"community": SecretStr("saos")}, timeout_s=30.0)
    states = {"oid": column, "states": {1: "up", 2: "down", 5: "discovered", 6: "down", 7: "down"}}
    every_port = StreamRead(
        "ports", "own", ("operational_state",), ("index",), options={"columns": {"operational_state": states}}
    )
    wait_for(open_, replace(known, timeout_s=3.0))
    (page,) = open_(known).pages(every_port, None)
    assert {line.partition("|")[0].removeprefix(f"{column}.") for line in ports} == {
        device["index"] for device in page.records
    }


def test_a_recorded_radio_without_the_table_has_no_devices(snmpsim: Serve, open_: Open) -> None:
    address = snmpsim({"epmp": require_recording("epmp.snmprec")})
    known = SystemSettings("ap-1", "snmp", address, {}, {"community": SecretStr("epmp")}, timeout_s=14.0)
    (page,) = open_(known).pages(replace(READ, source_object="cambium_fwa"), None)
    assert (page.records, page.source_total) == ([], 0)
