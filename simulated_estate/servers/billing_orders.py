"""What the billing system takes: orders and adjustments, each under a request id, and asking for one.

A request id is good once. The same id again is refused with ``DuplicateRequestFault``, whether the first request was
carried out or refused; ``FindRequest`` tells what became of it, and nothing of an id that never arrived.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from simulated_estate.books import Row
from simulated_estate.catalogue import PRODUCTS
from simulated_estate.servers.billing_schema import Element
from simulated_estate.servers.instants import as_instant, iso_z
from simulated_estate.servers.write_log import WriteLog

FIND = "FindRequest"
FAULTS = ("ValidationFault", "DuplicateRequestFault")
_CODES = frozenset(product.billing_code for product in PRODUCTS.values())
_MARKETS = ("RB", "MS", "NS")
_CENT = Decimal("0.01")
_SHAPES = {"requestId": r"\S{1,128}", "accountNumber": r"[0-9]{10}"}


@dataclass(frozen=True, slots=True)
class Order:
    """An operation that changes something.

    Attributes:
        answer: what it answers; the first element is the id of what was changed.
        feed: whose rows it changes.
    """

    operation: str
    elements: tuple[Element, ...]
    answer: tuple[Element, ...] = (Element("subscriptionId"), Element("status"))
    feed: str = "subscriptions"


ORDERS: tuple[Order, ...] = (
    Order(
        "StartBilling",
        (
            *(Element(name) for name in ("requestId", "accountNumber", "marketCode", "planCode")),
            Element("startDate", "date"),
        ),
    ),
    Order(
        "ChangeBilling",
        (
            *(Element(name) for name in ("requestId", "subscriptionId", "planCode")),
            Element("effectiveDate", "date"),
            Element("monthlyRate", "decimal", optional=True),
        ),
    ),
    Order(
        "SuspendBilling",
        (
            *(Element(name) for name in ("requestId", "subscriptionId")),
            Element("startDate", "date"),
            Element("reason", optional=True),
        ),
    ),
    Order(
        "ResumeBilling",
        (*(Element(name) for name in ("requestId", "subscriptionId")), Element("effectiveDate", "date")),
    ),
    Order(
        "StopBilling",
        (
            *(Element(name) for name in ("requestId", "subscriptionId")),
            Element("endDate", "date"),
            Element("reason", optional=True),
        ),
    ),
    Order(
        "PostAdjustment",
        (
            *(Element(name) for name in ("requestId", "accountNumber", "marketCode")),
            Element("amount", "decimal"),
            Element("reason"),
            Element("adjustedOn", "date"),
        ),
        (Element("adjustmentId"), Element("billNumber")),
        "adjustments",
    ),
)
FOUND: tuple[Element, ...] = (
    *(Element(name) for name in ("requestId", "operation", "outcome")),
    *(Element(name, optional=True) for name in ("code", "subscriptionId", "accountNumber", "planCode")),
    *(Element(name, "date", optional=True) for name in ("startDate", "effectiveDate", "endDate")),
    *(Element(name, optional=True) for name in ("adjustmentId", "billNumber", "reason")),
    *(Element(name, "decimal", optional=True) for name in ("amount", "monthlyRate")),
    Element("adjustedOn", "date", optional=True),
    Element("receivedAt", "dateTime"),
)
"""What ``FindRequest`` tells; ``outcome`` is DONE or REFUSED, with the code of the fault."""


class RefusedOrder(Exception):  # noqa: N818 - the system's own word
    """A request that is not carried out; ``code`` and ``field`` go into its ValidationFault."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(f"{code} {field}")
        self.code = code
        self.field = field


class RepeatedOrder(Exception):  # noqa: N818 - as above
    """A request id that has arrived before."""


class OrderDesk:
    """Carries requests out on the rows of a feed, and remembers what became of each.

    ``rows`` gives the rows of a feed by the feed's name.
    """

    def __init__(self, rows: Callable[[str], list[Row]], clock: Callable[[], datetime], log: WriteLog) -> None:
        self._rows = rows
        self._clock = clock
        self._log = log
        self._requests: dict[str, Row] = {}

    def carry_out(self, order: Order, asked: Row) -> Row:
        """Do what a request asks; gives the elements of its answer.

        Raises:
            RepeatedOrder: the request id is known.
            RefusedOrder: a value is wrong, or the subscription is not there or has ended.
        """
        operation = order.operation
        _check(asked, "requestId")
        request_id = asked["requestId"]
        if request_id in self._requests:
            raise RepeatedOrder(request_id)
        entry: Row = {**asked, "operation": operation, "outcome": "DONE", "receivedAt": iso_z(self._clock())}
        self._requests[request_id] = entry
        modified = self._after_all_others(order.feed)
        try:
            row = self._done(operation, asked)
        except RefusedOrder as refusal:
            entry.update(outcome="REFUSED", code=refusal.code)
            raise
        answer = {element.name: row[element.name] for element in order.answer}
        entry.update({name: value for name, value in answer.items() if name != "status"})
        row["modified"] = modified
        self._log.note("billing", operation, request_id, row[order.answer[0].name])
        return answer

    def find(self, request_id: str) -> Row | None:
        """What became of a request; None where it never arrived."""
        return self._requests.get(request_id)

    def _done(self, operation: str, asked: Row) -> Row:
        if "planCode" in asked and asked["planCode"] not in _CODES:
            raise RefusedOrder("UNKNOWN_PLAN", "planCode")
        if operation == "StartBilling":
            return self._start(asked)
        if operation == "PostAdjustment":
            return self._adjusted(asked)
        row = next(
            (row for row in self._rows("subscriptions") if row["subscriptionId"] == asked["subscriptionId"]), None
        )
        if row is None:
            raise RefusedOrder("UNKNOWN_SUBSCRIPTION", "subscriptionId")
        if row["status"] == "CLOSED":
            raise RefusedOrder("SUBSCRIPTION_CLOSED", "subscriptionId")
        match operation:
            case "ChangeBilling":
                row["planCode"] = asked["planCode"]
            case "SuspendBilling":
                _suspend(row, asked["startDate"])
            case "ResumeBilling":
                _resume(row, asked["effectiveDate"])
            case _:
                row.update(endDate=asked["endDate"], status="CLOSED")
        return row

    def _start(self, asked: Row) -> Row:
        _check(asked, "accountNumber")
        if asked["marketCode"] not in _MARKETS:
            raise RefusedOrder("UNKNOWN_MARKET", "marketCode")
        row: Row = {
            "subscriptionId": f"SH{len(self._requests):07d}",
            "endDate": None,
            "status": "ACTIVE",
            "suspensions": [],
            **{name: asked[name] for name in ("accountNumber", "marketCode", "planCode", "startDate")},
        }
        self._rows("subscriptions").append(row)
        return row

    def _adjusted(self, asked: Row) -> Row:
        """An adjustment, which the account's next bill shows."""
        _check(asked, "accountNumber")
        if asked["marketCode"] not in _MARKETS:
            raise RefusedOrder("UNKNOWN_MARKET", "marketCode")
        amount = Decimal(asked["amount"])
        if not amount or amount != amount.quantize(_CENT):
            raise RefusedOrder("AMOUNT", "amount")
        bill = f"{asked['marketCode']}{date.fromisoformat(asked['adjustedOn']):%y%m}-{asked['accountNumber'][-8:]}"
        row: Row = {
            "adjustmentId": f"R{len(self._requests):07d}",
            "accountNumber": asked["accountNumber"],
            "billNumber": bill,
            "lineId": None,
            "amount": f"{amount:.2f}",
            "reason": asked["reason"],
            "adjustedOn": asked["adjustedOn"],
        }
        self._rows("adjustments").append(row)
        return row

    def _after_all_others(self, feed: str) -> str:
        """Now, or just behind the newest row of a feed whose books were closed by another calendar."""
        newest = max((as_instant(row["modified"]) for row in self._rows(feed)), default=None)
        now = self._clock()
        return iso_z(now if newest is None else max(now, newest + timedelta(seconds=1)))


def asked_of(order: Order, call: Any, namespace: str) -> Row:
    """The values of a request by element name; elements that are absent are left out."""
    found = {element.name: call.findtext(f"{{{namespace}}}{element.name}") for element in order.elements}
    return {name: text.strip() for name, text in found.items() if text is not None}


def _suspend(row: Row, first: str) -> None:
    if row["status"] == "SUSPENDED":
        raise RefusedOrder("SUBSCRIPTION_SUSPENDED", "subscriptionId")
    row.update(suspensions=[*row["suspensions"], {"from": first, "to": None}], status="SUSPENDED")


def _resume(row: Row, first_billed: str) -> None:
    """End a suspension with the day before; one that began on that very day has not been."""
    if row["status"] != "SUSPENDED":
        raise RefusedOrder("SUBSCRIPTION_ACTIVE", "subscriptionId")
    *before, last = row["suspensions"]
    until = (date.fromisoformat(first_billed) - timedelta(days=1)).isoformat()
    row.update(
        suspensions=[*before, {**last, "to": until}] if until >= str(last["from"]) else before, status="ACTIVE"
    )


def _check(asked: Row, name: str) -> None:
    if not re.fullmatch(_SHAPES[name], asked[name]):
        raise RefusedOrder("MALFORMED", name)
