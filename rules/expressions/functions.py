"""The functions of the expression language: the whole list, and what each stands for in SQL.

Those that read text (MONEY, PARSE_DATE, CAST ...) raise an error in the engine on text that does not say what
it should; `rules.expressions.render_attempt` turns the error into "this record failed".
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches

from rules.expressions.conversions import ISO_DAY
from rules.expressions.operators import slots
from rules.expressions.refusals import ADVICE_BY_NAME
from rules.expressions.signatures import Function
from rules.expressions.terms import ConstantTerm, OperationTerm, Term

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth (IUGG)."""

ISO_MOMENT = f"^{ISO_DAY}[T ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}([.][0-9]{{1,9}})?(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$"

# Rows that read text use each operand once and never CASE: an unreadable text becomes '', which no CAST takes.


def _scale(operands: Sequence[Term]) -> int:
    last = operands[-1]
    return last.value if isinstance(last, ConstantTerm) and isinstance(last.value, int) else 0


def _money_from_text(operands: Sequence[Term], group: str = "\\") -> str:
    scale = _scale(operands)
    padded = f"REGEXP_REPLACE(TRIM(_0), '^([+-]?[0-9]+)[.]?([0-9]*)$', '{group}1.{group}2{'0' * scale}')"
    digits = f"REGEXP_REPLACE({padded}, '^([+-]?[0-9]+)[.]([0-9]{{{scale}}})0*$', '{group}1{group}2')"
    return f"CAST(REGEXP_EXTRACT({digits}, '^[+-]?[0-9]+$', 0) AS BIGINT)"


def _money_from_text_on_spark(operands: Sequence[Term]) -> str:
    return _money_from_text(operands, "$")


def _money_from_integer(operands: Sequence[Term]) -> str:
    return f"_0 * {10 ** _scale(operands)}"


def _rounded(operands: Sequence[Term]) -> str:
    kept, given = _scale(operands), operands[0].type.scale
    if kept >= given:
        return f"_0 * {10 ** (kept - given)}"
    divisor = 10 ** (given - kept)
    return f"(_0 * 2 + SIGN(_0) * {divisor}) // {2 * divisor}"


def _rounded_on_spark(operands: Sequence[Term]) -> str:
    return _rounded(operands).replace("//", "DIV").replace("SIGN(_0)", "CAST(SIGN(_0) AS BIGINT)")


def _of_all(name: str) -> Callable[[Sequence[Term]], str]:
    return lambda operands: f"{name}({slots(len(operands))})"


def _concatenated(operands: Sequence[Term]) -> str:
    return " || ".join(f"COALESCE(_{number}, '')" for number in range(len(operands)))


def _letter_by_letter(changed: str) -> str:
    """Spark looks at the letters beside it, and makes two of one (ß); DuckDB gives one letter for one."""
    return f"ARRAY_JOIN(TRANSFORM(SPLIT(_0, ''), c -> {changed}), '')"


_TEXT = (
    Function("LOWER(text) -> text", "in small letters", "LOWER(_0)", spark=_letter_by_letter("LEFT(LOWER(c), 1)")),
    Function(
        "UPPER(text) -> text",
        "in capitals",
        "UPPER(_0)",
        spark=_letter_by_letter("CASE WHEN c = 'ß' THEN 'ẞ' WHEN LENGTH(UPPER(c)) = 1 THEN UPPER(c) ELSE c END"),
    ),
    Function("TRIM(text) -> text", "without spaces at both ends", "TRIM(_0)"),
    Function("TRIM(text, text) -> text", "without the given characters at both ends", "TRIM(_0, _1)"),
    Function("LTRIM(text) -> text", "without spaces at the start", "LTRIM(_0)"),
    Function("LTRIM(text, text) -> text", "without the given characters at the start", "LTRIM(_0, _1)"),
    Function("RTRIM(text) -> text", "without spaces at the end", "RTRIM(_0)"),
    Function("RTRIM(text, text) -> text", "without the given characters at the end", "RTRIM(_0, _1)"),
    Function("LEFT(text, count) -> text", "its first characters", "LEFT(_0, _1)"),
    Function("RIGHT(text, count) -> text", "its last characters", "RIGHT(_0, _1)"),
    Function("SUBSTRING(text, position) -> text", "from that character (the first is 1) on", "SUBSTRING(_0, _1)"),
    Function("SUBSTRING(text, position, count) -> text", "so many characters from there", "SUBSTRING(_0, _1, _2)"),
    Function("REPLACE(text, text, text) -> text", "every second in the first by the third", "REPLACE(_0, _1, _2)"),
    Function("LPAD(text, count, text) -> text", "filled up, or cut, to a length", "LPAD(_0, _1, _2)"),
    Function("RPAD(text, count, text) -> text", "filled up behind, or cut, to a length", "RPAD(_0, _1, _2)"),
    Function(
        "SPLIT_PART(text, text, position) -> text", "the n-th part between separators", "SPLIT_PART(_0, _1, _2)"
    ),
    Function(
        "DIGITS(text) -> text",
        "its digits 0-9, everything else dropped",
        "REGEXP_REPLACE(_0, '[^0-9]', '', 'g')",
        spark="REGEXP_REPLACE(_0, '[^0-9]', '')",
    ),
    Function("CONCAT(text...) -> text", "joined; what is missing counts as empty", _concatenated, nulls="never"),
    Function(
        "MISSING_OF(text, text) -> text",
        "the words of the first list that are not in the second; lists as text with commas: 'drop,terminal'",
        # a filter drops what it cannot tell: without the CASE nothing would be missing from an unknown list
        "CASE WHEN _1 IS NOT NULL THEN ARRAY_TO_STRING(LIST_FILTER(STRING_SPLIT(_0, ','),"
        " w -> NOT LIST_CONTAINS(STRING_SPLIT(_1, ','), w)), ',') END",
        spark="CASE WHEN _1 IS NOT NULL THEN ARRAY_JOIN(FILTER(SPLIT(_0, ','),"
        " w -> NOT ARRAY_CONTAINS(SPLIT(_1, ','), w)), ',') END",
    ),
    Function("LENGTH(text) -> integer", "number of characters", "LENGTH(_0)"),
    Function(
        "STRPOS(text, text) -> integer", "where the second begins in the first, from 1; else 0", "STRPOS(_0, _1)"
    ),
    Function("STARTS_WITH(text, text) -> boolean", "whether it begins so", "STARTS_WITH(_0, _1)"),
    Function("ENDS_WITH(text, text) -> boolean", "whether it ends so", "SUFFIX(_0, _1)", spark="ENDSWITH(_0, _1)"),
    Function("CONTAINS(text, text) -> boolean", "whether the second is in the first", "CONTAINS(_0, _1)"),
)

_CHOICE = (
    Function("COALESCE(any...) -> any", "the first that is not missing", _of_all("COALESCE"), nulls="all"),
    Function(
        "NULLIF(any, any) -> any",
        "the first, or nothing where it equals the second",
        "NULLIF(_0, _1)",
        nulls="always",
    ),
    Function("GREATEST(any...) -> any", "the largest that is not missing", _of_all("GREATEST"), nulls="all"),
    Function("LEAST(any...) -> any", "the smallest that is not missing", _of_all("LEAST"), nulls="all"),
)

_NUMBERS = (
    Function("ABS(integer) -> integer", "without its sign", "ABS(_0)"),
    Function("ABS(money) -> money", "without its sign", "ABS(_0)"),
    Function("ABS(number) -> number", "without its sign", "ABS(_0)"),
    Function(
        "MONEY(text, scale) -> money(scale)",
        "an amount that a text says; more decimals are refused",
        _money_from_text,
        spark=_money_from_text_on_spark,
    ),
    Function("MONEY(integer, scale) -> money(scale)", "an amount of whole units", _money_from_integer),
    Function("MINOR_UNITS(integer, scale) -> money(scale)", "an amount given in its smallest unit, cents", "_0 * 1"),
    Function(
        "ROUND_HALF_UP(money, scale) -> money(scale)",
        "rounded half away from zero",
        _rounded,
        spark=_rounded_on_spark,
    ),
    Function(
        "PRORATE(money, integer, integer) -> money",
        "amount x second / third, rounded half away from zero; nothing where the third is not positive",
        "(_0 * _1 * 2 + SIGN(_0 * _1) * _2) // (NULLIF(GREATEST(_2, 0), 0) * 2)",
        spark="(_0 * _1 * 2 + CAST(SIGN(_0 * _1) AS BIGINT) * _2) DIV (NULLIF(GREATEST(_2, 0), 0) * 2)",
        nulls="always",
    ),
    Function(
        "RATIO(any, any) -> number",
        "first / second as a measured number, never money again; nothing where the second is 0",
        "CAST(_0 AS DOUBLE) / NULLIF(CAST(_1 AS DOUBLE), CAST(0 AS DOUBLE))",
        spark="CAST(_0 AS DOUBLE) / NULLIF(CAST(_1 AS DOUBLE), CAST(0 AS DOUBLE))",
        nulls="always",
    ),
    Function(
        "DISTANCE_M(number, number, number, number) -> integer",
        "metres between two points: latitude, longitude, latitude, longitude in degrees",
        # LEAST passes over what is missing: without the CASE an unknown point would be half the Earth away
        "CASE WHEN _0 + _1 + _2 + _3 IS NOT NULL THEN"
        f" CAST(ROUND({2 * EARTH_RADIUS_M} * ASIN(LEAST(1, SQRT(POWER(SIN(RADIANS(_2 - _0) / 2), 2)"
        " + COS(RADIANS(_0)) * COS(RADIANS(_2)) * POWER(SIN(RADIANS(_3 - _1) / 2), 2))))) AS BIGINT) END",
    ),
)

_TIME = (
    Function(
        "PARSE_DATE(text, date_format) -> date", "a date from text, '%d/%m/%Y'", "CAST(STRPTIME(_0, _1) AS DATE)"
    ),
    Function(
        "PARSE_TIMESTAMP(text) -> timestamp",
        "a moment from ISO 8601 text with its offset",
        f"CAST(REGEXP_EXTRACT(TRIM(_0), '{ISO_MOMENT}', 0) AS TIMESTAMPTZ)",
    ),
    Function(
        "PARSE_TIMESTAMP(text, offset_format) -> timestamp",
        "a moment from text that holds its offset (%z)",
        "CAST(STRPTIME(_0, _1) AS TIMESTAMPTZ)",
    ),
    Function(
        "PARSE_TIMESTAMP(text, local_format, zone) -> timestamp",
        "a moment from text of a local clock",
        "STRPTIME(_0, _1) AT TIME ZONE _2",
        spark="TO_UTC_TIMESTAMP(TO_TIMESTAMP(_0, _1), _2)",
    ),
    Function(
        "DATE_OF(timestamp, zone) -> date",
        "the local date of a moment",
        "CAST(_0 AT TIME ZONE _1 AS DATE)",
        spark="CAST(FROM_UTC_TIMESTAMP(_0, _1) AS DATE)",
    ),
    Function("DAYS_BETWEEN(date, date) -> integer", "days from the first to the second", "DATE_DIFF('day', _0, _1)"),
    Function(
        "HOURS_BETWEEN(timestamp, timestamp) -> integer",
        "whole hours from the first to the second",
        "(EPOCH_US(_1) - EPOCH_US(_0)) // 3600000000",
        spark="(UNIX_MICROS(_1) - UNIX_MICROS(_0)) DIV 3600000000",
    ),
    Function(
        "MINUTES_BETWEEN(timestamp, timestamp) -> integer",
        "whole minutes from the first to the second",
        "(EPOCH_US(_1) - EPOCH_US(_0)) // 60000000",
        spark="(UNIX_MICROS(_1) - UNIX_MICROS(_0)) DIV 60000000",
    ),
    Function(
        "ADD_DAYS(date, integer) -> date",
        "so many days later",
        "_0 + CAST(_1 AS INTEGER)",
        spark="DATE_ADD(_0, CAST(_1 AS INT))",
    ),
    Function(
        "ADD_MONTHS(date, integer) -> date",
        "the same day so many months later, or that month's last",
        "CAST(_0 + TO_MONTHS(CAST(_1 AS INTEGER)) AS DATE)",
        spark="ADD_MONTHS(_0, CAST(_1 AS INT))",
    ),
    Function(
        "MONTH_START(date) -> date",
        "the first of its month",
        "CAST(DATE_TRUNC('month', _0) AS DATE)",
        spark="TRUNC(_0, 'MONTH')",
    ),
    Function("YEAR(date) -> integer", "its year", "CAST(YEAR(_0) AS BIGINT)"),
    Function("MONTH(date) -> integer", "its month, 1 to 12", "CAST(MONTH(_0) AS BIGINT)"),
    Function("DAY(date) -> integer", "its day of the month", "CAST(DAY(_0) AS BIGINT)"),
)

FUNCTIONS: tuple[Function, ...] = (*_TEXT, *_CHOICE, *_NUMBERS, *_TIME)
"""Everything that may be called, in the order of the reference page."""

ALIASES = {"SUBSTR": "SUBSTRING", "PREFIX": "STARTS_WITH", "SUFFIX": "ENDS_WITH"}

_BY_NAME: dict[str, list[Function]] = {}
for _function in FUNCTIONS:
    _BY_NAME.setdefault(_function.name, []).append(_function)


def call(name: str, operands: Sequence[Term]) -> OperationTerm:
    """Bind a call by name.

    Raises:
        ValueError: no such function (the message names the nearest), or operands that it does not take.
    """
    upper = name.upper()
    rows = _BY_NAME.get(ALIASES.get(upper, upper))
    if rows is None:
        raise ValueError(_unknown(upper))
    problems = []
    for row in rows:
        try:
            return row.call(operands)
        except ValueError as error:
            problems.append((len(row.takes) == len(operands), str(error)))
    detail = next((problem for same_length, problem in problems if same_length), "")
    given = ", ".join(operand.type.name for operand in operands)
    expected = " or ".join(row.signature for row in rows)
    reason = f" ({detail})" if detail and len(rows) == 1 else ""
    raise ValueError(f"{expected} does not take ({given}){reason}")


def _unknown(name: str) -> str:
    advice = ADVICE_BY_NAME.get(name)
    if advice is not None:
        return f"{name} is not a function of the language; {advice}"
    near = get_close_matches(name, [*_BY_NAME, *ALIASES], n=2, cutoff=0.6)
    return f"{name} is not a function of the language" + (f"; nearest: {', '.join(near)}" if near else "")
