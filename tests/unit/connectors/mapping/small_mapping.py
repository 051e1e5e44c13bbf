"""A mapping of a small billing system, and ways to run pages through it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.mapping import MappedBatch, MappedSystem, PageMapper, StreamMapping, read_mappings
from connectors.ports import Capabilities, Option

PULLED_AT = datetime(2026, 4, 5, 12, tzinfo=UTC)
MARKETS = ("oldtown", "newtown")

LEDGER = MappedSystem(
    "ledger",
    Capabilities(
        kind="paper",
        protocol="paper 1",
        logins=("none",),
        incremental=True,
        deletes="invisible",
        total=True,
        stream_options=(Option("drawer", "which drawer", required=True), Option("colour", "of the paper")),
    ),
)

LINES = """
system: ledger
stream: lines
market: {from: town, values: {OLD: oldtown, NEW: newtown}}
read:
  object: Line
  key: [id]
  cursor: changed
  options: {drawer: top}
  fields:
    id: text
    town: text
    account: text
    subscription: text?
    code: text
    rate: money(2)
    amount: money(2)
    first_day: date
    last_day: date
    billed: date
    changed: timestamp
records:
  - entity: ChargeLine
    fields:
      account_number: REPLACE(account, 'A-', '')
      subscription_id: subscription
      billing_code: code
      rate_minor: rate
      amount_minor: amount
      currency: "'USD'"
      covers_from: first_day
      covers_to: ADD_DAYS(last_day, 1)
      billed_on: billed
"""

JOBS = """
system: ledger
stream: jobs
market: "'oldtown'"
read:
  object: Job
  key: [id]
  options: {drawer: top}
  fields:
    id: text
    order: text
    done: timestamp
    place.lat: number?
    kind: text?
  lists:
    visits:
      number: integer
      arrived: timestamp?
    boxes.box:
      id: text
      kind: text
records:
  - entity: FieldCompletion
    where: COALESCE(kind, '') <> 'draft'
    fields: {work_order_id: order, completed_at: done, latitude: '"place.lat"'}
  - entity: WorkOrderVisit
    rows: visits
    fields: {work_order_id: order, visit_number: number, arrived_at: arrived}
  - entity: CompletionMaterial
    rows: boxes.box
    id: '"parent.id" || ''/'' || id'
    fields: {work_order_id: order, kind: kind, serial: id}
"""


def line(**changed: Any) -> dict[str, Any]:
    """A raw record that `LINES` maps; a field that is changed to ... is left out."""
    record = {
        "id": "1",
        "town": "OLD",
        "account": "A-0042",
        "subscription": "s-1",
        "code": "SLV",
        "rate": "60.00",
        "amount": "60.00",
        "first_day": "2026-03-01",
        "last_day": "2026-03-31",
        "billed": "2026-04-01",
        "changed": "2026-04-01T02:00:00Z",
    }
    return {name: value for name, value in {**record, **changed}.items() if value is not ...}


def job(**changed: Any) -> dict[str, Any]:
    """A raw record that `JOBS` maps."""
    return {
        "id": "j1",
        "order": "w1",
        "done": "2026-03-01T10:00:00-05:00",
        "place": {"lat": "40.5"},
        "kind": None,
        "visits": [{"number": 1, "arrived": "2026-03-01T09:00:00-05:00"}],
        "boxes": {"box": [{"id": "abcd12345678", "kind": "ont"}]},
        **changed,
    }


def faults_of(*texts: str, systems: Sequence[MappedSystem] = (LEDGER,)) -> list[str]:
    """What reading the files has to say, a line each."""
    faults: list[Any] = []
    files = {f"mappings/{number}.yaml": text for number, text in enumerate(texts)}
    read_mappings(files, faults, systems={system.name: system for system in systems}, markets=MARKETS)
    return [str(fault) for fault in faults]


def mapping_of(text: str, system: MappedSystem = LEDGER) -> StreamMapping:
    faults: list[Any] = []
    mappings = read_mappings({"mappings/0.yaml": text}, faults, systems={system.name: system}, markets=MARKETS)
    assert [str(fault) for fault in faults] == []
    return mappings[0]


def mapped(text: str, *records: dict[str, Any], system: MappedSystem = LEDGER) -> MappedBatch:
    """One page through a new mapper."""
    mapper = PageMapper(mapping_of(text, system), system)
    batch = mapper.map_page(records, PULLED_AT)
    mapper.close()
    return batch


def reason(text: str, record: dict[str, Any]) -> str:
    """Why the record is rejected; empty where it is not."""
    (raw,) = mapped(text, record).raws
    return raw.rejection.reason if raw.rejection else ""
