"""An OLT on loopback: netconfd with modules shaped after TR-385, behind an SSH server of its own.

The state of the interfaces can be written in these modules, so that a test plays the plant: it connects terminals and
takes them away.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from canonical_model.errors import RetryableError
from provisioning.driver import ElementSettings
from provisioning.netconf.optics import HARDWARE, TRANSCEIVERS, XPON
from provisioning.netconf.session import NetconfLogin, NetconfSession
from tests.ports import free_port

FRONT = Path(__file__).parent / "netconf" / "lying_front.py"
MODULES = Path(__file__).parent / "netconf" / "yang"
START_TIMEOUT_S = 60.0
PORTS = ("1", "2")
TIERS = (100, 300, 500, 1000)

_SSHD = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile {folder}/sshd.pid
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
AuthorizedKeysFile {folder}/login.pub
Subsystem netconf "{subsystem} --ncxserver-sockname={port}@{folder}/socket"
"""
_IF = "urn:ietf:params:xml:ns:yang:ietf-interfaces"
_XIFT = "urn:bbf:yang:bbf-xpon-if-type"
_STATES = "urn:bbf:yang:bbf-xpon-onu-types"


@dataclass(frozen=True, slots=True)
class NetconfOlt:
    """A running OLT with two ports, empty."""

    folder: Path
    port: int
    daemons: tuple[int, ...]

    @property
    def host_key(self) -> str:
        return (self.folder / "host.pub").read_text().split()[1]

    def settings(self, **given: object) -> ElementSettings:
        """How a driver reaches it."""
        facts: dict[str, object] = {
            "name": "olt-1",
            "kind": "netconf_bbf",
            "address": f"127.0.0.1:{self.port}",
            "options": {"username": "root", "host_key": self.host_key},
            "secrets": {"key": SecretStr(str(self.folder / "login"))},
        }
        return ElementSettings(**{**facts, **given})  # type: ignore[arg-type]

    def session(self) -> NetconfSession:
        """A session of the plant, or of somebody else."""
        return NetconfSession(
            "the plant", NetconfLogin("127.0.0.1", self.port, "root", self.host_key, None, str(self.folder / "login"))
        )

    def kill(self) -> None:
        """End it at once, as a cut of power would."""
        for pid in self.daemons:
            os.kill(pid, signal.SIGKILL)

    def lie(self, lie: str) -> None:
        """Let it lie from now on (``told_http.Lie``); nothing ends it."""
        (self.folder / "lie").write_text(lie)

    def plug(self, serial: str, port: str, v_ani: str | None = None) -> None:
        """Connect a terminal; with a ``v-ani`` it is the one that the OLT expects there."""
        state = "and-no-v-ani-known-and-unclaimed" if v_ani is None else "and-on-intended-channel-termination"
        seen = f"""
        <interfaces-state xmlns="{_IF}">
          <interface>
            <name>channel-termination.{port}</name>
            <type xmlns:x="{_XIFT}">x:channel-termination</type>
            <channel-termination xmlns="urn:bbf:yang:bbf-xpon">
              <onus-present-on-local-channel-termination xmlns="urn:bbf:yang:bbf-xpon-onu-state">
                <onu>
                  <detected-serial-number>{serial}</detected-serial-number>
                  <onu-presence-state xmlns:s="{_STATES}">s:onu-present-{state}</onu-presence-state>
                  <onu-detected-datetime>2026-11-05T11:58:00+00:00</onu-detected-datetime>
                </onu>
              </onus-present-on-local-channel-termination>
            </channel-termination>
          </interface>
          {"" if v_ani is None else self._bound(serial, port, v_ani, state)}
        </interfaces-state>"""
        self.edit(seen)

    def shine(self, serial: str, tenths: int) -> None:
        """What the OLT receives from a terminal, in tenths of a dBm."""
        heard = f"<detected-serial-number>{serial}</detected-serial-number><rssi>{tenths}</rssi>"
        self.edit(f"""
        <hardware-state xmlns="{HARDWARE}"><component><name>pon-1</name>
        <transceiver-link xmlns="{TRANSCEIVERS}"><diagnostics><rssi-onu xmlns="{XPON}">{heard}</rssi-onu>
        </diagnostics></transceiver-link></component></hardware-state>""")

    def unplug(self, serial: str, port: str) -> None:
        """Take a terminal away."""
        self.edit(f"""
        <interfaces-state xmlns="{_IF}" xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0">
          <interface>
            <name>channel-termination.{port}</name>
            <channel-termination xmlns="urn:bbf:yang:bbf-xpon">
              <onus-present-on-local-channel-termination xmlns="urn:bbf:yang:bbf-xpon-onu-state">
                <onu nc:operation="delete"><detected-serial-number>{serial}</detected-serial-number></onu>
              </onus-present-on-local-channel-termination>
            </channel-termination>
          </interface>
        </interfaces-state>""")

    def edit(self, config: str) -> None:
        """Change anything, as somebody else than the hub.

        netconfd was seen to leave the first request of a session without an answer; nothing has changed then, and it
        is tried once more in another one.
        """
        try:
            self._edit(config)
        except RetryableError:
            self._edit(config)

    def _edit(self, config: str) -> None:
        with closing(self.session()) as session:
            session.change(config, lambda: True, "plant", back=str)

    def _bound(self, serial: str, port: str, v_ani: str, state: str) -> str:
        return f"""
          <interface>
            <name>{v_ani}</name>
            <type xmlns:x="{_XIFT}">x:v-ani</type>
            <v-ani xmlns="urn:bbf:yang:bbf-xponvani">
              <onu-presence-state xmlns:s="{_STATES}">s:onu-present-{state}</onu-presence-state>
              <onu-present-on-this-olt>
                <detected-serial-number>{serial}</detected-serial-number>
                <onu-present-on-this-channel-termination>channel-termination.{port}</onu-present-on-this-channel-termination>
              </onu-present-on-this-olt>
            </v-ani>
          </interface>"""


@contextmanager
def netconf_olt(
    commands: dict[str, Path], folder: Path, *, lies: bool = False, target: str = "candidate"
) -> Iterator[NetconfOlt]:
    """Start an OLT in an empty folder, and stop it at the end.

    Args:
        commands: of the peer.
        folder: that is not there yet.
        lies: whether it can be made to lie.
        target: ``candidate``, or ``running`` for a device that has no other datastore.
    """
    port = free_port()
    (folder / "home").mkdir(parents=True)
    for name in ("host", "login"):
        subprocess.run([commands["ssh-keygen"], "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    Path("/run/sshd").mkdir(exist_ok=True)
    subsystem = str(commands["netconf-subsystem"])
    if lies:
        subsystem = f"{sys.executable} {FRONT} {folder}/lie {subsystem}"
    (folder / "sshd_config").write_text(_SSHD.format(port=port, folder=folder, subsystem=subsystem))
    environment = os.environ | {"HOME": str(folder / "home"), "YUMA_MODPATH": f"{MODULES}:/usr/share/yuma/modules"}
    modules = [f"--module={path.name.partition('@')[0]}" for path in sorted(MODULES.glob("*.yang"))]
    with (folder / "netconfd.out").open("wb") as out:
        server = subprocess.Popen(
            [
                commands["netconfd"],
                "--no-startup",
                f"--target={target}",
                "--with-startup=false",
                "--access-control=off",
                "--superuser=root",
                f"--port={port}",
                f"--ncxserver-sockname={folder}/socket",
                f"--log={folder}/netconfd.log",
                *modules,
            ],
            env=environment,
            cwd=folder,  # where it keeps what it would go back to
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
        ssh = subprocess.Popen(
            [commands["sshd"], "-D", "-f", folder / "sshd_config", "-E", folder / "sshd.log"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        _wait_for(folder / "socket", port, server)
        olt = NetconfOlt(folder, port, (server.pid, ssh.pid))
        olt.edit(_plant())
        yield olt
    finally:
        ssh.terminate()
        server.kill()  # asked to end it would take a second for that, and nothing of it is kept
        for process in (ssh, server):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(server_socket: Path, port: int, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while not (server_socket.exists() and _is_open(port)):
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"netconfd did not start: see {server_socket.parent}/netconfd.log")
        time.sleep(0.02)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _plant() -> str:
    """Ports, and the policies that shape what goes down."""
    interfaces = "".join(
        f'<interface><name>{kind}.{port}</name><type xmlns:x="{_XIFT}">x:{kind}</type></interface>'
        for port in PORTS
        for kind in ("channel-partition", "channel-pair")
    )
    policies = "".join(f"<policy-profile><name>down-{rate}</name></policy-profile>" for rate in TIERS)
    return (
        f'<interfaces xmlns="{_IF}">{interfaces}</interfaces>'
        f'<qos-policy-profiles xmlns="urn:bbf:yang:bbf-qos-policies">{policies}</qos-policy-profiles>'
    )
