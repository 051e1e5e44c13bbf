"""What a field holds, told by its values where its system does not say."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.probing import FoundField
from rules.types import ColumnType

MOST_DECIMALS = 4
"""An amount has at most so many; a number with more is a measurement."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?\s?(Z|[+-][0-9]{2}:?[0-9]{2})"
)
PATTERNS = (
    *("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M"),
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y%m%d"),
)
"""Forms of days and local times that are common; the first that reads every value is taken for the form."""

DECIMAL_COMMA = "1.234,56"
"""The form of amounts with a comma before the cents, and points or blanks between thousands."""
_WITH_COMMA = re.compile(r"[+-]?[0-9]{1,3}(?:[. \u00a0\u202f]?[0-9]{3})*,[0-9]{2}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}\.(?P<decimals>[0-9]+)")


def value_at(record: Mapping[str, Any], path: str) -> Any:
    """The value that a path with points leads to; a field whose own name has points comes first. None without one."""
    if path in record:
        return record[path]
    found: Any = record
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def typed_fields(
    fields: Sequence[FoundField], samples: Sequence[Mapping[str, Any]], amounts: Iterable[str] = ()
) -> tuple[FoundField, ...]:
    """The fields with a type each.

    Args:
        fields: as the system told them.
        samples: records; a field that is missing from one may be missing.
        amounts: names of fields whose numbers are amounts of money.

    Returns:
        A field that has no value in any sample is text that may be missing.
    """
    money = frozenset(amounts)
    return tuple(
        replace(one, type=one.type or type_of([value_at(each, one.name) for each in samples], one.name in money))
        for one in fields
    )


def type_of(values: Sequence[Any], is_amount: bool) -> ColumnType:
    """The narrowest type that reads every value, missing ones left out."""
    present = [value for value in values if value is not None and value != ""]
    nullable = len(present) < len(values) or not present
    texts = [value for value in present if isinstance(value, str)]
    if present and len(texts) == len(present):
        return _of_texts(texts, is_amount).or_missing(nullable)
    if present and all(isinstance(value, bool) for value in present):
        return ColumnType("boolean", nullable=nullable)
    if present and all(isinstance(value, int) and not isinstance(value, bool) for value in present):
        return ColumnType("integer", nullable=nullable)
    return ColumnType("text", nullable=nullable)


def _of_texts(texts: Sequence[str], is_amount: bool) -> ColumnType:
    if all(_DATE.fullmatch(text) for text in texts):
        return ColumnType("date")
    if all(_MOMENT.fullmatch(text) for text in texts):
        return ColumnType("timestamp")
    found = [_DECIMAL.fullmatch(text) for text in texts]
    decimals = [len(match["decimals"]) for match in found if match]
    if len(decimals) == len(texts):
        most = max(decimals)
        return ColumnType("money", max(2, most)) if is_amount and most <= MOST_DECIMALS else ColumnType("number")
    return ColumnType("text")


def has_decimal_comma(values: Sequence[str]) -> bool:
    """Whether every value is an amount with a comma before its cents."""
    return bool(values) and all(_WITH_COMMA.fullmatch(one) for one in values)


def pattern_of(values: Sequence[str], *, day_first: bool = False) -> str | None:
    """The form of days or local times that every value has; None where they are none, or none is there.

    Args:
        values: texts.
        day_first: what ``01/03/2026`` means where nothing else tells; it is the month outside of America.
    """
    patterns = sorted(PATTERNS, key=lambda one: one.startswith("%m")) if day_first else PATTERNS
    return next((pattern for pattern in patterns if values and all(_reads(pattern, one) for one in values)), None)


def _reads(pattern: str, text: str) -> bool:
    try:
        datetime.strptime(text, pattern)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return True
