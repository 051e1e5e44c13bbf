"""What contractors send through the field service system's portal.

``contractor_invoices``, a row a line: ``id`` (``INV-004711/1``), ``invoice``, ``line``, ``contractor``, ``region``,
    ``work_order_id``, ``rate_code``, ``quantity``, ``amount`` (text with two digits), ``currency``, ``invoiced_on``
    (ISO date), ``updated_at`` (UTC, ``Z``).
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from simulated_estate.books import Row
from simulated_estate.life.records import InvoiceLine
from simulated_estate.markets import Market
from simulated_estate.spelling import utc_z

FEED = "contractor_invoices"


def invoice_rows(lines: Iterable[InvoiceLine], market: Market) -> Iterator[Row]:
    """The rows of lines."""
    for each in lines:
        yield {
            "id": f"{each.invoice}/{each.line}",
            "invoice": each.invoice,
            "line": each.line,
            "contractor": each.contractor,
            "region": market.region,
            "work_order_id": f"wo_{each.job:08x}",
            "rate_code": each.code,
            "quantity": each.quantity,
            "amount": str(Decimal(each.cents).scaleb(-2)),
            "currency": market.currency,
            "invoiced_on": each.day.isoformat(),
            "updated_at": utc_z(market.noon(each.day)),
        }
