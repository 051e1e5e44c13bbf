"""One sweep of a table in a process of its own.

``python -m benchmarks.snmp_sweeper NAME LOGIN ADDRESS REPETITIONS OUTPUT``; each way is imported
only when it runs, and timed from there on.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.snmp_agent import AUTH_KEY, COLUMNS, COMMUNITY, OIDS, PRIV_KEY, USER

PATIENCE_S = 20


@dataclass(frozen=True, slots=True)
class Swept:
    """What was read: rows, the sum of the numbers in their serials, values, and the time from the imports on."""

    rows: int
    total: int
    values: int
    wall_s: float
    cpu_s: float


def main(name: str, login: str, address: str, repetitions: str, output: str) -> None:
    """Sweep, and tell what came in how much time."""
    started, worked = time.perf_counter(), _cpu()
    rows, total, values = SWEEPERS[name](login, address, int(repetitions))
    swept = Swept(rows, total, values, time.perf_counter() - started, _cpu() - worked)
    Path(output).write_text(json.dumps(asdict(swept)), encoding="utf-8")


def _cpu() -> float:
    import os  # noqa: PLC0415 - as everything here: no contender pays for what it does not use

    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _with_splice(login: str, address: str, repetitions: int) -> tuple[int, int, int]:
    """The connector as the hub asks it: rows joined, read and spooled, in pages."""
    from pydantic import SecretStr  # noqa: PLC0415

    from connectors.discovery import open_source  # noqa: PLC0415
    from connectors.ports import StreamRead, SystemSettings  # noqa: PLC0415

    options: dict[str, Any] = {"repetitions": repetitions}
    secrets = {"community": SecretStr(COMMUNITY)}
    if login == "v3":
        options |= {"login": "v3", "user": USER, "auth_protocol": "sha256"}
        secrets = {"auth_key": SecretStr(AUTH_KEY), "priv_key": SecretStr(PRIV_KEY)}
    fields = ("serial", "operational_state", "administrative_state", "port", "optical_dbm", "optical_side")
    read = StreamRead("devices", "own", fields, ("serial",), options={"columns": COLUMNS})
    rows = total = values = 0
    settings = SystemSettings("olt", "snmp", address, options, secrets, PATIENCE_S)
    for page in open_source(settings).pages(read, None):
        rows += len(page.records)
        total += sum(int(record["serial"][4:]) for record in page.records)
        values += sum(record[name] is not None for record in page.records for name in fields[:-1])
    return rows, total, values


def _with_gufo(login: str, address: str, repetitions: int) -> tuple[int, int, int]:
    """gufo-snmp as its documentation uses it, one column after the other."""
    from gufo.snmp import Aes128Key, Sha256Key, User  # noqa: PLC0415
    from gufo.snmp.sync import SnmpSession  # noqa: PLC0415

    host, port = address.split(":")
    known: dict[str, Any] = {"community": COMMUNITY}
    if login == "v3":
        keys = {"auth_key": Sha256Key(AUTH_KEY.encode()), "priv_key": Aes128Key(PRIV_KEY.encode())}
        known = {"user": User(USER, **keys)}
    rows = total = values = 0
    with SnmpSession(host, port=int(port), timeout=PATIENCE_S, max_repetitions=repetitions, **known) as session:
        for column in OIDS:
            for _, value in session.getbulk(".".join(map(str, column))):
                values += 1
                if column == OIDS[0] and isinstance(value, bytes):
                    rows, total = rows + 1, total + int(value[4:])
    return rows, total, values


def _with_pysnmp(login: str, address: str, repetitions: int) -> tuple[int, int, int]:
    """pysnmp without its lookup in MIBs, which would make it three times slower."""
    from pysnmp.hlapi.v3arch import asyncio as hlapi  # noqa: PLC0415

    who: Any = hlapi.CommunityData(COMMUNITY, mpModel=1)  # noqa: S508
    if login == "v3":
        protocols = {"authProtocol": hlapi.USM_AUTH_HMAC192_SHA256, "privProtocol": hlapi.USM_PRIV_CFB128_AES}
        who = hlapi.UsmUserData(USER, AUTH_KEY, PRIV_KEY, **protocols)

    async def sweep() -> tuple[int, int, int]:
        rows = total = values = 0
        host, port = address.split(":")
        target = await hlapi.UdpTransportTarget.create((host, int(port)), timeout=PATIENCE_S, retries=0)
        engine = hlapi.SnmpEngine()
        for column in OIDS:
            asked = hlapi.ObjectType(hlapi.ObjectIdentity(column))
            walk = hlapi.bulk_walk_cmd(
                *(engine, who, target, hlapi.ContextData(), 0, repetitions, asked),
                lookupMib=False,
                lexicographicMode=False,
            )
            async for _error, _status, _index, bindings in walk:
                for name, value in bindings:
                    if tuple(name)[: len(column)] != column:
                        continue
                    values += 1
                    if column == OIDS[0]:
                        rows, total = rows + 1, total + int(bytes(value)[4:])
        return rows, total, values

    return asyncio.run(sweep())


def _with_net_snmp(login: str, address: str, repetitions: int) -> tuple[int, int, int]:
    """snmpbulkwalk, one process a column, which writes what it reads as text."""
    who = ["-v2c", "-c", COMMUNITY]
    if login == "v3":
        who = ["-v3", "-l", "authPriv", "-u", USER, "-a", "SHA-256", "-A", AUTH_KEY, "-x", "AES", "-X", PRIV_KEY]
    rows = total = values = 0
    for column in OIDS:
        command = ["snmpbulkwalk", *who, f"-Cr{repetitions}", "-Onq", "-t", str(PATIENCE_S), address]
        walked = subprocess.run([*command, ".".join(map(str, column))], capture_output=True, text=True, check=True)
        lines = walked.stdout.splitlines()
        values += len(lines)
        if column == OIDS[0]:
            rows, total = len(lines), sum(int(line.split('"')[1][4:]) for line in lines)
    return rows, total, values


SWEEPERS: dict[str, Callable[[str, str, int], tuple[int, int, int]]] = {
    "snmpbulkwalk": _with_net_snmp,
    "splice": _with_splice,
    "gufo-snmp": _with_gufo,
    "pysnmp": _with_pysnmp,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
