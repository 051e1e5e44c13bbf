"""An operator with the elements of five vendors, swept and heard: one mapping for devices, one for events."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import select

from canonical_model.network import NetworkEvent, NetworkObservation
from hub.inbox import StreamTaken, take_inbox
from hub.listening.ears import Ears, listening
from hub.sync import sync_stream
from hub.webhooks.group_commit import Write, writing_to
from hub.workplace import Hub
from simulated_estate.books import Books, DeviceRow
from simulated_estate.servers.serve import CREDENTIALS, RunningEstate, serve_estate
from storage.inbox import InboxEvent, inbox_events
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.columns import STILL_KNOWN
from tests.fakes.prepared_hub import prepared_hub
from tests.fakes.webhook_operator import CATALOGUE

COMMUNITY = CREDENTIALS["network"]["community"]
ELEMENTS = {
    "rb-olt-calix": ("calix_axos", "CXNK"),
    "rb-olt-adtran": ("adtran_ta5000", "ADTN"),
    "rb-olt-nokia": ("nokia_isam", "ALCL"),
    "ms-sw-ciena": ("ciena_saos_ae", "CIEN"),
    "ns-ap-cambium": ("cambium_fwa", "0A00"),
}
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
HEAD = """
operator: Small Fiber
markets:
  oldtown: {name: Old Town, zone: America/Chicago, currency: USD, technology: pon}
systems:
"""
BLOCK = """
  {name}:
    kind: snmp
    role: network
    market: oldtown
    address: {address}
    stream_options: {{profile: {profile}}}
    secrets: {{community: env:SNMP_COMMUNITY}}
    listens: {{senders: [{source}]}}
    timeout_s: 5
"""
DEVICES = Path(__file__).parents[2] / "examples" / "lumen_valley" / "mappings" / "network-devices.yaml"
EVENTS = f"""
systems: [{", ".join(ELEMENTS)}]
stream: events
listens: {{profile: true, rereads: devices}}
read:
  object: notifications
  key: [event_id]
  cursor: received_at
  fields:
    event_id: text
    event: text
    serial: text?
    index: text?
    port: text?
    occurred_at: timestamp?
    received_at: timestamp
records:
  - entity: NetworkEvent
    fields:
      serial: serial
      element: system_name
      port: port
      kind: event
      occurred_at: COALESCE(occurred_at, received_at)
"""


def device(serial: str, port: str = "1/1/1", oper_state: str = "up") -> DeviceRow:
    """A device in service."""
    return DeviceRow(serial, port, oper_state, "500/500", Decimal(-20), SINCE, SINCE, SINCE)


@dataclass
class NetworkOperator:
    """The operator's hub and the network it watches."""

    hub: Hub
    estate: RunningEstate
    folder: Path

    def row(self, element: str) -> DeviceRow:
        """The first device of an element."""
        return self.estate.books.network[element][0]

    @contextmanager
    def hearing(self, write: Write | None = None, informs: bool = False) -> Iterator[Ears]:
        """In the block the hub hears what the elements tell."""
        with listening(self.hub, write or writing_to(self.hub.database), now, "127.0.0.1", 0) as ears:
            self.estate.network_events.target = ("127.0.0.1", int(ears.addresses[0].rpartition(" ")[2]))
            self.estate.network_events.informs = informs
            yield ears
            self.estate.network_events.target = None

    def sweep(self, *elements: str) -> None:
        """Read every device of some elements; of all where none is named."""
        for element in elements or ELEMENTS:
            sync_stream(self.hub, element, "devices", now())

    def take(self) -> dict[tuple[str, str], StreamTaken]:
        """Take in what was heard."""
        return {(one.system, one.stream): one for one in take_inbox(self.hub, now())}

    def inbox(self) -> Sequence[InboxEvent]:
        """All that was heard."""
        with self.hub.database.reading() as connection:
            return inbox_events(connection, most=1_000)

    def events(self) -> list[tuple[str, str, str]]:
        """Element, serial and kind of each event that is known."""
        table = CANONICAL_TABLES[NetworkEvent]
        query = select(table.c.element, table.c.serial, table.c.kind).where(table.c.known_to == STILL_KNOWN)
        with self.hub.database.reading() as connection:
            return sorted((element, serial, kind) for element, serial, kind in connection.execute(query))

    def devices(self) -> list[tuple[str, str, str]]:
        """Element, serial and state of each device that is known."""
        table = CANONICAL_TABLES[NetworkObservation]
        columns = (table.c.element, table.c.serial, table.c.operational_state)
        with self.hub.database.reading() as connection:
            found = connection.execute(select(*columns).where(table.c.known_to == STILL_KNOWN))
            return sorted((element, serial, state) for element, serial, state in found)


def now() -> datetime:
    """The moment, as the hub's clock has it."""
    return datetime.now(UTC)


@contextmanager
def network_operator(folder: Path, more: Mapping[str, str] = MappingProxyType({})) -> Iterator[NetworkOperator]:
    """The operator at work, one device on each element; ``more`` are further files, or others for some."""
    rows = {name: [device(f"{letters}00000001")] for name, (_, letters) in ELEMENTS.items()}
    with ExitStack() as stack:
        estate = stack.enter_context(serve_estate(Books(network=rows)))
        blocks = [
            BLOCK.format(
                name=name,
                profile=profile,
                address=estate.addresses[name],
                source=estate.network_events.sources[name],
            )
            for name, (profile, _) in ELEMENTS.items()
        ]
        files = {
            "operator.yaml": HEAD + "".join(blocks),
            "catalogue.yaml": CATALOGUE,
            "mappings/network-devices.yaml": DEVICES.read_text(encoding="utf-8"),
            "mappings/network-events.yaml": EVENTS,
            **more,
        }
        for name, text in files.items():
            path = folder / "operator" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        hub = stack.enter_context(prepared_hub(folder / "operator", folder / "work", {"SNMP_COMMUNITY": COMMUNITY}))
        yield NetworkOperator(hub, estate, folder)
