"""The SNMP connector against net-snmp's agent: a long table, whole and in little memory, by both logins."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from benchmarks.snmp_agent import AUTH_KEY, COLUMNS, COMMUNITY, PRIV_KEY, USER, long_table
from benchmarks.snmp_sweep import measured
from connectors.discovery import open_source
from connectors.ports import Page, StreamRead, SystemSettings
from tests.peers import require_peer

READ = StreamRead(
    "devices",
    "own",
    ("serial", "operational_state", "port", "optical_dbm"),
    ("serial",),
    options={"columns": COLUMNS},
)
V2C: dict[str, Any] = {"secrets": {"community": SecretStr(COMMUNITY)}}
V3: dict[str, Any] = {
    "options": {"login": "v3", "user": USER, "auth_protocol": "sha256"},
    "secrets": {"auth_key": SecretStr(AUTH_KEY), "priv_key": SecretStr(PRIV_KEY)},
}


def pages(address: str, login: dict[str, Any]) -> Iterator[Page]:
    settings = SystemSettings("olt-1", "snmp", address, timeout_s=30.0, **login)
    yield from open_source(settings).pages(READ, None)


@pytest.mark.parametrize("login", [V2C, V3], ids=["v2c", "v3"])
def test_a_table_is_read_whole_by_either_login(tmp_path: Path, login: dict[str, Any]) -> None:
    with long_table(tmp_path, 8_000, str(require_peer("net-snmp")["snmpd"])) as address:
        records = [record for page in pages(address, login) for record in page.records]
    assert [record["serial"] for record in records] == [f"CXNK{number:08d}" for number in range(1, 8_001)]
    assert {record["operational_state"] for record in records} == {"up"}
    assert [records[place]["port"] for place in (0, 7_999)] == ["1/1/1", "1/1/8000"]
    assert (records[0]["optical_dbm"], records[3_999]["optical_dbm"]) == ("-20.01", "-60.00")


def test_a_sweep_of_40000_terminals_holds_no_more_than_one_of_8000(tmp_path: Path) -> None:
    program = str(require_peer("net-snmp")["snmpd"])
    peaks = []
    for rows in (8_000, 40_000):
        with long_table(tmp_path / str(rows), rows, program) as address:
            tracemalloc.start()
            seen = 0
            for page in pages(address, V2C):
                seen += len(page.records)
                assert page.source_total == rows
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert seen == rows
    assert peaks[1] < 1.5 * peaks[0]


def test_every_contender_of_the_benchmark_reads_the_table() -> None:
    require_peer("net-snmp")
    contenders = ("snmpbulkwalk", "splice", "gufo-snmp", "pysnmp")
    assert {sweep.sweeper for sweep in measured(4_000, contenders, ("v2c",), 1) if sweep.is_right} == set(contenders)
