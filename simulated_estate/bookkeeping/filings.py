"""What is filed beside the lives of customers, as its system keeps it. Days are ISO dates, stamps UTC with ``Z``.

Field service, each with ``id``, ``region`` and ``updated_at``:
``outages``: ``element``, ``port``, ``started_at``, ``ended_at`` (local with offset; None while an outage lasts).
``reservations``: ``kind`` (``port``, ``static_ip``), ``order_reference`` (``SO-12345``), ``reserved_on``,
    ``released_on`` (or None).
``wholesale_lines``: ``retailer``, ``product``, ``serial``, ``active_from``, ``active_to`` (last day, or None).
``wholesale_charges``: ``invoice``, ``line``, ``retailer``, ``wholesale_line``, ``from`` and ``to`` (last day),
    ``amount`` (text with two digits), ``currency``, ``invoiced_on``.

Billing: ``pending_items``: ``itemId``, ``accountNumber``, ``marketCode``, ``subscriptionId`` (or None),
    ``billingCode``, ``amount``, ``currency``, ``createdOn``, ``status`` (``PENDING``, ``BILLED``, ``CANCELLED``),
    ``modified``.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Literal

from simulated_estate.books import Row
from simulated_estate.catalogue import PRODUCTS
from simulated_estate.life.filings import (
    Filing,
    NetworkOutage,
    PendingItem,
    Reservation,
    RetailCharge,
    RetailLine,
)
from simulated_estate.markets import Market
from simulated_estate.spelling import billing_account, field_order, last_day, local, utc_z

OUTAGES, RESERVATIONS, LINES, CHARGES = "outages", "reservations", "wholesale_lines", "wholesale_charges"
FIELD_FEEDS = (OUTAGES, RESERVATIONS, LINES, CHARGES)
ITEMS = "pending_items"


def filing_row(filing: Filing, market: Market) -> tuple[Literal["billing", "field_service"], str, Row]:
    """System, feed and row of a filing."""
    match filing:
        case NetworkOutage():
            return "field_service", OUTAGES, _outage(filing, market)
        case Reservation():
            return "field_service", RESERVATIONS, _reservation(filing, market)
        case RetailLine():
            return "field_service", LINES, _line(filing, market)
        case RetailCharge():
            return "field_service", CHARGES, _charge(filing, market)
        case PendingItem():
            return "billing", ITEMS, _item(filing, market)


def _outage(filing: NetworkOutage, market: Market) -> Row:
    return {
        "id": filing.number,
        "region": market.region,
        "element": filing.element,
        "port": filing.port,
        "started_at": local(filing.start),
        "ended_at": local(filing.end),
        "updated_at": utc_z(filing.end),
    }


def _reservation(filing: Reservation, market: Market) -> Row:
    return {
        "id": filing.number,
        "region": market.region,
        "kind": filing.kind,
        "order_reference": field_order(filing.order),
        "reserved_on": filing.start.isoformat(),
        "released_on": filing.end.isoformat() if filing.end else None,
        "updated_at": utc_z(market.noon(filing.end or filing.start)),
    }


def _line(filing: RetailLine, market: Market) -> Row:
    end = last_day(filing.end)
    return {
        "id": filing.number,
        "region": market.region,
        "retailer": filing.retailer,
        "product": filing.offering,
        "serial": filing.serial,
        "active_from": filing.start.isoformat(),
        "active_to": end.isoformat() if end else None,
        "updated_at": utc_z(market.noon(filing.end or filing.start)),
    }


def _charge(filing: RetailCharge, market: Market) -> Row:
    return {
        "id": f"{filing.invoice}/{filing.place}",
        "region": market.region,
        "invoice": filing.invoice,
        "line": filing.place,
        "retailer": filing.retailer,
        "wholesale_line": filing.line,
        "from": filing.start.isoformat(),
        "to": (filing.end - timedelta(days=1)).isoformat(),
        "amount": str(Decimal(filing.cents).scaleb(-2)),
        "currency": market.currency,
        "invoiced_on": filing.day.isoformat(),
        "updated_at": utc_z(market.noon(filing.day)),
    }


def _item(filing: PendingItem, market: Market) -> Row:
    return {
        "itemId": filing.number,
        "accountNumber": billing_account(filing.account),
        "marketCode": market.billing_code,
        "subscriptionId": filing.subscription,
        "billingCode": PRODUCTS[filing.product].billing_code,
        "amount": str(Decimal(filing.cents).scaleb(-2)),
        "currency": market.currency,
        "createdOn": filing.day.isoformat(),
        "status": filing.state,
        "modified": utc_z(market.noon(filing.day)),
    }
