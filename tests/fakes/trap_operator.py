"""An operator whose OLTs send traps: one by a community, one as a user of v3; and senders from net-snmp."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.workplace import Hub
from tests.fakes.prepared_hub import prepared_hub
from tests.fakes.webhook_operator import CATALOGUE

COMMUNITY, AUTH_KEY, PRIV_KEY = "community-of-traps", "an-auth-key-of-ours", "a-priv-key-of-ours"
ENVIRONMENT = {"OLT_COMMUNITY": COMMUNITY, "OLT_AUTH": AUTH_KEY, "OLT_PRIV": PRIV_KEY}
ENGINE = "80001f88800102030405"
DYING_GASP, ARRIVAL, OTHER = (f"1.3.6.1.4.1.664.6.10000.76.1.1.5.1.0.{number}" for number in (38, 16, 5))
TEXT = "1.3.6.1.2.1.2.2.1.2"

OPERATOR = f"""
operator: Small Fiber
markets:
  oldtown: {{name: Old Town, zone: America/Chicago, currency: USD, technology: pon}}
systems:
  olt-a:
    kind: snmp
    role: network
    market: oldtown
    address: 127.0.0.1:9
    secrets: {{community: env:OLT_COMMUNITY}}
    listens: {{senders: [127.0.0.0/8]}}
  olt-b:
    kind: snmp
    role: network
    market: oldtown
    address: 127.0.0.1:9
    options: {{login: v3, user: hub, auth_protocol: sha256}}
    secrets: {{auth_key: env:OLT_AUTH, priv_key: env:OLT_PRIV}}
    listens: {{senders: [127.0.0.1, "::1"], engine_id: "{ENGINE}"}}
"""
EVENTS = f"""
systems: [olt-a, olt-b]
stream: events
listens:
  kinds: [{DYING_GASP}, {ARRIVAL}]
  fields: {{what: {TEXT}}}
read:
  object: notifications
  key: [event_id]
  cursor: received_at
  fields:
    event_id: text
    kind: text
    what: text
    received_at: timestamp
records:
  - entity: NetworkEvent
    fields:
      serial: "SPLIT_PART(SPLIT_PART(what, 'Serial No: ', 2), ',', 1)"
      element: system_name
      port: "SPLIT_PART(what, ', ONT Serial', 1)"
      kind: {{from: kind, values: {{{DYING_GASP}: dying_gasp, {ARRIVAL}: arrival}}}}
      occurred_at: received_at
"""


@contextmanager
def trap_hub(folder: Path, address: str | None = None) -> Iterator[Hub]:
    """A hub of the operator; ``address`` names its database."""
    operator = folder / "operator"
    (operator / "mappings").mkdir(parents=True, exist_ok=True)
    database = "database: env:OLT_DATABASE\n" if address else ""
    (operator / "operator.yaml").write_text(OPERATOR + database, encoding="utf-8")
    (operator / "catalogue.yaml").write_text(CATALOGUE, encoding="utf-8")
    (operator / "mappings" / "events.yaml").write_text(EVENTS, encoding="utf-8")
    environment = ENVIRONMENT | ({"OLT_DATABASE": address} if address else {})
    with prepared_hub(operator, folder / "work", environment) as hub:
        yield hub


@dataclass(frozen=True)
class Element:
    """Sends notifications as a device does, by net-snmp's own programs."""

    programs: dict[str, Path]
    port: int

    def send(
        self,
        who: list[str],
        serial: str,
        kind: str = DYING_GASP,
        uptime: int = 1,
        inform: bool = False,
        repeats: int = 30,
    ) -> int:
        """Send one, an inform again each second; the status tells whether an inform was acknowledged."""
        program = self.programs["snmpinform" if inform else "snmptrap"]
        said = f"Shelf: 1, Slot: 2, Pon: 12, ONT: 7, ONT Serial No: {serial}, ONT Reg ID: "
        values = [f"{TEXT}.1647320064", "s", said, "1.3.6.1.2.1.2.2.1.1.1647320064", "i", "1647320064"]
        patience = ["-t", "1", "-r", str(repeats)] if inform else []
        command = [str(program), *who, *patience, f"127.0.0.1:{self.port}", str(uptime), kind, *values]
        return subprocess.run(command, capture_output=True, check=False, timeout=120).returncode


def by_community(community: str = COMMUNITY) -> list[str]:
    return ["-v2c", "-c", community]


def by_user(
    auth: str = AUTH_KEY, priv: str = PRIV_KEY, level: str = "authPriv", engine: str | None = ENGINE
) -> list[str]:
    known = ["-v3", "-u", "hub", "-l", level, "-a", "SHA-256", "-A", auth, "-x", "AES", "-X", priv]
    return [*known, "-e", engine] if engine else known
