"""An operator who takes devices out of service and labels them: an element of the estate that may be written to."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from handoffs.commands import Command
from hub.workplace import Hub
from simulated_estate.books import Books, DeviceRow
from simulated_estate.servers.serve import CREDENTIALS, RunningEstate, serve_estate
from tests.fakes.effects import START, HandClock
from tests.fakes.prepared_hub import prepared_hub
from tests.fakes.webhook_operator import CATALOGUE

ELEMENT = "rb-olt-adtran"
SECRETS = {"OLT_READS": CREDENTIALS["network"]["community"], "OLT_WRITES": CREDENTIALS["network"]["write_community"]}
OPERATOR = """
operator: Small Fiber
markets:
  oldtown: {{name: Old Town, zone: America/Chicago, currency: USD, technology: pon}}
systems:
  olt:
    kind: snmp
    role: network
    market: oldtown
    address: {address}
    secrets: {{community: env:OLT_READS, write_community: env:OLT_WRITES}}
    timeout_s: {timeout_s}
effects: {{most_sends: 3, most_looks: 4, waits: [30s, 2m]}}
"""
DECLARED = "declared: {oldtown: {order_to_provisioning: active}}\n"
STATE = """
command: set_device_state
system: olt
send:
  object: "{serial}"
  key: {serial: serial}
  options: {row_by: 1.3.6.1.4.1.664.6.10000.76.1.1.2.3.1.1}
  fields:
    1.3.6.1.4.1.664.6.10000.76.1.1.2.3.1.4: CASE administrative_state WHEN 'locked' THEN 3 ELSE 1 END
"""
LABEL = """
command: label_device
system: olt
send:
  object: "{index}"
  key: {index: index}
  fields: {1.3.6.1.4.1.664.6.10000.76.1.1.2.3.1.2: label}
"""


def lock(number: int = 1, attempt: int = 1, state: str = "locked") -> Command:
    """Take a device out of service."""
    return _order("set_device_state", number, attempt, administrative_state=state)


def label(text: str, number: int = 1, attempt: int = 1) -> Command:
    """Write something beside a device."""
    return _order("label_device", number, attempt, index=str(number), label=text)


def _order(name: str, number: int, attempt: int, **fields: str) -> Command:
    serial = f"ADTN{number:08}"
    return Command(
        name,
        "oldtown",
        "order_to_provisioning",
        f"device/{serial}",
        {"serial": serial, **fields},
        f"{serial}/{name}/{attempt}",
    )


@dataclass
class DeviceOperator:
    """The operator's hub and the element it writes to."""

    hub: Hub
    estate: RunningEstate
    clock: HandClock
    folder: Path

    @property
    def device(self) -> DeviceRow:
        """The first device."""
        return self.estate.books.network[ELEMENT][0]

    @property
    def done(self) -> int:
        """How often something was set."""
        return len(self.estate.write_log.of(ELEMENT))


@contextmanager
def device_operator(
    folder: Path, timeout_s: float = 2.0, secrets: dict[str, str] = SECRETS
) -> Iterator[DeviceOperator]:
    """The operator at work, with a clock that is moved by hand."""
    rows = [
        DeviceRow(f"ADTN{number:08}", f"1/1/{number}", "up", "500/500", Decimal(-20), START, START, START)
        for number in (1, 2, 3)
    ]
    with ExitStack() as stack:
        estate = stack.enter_context(serve_estate(Books(network={ELEMENT: rows})))
        files = {
            "handoffs.yaml": DECLARED,
            "operator.yaml": OPERATOR.format(address=estate.addresses[ELEMENT], timeout_s=timeout_s),
            "catalogue.yaml": CATALOGUE,
            "commands/state.yaml": STATE,
            "commands/label.yaml": LABEL,
        }
        for name, text in files.items():
            path = folder / "operator" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        hub = stack.enter_context(prepared_hub(folder / "operator", folder / "work", secrets))
        yield DeviceOperator(hub, estate, HandClock(), folder)
