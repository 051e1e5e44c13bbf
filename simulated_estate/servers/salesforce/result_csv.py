"""A query's result as Bulk API 2.0 gives it: CSV with every value in quotes, nothing for null."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from simulated_estate.servers.instants import as_instant
from simulated_estate.servers.salesforce.queries import Result

DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "TAB": "\t", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


def csv_lines(result: Result, delimiter: str, line_ending: str) -> Iterator[str]:
    """The header line, then a line for each row; a line holds the line breaks of its values."""
    columns = result.columns
    yield _line([f"{c.parent}.{c.name}" if c.parent else c.name for c in columns], delimiter, line_ending)
    for row in result.rows:
        yield _line([_spelled(column.read(row)) for column in columns], delimiter, line_ending)


def _line(values: list[str], delimiter: str, line_ending: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=line_ending, quoting=csv.QUOTE_ALL).writerow(values)
    return text.getvalue()


def _spelled(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        moment = as_instant(value)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    return value.isoformat() if isinstance(value, date) else str(value)
