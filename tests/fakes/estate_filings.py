"""What a simulated estate files beside the lives of its customers, as canonical records."""

from collections.abc import Iterator
from datetime import date, datetime

from canonical_model.billing import BillingItem
from canonical_model.incidents import Outage
from canonical_model.record import Record
from canonical_model.resources import ResourceReservation
from canonical_model.wholesale import WholesaleCharge, WholesaleLine
from simulated_estate.books import Books
from tests.fakes.estate_words import BY_BILLING_CODE, BY_REGION, after, minor, source


def filed_records(books: Books) -> Iterator[Record]:
    """Every such record, of all markets."""
    yield from _outages(books)
    yield from _reservations(books)
    yield from _wholesale(books)
    yield from _pending(books)


def _outages(books: Books) -> Iterator[Record]:
    for row in books.field_service["outages"]:
        yield Outage(
            **source(BY_REGION[row["region"]], "fsm", "outage", row["id"]),
            outage_id=row["id"],
            element=row["element"],
            port=row["port"],
            started_at=datetime.fromisoformat(row["started_at"]),
            ended_at=row["ended_at"] and datetime.fromisoformat(row["ended_at"]),
        )


def _reservations(books: Books) -> Iterator[Record]:
    for row in books.field_service["reservations"]:
        yield ResourceReservation(
            **source(BY_REGION[row["region"]], "fsm", "reservation", row["id"]),
            resource_id=row["id"],
            kind=row["kind"],
            order_number=row["order_reference"].removeprefix("SO-"),
            reserved_on=date.fromisoformat(row["reserved_on"]),
            released_on=row["released_on"] and date.fromisoformat(row["released_on"]),
        )


def _wholesale(books: Books) -> Iterator[Record]:
    for row in books.field_service["wholesale_lines"]:
        yield WholesaleLine(
            **source(BY_REGION[row["region"]], "fsm", "wholesale-line", row["id"]),
            line_id=row["id"],
            retailer=row["retailer"],
            offering_id=row["product"],
            serial=row["serial"],
            active_from=date.fromisoformat(row["active_from"]),
            active_to=after(row["active_to"]),
        )
    for row in books.field_service["wholesale_charges"]:
        covers_to = after(row["to"])
        assert covers_to is not None
        yield WholesaleCharge(
            **source(BY_REGION[row["region"]], "fsm", "wholesale-charge", row["id"]),
            invoice_id=row["invoice"],
            line_number=row["line"],
            retailer=row["retailer"],
            line_id=row["wholesale_line"],
            covers_from=date.fromisoformat(row["from"]),
            covers_to=covers_to,
            amount_minor=minor(row["amount"]),
            currency=row["currency"],
            invoiced_on=date.fromisoformat(row["invoiced_on"]),
        )


def _pending(books: Books) -> Iterator[Record]:
    for row in books.billing["pending_items"]:
        yield BillingItem(
            **source(BY_BILLING_CODE[row["marketCode"]], "billing", "pendingItem", row["itemId"]),
            item_id=row["itemId"],
            account_number=row["accountNumber"],
            subscription_id=row["subscriptionId"],
            billing_code=row["billingCode"],
            amount_minor=minor(row["amount"]),
            currency=row["currency"],
            created_on=date.fromisoformat(row["createdOn"]),
            state=row["status"].lower(),
        )
