"""The expectations that a quality suite may use: their arguments, and which of those name columns.

A table of our own, so that a suite can be checked without importing Great Expectations (three seconds); a test
holds it against the library. Expectations that take queries are left out: they run what a file says as SQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_TEXT, _NUMBER, _FLAG, _BOUND, _SET = (str,), (int, Decimal), (bool,), (int, Decimal, date), (list,)

ArgumentTypes = tuple[type, ...]


@dataclass(frozen=True, slots=True)
class ExpectationKind:
    """One expectation of the library.

    Attributes:
        columns: arguments that name a column, or a list of them; all must be given.
        arguments: what else it takes, with the YAML types of each.
        required: arguments of which at least one must be given.
    """

    columns: tuple[str, ...]
    arguments: Mapping[str, ArgumentTypes]
    required: tuple[str, ...] = ()


_MOSTLY: dict[str, ArgumentTypes] = {"mostly": _NUMBER}
_RANGE: dict[str, ArgumentTypes] = {
    "min_value": _BOUND,
    "max_value": _BOUND,
    "strict_min": _FLAG,
    "strict_max": _FLAG,
}
_LENGTHS: dict[str, ArgumentTypes] = {"min_value": _NUMBER, "max_value": _NUMBER}
_ENDS = ("min_value", "max_value")


def _each_value(arguments: Mapping[str, ArgumentTypes] | None = None, *required: str) -> ExpectationKind:
    return ExpectationKind(("column",), {**(arguments or {}), **_MOSTLY}, required)


def _of_column(arguments: Mapping[str, ArgumentTypes], *required: str) -> ExpectationKind:
    return ExpectationKind(("column",), arguments, required)


EXPECTATIONS: dict[str, ExpectationKind] = {
    "expect_column_to_exist": ExpectationKind(("column",), {}),
    "expect_column_values_to_not_be_null": _each_value(),
    "expect_column_values_to_be_null": _each_value(),
    "expect_column_values_to_be_unique": _each_value(),
    "expect_column_values_to_be_between": _each_value(_RANGE, *_ENDS),
    "expect_column_values_to_be_in_set": _each_value({"value_set": _SET}, "value_set"),
    "expect_column_values_to_not_be_in_set": _each_value({"value_set": _SET}, "value_set"),
    "expect_column_values_to_match_regex": _each_value({"regex": _TEXT}, "regex"),
    "expect_column_values_to_not_match_regex": _each_value({"regex": _TEXT}, "regex"),
    "expect_column_values_to_match_strftime_format": _each_value({"strftime_format": _TEXT}, "strftime_format"),
    "expect_column_value_lengths_to_be_between": _each_value(_LENGTHS, *_ENDS),
    "expect_column_value_lengths_to_equal": _each_value({"value": _NUMBER}, "value"),
    "expect_column_distinct_values_to_be_in_set": _of_column({"value_set": _SET}, "value_set"),
    "expect_column_unique_value_count_to_be_between": _of_column(_LENGTHS, *_ENDS),
    "expect_column_proportion_of_non_null_values_to_be_between": _of_column(_RANGE, *_ENDS),
    "expect_column_proportion_of_unique_values_to_be_between": _of_column(_RANGE, *_ENDS),
    "expect_column_min_to_be_between": _of_column(_RANGE, *_ENDS),
    "expect_column_max_to_be_between": _of_column(_RANGE, *_ENDS),
    "expect_column_mean_to_be_between": _of_column(_RANGE, *_ENDS),
    "expect_column_sum_to_be_between": _of_column(_RANGE, *_ENDS),
    "expect_column_pair_values_to_be_equal": ExpectationKind(
        ("column_A", "column_B"), {**_MOSTLY, "ignore_row_if": _TEXT}
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": ExpectationKind(
        ("column_A", "column_B"), {**_MOSTLY, "or_equal": _FLAG, "ignore_row_if": _TEXT}
    ),
    "expect_compound_columns_to_be_unique": ExpectationKind(("column_list",), {**_MOSTLY, "ignore_row_if": _TEXT}),
    "expect_table_row_count_to_be_between": ExpectationKind((), _LENGTHS, _ENDS),
    "expect_table_row_count_to_equal": ExpectationKind((), {"value": _NUMBER}, ("value",)),
}
