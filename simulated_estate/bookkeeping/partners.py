"""What partners send in: the owners of lines that are not ours, and those whose products are passed through.

``partner_charges``, a row a line: ``id`` (``OPN-2605-10004/1``), ``invoice``, ``line``, ``partner``, ``region``,
    ``service`` (``LINE`` or ``SEAT``), ``account`` (``LV-0001234``), ``product`` (catalogue id, null for a line),
    ``from`` and ``to`` (first and last day), ``amount`` (text with two digits), ``currency``, ``invoiced_on`` (ISO
    date), ``updated_at`` (UTC, ``Z``).
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from simulated_estate.books import Row
from simulated_estate.life.records import Life
from simulated_estate.spelling import crm_account, utc_z

FEED = "partner_charges"


def partner_rows(life: Life) -> Iterator[Row]:
    """The rows of what partners ask for an account."""
    for each in life.partner_lines:
        yield {
            "id": f"{each.invoice}/{each.line}",
            "invoice": each.invoice,
            "line": each.line,
            "partner": each.partner,
            "region": life.market.region,
            "service": "LINE" if each.product is None else "SEAT",
            "account": crm_account(life.account),
            "product": each.product,
            "from": each.start.isoformat(),
            "to": (each.end - timedelta(days=1)).isoformat(),
            "amount": str(Decimal(each.cents).scaleb(-2)),
            "currency": life.market.currency,
            "invoiced_on": each.end.isoformat(),
            "updated_at": utc_z(life.market.noon(each.end)),
        }
