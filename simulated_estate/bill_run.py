"""The bill run of the legacy billing system for a newcomer: of the subscriptions that stand in its books by then.

The fee of the installation is billing's own doing: it goes with the first bill of an access that was opened.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from simulated_estate.belief import Belief, Fee, Item, Subscription
from simulated_estate.bookkeeping.billing import billing_rows
from simulated_estate.books import Books, Row
from simulated_estate.catalogue import ACCESS, INSTALL_FEE, PRODUCTS
from simulated_estate.months import Window, add_months
from simulated_estate.spelling import billing_account


def run_bills(books: Books, account: str, market: str, billed_on: date) -> list[Row]:
    """Bill the month before a day, as billing bills everybody; gives the bills, and none where nothing is billed.

    Args:
        books: of the estate; bills and lines are added.
        account: number of the account.
        market: its id.
        billed_on: the first day of a month.
    """
    number = billing_account(account)
    held = [row for row in books.billing["subscriptions"] if row["accountNumber"] == number]
    belief = Belief(account, market, _believed(held))
    found = list(billing_rows(belief, Window(add_months(billed_on, -2), billed_on)))
    for feed in ("charge_lines", "bills"):
        books.billing[feed] += [row for name, row in found if name == feed]
    return [row for name, row in found if name == "bills"]


def _believed(rows: Sequence[Row]) -> tuple[Subscription, ...]:
    """The access, with everything that is sold beside it as items of it."""
    items = {row["subscriptionId"]: _item(row) for row in rows}
    access = next((name for name, item in items.items() if item.product in ACCESS), None)
    if access is None:
        return ()
    began = items[access].start or date.min
    fee = Fee(INSTALL_FEE, began)
    return (Subscription(access, began, items[access].end, tuple(items.values()), fees=(fee,)),)


def _item(row: Row) -> Item:
    (product,) = (one.id for one in PRODUCTS.values() if one.billing_code == row["planCode"])
    ended = None if row["endDate"] is None else date.fromisoformat(row["endDate"]) + timedelta(days=1)
    return Item(product, date.fromisoformat(row["startDate"]), ended)
