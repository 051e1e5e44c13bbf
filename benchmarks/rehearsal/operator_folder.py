"""The operator whose markets are taken over in a rehearsal: its folder, written anew."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from canonical_model.catalogue import Catalogue, OfferingPrice, ProductOffering, Proration

TIERS: Mapping[str, tuple[str, int]] = {
    "fiber-300": ("49.99", 300),
    "fiber-500": ("69.99", 500),
    "fiber-1000": ("89.99", 1000),
}
CODES: Mapping[str, str] = {"fiber-300": "INT-300", "fiber-500": "INT-500", "fiber-1000": "INT-1000"}
SHARED = ("crm", "billing", "fsm")
ROLES = {"crm": "crm", "billing": "billing", "fsm": "field"}
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix")
NOWHERE = "http://127.0.0.1:9"

_MAPPING = """
system: {system}
stream: all
market: {market}
read:
  object: everything
  key: [id]
  options: {{rows: data}}
  fields: {{id: text, market: text, money: money(2), day: date, at: timestamp}}
records:
"""
_RECORDS: Mapping[str, Mapping[str, str]] = {
    "crm": {
        "ProductOrder": "order_number: id, account_number: id, order_type: \"'new'\", state: \"'completed'\"",
        "Premise": "address: id",
    },
    "billing": {
        "Subscription": (
            "subscription_id: id, account_number: id, billing_code: id, state: \"'active'\", starts_on: day"
        ),
        "ChargeLine": (
            "account_number: id, billing_code: id, rate_minor: money, amount_minor: money, currency: \"'USD'\", "
            "covers_from: day, covers_to: day, billed_on: day"
        ),
    },
    "fsm": {
        "WorkOrder": "work_order_id: id, order_number: id, work_type: \"'install'\", state: \"'completed'\"",
        "FieldCompletion": "work_order_id: id, completed_at: at",
    },
    "network": {"NetworkObservation": "serial: id, element: id, observed_at: at, operational_state: \"'up'\""},
}
"""What each kind of system tells, so that feeds are known by it; records are said past these mappings."""

_WRITES: Mapping[str, tuple[str, Sequence[str], Sequence[str]]] = {
    # command: system, what is sent, what a look has to show
    "start_billing": (
        "billing",
        ("market", "account_number", "billing_code", "starts_on", "order_number"),
        ("account_number", "billing_code", "starts_on"),
    ),
    "set_customer_status": (
        "crm",
        ("order_number", "account_number", "status", "completed_at"),
        ("order_number", "status"),
    ),
    "create_work_order": (
        "fsm",
        ("market", "order_number", "work_type", "scheduled_for", "expected_serial", "address", "note"),
        ("order_number", "work_type"),
    ),
    "update_work_order": (
        "fsm",
        ("work_order_id", "scheduled_for", "expected_serial", "note"),
        ("work_order_id", "expected_serial"),
    ),
    "close_work_order": ("fsm", ("work_order_id", "outcome", "closed_at", "note"), ("work_order_id", "outcome")),
    "notify_staff": ("crm", ("recipient", "role", "title", "body"), ("recipient", "title")),
}


def write_folder(folder: Path, markets: Mapping[str, str], handoffs: str) -> None:
    """Write everything that an operator's folder holds.

    Args:
        folder: made where it is missing.
        markets: zone by the market's id.
        handoffs: text of handoffs.yaml.
    """
    (folder / "mappings").mkdir(parents=True)
    (folder / "commands").mkdir()
    _write(folder / "operator.yaml", _operator(markets))
    _write(folder / "catalogue.yaml", catalogue(markets).model_dump(mode="json", exclude_none=True))
    _write(folder / "network.yaml", network(markets))
    (folder / "handoffs.yaml").write_text(handoffs, encoding="utf-8")
    for system in SHARED:
        _mapping(folder, system, "market", system)
    for market in markets:
        _mapping(folder, olt_of(market), f"\"'{market}'\"", "network")
    for command, (system, sent, seen) in _WRITES.items():
        _write(folder / "commands" / f"{command.replace('_', '-')}.yaml", _command(command, system, sent, seen))


def olt_of(market: str) -> str:
    """The element on which a market's terminals are; also the system that tells of them."""
    return f"olt-{market}"


def aaa_of(market: str) -> str:
    """The element that knows a market's sessions."""
    return f"aaa-{market}"


def catalogue(markets: Mapping[str, str]) -> Catalogue:
    """Three tiers, billed by the days of each month."""
    return Catalogue(
        offerings=tuple(
            ProductOffering(
                id=tier,
                charge="access",
                delivered_by="access",
                billing_codes=(CODES[tier],),
                network_profiles=(f"{speed}/{speed}",),
                prices=(OfferingPrice(amount=Decimal(price), valid_from=date(2020, 1, 1)),),
            )
            for tier, (price, speed) in TIERS.items()
        ),
        proration=dict.fromkeys(markets, Proration(convention="actual_actual")),
    )


def network(markets: Mapping[str, str]) -> dict[str, Any]:
    """An OLT and an AAA server for each market."""
    elements: dict[str, Any] = {}
    for market in markets:
        for name, driver in ((olt_of(market), "netconf_bbf"), (aaa_of(market), "radius_sql")):
            elements[name] = {
                "driver": driver,
                "market": market,
                "address": "127.0.0.1:9",
                "secrets": {"password": "env:REHEARSAL"},
            }
        elements[olt_of(market)] |= {"variant": "calix_axos", "options": {"username": "splice", "host_key": "none"}}
    tiers = [{"offering": tier, "down": speed, "up": speed, "aaa_group": tier} for tier, (_, speed) in TIERS.items()]
    return {
        "elements": elements,
        "layers": {market: {"aaa": aaa_of(market)} for market in markets},
        "profiles": [{"technology": "pon", "vlans": {"outer": 700, "inner_from": 1000}, "tiers": tiers}],
        "verification": [{"technology": "pon", "checks": ["registered", "serial", "session"]}],
    }


def _operator(markets: Mapping[str, str]) -> dict[str, Any]:
    systems: dict[str, Any] = {name: {"kind": "rest", "role": ROLES[name], "address": NOWHERE} for name in SHARED}
    for market in markets:
        systems[olt_of(market)] = {"kind": "rest", "role": "network", "market": market, "address": NOWHERE}
    return {
        "operator": "Rehearsal",
        "markets": {
            market: {"name": market.title(), "zone": zone, "currency": "USD", "technology": "pon"}
            for market, zone in markets.items()
        },
        "systems": systems,
        "limits": {"shrink_percent": 20},
        "engine": {"processes": 1, "memory_limit_mb": 300},
    }


def _mapping(folder: Path, system: str, market: str, kind: str) -> None:
    lines = "".join(f"  - {{entity: {name}, fields: {{{fields}}}}}\n" for name, fields in _RECORDS[kind].items())
    (folder / "mappings" / f"{system}.yaml").write_text(_MAPPING.format(system=system, market=market) + lines)


def _command(command: str, system: str, sent: Sequence[str], seen: Sequence[str]) -> dict[str, Any]:
    return {
        "command": command,
        "system": system,
        "repeats": "keyed",
        "send": {
            "object": f"writes/{command}",
            "options": {"method": "POST", "key_header": "Idempotency-Key"},
            "fields": {"key": "idempotency_key", **{name: name for name in sent}},
        },
        "look": {
            "object": f"writes/{command}/{{key}}",
            "key": {"key": "idempotency_key"},
            "reference": "id",
            "expect": {name: name for name in seen},
        },
    }


def _write(file: Path, content: object) -> None:
    file.write_text(json.dumps(content, indent=1), encoding="utf-8")
