"""The billing system. Money is text with two digits, days are ISO dates, ``modified`` is UTC with ``Z``.

``subscriptions``: ``subscriptionId``, ``accountNumber`` (``0000001234``), ``marketCode`` (``RB``, ``MS``, ``NS``),
    ``planCode`` (billing code of the access offering billed last), ``serviceLocation`` (``RB:`` and the CRM's Id of
    the premise; None but for customers with lines at several), ``startDate``, ``endDate`` (last day, or None),
    ``status`` (``ACTIVE``, ``SUSPENDED``, ``CLOSED``), ``suspensions`` (list of ``from``, ``to``: first and last
    suspended day, ``to`` None while it lasts), ``openedBy`` (a user, or ``interface``), ``openedAt``, ``modified``.

``charge_lines``: ``lineId``, ``billNumber``, ``subscriptionId``, ``accountNumber``, ``billingCode``,
    ``description``, ``rate`` (monthly rate of one, or the fee), ``quantity``, ``amount``, ``coverFrom``,
    ``coverTo`` (last day), ``billDate``, ``modified``.

``bills``: ``billNumber``, ``accountNumber``, ``marketCode``, ``periodFrom``, ``periodTo`` (last day), ``billDate``,
    ``total``, ``currency`` (``USD``, ``CAD``), ``status`` (``HELD``, ``ISSUED``, ``PARTLY_PAID``, ``PAID``),
    ``modified``.

``payments``: ``paymentId``, ``accountNumber``, ``billNumber`` (None: of no bill yet), ``amount``, ``receivedOn``,
    ``method``, ``modified``.

``adjustments``: ``adjustmentId``, ``accountNumber``, ``billNumber``, ``lineId`` (None: of no single line),
    ``amount`` (negative in the customer's favour), ``reason``, ``adjustedOn``, ``modified``. Those for ``GOODWILL``
    correct no charge; a charge is corrected by one with another reason, or by a negative line.

``disputes``: ``disputeId``, ``accountNumber``, ``billNumber``, ``amount``, ``reason``, ``status`` (``OPEN``,
    ``REJECTED``), ``openedOn``, ``closedOn`` (or None), ``modified``.

``balances``: ``balanceId``, ``accountNumber``, ``marketCode``, ``kind`` (``AR``, ``DEPOSIT``, ``ON ACCOUNT``: paid
    and of no bill), ``amount``, ``currency``, ``asOf`` (as that day begins), ``modified``; of accounts handed on.

``bill_cycles``: ``cycleId``, ``accountNumber``, ``marketCode``, ``cycleDay`` (day of the month on which its periods
    begin), ``enteredOn``, ``modified``; of accounts that are not billed by calendar months, one for each cycle.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from simulated_estate.belief import Belief, Subscription
from simulated_estate.biller import Line, bill
from simulated_estate.books import Row
from simulated_estate.catalogue import ACCESS, PRODUCTS
from simulated_estate.life.hands import opener
from simulated_estate.life.records import AS_USUAL, CutOver, Dealings
from simulated_estate.life.stage import Correction
from simulated_estate.markets import MARKETS, Market
from simulated_estate.months import Window, add_months
from simulated_estate.spelling import (
    adjustment_id,
    bill_number,
    billing_account,
    billing_location,
    last_day,
    stray_payment,
    utc_z,
)

FEEDS = (
    "subscriptions",
    "charge_lines",
    "bills",
    "payments",
    "adjustments",
    "disputes",
    "pending_items",
    "balances",
    "bill_cycles",
)
BALANCE_WORDS = {"receivable": "AR", "deposit": "DEPOSIT", "unapplied": "ON ACCOUNT"}
_METHODS = ("CARD", "ACH", "CHECK", "CARD", "ACH")


def billing_rows(
    belief: Belief,
    window: Window,
    dealings: Dealings = AS_USUAL,
    corrections: Sequence[Correction] = (),
) -> Iterator[tuple[str, Row]]:
    """Everything the billing system holds of an account, as (feed, row).

    Args:
        belief: what is believed to be billed, by the other system too.
        window: the months that were billed.
        dealings: what was done with the bills.
        corrections: amounts given back or charged afterwards because a charge was wrong.
    """
    market = MARKETS[belief.market]
    belief = replace(belief, subscriptions=tuple(one for one in belief.subscriptions if one.biller == "legacy"))
    subscriptions: dict[str, Subscription] = {}
    for subscription in belief.subscriptions:
        subscriptions.setdefault(subscription.id, subscription)
    yield from (("subscriptions", _subscription(belief, one, window)) for one in subscriptions.values())
    yield from (("bill_cycles", _cycle(belief, place, *one)) for place, one in enumerate(belief.cycles, 1))
    lines = sorted(bill(belief, window), key=_billed_on)
    bills: list[Row] = []
    for billed_on, group in groupby(lines, _billed_on):
        own = list(group)
        bills.append(_bill(belief, market, billed_on, own))
        yield from (("charge_lines", _line(bills[-1], place, line)) for place, line in enumerate(own, 1))
    for place, row in enumerate(bills):
        if place >= len(bills) - dealings.unpaid:
            row["status"] = "ISSUED"
        if dealings.held_on is not None and row["billDate"] == _iso(dealings.held_on):
            row["status"] = "HELD"
        yield "bills", row
        yield from _settled(row, market, window)
    if bills and dealings.goodwill is not None:
        yield "adjustments", _adjustment(bills[-1], dealings.goodwill)
    yield from (("payments", _stray(belief, place, *one)) for place, one in enumerate(dealings.strays, 1))
    yield from (
        ("adjustments", _correction(belief, bills[-1], place, one)) for place, one in enumerate(corrections, 1)
    )
    if bills and int(belief.account) % 97 == 0:
        yield "disputes", _dispute(bills[0])


def closing_balances(account: str, market: Market, cut_over: CutOver) -> Iterator[Row]:
    """With what the billing system closed an account that was handed on."""
    for kind, cents in cut_over.left:
        word = BALANCE_WORDS[kind]
        yield {
            "balanceId": f"{market.billing_code}{word[:2]}-{account:0>8}",
            "accountNumber": billing_account(account),
            "marketCode": market.billing_code,
            "kind": word,
            "amount": str(Decimal(cents).scaleb(-2)),
            "currency": market.currency,
            "asOf": _iso(cut_over.day),
            "modified": _night_run(cut_over.day, market.id, int(account) * 7 % 60),
        }


def _billed_on(line: Line) -> date:
    return line.billed_on


@lru_cache(maxsize=4096)
def _iso(day: date) -> str:
    return day.isoformat()


@lru_cache(maxsize=4096)
def _night_run(day: date, market: str, minute: int) -> str:
    """When that night's billing run came to an account."""
    return utc_z(datetime.combine(day, time(1, minute), MARKETS[market].zone))


def _stamp(belief: Belief, day: date) -> str:
    return _night_run(day, belief.market, int(belief.account) * 7 % 60)


def _subscription(belief: Belief, subscription: Subscription, window: Window) -> Row:
    today = window.as_of.date()
    is_closed = subscription.end is not None and subscription.end <= today
    is_suspended = any(end is None for _, end in subscription.suspensions)
    changes = [subscription.start, *(day for period in subscription.suspensions for day in period if day)]
    changes += [item.start for item in subscription.items if item.start]
    changes += [subscription.end] if subscription.end else []
    changed = max((day for day in changes if day < today), default=today - timedelta(days=1))
    end = last_day(subscription.end)
    return {
        "subscriptionId": subscription.id,
        "accountNumber": billing_account(belief.account),
        "marketCode": MARKETS[belief.market].billing_code,
        "planCode": PRODUCTS[_plan(subscription)].billing_code,
        "serviceLocation": _location(belief, subscription),
        "startDate": _iso(subscription.start),
        "endDate": _iso(end) if end else None,
        "status": "CLOSED" if is_closed else "SUSPENDED" if is_suspended else "ACTIVE",
        "suspensions": [
            {"from": _iso(first), "to": _iso(end - timedelta(days=1)) if end else None}
            for first, end in subscription.suspensions
        ],
        "openedBy": opener(subscription.id)[0],
        "openedAt": _opened_at(belief, subscription),
        "modified": _stamp(belief, changed),
    }


def _opened_at(belief: Belief, subscription: Subscription) -> str:
    """In the morning of the first day that is billed."""
    return utc_z(datetime.combine(subscription.start, time(9, 30), MARKETS[belief.market].zone))


def _location(belief: Belief, subscription: Subscription) -> str | None:
    if subscription.location is None:
        return None
    return billing_location(MARKETS[belief.market], subscription.location)


def _plan(subscription: Subscription) -> str:
    """The access offering that its latest days are billed for."""
    end = subscription.end or date.max
    access = [
        item for item in subscription.items if item.product in ACCESS and (item.start or subscription.start) < end
    ]
    return access[-1].product


def _line(bill_row: Row, place: int, line: Line) -> Row:
    product = PRODUCTS[line.product]
    return {
        "lineId": f"{bill_row['billNumber']}-{place:03d}",
        "billNumber": bill_row["billNumber"],
        "subscriptionId": line.subscription,
        "accountNumber": bill_row["accountNumber"],
        "billingCode": product.billing_code,
        "description": product.description,
        "rate": str(line.rate),
        "quantity": line.quantity,
        "amount": str(line.amount),
        "coverFrom": _iso(line.cover_from),
        "coverTo": _iso(line.cover_to - timedelta(days=1)),
        "billDate": bill_row["billDate"],
        "modified": bill_row["modified"],
    }


def _bill(belief: Belief, market: Market, billed_on: date, lines: list[Line]) -> Row:
    period_to = max(line.period_to for line in lines) if belief.cycles else billed_on.replace(day=1)
    period_from = max(line.period_from for line in lines) if belief.cycles else add_months(period_to, -1)
    return {
        "billNumber": bill_number(market, belief.account, billed_on, has_cycle=bool(belief.cycles)),
        "accountNumber": billing_account(belief.account),
        "marketCode": market.billing_code,
        "periodFrom": _iso(period_from),
        "periodTo": _iso(period_to - timedelta(days=1)),
        "billDate": _iso(billed_on),
        "total": str(sum((line.amount for line in lines), Decimal("0.00"))),
        "currency": market.currency,
        "status": "PAID",
        "modified": _stamp(belief, billed_on),
    }


def _settled(row: Row, market: Market, window: Window) -> Iterator[tuple[str, Row]]:
    """The payment of a bill, if it was paid before anybody looks."""
    number = int(row["accountNumber"])
    received = date.fromisoformat(row["billDate"]) + timedelta(days=2 + number % 19)
    if received >= window.as_of.date() and row["status"] == "PAID":
        row["status"] = "ISSUED"
    if row["status"] != "PAID" or Decimal(row["total"]) <= 0:
        return
    modified = utc_z(datetime.combine(received, time(15, number % 60), market.zone))
    row["modified"] = modified
    yield (
        "payments",
        {
            "paymentId": f"P{row['billNumber']}",
            "accountNumber": row["accountNumber"],
            "billNumber": row["billNumber"],
            "amount": row["total"],
            "receivedOn": _iso(received),
            "method": _METHODS[number % len(_METHODS)],
            "modified": modified,
        },
    )


def _cycle(belief: Belief, place: int, entered_on: date, day: int) -> Row:
    market = MARKETS[belief.market]
    return {
        "cycleId": f"{market.billing_code}Y{place}-{belief.account:0>8}",
        "accountNumber": billing_account(belief.account),
        "marketCode": market.billing_code,
        "cycleDay": day,
        "enteredOn": _iso(entered_on),
        "modified": _stamp(belief, entered_on),
    }


def _stray(belief: Belief, place: int, received: date, amount: Decimal) -> Row:
    market, number = MARKETS[belief.market], int(belief.account)
    return {
        "paymentId": stray_payment(market, belief.account, place),
        "accountNumber": billing_account(belief.account),
        "billNumber": None,
        "amount": str(amount),
        "receivedOn": _iso(received),
        "method": _METHODS[number % len(_METHODS)],
        "modified": utc_z(datetime.combine(received, time(15, number % 60), market.zone)),
    }


def _adjustment(row: Row, goodwill: Decimal) -> Row:
    return {
        "adjustmentId": f"A{row['billNumber']}",
        "accountNumber": row["accountNumber"],
        "billNumber": row["billNumber"],
        "lineId": None,
        "amount": str(goodwill),
        "reason": "GOODWILL",
        "adjustedOn": row["billDate"],
        "modified": row["modified"],
    }


def _correction(belief: Belief, row: Row, place: int, correction: Correction) -> Row:
    return {
        "adjustmentId": adjustment_id(row["billNumber"], place),
        "accountNumber": row["accountNumber"],
        "billNumber": row["billNumber"],
        "lineId": None,
        "amount": str(Decimal(correction.cents).scaleb(-2)),
        "reason": correction.reason,
        "adjustedOn": _iso(correction.posted_on),
        "modified": _stamp(belief, correction.posted_on),
    }


def _dispute(row: Row) -> Row:
    opened = date.fromisoformat(row["billDate"]) + timedelta(days=3)
    return {
        "disputeId": f"D{row['billNumber']}",
        "accountNumber": row["accountNumber"],
        "billNumber": row["billNumber"],
        "amount": row["total"],
        "reason": "CUSTOMER DOES NOT RECOGNISE THE AMOUNT",
        "status": "REJECTED",
        "openedOn": _iso(opened),
        "closedOn": _iso(opened),
        "modified": row["modified"],
    }
