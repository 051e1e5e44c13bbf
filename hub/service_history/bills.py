"""Bills of an account: an entry each with its lines and payment, one for all that say the same; pure."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby

from canonical_model.billing import ChargeLine, CustomerBill, Payment
from canonical_model.money import Money
from hub.service_history.entry import HistoryEntry
from hub.service_history.records import entries_of


def bill_entries(
    bills: Sequence[CustomerBill], lines: Sequence[ChargeLine], payments: Sequence[Payment]
) -> list[HistoryEntry]:
    """What was billed and paid; lines and payments without a bill that is known stand by themselves.

    Bills that say the same, month after month, are one entry, so that what changed can be seen.
    """
    by_bill: dict[str, list[ChargeLine]] = defaultdict(list)
    paid: dict[str, list[Payment]] = defaultdict(list)
    known = {bill.bill_id for bill in bills}
    alone: list[ChargeLine | Payment] = []
    for line in lines:
        by_bill[line.bill_id].append(line) if line.bill_id in known else alone.append(line)
    for payment in payments:
        paid[payment.bill_id].append(payment) if payment.bill_id in known else alone.append(payment)
    entries = [entry for record in alone for entry in entries_of(record)]
    ordered = sorted(bills, key=lambda bill: (bill.source_system, bill.period_from, bill.bill_id))
    said = [(bill, _said(bill, by_bill[bill.bill_id], paid[bill.bill_id])) for bill in ordered]
    for text, alike in groupby(said, key=lambda each: each[1]):
        first, *others = [bill for bill, _ in alike]
        entries.append(_entry(first, others[-1] if others else None, 1 + len(others), text))
    return entries


def _entry(first: CustomerBill, last: CustomerBill | None, count: int, text: str) -> HistoryEntry:
    period = f"{first.period_from} to {(last or first).period_to}"
    if last is None:
        return HistoryEntry(
            first.billed_on,
            first.source_system,
            "bill",
            f"bill {first.bill_id} for {period}: {text}",
            str(first.source),
        )
    said = f"{count} bills, {first.bill_id} to {last.bill_id}, for {period}, each {text}"
    return HistoryEntry(first.billed_on, first.source_system, "bills", said, f"{first.source} to {last.source}")


def _said(bill: CustomerBill, lines: Sequence[ChargeLine], payments: Sequence[Payment]) -> str:
    total = Money.from_minor(bill.total_minor, bill.currency)
    of = " + ".join(
        _line(bill, line) for line in sorted(lines, key=lambda line: (line.covers_from, line.billing_code))
    )
    came = sum(payment.amount_minor for payment in payments)
    told = "paid" if came == bill.total_minor else f"{Money.from_minor(came, bill.currency)} came in"
    return f"{total}" + (f" = {of}" if of else "") + f", {told if payments else 'nothing came in for it'}"


def _line(bill: CustomerBill, line: ChargeLine) -> str:
    amount = Money.from_minor(line.amount_minor, line.currency).amount
    times = f" ({line.quantity} of it)" if line.quantity != 1 else ""
    if (line.covers_from, line.covers_to) == (bill.period_from, bill.period_to):
        return f"{line.billing_code} {amount}{times}"
    rate = Money.from_minor(line.rate_minor, line.currency).amount
    return f"{line.billing_code} {amount}{times} ({line.covers_from} to {line.covers_to} at {rate} a month)"
