"""Rows of a database as raw records, with the lists that hang on them."""

from collections.abc import Sequence
from itertools import repeat
from typing import Any

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.ports import RawRecord, StreamRead
from connectors.settings import near
from connectors.sql.database import Session
from connectors.sql.dialect import Reading, Rows, ValueOptions
from connectors.sql.plan import NestedList
from connectors.sql.statements import description_of, elements_of, parents_a_statement


def readings_of(
    session: Session, described: Sequence[Any], names: Sequence[str], options: ValueOptions
) -> dict[str, Reading]:
    """How each of some columns is read."""
    by_name = {str(column[0]): column for column in described}
    reading = session.dialect.reading
    return {name: reading(by_name[name], options) for name in names}


def described_columns(
    session: Session, stream: str, source_object: str, source: Any, wanted: Sequence[str]
) -> list[Any]:
    """The columns of a source, held against what is wanted of it.

    Raises:
        ConfigurationError: the source or a column is not there (any more), or two columns have one name.
    """
    session.asks_of = source_object
    described = session.columns(description_of(source))
    known = [str(column[0]) for column in described]
    if twice := sorted({name for name in known if known.count(name) > 1}):
        raise ConfigurationError(f"{stream}: {source_object}: two columns are called {twice[0]}; rename one")
    if gone := [name for name in dict.fromkeys(wanted) if name not in known]:
        told = "; ".join(f"column {name} does not exist{near(name, known)}" for name in gone)
        raise ConfigurationError(f"{stream}: {source_object}: {told}")
    return described


def records_of(rows: Rows, readings: dict[str, Reading]) -> list[RawRecord]:
    """Raw records of rows; columns behind those that are read are left out."""
    if not rows:
        return []
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    read = [
        column if reading.convert is None else reading.convert(column)
        for column, reading in zip(columns, readings.values(), strict=False)
    ]
    # the fastest way to so many dictionaries: no step of it is a step of Python's interpreter
    return list(map(dict, map(zip, repeat(tuple(readings)), zip(*read, strict=True))))


class ListReader:
    """Puts the elements of one nested list into the records they belong to."""

    def __init__(self, session: Session, read: StreamRead, nested: NestedList, options: ValueOptions) -> None:
        """Look at the columns of the list.

        Raises:
            ConfigurationError: the list's table or a column of it does not exist.
        """
        self.name = nested.name
        self._session = session
        self._nested = nested
        wanted = (*nested.parent, *nested.order)
        described = described_columns(session, read.stream, nested.source_object, nested.source, wanted)
        self._names = [str(column[0]) for column in described]
        self._readings = readings_of(session, described, self._names, options)

    def add_to(self, records: Sequence[RawRecord], keys: Sequence[tuple[Any, ...]]) -> None:
        """Give each record its list, an empty one where it has no elements.

        Args:
            records: raw records.
            keys: their keys as the driver gave them.

        Raises:
            UnsafeToContinue: an element belongs to none of the records.
        """
        owners: dict[tuple[str, ...], list[list[RawRecord]]] = {}
        for record, key in zip(records, keys, strict=True):
            record[self.name] = []
            for spelling in {_exact(key), _folded(key)}:
                owners.setdefault(spelling, []).append(record[self.name])
        own = [self._names.index(column) for column in self._nested.parent]
        most = parents_a_statement(len(own))
        for start in range(0, len(keys), most):
            rows = self._elements(keys[start : start + most])
            for element, row in zip(records_of(rows, self._readings), rows, strict=True):
                key = tuple(row[place] for place in own)
                lists = owners.get(_exact(key)) or owners.get(_folded(key))
                if lists is None:
                    raise UnsafeToContinue(
                        f"{self._nested.source_object} gives a row for a key that was not asked for; the columns "
                        f"{', '.join(self._nested.parent)} and the key they hold must be of one type"
                    )
                inside = {name: value for name, value in element.items() if name not in self._nested.parent}
                for elements in lists:
                    elements.append(dict(inside))

    def _elements(self, keys: Sequence[tuple[Any, ...]]) -> Rows:
        nested, session = self._nested, self._session
        session.asks_of = nested.source_object
        statement = elements_of(
            nested.source, nested.parent, keys, nested.order, compares_rows=session.dialect.compares_rows
        )
        return session.rows_beside(statement)


def _exact(key: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in key)


def _folded(key: Sequence[Any]) -> tuple[str, ...]:
    """As many databases compare: capitals, and blanks at the end, count for nothing."""
    return tuple(str(value).rstrip(" ").casefold() for value in key)
