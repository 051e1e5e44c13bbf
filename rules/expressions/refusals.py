"""Why something is refused, and what to write instead."""

from sqlglot import exp

_STATEMENTS = """ALTER ANALYZE ATTACH BEGIN CALL CHECKPOINT COMMENT COMMIT COPY CREATE DELETE DESCRIBE DETACH DROP
    EXECUTE EXPLAIN EXPORT FORCE FROM IMPORT INSERT INSTALL LOAD MERGE PIVOT PRAGMA PREPARE RESET ROLLBACK SELECT SET
    SHOW SUMMARIZE TRUNCATE UNPIVOT UPDATE USE VACUUM VALUES WITH"""
STATEMENTS = frozenset(_STATEMENTS.split())

_SUB_QUERY = "a sub-query is not allowed; what a rule needs from elsewhere is a column of its view"
_WINDOW = "windows and aggregates are not allowed; history is a column of the view"
_NESTED = "lists, structs and JSON are not allowed; a nested list is the key 'rows' of a mapping"

ADVICE_BY_NODE: dict[type[exp.Expr], str] = {
    exp.Div: "'/' is not allowed; RATIO(a, b) gives a share, PRORATE(amount, days, days_of_month) a part",
    exp.Subquery: _SUB_QUERY,
    exp.Query: _SUB_QUERY,
    exp.Exists: _SUB_QUERY,
    exp.Any: _SUB_QUERY,
    exp.All: _SUB_QUERY,
    exp.In: "IN takes a list of values in parentheses",
    exp.Window: _WINDOW,
    exp.Filter: _WINDOW,
    exp.WithinGroup: _WINDOW,
    exp.Distinct: _WINDOW,
    exp.Order: _WINDOW,
    exp.Star: "'*' is not allowed; name a column",
    exp.Lambda: _NESTED,
    exp.Comprehension: _NESTED,
    exp.Array: _NESTED,
    exp.Struct: _NESTED,
    exp.Bracket: _NESTED,
    exp.JSONExtract: _NESTED,
    exp.JSONExtractScalar: _NESTED,
    exp.ParseJSON: _NESTED,
    exp.Tuple: "a list in parentheses stands behind IN only",
    exp.RegexpLike: "regular expressions are not allowed; use LIKE, STARTS_WITH, CONTAINS or SPLIT_PART",
    exp.SimilarTo: "regular expressions are not allowed; use LIKE, STARTS_WITH, CONTAINS or SPLIT_PART",
    exp.ILike: "ILIKE is not allowed; write LOWER(text) LIKE 'pattern'",
    exp.Glob: "GLOB is not allowed; use LIKE",
    exp.Escape: "LIKE has no ESCAPE here; use CONTAINS or STARTS_WITH for text that holds % or _",
    exp.Like: "this form of LIKE is not allowed; write text LIKE 'pattern'",
    exp.Between: "BETWEEN SYMMETRIC is not allowed; write BETWEEN low AND high",
    exp.TryCast: "TRY_CAST is not allowed; CAST rejects what does not convert, NULLIF names what means nothing",
    exp.Extract: "EXTRACT is not allowed; use YEAR, MONTH or DAY",
    exp.Interval: "intervals are not allowed; use ADD_DAYS or ADD_MONTHS",
    exp.AtTimeZone: "AT TIME ZONE is not allowed; use DATE_OF(moment, 'America/New_York')",
    exp.Placeholder: "placeholders are not allowed; a parameter is written by its bare name",
    exp.Parameter: "placeholders are not allowed; a parameter is written by its bare name",
    exp.Concat: "two texts in a row are not joined; write ||",
    exp.Pow: "powers are not allowed",
    exp.DataType: "CAST converts to TEXT, INTEGER, DATE, BOOLEAN or DOUBLE; MONEY(text, 2) reads an amount",
    exp.StrToDate: "CAST has no FORMAT; use PARSE_DATE(text, '%d/%m/%Y')",
    exp.StrToTime: "CAST has no FORMAT; use PARSE_TIMESTAMP(text, '%d/%m/%Y %H:%M', 'America/New_York')",
}

_AGGREGATE = "aggregates are not allowed; a sum or a count is a column of the view"
_REGEXP = "regular expressions are not allowed; use LIKE, STARTS_WITH, CONTAINS, SPLIT_PART or DIGITS"
_CLOCK = "there is no clock in an expression; the moment of judging is a column of the view"
_EPOCH = "use DAYS_BETWEEN(from, to) or HOURS_BETWEEN(from, to)"

ADVICE_BY_NAME: dict[str, str] = {
    **dict.fromkeys(
        ("SUM", "COUNT", "AVG", "MIN", "MAX", "LIST", "STRING_AGG", "FIRST", "LAST", "ANY_VALUE"), _AGGREGATE
    ),
    **dict.fromkeys(
        ("REGEXP_MATCHES", "REGEXP_REPLACE", "REGEXP_EXTRACT", "REGEXP_FULL_MATCH", "REGEXP_LIKE"), _REGEXP
    ),
    **dict.fromkeys(("NOW", "TODAY", "CURRENT_DATE", "CURRENT_TIMESTAMP", "GETDATE", "LOCALTIMESTAMP"), _CLOCK),
    **dict.fromkeys(("DATEDIFF", "DATE_DIFF", "DATE_SUB", "AGE"), _EPOCH),
    **dict.fromkeys(("DATE_ADD", "DATEADD"), "use ADD_DAYS or ADD_MONTHS"),
    **dict.fromkeys(("ROUND", "FLOOR", "CEIL", "CEILING", "TRUNC"), "use ROUND_HALF_UP(amount, decimals)"),
    **dict.fromkeys(
        ("STRPTIME", "TO_DATE", "DATE", "MAKE_DATE"), "use PARSE_DATE(text, format) or DATE_OF(moment, zone)"
    ),
    **dict.fromkeys(("TO_TIMESTAMP", "TIMESTAMP", "TIMEZONE"), "use PARSE_TIMESTAMP(text, format, zone)"),
    **dict.fromkeys(("IFNULL", "NVL", "ISNULL"), "use COALESCE(a, b)"),
    **dict.fromkeys(("IF", "IIF", "DECODE"), "use CASE WHEN condition THEN a ELSE b END"),
    **dict.fromkeys(("LEN", "CHAR_LENGTH", "CHARACTER_LENGTH"), "use LENGTH(text)"),
    **dict.fromkeys(("INSTR", "POSITION", "LOCATE"), "use STRPOS(text, part)"),
    **dict.fromkeys(
        ("DIV", "DIVIDE"), "RATIO(a, b) gives a share, PRORATE(amount, days, days_of_period) a part of an amount"
    ),
    "DATE_TRUNC": "use MONTH_START(date)",
}
"""What to write instead of a function of other SQL dialects, or of DuckDB's own that is not allowed."""
