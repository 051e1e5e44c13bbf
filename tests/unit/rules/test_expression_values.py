"""What accepted expressions yield, executed by DuckDB. Money appears as an integer at its scale."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest

VALUES: dict[str, list[tuple[str, Any]]] = {
    "arithmetic": [
        ("days + 1", 8),
        ("days - (days - 1)", 1),
        ("2 * (days + 1)", 16),
        ("-(days + 1) * 2", -16),
        ("days // 2", 3),
        ("-days // 2", -3),
        ("days % 4", 3),
        ("days // 0", None),
        ("days // gap", None),
        ("days + gap", None),
        ("ABS(-days)", 7),
        ("1.5 + days", 8.5),
        ("rx_dbm < -27", True),
        ("rx_dbm = -27.5", True),
        ("RATIO(days, 2)", 3.5),
        ("RATIO(billed, discount)", None),
        ("RATIO(days, 0)", None),
        ("DISTANCE_M(40.0, -74.0, 40.001, -74)", 111),
        ("DISTANCE_M(40, -74, 40, -74)", 0),
        ("DISTANCE_M(40, -74, 40, CAST(gap AS DOUBLE))", None),
    ],
    "money": [
        ("billed", 8999),
        ("billed - 0.01", 8998),
        ("billed + 5", 9499),
        ("billed * days", 62993),
        ("3 * billed", 26997),
        ("-billed", -8999),
        ("billed > 89.98", True),
        ("billed BETWEEN 89 AND 89.99", True),
        ("billed IN (1, 89.99)", True),
        ("COALESCE(discount, 0)", 0),
        ("CASE WHEN live THEN 0 ELSE billed END", 0),
        ("GREATEST(billed - 100, 0)", 0),
        ("LEAST(billed, 20.5)", 2050),
        ("ROUND_HALF_UP(rate, 2)", 1235),
        ("ROUND_HALF_UP(-rate, 3)", -12346),
        ("ROUND_HALF_UP(rate, 0)", 12),
        ("ROUND_HALF_UP(billed, 4)", 899900),
        ("ROUND_HALF_UP(rate, 2) = 12.35", True),
        ("PRORATE(billed, 17, 31)", 4935),
        ("PRORATE(-billed, 15, 100)", -1350),
        ("PRORATE(billed, 1, 0)", None),
        ("PRORATE(billed, 1, -3)", None),
        ("MONEY(7, 2)", 700),
        ("MINOR_UNITS(days, 2)", 7),
        ("ABS(-billed)", 8999),
    ],
    "text": [
        ("plan || '/' || 'x'", "LV-0001234/x"),
        ("plan || note", None),
        ("CONCAT(plan, note)", "LV-0001234"),
        ("LOWER(plan)", "lv-0001234"),
        ("UPPER('ab')", "AB"),
        ("TRIM('  a ')", "a"),
        ("TRIM('xxax', 'x')", "a"),
        ("LTRIM(DIGITS(plan), '0')", "1234"),
        ("RTRIM('a00', '0')", "a"),
        ("LEFT(plan, 2)", "LV"),
        ("RIGHT(plan, 4)", "1234"),
        ("SUBSTRING(plan, 4, 3)", "000"),
        ("SUBSTR(plan, 4)", "0001234"),
        ("REPLACE(plan, 'LV-', '')", "0001234"),
        ("LPAD('7', 3, '0')", "007"),
        ("RPAD('7', 3, '0')", "700"),
        ("SPLIT_PART(plan, '-', 2)", "0001234"),
        ("SPLIT_PART(plan, '-', 3)", ""),
        ("LENGTH(plan)", 10),
        ("STRPOS(plan, '-')", 3),
        ("MISSING_OF('drop,terminal,label', 'label,drop')", "terminal"),
        ("MISSING_OF('drop', 'drop')", ""),
        ("MISSING_OF('', 'drop')", ""),
        ("MISSING_OF('drop', note)", None),
        ("MISSING_OF(note, 'drop')", None),
        ("STARTS_WITH(plan, 'LV')", True),
        ("ENDS_WITH(plan, '34')", True),
        ("CONTAINS(plan, '-0')", True),
        ("plan LIKE 'LV-%'", True),
        ("plan LIKE 'lv-%'", False),
        ("plan NOT LIKE 'XX%'", True),
        ("'it''s'", "it's"),
        ("NULLIF(plan, '')", "LV-0001234"),
        ("NULLIF(plan, 'LV-0001234')", None),
        ("CAST(days AS TEXT) || 'd'", "7d"),
        ("promo_code__c", "WELC20"),
        ("\"Promo_Code__c\" = 'WELC20'", True),
    ],
    "time": [
        ("DAYS_BETWEEN(starts, DATE '2026-03-01')", 29),
        ("DAYS_BETWEEN(DATE '2026-03-01', starts)", -29),
        ("DAYS_BETWEEN(starts, ends)", None),
        ("ADD_DAYS(starts, days)", date(2026, 2, 7)),
        ("ADD_MONTHS(starts, 1)", date(2026, 2, 28)),
        ("ADD_MONTHS(starts, -1)", date(2025, 12, 31)),
        ("MONTH_START(starts)", date(2026, 1, 1)),
        ("YEAR(starts) * 100 + MONTH(starts)", 202601),
        ("DAY(starts)", 31),
        ("starts < DATE '2026-02-01'", True),
        ("GREATEST(starts, ends)", date(2026, 1, 31)),
        ("DATE_OF(seen, 'America/New_York')", date(2026, 2, 28)),
        ("DATE_OF(seen, 'Europe/Berlin')", date(2026, 3, 1)),
        ("HOURS_BETWEEN(seen, TIMESTAMPTZ '2026-03-01T05:59:59Z')", 3),
        ("MINUTES_BETWEEN(seen, TIMESTAMPTZ '2026-03-01T05:59:59Z')", 239),
        ("seen = TIMESTAMPTZ '2026-02-28T21:00:00-05:00'", True),
        ("PARSE_DATE('03/02/2026', '%d/%m/%Y')", date(2026, 2, 3)),
        ("PARSE_DATE('3 Feb 2026', '%d %b %Y')", date(2026, 2, 3)),
        ("PARSE_TIMESTAMP('2026-03-05T10:00:00.250+0000')", datetime(2026, 3, 5, 10, 0, 0, 250_000, UTC)),
        ("PARSE_TIMESTAMP('2026-03-05T10:00:00-05:00')", datetime(2026, 3, 5, 15, tzinfo=UTC)),
        ("PARSE_TIMESTAMP('2026-03-05 10:00:00Z')", datetime(2026, 3, 5, 10, tzinfo=UTC)),
        ("PARSE_TIMESTAMP('05.03.2026 10:00 -0500', '%d.%m.%Y %H:%M %z')", datetime(2026, 3, 5, 15, tzinfo=UTC)),
        (
            "PARSE_TIMESTAMP('2026-07-05 10:00', '%Y-%m-%d %H:%M', 'America/Denver')",
            datetime(2026, 7, 5, 16, tzinfo=UTC),
        ),
    ],
    "conditions": [
        ("live AND days > 5", True),
        ("live AND paid", None),
        ("NOT (live OR paid) AND live", False),
        ("live OR paid", True),
        ("paid IS NULL", True),
        ("paid IS NOT TRUE", True),
        ("live IS TRUE", True),
        ("note = 'x'", None),
        ("note IS DISTINCT FROM plan", True),
        ("note IS NOT DISTINCT FROM NULL", True),
        ("plan <> note", None),
        ("days = 7 AND plan <> 'x'", True),
        ("days NOT IN (1, 2)", True),
        ("days NOT BETWEEN 1 AND 6", True),
        ("CASE days WHEN 7 THEN 'week' WHEN 1 THEN 'day' END", "week"),
        ("CASE WHEN paid THEN 1 END", None),
        ("CASE WHEN gap IS NULL THEN 'none' ELSE 'some' END", "none"),
        ("COALESCE(gap, days, 0)", 7),
        ("COALESCE(gap, 1.5)", 1.5),
        ("live = TRUE", True),
    ],
    "reading text": [
        ("MONEY('89.99', 2)", 8999),
        ("MONEY(' 89.9 ', 2)", 8990),
        ("MONEY('89', 2)", 8900),
        ("MONEY('89.', 2)", 8900),
        ("MONEY('-0.05', 2)", -5),
        ("MONEY('+7.1', 2)", 710),
        ("MONEY('12.340', 2)", 1234),
        ("MONEY('0.1234', 4)", 1234),
        ("MONEY('15', 0)", 15),
        ("MONEY(REPLACE('1,234.50', ',', ''), 2)", 123450),
        ("MONEY('0.1', 2) + MONEY('0.2', 2) = 0.3", True),
        ("MONEY(note, 2)", None),
        ("CAST('42' AS INTEGER)", 42),
        ("CAST(' -7 ' AS BIGINT)", -7),
        ("'007'::integer", 7),
        ("CAST('2026-02-28' AS DATE)", date(2026, 2, 28)),
        ("CAST(LEFT('2026-02-28T10:00', 10) AS DATE)", date(2026, 2, 28)),
        ("CAST(LOWER('0001-01-01') AS DATE)", date(1, 1, 1)),
        ("CAST('40.25' AS DOUBLE)", 40.25),
        ("CAST('TRUE' AS BOOLEAN)", True),
    ],
}

UNREADABLE = [
    "MONEY('12.345', 2)",
    "MONEY('1e3', 2)",
    "MONEY('1,000.00', 2)",
    "MONEY('$5', 2)",
    "MONEY('', 2)",
    "MONEY('.', 2)",
    "MONEY('5.5', 0)",
    "MONEY('99999999999999999999', 2)",
    "MONEY('NaN', 2)",
    "MONEY(plan, 2)",
    "CAST('12.7' AS INTEGER)",
    "CAST('0x10' AS INTEGER)",
    "CAST('1_000' AS INTEGER)",
    "CAST(plan AS DATE)",
    "CAST(LEFT('2026-02-30 x', 10) AS DATE)",
    "CAST(LOWER('EPOCH') AS DATE)",
    "CAST(LOWER('0000-01-01') AS DATE)",
    "CAST(LOWER('10000-01-01') AS DATE)",
    "PARSE_TIMESTAMP('0000-01-01T00:00:00Z')",
    "CAST(LOWER('inf') AS DOUBLE)",
    "CAST(LOWER('yes') AS BOOLEAN)",
    "PARSE_DATE('2026-02-30', '%Y-%m-%d')",
    "PARSE_DATE('2026-02-03 rest', '%Y-%m-%d')",
    "PARSE_TIMESTAMP('2026-03-05T10:00:00')",
    "PARSE_TIMESTAMP('2026-03-05')",
    "PARSE_TIMESTAMP('2026-03-05 10:00:00 America/New_York')",
    "PARSE_TIMESTAMP('2026-02-30T10:00:00Z')",
]


@pytest.mark.parametrize(
    ("text", "value"), [case for cases in VALUES.values() for case in cases], ids=lambda case: str(case)[:60]
)
def test_yields(text: str, value: Any, evaluate: Callable[[str], Any]) -> None:
    found = evaluate(text)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", UNREADABLE)
def test_text_that_does_not_say_it_exactly_is_an_error_and_never_a_guess(
    text: str, evaluate: Callable[[str], Any]
) -> None:
    with pytest.raises(duckdb.Error):
        evaluate(text)


@pytest.mark.parametrize("text", ["days * 900000000000000000 * 2", "(billed + 9000000000000000.00) * 100"])
def test_what_does_not_fit_64_bits_is_an_error(text: str, evaluate: Callable[[str], Any]) -> None:
    with pytest.raises(duckdb.Error, match="Overflow"):
        evaluate(text)
