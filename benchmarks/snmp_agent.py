"""A real agent with a long table: net-snmp's snmpd, which shows the lines of commands as rows.

What ``extend`` shows is indexed by the octets of a name and the number of a line. Names of three letters, the first
of which says the column, make of it a table of five columns that share their index, as the ONT table of an OLT does.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LINES = 4_000
"""Rows of one name; an ``extend`` of 20,000 lines breaks the stack of snmpd 5.9.3."""
MOST_ROWS = 100 * LINES
COMMUNITY, USER, AUTH_KEY, PRIV_KEY = "public", "lab", "lab-auth-key-1", "lab-priv-key-1"
_TABLE = (1, 3, 6, 1, 4, 1, 8072, 1, 3, 2, 4, 1, 2, 3)
_KINDS = ("serial", "state", "state", "port", "light")
OIDS = tuple((*_TABLE, ord(letter)) for letter in "abcde"[: len(_KINDS)])
_WRITTEN = [".".join(map(str, oid)) for oid in OIDS]
COLUMNS: dict[str, Any] = {
    "serial": {"oid": _WRITTEN[0]},
    "operational_state": {"oid": _WRITTEN[1], "states": {1: "up", 2: "down"}},
    "administrative_state": {"oid": _WRITTEN[2], "states": {1: "unlocked"}},
    "port": {"oid": _WRITTEN[3]},
    "optical": {"oid": _WRITTEN[4], "side": "ont_rx", "unit": "dbm_hundredth"},
}
"""The columns as a mapping's ``options`` say them."""
_SCRIPT = """\
#!/bin/sh
case $1 in
serial) seq -f CXNK%08.0f $2 $3 ;;
state) printf '1\\n%.0s' $(seq $2 $3) ;;
port) seq -f 1/1/%.0f $2 $3 ;;
light) seq -f -%.0f $((2000 + $2 % 500)) $((2000 + $2 % 500 + $3 - $2)) ;;
esac
"""


@contextmanager
def long_table(folder: Path, rows: int, program: str | None = None) -> Iterator[str]:
    """The address of an agent whose table has so many rows, a multiple of ``LINES``.

    Raises:
        RuntimeError: snmpd is not installed, or does not answer.
    """
    program = program or shutil.which("snmpd") or "/usr/sbin/snmpd"
    if not Path(program).exists():
        raise RuntimeError("snmpd is not installed (Debian: snmpd snmp)")
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "column"
    script.write_text(_SCRIPT, encoding="utf-8")
    script.chmod(0o755)
    port = _free_port()
    (folder / "snmpd.conf").write_text("\n".join([*_head(port), *_extends(script, rows)]) + "\n", encoding="utf-8")
    command = [
        program,
        "-f",
        "-C",
        "-c",
        str(folder / "snmpd.conf"),
        "-Lf",
        str(folder / "log"),
        "-p",
        str(folder / "pid"),
    ]
    with subprocess.Popen(
        command, env={"SNMP_PERSISTENT_DIR": str(folder / "state"), "PATH": "/usr/bin:/bin"}
    ) as agent:
        try:
            address = f"127.0.0.1:{port}"
            _wait_for(address)
            yield address
        finally:
            agent.terminate()


def _head(port: int) -> list[str]:
    return [
        f"agentAddress udp:127.0.0.1:{port}",
        "dontLogTCPWrappersConnects yes",
        f"rocommunity {COMMUNITY} 127.0.0.1",
        f'createUser {USER} SHA-256 "{AUTH_KEY}" AES "{PRIV_KEY}"',
        f"rouser {USER} authPriv",
    ]


def _extends(script: Path, rows: int) -> Iterator[str]:
    for letter, kind in zip("abcde", _KINDS, strict=True):
        for number in range(rows // LINES):
            first = number * LINES + 1
            yield f"extend -cacheTime 3600 {letter}{number:02} {script} {kind} {first} {first + LINES - 1}"


def _wait_for(address: str) -> None:
    question = ["snmpget", "-v2c", "-c", COMMUNITY, "-t", "0.2", "-r", "0", address, "1.3.6.1.2.1.1.1.0"]
    for _ in range(100):
        if subprocess.run(question, capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError(f"snmpd does not answer at {address}")


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
