"""What is still open on an account: unpaid bills, a balance that came over and was not paid since, open disputes.

Two customers are not made one while either has something open: whose debt it is would not be known any more.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from canonical_model.billing import CustomerBill, Dispute, Payment
from canonical_model.money import Money
from canonical_model.take_over import AccountBalance, AccountCutOver
from hub.acquisition.disputes import is_open
from hub.acquisition.overlaps import accounts_of_link
from storage.current_records import current_records
from storage.history import known
from storage.identity_links import IdentityLink
from storage.schema.canonical import CANONICAL_TABLES


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something that is open on an account; minor units, None where no amount is told."""

    account: str
    what: str
    minor: int | None
    currency: str

    def __str__(self) -> str:
        amount = "" if self.minor is None else f" {Money.from_minor(self.minor, self.currency)}"
        return f"account {self.account} has {self.what}{amount} open"


def why_no_merge(connection: Connection, link: IdentityLink, markets: Iterable[str]) -> str:
    """What keeps the two customers of a link from being made one; empty where nothing does.

    Args:
        connection: of the transaction in which the answer is recorded.
        link: whose ends are customers; of premises nothing is asked.
        markets: as which operators that were bought are brought in. A link between others joins what is ours already.
    """
    bought = tuple(markets)
    if link.subject != "customer" or not bought:
        return ""
    left, right = accounts_of_link(connection, link)
    if left is None or right is None or left == right or not _is_listed(connection, (left, right), bought):
        return ""
    found = [str(each) for account in (left, right) for each in open_items(connection, account)]
    return "; ".join(found)


def open_items(connection: Connection, account: str) -> list[OpenItem]:
    """Everything that is open on an account, in all systems and markets."""
    bills = current_records(connection, CustomerBill, account_number=account)
    payments = current_records(connection, Payment, account_number=account)
    balances = current_records(connection, AccountBalance, account_number=account)
    disputes = [
        each for each in current_records(connection, Dispute, account_number=account) if is_open(connection, each)
    ]
    return [
        *_unpaid(bills, payments),
        *_brought(balances, bills, payments),
        *(_disputed(each, bills) for each in disputes),
    ]


def _unpaid(bills: Iterable[CustomerBill], payments: Iterable[Payment]) -> Iterator[OpenItem]:
    paid: dict[str, int] = defaultdict(int)
    for payment in payments:
        if payment.bill_id is not None:
            paid[payment.bill_id] += payment.amount_minor
    for bill in bills:
        rest = 0 if bill.state == "settled" else bill.total_minor - paid[bill.bill_id]
        if rest:
            yield OpenItem(bill.account_number, f"bill {bill.bill_id} of {bill.billed_on}", rest, bill.currency)


def _brought(
    balances: Iterable[AccountBalance], bills: Iterable[CustomerBill], payments: Iterable[Payment]
) -> Iterator[OpenItem]:
    """The newest receivable and unapplied payments, less what was paid since for bills of the system before.

    A deposit is kept for as long as the service goes on: it is no open balance.
    """
    newest: dict[str, AccountBalance] = {}
    for each in balances:
        last = newest.get(each.balance_type)
        if each.balance_type != "deposit" and (last is None or last.as_of < each.as_of):
            newest[each.balance_type] = each
    for kind, balance in newest.items():
        own_bills = {bill.bill_id for bill in bills if bill.source_system == balance.source_system}
        since = (each for each in payments if each.received_on >= balance.as_of and each.bill_id not in own_bills)
        rest = balance.amount_minor - (sum(each.amount_minor for each in since) if kind == "receivable" else 0)
        if rest > 0 or (kind != "receivable" and rest):
            what = f"{kind} of {balance.as_of}"
            yield OpenItem(balance.account_number, what, rest, balance.currency)


def _disputed(dispute: Dispute, bills: Iterable[CustomerBill]) -> OpenItem:
    about = f"dispute {dispute.source}" + (f" about bill {dispute.bill_id}" if dispute.bill_id else "")
    currency = next((bill.currency for bill in bills if bill.bill_id == dispute.bill_id), "")
    minor = dispute.amount_minor if currency else None
    return OpenItem(dispute.account_number, f"{about} since {dispute.opened_at:%Y-%m-%d}", minor, currency)


def _is_listed(connection: Connection, accounts: Iterable[str], markets: Iterable[str]) -> bool:
    """Whether one of the accounts is on the list of a wave."""
    table = CANONICAL_TABLES[AccountCutOver]
    query = select(table.c.account_number).where(
        known(table, None), table.c.market.in_(sorted(markets)), table.c.account_number.in_(sorted(accounts))
    )
    return connection.execute(query.limit(1)).first() is not None
