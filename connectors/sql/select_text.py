"""A query of the operator: one SELECT and nothing else, before it goes anywhere near a database."""

import re
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from canonical_model.errors import ConfigurationError

_EXECUTABLE_COMMENT = re.compile(r"/\*M?!")
"""MariaDB and MySQL run what stands in such a comment, and a parser passes over it."""

_REFUSED: tuple[tuple[type[Any], str], ...] = (
    (exp.DML, "changes rows"),
    (exp.DDL, "changes tables"),
    (exp.Command, "is a command"),
    (exp.Into, "writes INTO something"),
    (exp.Lock, "locks rows"),
    (exp.Set, "changes a setting"),
    (exp.Placeholder, "holds a parameter, which nothing fills"),
    (exp.Parameter, "holds a parameter, which nothing fills"),
)


def checked_select(text: str, dialect: str | None, place: str) -> str:
    """The text of a query, ready to stand in brackets.

    Args:
        text: what the operator wrote.
        dialect: sqlglot's name of the kind of database; None reads common SQL.
        place: where it is written, for messages.

    Raises:
        ConfigurationError: it is not one SELECT, or something in it is more than reading.
    """
    if _EXECUTABLE_COMMENT.search(text):
        raise ConfigurationError(f"{place}: holds a comment that MariaDB would run; leave it out")
    try:
        parsed = [statement for statement in sqlglot.parse(text, dialect=dialect) if statement is not None]
    except SqlglotError as error:
        told = str(error).splitlines()[0]
        raise ConfigurationError(f"{place}: cannot be read as a SELECT: {told}") from error
    if len(parsed) != 1:
        raise ConfigurationError(f"{place}: one SELECT is expected; there are {len(parsed)} statements")
    for node in parsed[0].walk():
        if found := next((told for kind, told in _REFUSED if isinstance(node, kind)), None):
            raise ConfigurationError(f"{place}: only reading is allowed; this {found}")
    if not isinstance(parsed[0], exp.Select | exp.SetOperation | exp.Subquery):
        raise ConfigurationError(f"{place}: one SELECT is expected")
    return text.strip().removesuffix(";")
