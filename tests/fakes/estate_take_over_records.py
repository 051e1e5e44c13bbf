"""The billing system that takes accounts over, and the old one's closing balances, as canonical records."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from canonical_model.billing import ChargeLine, CustomerBill, Payment, Subscription
from canonical_model.record import Record
from canonical_model.take_over import AccountBalance, AccountCutOver, JobPause
from simulated_estate.books import Books
from tests.fakes.estate_words import minor, source

TAKEN_MARKET = "mesa"
LEGACY_BALANCES = {"AR": "receivable", "DEPOSIT": "deposit", "ON ACCOUNT": "unapplied"}


def take_over_records(books: Books) -> Iterator[Record]:
    """Every such record; one market's accounts are moved."""
    yield from _lists(books)
    yield from _bills(books)
    for row in books.billing["balances"]:
        assert row["marketCode"] == "MS"
        yield AccountBalance(
            **source(TAKEN_MARKET, "billing", "balance", row["balanceId"]),
            account_number=row["accountNumber"],
            balance_type=LEGACY_BALANCES[row["kind"]],
            amount_minor=minor(row["amount"]),
            currency=row["currency"],
            as_of=date.fromisoformat(row["asOf"]),
        )
    for row in books.target_billing["balances"]:
        yield AccountBalance(
            **_said("balance", row),
            balance_type=row["kind"],
            amount_minor=minor(row["amount"]),
            currency=row["currency"],
            as_of=date.fromisoformat(row["as_of"]),
        )


def _said(kind: str, row: dict[str, Any], place: str = "") -> dict[str, str]:
    account = {"account_number": row["account"].removeprefix("A-")} if "account" in row else {}
    return source(TAKEN_MARKET, "newbill", kind, row["id"] + place) | account


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _lists(books: Books) -> Iterator[Record]:
    for row in books.target_billing["cut_overs"]:
        yield AccountCutOver(
            **_said("cut-over", row),
            wave=row["wave"],
            legacy_system="billing",
            target_system="newbill",
            cut_over_on=date.fromisoformat(row["cut_over_on"]),
            serial=row["equipment"],
        )
    for row in books.target_billing["subscriptions"]:
        yield Subscription(
            **_said("subscription", row),
            subscription_id=row["id"],
            billing_code=row["plan"].upper(),
            state="active" if row["state"] == "live" else "closed",
            starts_on=date.fromisoformat(row["from"]),
            ends_on=_day(row["to"]),
        )
    for row in books.target_billing["job_pauses"]:
        yield JobPause(
            **_said("job-pause", row),
            job=row["job"],
            wave=row["wave"],
            paused_from=date.fromisoformat(row["from"]),
            paused_to=_day(row["to"]),
        )


def _bills(books: Books) -> Iterator[Record]:
    for row in books.target_billing["payments"]:
        yield Payment(
            **_said("payment", row),
            amount_minor=minor(row["amount"]),
            currency=row["currency"],
            received_on=date.fromisoformat(row["received_on"]),
            bill_id=row["invoice"],
        )
    for row in books.target_billing["invoices"]:
        yield CustomerBill(
            **_said("invoice", row),
            bill_id=row["id"],
            period_from=date.fromisoformat(row["period_from"]),
            period_to=date.fromisoformat(row["period_to"]),
            billed_on=date.fromisoformat(row["invoiced_on"]),
            state="sent" if row["state"] == "open" else "settled",
            total_minor=minor(row["total"]),
            currency=row["currency"],
        )
        for place, line in enumerate(row["lines"]):
            yield ChargeLine(
                **_said("invoice", row, f"#{place}"),
                subscription_id=line["subscription"],
                bill_id=row["id"],
                billing_code=line["product"].upper(),
                rate_minor=minor(line["monthly"]),
                quantity=line["count"],
                amount_minor=minor(line["amount"]),
                currency=row["currency"],
                covers_from=date.fromisoformat(line["from"]),
                covers_to=date.fromisoformat(line["to"]),
                billed_on=date.fromisoformat(row["invoiced_on"]),
            )
