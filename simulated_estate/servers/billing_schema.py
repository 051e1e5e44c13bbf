"""What the billing system tells: its feeds, their elements and XSD types; WSDL and answers are written from this.

A row is a dict with the element names below as keys (``marketCode`` and so on). A value that is missing or None is
written as ``xsi:nil`` where the element is nillable and left out elsewhere. ``suspensions`` is a list of
``{"from": date, "to": date | None}``.
"""

from dataclasses import dataclass, replace
from typing import Literal

NAMESPACE = "urn:lumen-valley:billing:1"
XsdType = Literal["string", "decimal", "date", "dateTime", "int", "suspensions"]
MODIFIED = "modified"


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a row: its name, type, and whether it may be absent or nil."""

    name: str
    type: XsdType = "string"
    optional: bool = False
    nillable: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """One list operation.

    Attributes:
        operation: name of the operation and of its request element; the answer's adds ``Response``.
        books_key: where ``Books.billing`` holds the rows.
        row: name of the repeated element of the answer; its XSD type has a capital first letter.
        elements: what a row consists of, in order; the first identifies it.
    """

    operation: str
    books_key: str
    row: str
    elements: tuple[Element, ...]

    @property
    def key(self) -> str:
        """The element that identifies a row."""
        return self.elements[0].name

    @property
    def type_name(self) -> str:
        """The XSD type of a row."""
        return self.row[0].upper() + self.row[1:]


def _text(*names: str) -> tuple[Element, ...]:
    return tuple(Element(name) for name in names)


_MODIFIED = Element(MODIFIED, "dateTime")

FEEDS: tuple[Feed, ...] = (
    Feed(
        "ListSubscriptions",
        "subscriptions",
        "subscription",
        (
            *_text("subscriptionId", "accountNumber", "marketCode", "planCode"),
            Element("serviceLocation", optional=True),
            Element("startDate", "date"),
            Element("endDate", "date", nillable=True),
            Element("status"),
            Element("suspensions", "suspensions"),
            Element("openedBy", optional=True),
            Element("openedAt", "dateTime", optional=True),
            _MODIFIED,
        ),
    ),
    Feed(
        "ListChargeLines",
        "charge_lines",
        "chargeLine",
        (
            *_text("lineId", "billNumber"),
            Element("subscriptionId", nillable=True),
            *_text("accountNumber", "billingCode", "description"),
            Element("rate", "decimal"),
            Element("quantity", "int"),
            Element("amount", "decimal"),
            Element("coverFrom", "date"),
            Element("coverTo", "date"),
            Element("billDate", "date"),
            _MODIFIED,
        ),
    ),
    Feed(
        "ListBills",
        "bills",
        "bill",
        (
            *_text("billNumber", "accountNumber", "marketCode"),
            Element("periodFrom", "date"),
            Element("periodTo", "date"),
            Element("billDate", "date"),
            Element("total", "decimal"),
            Element("currency"),
            Element("status"),
            _MODIFIED,
        ),
    ),
    Feed(
        "ListPayments",
        "payments",
        "payment",
        (
            *_text("paymentId", "accountNumber"),
            Element("billNumber", nillable=True),
            Element("amount", "decimal"),
            Element("receivedOn", "date"),
            Element("method", optional=True),
            _MODIFIED,
        ),
    ),
    Feed(
        "ListAdjustments",
        "adjustments",
        "adjustment",
        (
            *_text("adjustmentId", "accountNumber"),
            Element("billNumber", nillable=True),
            Element("lineId", nillable=True),
            Element("amount", "decimal"),
            Element("reason"),
            Element("adjustedOn", "date"),
            _MODIFIED,
        ),
    ),
    Feed(
        "ListPendingItems",
        "pending_items",
        "pendingItem",
        (
            *_text("itemId", "accountNumber", "marketCode"),
            Element("subscriptionId", nillable=True),
            Element("billingCode"),
            Element("amount", "decimal"),
            Element("currency"),
            Element("createdOn", "date"),
            Element("status"),
            _MODIFIED,
        ),
    ),
    Feed(
        "ListDisputes",
        "disputes",
        "dispute",
        (
            *_text("disputeId", "accountNumber"),
            Element("billNumber", nillable=True),
            Element("amount", "decimal"),
            Element("reason"),
            Element("status"),
            Element("openedOn", "date"),
            Element("closedOn", "date", nillable=True),
            _MODIFIED,
        ),
    ),
    Feed(
        "ListBalances",
        "balances",
        "balance",
        (
            *_text("balanceId", "accountNumber", "marketCode", "kind"),
            Element("amount", "decimal"),
            Element("currency"),
            Element("asOf", "date"),
            _MODIFIED,
        ),
    ),
    Feed(
        "ListBillCycles",
        "bill_cycles",
        "billCycle",
        (
            *_text("cycleId", "accountNumber", "marketCode"),
            Element("cycleDay", "int"),
            Element("enteredOn", "date"),
            _MODIFIED,
        ),
    ),
)


def renamed(feeds: tuple[Feed, ...], name: str) -> tuple[Feed, ...]:
    """The feeds of a release that calls one element something else, ``name`` + ``Value``."""
    if not name:
        return feeds
    return tuple(
        replace(
            feed,
            elements=tuple(
                replace(element, name=f"{name}Value") if element.name == name else element
                for element in feed.elements
            ),
        )
        for feed in feeds
    )
