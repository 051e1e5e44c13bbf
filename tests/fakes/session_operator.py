"""An operator who ends and changes sessions: equipment of the estate, an AAA server's tables, accounting as heard."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from handoffs.commands import Command
from hub.listening.ears import listening
from hub.webhooks.group_commit import writing_to
from hub.workplace import Hub
from simulated_estate.books import Books, SessionRow
from simulated_estate.servers.access_server import AccessServer
from simulated_estate.servers.serve import CREDENTIALS, RunningEstate, serve_estate
from tests.fakes.aaa_tables import AaaTables, aaa_tables
from tests.fakes.effects import START, HandClock
from tests.fakes.prepared_hub import prepared_hub
from tests.fakes.webhook_operator import CATALOGUE

SECRET = CREDENTIALS["access"]["shared_secret"]
OPERATOR = """
operator: Small Fiber
markets:
  oldtown: {{name: Old Town, zone: America/Chicago, currency: USD, technology: pon}}
systems:
  bng:
    kind: radius
    role: network
    market: oldtown
    address: {orders}
    secrets: {{shared_secret: env:BNG_SECRET}}
    listens: {{senders: [127.0.0.1]}}
    timeout_s: {timeout_s}
  aaa:
    kind: sql
    role: network
    market: oldtown
    address: {tables}
effects: {{most_sends: 3, most_looks: 4, waits: [30s, 2m]}}
"""
DECLARED = "declared: {oldtown: {order_to_provisioning: active}}\n"
SESSIONS = """
system: bng
stream: sessions
listens: {}
read:
  object: accounting
  key: [Acct-Session-Id]
  cursor: occurred_at
  fields:
    Acct-Session-Id: text
    User-Name: text
    Acct-Status-Type: text
    started_at: timestamp
    occurred_at: timestamp
records:
  - entity: AaaSession
    fields:
      session_id: '"Acct-Session-Id"'
      username: '"User-Name"'
      started_at: started_at
      updated_at: occurred_at
      ended_at: "CASE WHEN \\"Acct-Status-Type\\" = 'Stop' THEN occurred_at END"
"""
END = """
command: end_session
system: bng
send:
  object: disconnect
  key: {User-Name: username, Acct-Session-Id: session_id}
  fields: {}
look:
  system: aaa
  object: radacct
  key: {acctsessionid: session_id}
  options:
    query: >
      SELECT acctsessionid, username, acctterminatecause,
             CASE WHEN acctstoptime IS NULL THEN 'open' ELSE 'ended' END AS session
      FROM radacct
  reference: acctterminatecause
  progress: {field: session, values: {ended: applied}}
  expect: {username: username}
"""
CHANGE = """
command: change_session
system: bng
send:
  object: change
  key: {User-Name: username, Acct-Session-Id: session_id}
  fields: {Filter-Id: profile}
look:
  stream: sessions
  key: {Acct-Session-Id: session_id}
  expect: {Filter-Id: profile}
"""


def end(number: int = 1, attempt: int = 1) -> Command:
    """End a session."""
    return _order("end_session", number, attempt)


def change_profile(profile: str, number: int = 1, attempt: int = 1) -> Command:
    """Put a session under another policy."""
    return _order("change_session", number, attempt, profile=profile)


def _order(name: str, number: int, attempt: int, **fields: str) -> Command:
    session = {"username": f"line-{number}", "session_id": f"S-{number:04}"}
    return Command(
        name,
        "oldtown",
        "order_to_provisioning",
        f"line/{number}",
        {**session, **fields},
        f"line-{number}/{name}/{attempt}",
    )


@dataclass
class SessionOperator:
    """The operator's hub with all that it talks to; one clock for all of them."""

    hub: Hub
    estate: RunningEstate
    tables: AaaTables
    clock: HandClock
    folder: Path

    @property
    def equipment(self) -> AccessServer:
        """The equipment that takes the orders."""
        return self.estate.access_servers["bng"]

    @property
    def session(self) -> SessionRow:
        """The first session."""
        return self.estate.books.sessions["bng"][0]

    @property
    def done(self) -> list[str]:
        """What was done because it was ordered."""
        return [applied.operation for applied in self.estate.write_log.of("bng")]

    def account_to_tables(self) -> None:
        """From now on the tables of the AAA server show what becomes of sessions."""
        self.equipment.accounting.target = ("127.0.0.1", self.tables.port)

    @contextmanager
    def heard(self) -> Iterator[None]:
        """In the block the hub hears the accounting itself."""
        with listening(self.hub, writing_to(self.hub.database), self.clock, "127.0.0.1", 0) as ears:
            self.equipment.accounting.target = ("127.0.0.1", int(ears.addresses[0].rpartition(" ")[2]))
            yield

    def tell(self, status: str) -> None:
        """Let the equipment account for the first session."""
        self.estate.account_for("bng", status, self.session)


@contextmanager
def session_operator(
    folder: Path, secret: str = SECRET, timeout_s: float = 2.0, clock: Callable[[], datetime] | None = None
) -> Iterator[SessionOperator]:
    """The operator at work; a clock that is moved by hand where no other is given."""
    by_hand = HandClock()
    clock = clock or by_hand
    started = START - timedelta(hours=3)
    rows = [
        SessionRow(f"line-{number}", f"S-{number:04}", f"100.64.0.{number}", f"1/1/{number}", profile, started)
        for number, profile in enumerate(("SVC-300", "SVC-500", "SVC-1000"), start=1)
    ]
    with ExitStack() as stack:
        tables = stack.enter_context(aaa_tables(folder / "aaa", SECRET))
        estate = stack.enter_context(serve_estate(Books(sessions={"bng": rows}), clock=clock))
        for row in rows:
            tables.know(row.session_id, row.username, row.profile)
        files: dict[str, Any] = {
            "handoffs.yaml": DECLARED,
            "operator.yaml": OPERATOR.format(
                orders=estate.addresses["bng"], tables=f"sqlite:///{tables.file}", timeout_s=timeout_s
            ),
            "catalogue.yaml": CATALOGUE,
            "mappings/sessions.yaml": SESSIONS,
            "commands/end.yaml": END,
            "commands/change.yaml": CHANGE,
        }
        for name, text in files.items():
            path = folder / "operator" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        hub = stack.enter_context(prepared_hub(folder / "operator", folder / "work", {"BNG_SECRET": secret}))
        yield SessionOperator(hub, estate, tables, by_hand, folder)
