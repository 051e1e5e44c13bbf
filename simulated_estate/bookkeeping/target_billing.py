"""The billing system to which accounts of one market are moved, by waves. It speaks JSON, in words of its own.

Money is text with two digits, ends of periods are exclusive, ``updated_at`` is UTC with ``Z``; an account is
``A-0001234``, a product has the old system's billing code in lower case.

``cut_overs``: the list of accounts that it was told to take, taken or not: ``id``, ``account``, ``wave``,
    ``cut_over_on`` (first day that is billed here), ``equipment`` (serial of the access device, or None),
    ``updated_at``.

``subscriptions``: ``id``, ``account``, ``plan``, ``state`` (``live``, ``ended``), ``from``, ``to`` (or None),
    ``updated_at``.

``invoices``: ``id``, ``account``, ``period_from``, ``period_to``, ``invoiced_on``, ``state`` (``open``, ``paid``),
    ``currency``, ``total``, ``updated_at`` and ``lines``: ``subscription``, ``product``, ``text``, ``monthly``,
    ``count``, ``amount``, ``from``, ``to``.

``payments``: ``id``, ``account``, ``invoice`` (a bill of the old system where it was for one of those), ``amount``,
    ``currency``, ``received_on``, ``updated_at``.

``balances``: ``id``, ``account``, ``kind`` (``receivable``, ``deposit``, ``unapplied``), ``amount``, ``currency``,
    ``as_of`` (as that day begins), ``updated_at``.

``job_pauses``: ``id``, ``job`` (``dunning``, ``disconnection``, ``promotion_expiry``), ``wave``, ``from``, ``to`` (or
    None), ``updated_at``.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby

from simulated_estate.belief import Belief, Subscription
from simulated_estate.biller import Line, bill
from simulated_estate.books import Row
from simulated_estate.catalogue import ACCESS, PRODUCTS
from simulated_estate.life.records import CutOver
from simulated_estate.markets import MARKETS, Market
from simulated_estate.months import Window
from simulated_estate.spelling import bill_number, target_account, utc_z

FEEDS = ("cut_overs", "subscriptions", "invoices", "payments", "balances", "job_pauses")


def target_billing_rows(belief: Belief, window: Window) -> Iterator[tuple[str, Row]]:
    """What it holds of an account because it bills it, as (feed, row)."""
    market = MARKETS[belief.market]
    own = {one.id for one in belief.subscriptions if one.biller == "target"}
    for one in belief.subscriptions:
        if one.id in own:
            yield "subscriptions", _subscription(belief.account, one, market, window)
    lines = sorted((line for line in bill(belief, window) if line.subscription in own), key=_billed_on)
    for billed_on, group in groupby(lines, _billed_on):
        invoice = _invoice(belief.account, market, billed_on, list(group), window)
        yield "invoices", invoice
        if invoice["state"] == "paid":
            received = _received_on(belief.account, billed_on)
            yield "payments", _payment(belief.account, market, invoice["id"], invoice["total"], received)


def take_over_rows(belief: Belief, cut_over: CutOver) -> Iterator[tuple[str, Row]]:
    """What it was told, and found, when it took an account over, as (feed, row)."""
    account, market = belief.account, MARKETS[belief.market]
    changed = utc_z(datetime.combine(cut_over.day, time(3), market.zone))
    yield (
        "cut_overs",
        {
            "id": f"{cut_over.wave}-{account}",
            "account": target_account(account),
            "wave": cut_over.wave,
            "cut_over_on": cut_over.day.isoformat(),
            "equipment": cut_over.serial,
            "updated_at": changed,
        },
    )
    for kind, cents in cut_over.found:
        yield (
            "balances",
            {
                "id": f"{kind}-{account}",
                "account": target_account(account),
                "kind": kind,
                "amount": _text(cents),
                "currency": market.currency,
                "as_of": (cut_over.day + timedelta(days=1)).isoformat(),
                "updated_at": changed,
            },
        )
    if cut_over.posted:
        last = bill_number(market, account, cut_over.day.replace(day=1))
        yield "payments", _payment(account, market, last, _text(cut_over.posted), cut_over.day)


def job_pause(job: str, wave: str, start: date, end: date, market: Market) -> Row:
    """A recurring job was switched off for the accounts of a wave."""
    return {
        "id": f"{wave}-{job}",
        "job": job,
        "wave": wave,
        "from": start.isoformat(),
        "to": end.isoformat(),
        "updated_at": utc_z(datetime.combine(end, time(3), market.zone)),
    }


def _billed_on(line: Line) -> date:
    return line.billed_on


def _text(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2))


def _subscription(account: str, one: Subscription, market: Market, window: Window) -> Row:
    is_over = one.end is not None and one.end <= window.as_of.date()
    plan = next(item.product for item in reversed(one.items) if item.product in ACCESS)
    changed = one.end if is_over and one.end else one.start
    return {
        "id": one.id.replace("SUB", "S-"),
        "account": target_account(account),
        "plan": PRODUCTS[plan].billing_code.lower(),
        "state": "ended" if is_over else "live",
        "from": one.start.isoformat(),
        "to": one.end.isoformat() if one.end else None,
        "updated_at": utc_z(datetime.combine(changed, time(3), market.zone)),
    }


def _invoice(account: str, market: Market, billed_on: date, lines: list[Line], window: Window) -> Row:
    is_paid = _received_on(account, billed_on) < window.as_of.date()
    total = sum((line.amount for line in lines), Decimal("0.00"))
    return {
        "id": f"{account}/{billed_on:%Y%m%d}",
        "account": target_account(account),
        "period_from": min(line.cover_from for line in lines).isoformat(),
        "period_to": max(line.cover_to for line in lines).isoformat(),
        "invoiced_on": billed_on.isoformat(),
        "state": "paid" if is_paid and total > 0 else "open",
        "currency": market.currency,
        "total": str(total),
        "lines": [_line(line) for line in lines],
        "updated_at": utc_z(datetime.combine(billed_on, time(4), market.zone)),
    }


def _line(line: Line) -> Row:
    product = PRODUCTS[line.product]
    return {
        "subscription": line.subscription.replace("SUB", "S-"),
        "product": product.billing_code.lower(),
        "text": product.description,
        "monthly": str(line.rate),
        "count": line.quantity,
        "amount": str(line.amount),
        "from": line.cover_from.isoformat(),
        "to": line.cover_to.isoformat(),
    }


def _received_on(account: str, billed_on: date) -> date:
    return billed_on + timedelta(days=2 + int(account) % 19)


def _payment(account: str, market: Market, invoice: str, amount: str, received: date) -> Row:
    return {
        "id": f"R-{account}-{received:%Y%m%d}",
        "account": target_account(account),
        "invoice": invoice,
        "amount": amount,
        "currency": market.currency,
        "received_on": received.isoformat(),
        "updated_at": utc_z(datetime.combine(received, time(15), market.zone)),
    }
