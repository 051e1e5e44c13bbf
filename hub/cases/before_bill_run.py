"""Before a bill run: what is open for the accounts of the run, and whether finance lets it go out all the same.

A bill that is wrong is dearer than one that is late: what is known to be wrong on it is listed before the run. A
release counts for what was open then; a finding that comes later, or grows, asks again.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select

from canonical_model.billing import BillingCycle
from canonical_model.billing_periods import Anchor, billing_periods
from canonical_model.customers import BillingAccount
from canonical_model.errors import ConfigurationError
from hub.cases.accounts_of_findings import accounts_of
from hub.decision import Decision
from hub.snapshots import market_of
from hub.workplace import Hub
from reconciliation.cases import IN_HAND
from storage.bill_run_decisions import BillRunDecision, RunDecision, add_decision, last_decision
from storage.case_list import CaseFilter, ListedCase, listed_cases
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES

_TWO_PERIODS = timedelta(days=70)


@dataclass(frozen=True, slots=True)
class BeforeBillRun:
    """What stands before a run.

    Attributes:
        billed_on: the day of the run: the periods that end with it are billed.
        accounts: how many it bills.
        cases: what is open for them, most money first.
        decision: the last one; None where nobody has decided.
    """

    market: str
    currency: str
    billed_on: date
    accounts: int
    cases: tuple[ListedCase, ...]
    decision: BillRunDecision | None

    @property
    def unreleased(self) -> tuple[ListedCase, ...]:
        """What no release covers: new since it, or of more money than then."""
        released = self.decision.cases if self.decision and self.decision.decision == "release" else {}
        return tuple(each for each in self.cases if released.get(each.fingerprint, -1) < each.seen_minor)

    @property
    def may_run(self) -> bool:
        """Whether nothing that is open stands against the run."""
        is_held = self.decision is not None and self.decision.decision == "hold"
        return not self.unreleased and not is_held


def before_bill_run(hub: Hub, market_id: str, billed_on: date, least_minor: int) -> BeforeBillRun:
    """What is open for the accounts that a run bills.

    A finding about a device, or about a document of no single account, is not asked about.

    Args:
        hub: the operator's hub.
        market_id: which market.
        billed_on: the day of the run.
        least_minor: findings of less money are left out; minor units.

    Raises:
        ConfigurationError: there is no such market.
        RetryableError: the database is out of reach.
    """
    market = market_of(hub.operator, market_id)
    with hub.database.reading() as connection:
        accounts = _billed_accounts(connection, market.id, billed_on)
        wanted = CaseFilter(market=market.id, states=IN_HAND, least_minor=least_minor)
        cases, _ = listed_cases(connection, wanted)
        decision = last_decision(connection, market.id, billed_on)
        billed_to = accounts_of(connection, market.id, cases)
    ours = tuple(each for each in cases if each.explained_by is None and billed_to.get(each.fingerprint) in accounts)
    return BeforeBillRun(market.id, market.currency, billed_on, len(accounts), ours, decision)


def decide_bill_run(
    hub: Hub, market_id: str, billed_on: date, least_minor: int, decision: Decision, what: RunDecision
) -> BeforeBillRun:
    """Hold a run back, or let it go out with what is open now.

    Raises:
        ConfigurationError: there is no such market, or no reason.
        RetryableError: the database is out of reach.
    """
    if not decision.why.strip():
        raise ConfigurationError(f"to {what} a bill run needs a reason: give --reason")
    open_now = {
        each.fingerprint: each.seen_minor for each in before_bill_run(hub, market_id, billed_on, least_minor).cases
    }
    decided = BillRunDecision(
        market_id, billed_on, decision.at, decision.actor, what, decision.why.strip(), least_minor, open_now
    )
    with hub.database.writing() as connection:
        add_decision(connection, decided)
    return before_bill_run(hub, market_id, billed_on, least_minor)


def _billed_accounts(connection: Connection, market: str, billed_on: date) -> Collection[str]:
    """Accounts with a period that ends on a day; those without a cycle are billed by calendar months."""
    anchors: dict[str, set[Anchor]] = defaultdict(set)
    for row in _current(connection, BillingCycle, market, "account_number", "valid_from", "anchor_day"):
        anchors[row["account_number"]].add((row["valid_from"], row["anchor_day"]))
    everybody = {row["account_number"] for row in _current(connection, BillingAccount, market, "account_number")}
    by_month = everybody - anchors.keys() if billed_on.day == 1 else set()
    return by_month | {account for account, turns in anchors.items() if _ends_on(turns, billed_on)}


def _ends_on(anchors: Collection[Anchor], day: date) -> bool:
    return any(period.days.end == day for period in billing_periods(anchors, day - _TWO_PERIODS, day))


def _current(connection: Connection, entity: Any, market: str, *columns: str) -> list[Mapping[str, Any]]:
    table = CANONICAL_TABLES[entity]
    query = select(*(table.c[name] for name in columns)).where(known(table, None), table.c.market == market)
    return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - the public name of its columns
