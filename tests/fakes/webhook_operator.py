"""A small operator whose only system sends events by itself, and a client that signs as it does."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from hub.workplace import Hub
from simulated_estate.servers.field_service_webhook import signed_headers
from tests.fakes.prepared_hub import prepared_hub

NOW = datetime(2026, 4, 5, 12, tzinfo=UTC)
SECRET, NEXT_SECRET = "what only two of us know", "what will be known soon"
ENVIRONMENT = {"JOBS_SECRET": SECRET, "JOBS_NEXT_SECRET": NEXT_SECRET, "JOBS_KEY": "unused"}

OPERATOR = """
operator: Small Fiber
markets:
  oldtown: {name: Old Town, zone: America/Chicago, currency: USD, technology: pon}
systems:
  jobs:
    kind: rest
    role: field
    address: http://127.0.0.1:9
    secrets: {api_key: env:JOBS_KEY}
    webhook:
      secrets: [env:JOBS_SECRET, env:JOBS_NEXT_SECRET]
      signing: {signature_header: X-Signature, timestamp_header: X-Signature-Timestamp}
      largest_body_kb: 64
  desk:
    kind: rest
    role: crm
    address: http://127.0.0.1:9
    secrets: {api_key: env:JOBS_KEY}
    webhook:
      secrets: [env:JOBS_SECRET]
      signing: {signature_header: X-Hub, prefix: "", encoding: base64, timestamp_header: null}
"""
CATALOGUE = """
price_digits: 2
back_bill_months: 6
proration: {oldtown: actual_actual}
offerings:
  - id: silver
    charge: access
    delivered_by: access
    technologies: [pon]
    billing_codes: [SLV]
    network_profiles: ["500/500"]
    prices:
      - {amount: 60.00, valid_from: 2020-01-01}
"""
DONE = """
system: jobs
stream: done
market: "'oldtown'"
webhook: {event_id: event, record: job}
read:
  object: v1/done
  key: [id]
  cursor: changed_at
  options: {rows: data}
  fields:
    id: text
    changed_at: timestamp
    done_at: timestamp
    tier: text?
  lists:
    devices: {kind: text, serial: text}
records:
  - entity: FieldCompletion
    fields:
      work_order_id: id
      completed_at: done_at
      installed_offering_id: {from: tier, values: {Silver: silver}}
  - entity: CompletionMaterial
    rows: devices
    fields: {work_order_id: id, kind: kind, serial: serial}
"""
STATES = """
system: desk
stream: states
market: "'oldtown'"
webhook: {events: changes}
read:
  object: v1/states
  key: [order]
  cursor: version
  options: {rows: data}
  fields: {order: text, version: integer, state: text}
records:
  - entity: ProductOrder
    fields: {order_number: order, account_number: "'A1'", order_type: "'new'", state: state}
"""
FILES = {
    "operator.yaml": OPERATOR,
    "catalogue.yaml": CATALOGUE,
    "mappings/done.yaml": DONE,
    "mappings/states.yaml": STATES,
}


def write_operator(folder: Path, **replaced: str) -> Path:
    """Write the operator's files; ``done="old=>new"`` replaces a part of the file of that name."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        change = replaced.get(Path(name).stem, "")
        old, arrow, new = change.partition("=>")
        assert not arrow or old in text, change
        path.write_text(text.replace(old, new) if arrow else text, encoding="utf-8")
    return folder


@contextmanager
def webhook_hub(folder: Path, address: str | None = None, **replaced: str) -> Iterator[Hub]:
    """A hub of the operator, in a folder of its own; ``address`` names its database."""
    write_operator(folder / "operator", **replaced)
    if address is not None:
        with (folder / "operator" / "operator.yaml").open("a", encoding="utf-8") as file:
            file.write("database: env:JOBS_DATABASE\n")
    environment = ENVIRONMENT | ({"JOBS_DATABASE": address} if address else {})
    with prepared_hub(folder / "operator", folder / "work", environment) as hub:
        yield hub


def job(number: int, minute: int = 0, **facts: Any) -> dict[str, Any]:
    """A job that was done, as its state was at a minute of the day."""
    stamp = f"2026-04-05T11:{minute:02d}:00Z"
    return {
        "id": f"W{number}",
        "changed_at": stamp,
        "done_at": "2026-04-05T10:00:00-05:00",
        "tier": "Silver",
        "devices": [{"kind": "ont", "serial": f"ABCD{number:08d}"}],
        **facts,
    }


def done(number: int, minute: int = 0, event: str = "", **facts: Any) -> dict[str, Any]:
    """The event that says so."""
    return {"event": event or f"e{number}-{minute}", "job": job(number, minute, **facts)}


def signed(body: bytes, secret: str = SECRET, at: datetime = NOW) -> dict[str, str]:
    """Headers of a request of the system ``jobs``."""
    return signed_headers(secret, body, at.timestamp())


def post(address: str, content: Any, stream: str = "jobs/done", **headers: str) -> httpx.Response:
    """Send something, signed as it should be unless headers say otherwise."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    sent = httpx.Headers(signed(body))
    sent.update(headers)
    with httpx.Client(trust_env=False, timeout=60) as client:
        return client.post(f"{address}/webhooks/{stream}", content=body, headers=sent)


def base64_signature(body: bytes) -> str:
    """How the system ``desk`` signs."""
    return b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
