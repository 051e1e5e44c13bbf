"""Subscriptions that somebody else began, changed or ended for what the hub bills: a second bill on its way."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from canonical_model.billing import Subscription
from canonical_model.markets import Market
from canonical_model.orders import ProductOrder
from hub.takeover.foreign.told import told_about
from storage.current_records import records_among
from storage.effects import Effect
from storage.foreign_writes import ForeignWrite
from storage.work_paths import WorkPath

_CODES = ("start_billing", "change_billing")


@dataclass(frozen=True, slots=True)
class _Account:
    """An account whose billing the hub has begun.

    Attributes:
        path: of its first order that the hub bills.
        ordered_at: when that was placed, or else when the hub began.
        is_shared: whether an order that is not the hub's may have changed its billing since.
    """

    number: str
    path: WorkPath
    ordered_at: datetime
    is_shared: bool


def foreign_subscriptions(
    connection: Connection, market: Market, paths: Sequence[WorkPath], now: datetime
) -> Iterator[ForeignWrite]:
    """What billing holds of the hub's accounts that the hub never told it.

    Args:
        connection: of a transaction.
        market: of the paths.
        paths: that the hub has begun.
        now: this moment.
    """
    accounts = _accounts(connection, market, {each.work: each for each in paths})
    subjects = [f"account/{each.number}" for each in accounts]
    told = told_about(connection, market.id, subjects)
    held: defaultdict[str, list[Subscription]] = defaultdict(list)
    numbers = [each.number for each in accounts]
    for record in records_among(connection, Subscription, market.id, "account_number", numbers):
        held[record.account_number].append(record)
    for account in accounts:
        subject = f"account/{account.number}"
        if account.is_shared or told.is_on_its_way(subject):
            continue
        yield from _of_account(account, held[account.number], told.about(subject), market, now)


def _accounts(connection: Connection, market: Market, paths: dict[str, WorkPath]) -> list[_Account]:
    numbers = [work.removeprefix("order/") for work in paths if work.startswith("order/")]
    ours = records_among(connection, ProductOrder, market.id, "order_number", numbers)
    all_orders = records_among(
        connection, ProductOrder, market.id, "account_number", {each.account_number for each in ours}
    )
    by_account: defaultdict[str, list[ProductOrder]] = defaultdict(list)
    for each in all_orders:
        by_account[each.account_number].append(each)
    found = []
    for number, orders in sorted(by_account.items()):
        mine = [each for each in orders if f"order/{each.order_number}" in paths]
        first = min(mine, key=lambda each: paths[f"order/{each.order_number}"].began_at)
        path = paths[f"order/{first.order_number}"]
        since = first.ordered_at or path.began_at
        others = [each for each in orders if each not in mine and (each.ordered_at or since) >= since]
        found.append(_Account(number, path, since, bool(others)))
    return found


def _of_account(
    account: _Account, held: Sequence[Subscription], effects: Sequence[Effect], market: Market, now: datetime
) -> Iterator[ForeignWrite]:
    by_id = _told_of(effects)
    if not by_id:
        return
    ordered_on = market.local_date(account.ordered_at)
    for each in held:
        known = by_id.get(each.subscription_id)
        if known is None:
            if each.state != "closed" and each.starts_on >= ordered_on:
                evidence = {"billing_code": each.billing_code, "starts_on": each.starts_on.isoformat()}
                evidence["hub_began"] = ", ".join(sorted(by_id))
                yield _found(account, "subscription_made", each, evidence, now)
            continue
        code = next((one.fields["billing_code"] for one in reversed(known) if one.command in _CODES), None)
        if code is not None and code != each.billing_code:
            evidence = {"hub_told": code, "shown": each.billing_code}
            yield _found(account, "subscription_changed", each, evidence, now)
        elif each.state == "closed" and not any(one.command == "stop_billing" for one in known):
            yield _found(account, "subscription_changed", each, {"hub_told": "active", "shown": "closed"}, now)


def _told_of(effects: Sequence[Effect]) -> dict[str, list[Effect]]:
    """What was told of each subscription that the hub began."""
    found: dict[str, list[Effect]] = {}
    for each in effects:
        if each.command == "start_billing" and each.state == "done" and each.reference:
            found.setdefault(each.reference, []).append(each)
    for each in effects:
        name = each.fields.get("subscription_id")
        if each.state == "done" and name in found:
            found[name].append(each)
    return found


def _found(
    account: _Account, kind: str, record: Subscription, evidence: dict[str, str], now: datetime
) -> ForeignWrite:
    path = account.path
    return ForeignWrite(path.market, path.handoff, path.work, kind, record.subscription_id, evidence, now)
