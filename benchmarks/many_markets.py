"""An operator of many markets, each with a CRM and a billing system of its own in SQLite files; its deployments."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import yaml

LINES_A_ACCOUNT = 12
HANDOFF = "field_to_billing"
APPROVER = "ann"
_OFF = {"off": {"owner": "lee", "reason": "what is measured is the desk", "until": "2099-01-01"}}
_NOT_ASKED_FOR = ("key_coverage", "feed_age", "feeds_whole", "run_age", "unmapped_revenue")
CATALOGUE = """
price_digits: 2
back_bill_months: 6
proration: {{{proration}}}
offerings:
  - {{id: silver, charge: access, delivered_by: access, technologies: [pon], billing_codes: [SLV],
     network_profiles: ["500/500"], prices: [{{amount: 60.00, valid_from: 2020-01-01}}]}}
"""
ACCOUNTS = """
system: crm-{market}
stream: accounts
market: "'{market}'"
read:
  object: account
  key: [id]
  cursor: changed
  options: {{zone: UTC}}
  fields: {{id: text, number: text, changed: timestamp}}
records:
  - entity: BillingAccount
    fields: {{account_number: number}}
"""
LINES = """
system: bills-{market}
stream: lines
market: "'{market}'"
read:
  object: line
  key: [id]
  cursor: changed
  options: {{zone: UTC}}
  fields: {{id: text, account: text, amount: money(2), first: date, next: date, changed: timestamp}}
records:
  - entity: ChargeLine
    fields:
      account_number: account
      billing_code: "'SLV'"
      rate_minor: amount
      amount_minor: amount
      currency: "'USD'"
      covers_from: first
      covers_to: next
      billed_on: first
"""


@dataclass(frozen=True)
class ManyMarkets:
    """What was made.

    Attributes:
        folder: of the operator.
        prefect_file: a run, a guard and a migration for each market.
        lines: how many bill lines each market has.
        cents: what they come to.
    """

    folder: Path
    prefect_file: Path
    lines: dict[str, int]
    cents: dict[str, int]


def many_markets(place: Path, markets: int, accounts: int, database: str) -> ManyMarkets:
    """Write the operator's folder, the databases of its systems, and its deployments.

    Args:
        place: an empty folder.
        markets: how many.
        accounts: of each market; the first has so many, each further one ten more.
        database: address of the hub's own database.
    """
    names = [f"m{number:02}" for number in range(1, markets + 1)]
    folder = place / "operator"
    (folder / "mappings").mkdir(parents=True)
    lines, cents = {}, {}
    for number, name in enumerate(names):
        lines[name], cents[name] = _books(place, name, accounts + 10 * number)
        for kind, text in (("crm", ACCOUNTS), ("bills", LINES)):
            (folder / "mappings" / f"{kind}-{name}.yaml").write_text(text.format(market=name), encoding="utf-8")
    market = {"zone": "America/Denver", "currency": "USD", "technology": "pon"}
    systems = {
        f"{kind}-{name}": {
            "kind": "sql",
            "role": role,
            "address": f"sqlite:///{place}/{kind}-{name}.db",
            "market": name,
        }
        for name in names
        for kind, role in (("crm", "crm"), ("bills", "billing"))
    }
    _write(
        folder / "operator.yaml",
        {
            "operator": "Many Markets",
            "database": database,
            "markets": {name: {"name": name.upper(), **market} for name in names},
            "systems": systems,
        },
    )
    gates = {HANDOFF: {"observe": dict.fromkeys(_NOT_ASKED_FOR, _OFF)}}
    taken = {
        "owner": "lee",
        "approvers": [APPROVER],
        "plan": {HANDOFF: {"canary": [{"percent": 10}, {}]}},
        "gates": gates,
    }
    _write(folder / "handoffs.yaml", {"markets": dict.fromkeys(names, taken)})
    proration = ", ".join(f"{name}: actual_actual" for name in names)
    (folder / "catalogue.yaml").write_text(CATALOGUE.format(proration=proration), encoding="utf-8")
    prefect_file = place / "prefect.yaml"
    _write(prefect_file, {"deployments": [each for name in names for each in _deployments(name)]})
    return ManyMarkets(folder, prefect_file, lines, cents)


def _deployments(market: str) -> list[dict[str, object]]:
    flows = {
        "run": ("flows.run_market:run_market", {}),
        "guard": ("flows.guard_market:guard_market", {}),
        "migrate": ("flows.migrate_market:migrate_market", {"handoff": HANDOFF}),
    }
    return [
        {
            "name": f"{name}-{market}",
            "entrypoint": entrypoint,
            "pull": [],
            "work_pool": {"name": "splice"},
            "parameters": {"request": {"market": market, **more}},
        }
        for name, (entrypoint, more) in flows.items()
    ]


def _books(place: Path, market: str, accounts: int) -> tuple[int, int]:
    """Lines, and the cents that they come to."""
    rows = [
        (
            f"{market}-{account}-{month}",
            str(account),
            f"{(6000 + account % 7) // 100}.{(6000 + account % 7) % 100:02}",
            f"2026-{month:02}-01",
            f"2026-{month + 1:02}-01" if month < LINES_A_ACCOUNT else "2027-01-01",
            "2026-11-01 00:00:00",
        )
        for account in range(1, accounts + 1)
        for month in range(1, LINES_A_ACCOUNT + 1)
    ]
    with closing(sqlite3.connect(place / f"bills-{market}.db")) as bills, bills:
        bills.execute(
            "CREATE TABLE line (id TEXT PRIMARY KEY, account TEXT, amount TEXT, first TEXT, next TEXT, changed TEXT)"
        )
        bills.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)", rows)
    with closing(sqlite3.connect(place / f"crm-{market}.db")) as crm, crm:
        crm.execute("CREATE TABLE account (id TEXT PRIMARY KEY, number TEXT, changed TEXT)")
        known = [(f"a{account}", str(account), "2026-11-01 00:00:00") for account in range(1, accounts + 1)]
        crm.executemany("INSERT INTO account VALUES (?, ?, ?)", known)
    return len(rows), LINES_A_ACCOUNT * sum(6000 + account % 7 for account in range(1, accounts + 1))


def _write(file: Path, document: object) -> None:
    # no anchors: what several markets share is written for each
    dumper = yaml.SafeDumper
    dumper.ignore_aliases = lambda *_: True  # type: ignore[method-assign]
    file.write_text(yaml.dump(document, Dumper=dumper, sort_keys=False), encoding="utf-8")
