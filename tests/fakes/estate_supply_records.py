"""The store room's ledger of a simulated estate, and what contractors and partners ask for, as canonical records."""

from collections.abc import Iterator
from datetime import date, datetime

from canonical_model.record import Record
from canonical_model.stock import StockMovement
from canonical_model.suppliers import PartnerCharge, SupplierInvoiceLine
from simulated_estate.books import Books
from tests.fakes.estate_words import BY_REGION, after, device_kind, minor, source, without_prefix


def supply_records(books: Books) -> Iterator[Record]:
    """Every such record, of all markets."""
    yield from _stock(books)
    yield from _invoice_lines(books)
    yield from _partner_charges(books)


def _stock(books: Books) -> Iterator[Record]:
    movements = {"receipt": "received", "issue": "issued", "return": "returned", "write_off": "written_off"}
    for row in books.field_service["stock_movements"]:
        yield StockMovement(
            **source(BY_REGION[row["region"]], "fsm", "stock-movement", row["id"]),
            serial=row["serial"],
            kind=device_kind(row["kind"]),
            model=row["model"],
            movement=movements[row["type"]],
            moved_at=datetime.fromisoformat(row["moved_at"]),
            work_order_id=row["work_order_id"],
        )


def _invoice_lines(books: Books) -> Iterator[Record]:
    for row in books.field_service["contractor_invoices"]:
        yield SupplierInvoiceLine(
            **source(BY_REGION[row["region"]], "fsm", "contractor-invoice", row["id"]),
            invoice_id=row["invoice"],
            line_number=row["line"],
            supplier=row["contractor"],
            work_order_id=row["work_order_id"],
            rate_code=row["rate_code"],
            quantity=row["quantity"],
            amount_minor=minor(row["amount"]),
            currency=row["currency"],
            invoiced_on=date.fromisoformat(row["invoiced_on"]),
        )


def _partner_charges(books: Books) -> Iterator[Record]:
    for row in books.field_service["partner_charges"]:
        covers_to = after(row["to"])
        assert covers_to is not None
        yield PartnerCharge(
            **source(BY_REGION[row["region"]], "fsm", "partner-charge", row["id"]),
            invoice_id=row["invoice"],
            line_number=row["line"],
            supplier=row["partner"],
            kind="access_line" if row["service"] == "LINE" else "licence",
            account_number=without_prefix(row["account"]),
            product_id=row["product"],
            covers_from=date.fromisoformat(row["from"]),
            covers_to=covers_to,
            amount_minor=minor(row["amount"]),
            currency=row["currency"],
            invoiced_on=date.fromisoformat(row["invoiced_on"]),
        )
