"""What comparisons come to: shares with their interval, causes, money up and down, and what is worst."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from handoffs.comparison import ComparisonClass
from handoffs.shadow.comparing import Compared, Difference
from handoffs.shadow.parity import ParityCount
from handoffs.statistics import Share, wilson

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


def day_of(moment: datetime) -> date:
    return moment.date()


def compared(work: str, kind: ComparisonClass, *differences: Difference, days: int = 0) -> Compared:
    return Compared(work, MONDAY + timedelta(days=days), kind, differences)


def difference(
    kind: ComparisonClass, field: str = "offering", money: int = 0, *, critical: bool = False
) -> Difference:
    return Difference(field, kind, "fiber-500", "fiber-1000", {}, money, critical)


@pytest.mark.parametrize(
    ("good", "of", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (10, 10, 0.7224672, 1.0),
        (0, 10, 0.0, 0.2775328),
        (95, 100, 0.8882495, 0.9784563),
        (50, 100, 0.4038315, 0.5961685),
    ],
)
def test_an_interval_holds_what_wilson_says(good: int, of: int, low: float, high: float) -> None:
    found = wilson(Share(good, of), Decimal(95))
    assert (float(found.low), float(found.high)) == pytest.approx((low, high), abs=1e-6)


def test_works_are_counted_by_week_and_class() -> None:
    count = ParityCount(day_of)
    count.add([compared("a", "match"), compared("b", "legacy_wrong", difference("legacy_wrong"), days=6)])
    count.add([compared("c", "unknown", difference("unknown"), days=7)])
    parity = count.counted()
    assert [(week.begins_on, week.clean, week.of) for week in parity.weeks] == [
        (date(2026, 3, 2), 2, 2),
        (date(2026, 3, 9), 0, 1),
    ]
    assert (parity.clean, parity.compared) == (2, 3)


def test_differences_that_are_alike_are_one_cause() -> None:
    count = ParityCount(day_of)
    count.add([compared(name, "hub_wrong", difference("hub_wrong", critical=True)) for name in ("a", "b")])
    (cause,) = count.counted().causes
    assert (cause.field, cause.kind, cause.intent, cause.observed) == (
        "offering",
        "hub_wrong",
        "fiber-500",
        "fiber-1000",
    )
    assert (cause.works, cause.critical, cause.example) == (2, 2, "a")


def test_what_is_taken_too_little_and_too_much_is_never_netted() -> None:
    count = ParityCount(day_of)
    count.add([compared("a", "legacy_wrong", difference("legacy_wrong", "recurring", 700))])
    count.add([compared("b", "legacy_wrong", difference("legacy_wrong", "recurring", -500))])
    parity = count.counted()
    assert parity.money == {"legacy_wrong": (700, 500)}
    assert {(each.intent, each.too_little_minor, each.too_much_minor) for each in parity.causes} == {
        ("more", 700, 0),
        ("less", 0, 500),
    }


def test_the_worst_comes_first() -> None:
    count = ParityCount(day_of)
    count.add(
        [
            compared("clean", "match"),
            compared("proven", "legacy_wrong", difference("legacy_wrong", money=90_000)),
            compared("open", "unknown", difference("unknown", money=100)),
            compared("harmful", "unknown", difference("unknown", critical=True)),
            compared("ours", "hub_wrong", difference("hub_wrong")),
        ]
    )
    assert [each.work for each in count.counted().worst] == ["ours", "harmful", "open", "proven"]
