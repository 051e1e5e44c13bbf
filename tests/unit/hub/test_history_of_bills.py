"""Bills in a service's history: what changed from month to month can be seen, and no line is left out."""

from datetime import date
from typing import Any

from canonical_model.billing import ChargeLine, CustomerBill, Payment
from hub.service_history.bills import bill_entries


def record(number: int, kind: str, **facts: Any) -> dict[str, Any]:
    place = {"market": "mesa", "source_system": "billing", "source_object": kind, "source_id": f"{kind}-{number}"}
    return place | {"account_number": "7", "currency": "USD"} | facts


def bill(month: int, total: int) -> CustomerBill:
    period = {"period_from": date(2026, month, 1), "period_to": date(2026, month + 1, 1)}
    facts = {**period, "bill_id": f"B{month}", "billed_on": date(2026, month + 1, 1), "state": "sent"}
    return CustomerBill.model_validate(record(month, "bills", total_minor=total, **facts))


def line(month: int, amount: int, **facts: Any) -> ChargeLine:
    given = {
        "bill_id": f"B{month}",
        "billing_code": "SLV",
        "rate_minor": 5000,
        "amount_minor": amount,
        "covers_from": date(2026, month, 1),
        "covers_to": date(2026, month + 1, 1),
        "billed_on": date(2026, month + 1, 1),
    }
    return ChargeLine.model_validate(record(month, "lines", **(given | facts)))


def paid(month: int, amount: int, bill_id: str | None = "given") -> Payment:
    of = f"B{month}" if bill_id == "given" else bill_id
    facts = {"amount_minor": amount, "received_on": date(2026, month + 1, 9), "bill_id": of}
    return Payment.model_validate(record(month, "payments", **facts))


def test_months_that_say_the_same_are_one_entry_and_a_change_begins_another() -> None:
    bills = [bill(1, 5000), bill(2, 5000), bill(3, 6000)]
    lines = [line(1, 5000), line(2, 5000), line(3, 6000)]
    told = bill_entries(bills, lines, [paid(month, total) for month, total in ((1, 5000), (2, 5000), (3, 6000))])
    assert [each.said for each in told] == [
        "2 bills, B1 to B2, for 2026-01-01 to 2026-03-01, each 50.00 USD = SLV 50.00, paid",
        "bill B3 for 2026-03-01 to 2026-04-01: 60.00 USD = SLV 60.00, paid",
    ]
    assert [each.at for each in told] == [date(2026, 2, 1), date(2026, 4, 1)]


def test_part_of_a_month_shows_its_days_and_rate() -> None:
    (told,) = bill_entries([bill(1, 1613)], [line(1, 1613, covers_from=date(2026, 1, 22))], [])
    assert told.said.endswith(
        "16.13 USD = SLV 16.13 (2026-01-22 to 2026-02-01 at 50.00 a month), nothing came in for it"
    )


def test_a_payment_that_is_short_is_told_with_what_came_in() -> None:
    (told,) = bill_entries([bill(1, 5000)], [line(1, 5000)], [paid(1, 2000)])
    assert told.said.endswith("20.00 USD came in")


def test_lines_and_payments_of_no_known_bill_stand_alone() -> None:
    told = bill_entries([], [line(1, 5000)], [paid(1, 5000, bill_id=None)])
    assert sorted(each.what for each in told) == ["charge", "payment"]
