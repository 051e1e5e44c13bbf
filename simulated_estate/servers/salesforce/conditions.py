"""WHERE and ORDER BY: syntax bound to columns and turned into functions of a row."""

import operator
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_never

from simulated_estate.books import Row
from simulated_estate.servers.salesforce.columns import Binder, Column, comparable
from simulated_estate.servers.salesforce.errors import malformed_query, not_in_quotes, wrong_literal
from simulated_estate.servers.salesforce.soql import Comparison, Condition, Junction, Literal, Negation, Ordering

Test = Callable[[Row], bool]
_ORDER_SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_LITERAL_TYPES: dict[str, type] = {"boolean": bool, "double": Decimal, "datetime": datetime, "date": date}
_SPELLED = {"datetime": "dateTime"}


def condition_test(soql: str, condition: Condition, binder: Binder) -> Test:
    """The test that a row passes or fails.

    Raises:
        OrgError: an unknown field, or a literal of another type than its field's.
    """
    if isinstance(condition, Negation):
        inner = condition_test(soql, condition.part, binder)
        return lambda row: not inner(row)
    if isinstance(condition, Junction):
        tests = [condition_test(soql, part, binder) for part in condition.parts]
        if condition.word == "and":
            return lambda row: all(test(row) for test in tests)
        return lambda row: any(test(row) for test in tests)
    if isinstance(condition, Comparison):
        return _comparison_test(soql, condition, binder)
    assert_never(condition)


def sorted_rows(rows: list[Row], order_by: tuple[Ordering, ...], binder: Binder) -> list[Row]:
    """The rows in the wanted order; rows that tie keep theirs."""
    for term in reversed(order_by):
        column = binder.column(term.path)
        keyed = [(column.comparable(row), row) for row in rows]
        empty = [row for value, row in keyed if value is None]
        filled = [pair for pair in keyed if pair[0] is not None]
        filled.sort(key=operator.itemgetter(0), reverse=term.is_descending)
        present = [row for _, row in filled]
        rows = empty + present if term.nulls_first else present + empty
    return rows


def _comparison_test(soql: str, comparison: Comparison, binder: Binder) -> Test:
    column = binder.column(comparison.path)
    sign = comparison.operator
    wanted = [_checked(soql, comparison, column, literal) for literal in comparison.literals]
    if sign == "like":
        return _like_test(column, comparison.literals[0])
    if sign in ("=", "in"):
        return lambda row: column.comparable(row) in wanted
    if sign in ("!=", "not in"):
        return lambda row: column.comparable(row) not in wanted
    if wanted[0] is None:
        raise malformed_query(f"null is not allowed with {sign}")
    compare, bound = _ORDER_SIGNS[sign], wanted[0]
    return lambda row: (value := column.comparable(row)) is not None and bool(compare(value, bound))


def _checked(soql: str, comparison: Comparison, column: Column, literal: Literal) -> Any:
    """The literal in its column's comparable form."""
    if literal is None:
        return None
    place, name = comparison.path.place, comparison.path.text
    kind = _SPELLED.get(column.kind, column.kind)
    expected = _LITERAL_TYPES.get(column.kind, str)
    if type(literal) is not expected:
        refuse = not_in_quotes if isinstance(literal, str) else wrong_literal
        raise refuse(soql, place, name, kind)
    return comparable(column.kind, literal)


def _like_test(column: Column, literal: Literal) -> Test:
    if not isinstance(literal, str):
        raise malformed_query("LIKE takes a text")
    pattern = "".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in literal)
    matches = re.compile(pattern, re.IGNORECASE | re.DOTALL).fullmatch
    return lambda row: (value := column.read(row)) is not None and matches(str(value)) is not None
