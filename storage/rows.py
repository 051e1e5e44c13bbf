"""A canonical record as the row that the database keeps, and the hash that tells whether it changed."""

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from canonical_model.record import Record
from canonical_model.record_fields import Kind, fields_of
from storage.schema.canonical import RECORD_KEY
from storage.schema.columns import to_micros

_HASH_BYTES = 16
_NUL = "\\x00"

_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


class EncodedRow(NamedTuple):
    """A record ready to be stored; a tuple, as a page has thousands.

    Attributes:
        key: source id, object and system.
        native: values in the order of the entity's fields, as Python holds them.
        plain: the same with days as ISO text and moments as microseconds, as SQLite holds them.
        content_hash: equal for equal content from the same raw record, over machines and versions of Python.
    """

    key: tuple[str, str, str]
    native: tuple[Any, ...]
    plain: list[Any]
    content_hash: str


@dataclass(frozen=True, slots=True)
class RowShape:
    """How records of one entity become rows."""

    names: tuple[str, ...]
    _values: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    _conversions: tuple[tuple[int, Callable[[Any], int | str]], ...]
    _checks: tuple[tuple[int, Callable[[Any], bool], str], ...]
    _key: Callable[[tuple[Any, ...]], tuple[str, str, str]]

    def encode(
        self, records: Sequence[Record], provenances: Sequence[str]
    ) -> tuple[list[EncodedRow], dict[int, str]]:
        """Make the rows of records, a column at a time: few of a page's days and amounts differ.

        Args:
            records: of the entity that this shape is of.
            provenances: of each, stream and raw record it was mapped from; part of the hash, so that a record that
                moves from one raw record to another becomes a new version there.

        Returns:
            The rows; and by its place what is wrong with a record that not every database would keep as it is, whose
            row must not be stored.
        """
        natives = [self._values(vars(record)) for record in records]
        columns: list[Sequence[Any]] = list(zip(*natives, strict=True))
        problems: dict[int, str] = {}
        for place, may_be_kept, problem in self._checks:
            unfit = {value for value in set(columns[place]) if value is not None and not may_be_kept(value)}
            for number, value in enumerate(columns[place]) if unfit else ():
                if value in unfit:
                    problems.setdefault(number, f"{self.names[place]} {problem}")
        for place, conversion in self._conversions:
            found = {value: None if value is None else conversion(value) for value in set(columns[place])}
            columns[place] = [found[value] for value in columns[place]]
        plains = [list(row) for row in zip(*columns, strict=True)]
        # repr in ASCII is unambiguous and, unlike repr, does not depend on Python's Unicode tables
        texts = [ascii(plain) for plain in plains]
        for number, text in enumerate(texts):
            if _NUL in text and (problem := self._nul_in(natives[number])):
                problems.setdefault(number, problem)
        hashes = [hash_of(f"{came_from}\n{text}") for came_from, text in zip(provenances, texts, strict=True)]
        return list(map(EncodedRow, map(self._key, natives), natives, plains, hashes)), problems

    def _nul_in(self, native: tuple[Any, ...]) -> str:
        for name, value in zip(self.names, native, strict=True):
            if isinstance(value, str) and "\0" in value:
                return f"{name} holds a NUL character"
        return ""


def _has_64_bits(number: int) -> bool:
    return -(2**63) <= number < 2**63


_PLAIN: dict[Kind, Callable[[Any], int | str]] = {"day": date.isoformat, "instant": to_micros}
_CHECKS: dict[Kind, tuple[Callable[[Any], bool], str]] = {
    "integer": (_has_64_bits, "does not fit into 64 bits"),
    "real": (math.isfinite, "is not a number"),
}


@cache
def shape_of(entity: type[Record]) -> RowShape:
    """The shape of an entity's rows."""
    fields = fields_of(entity)
    names = tuple(field.name for field in fields)
    return RowShape(
        names,
        itemgetter(*names),
        tuple((place, _PLAIN[field.kind]) for place, field in enumerate(fields) if field.kind in _PLAIN),
        tuple((place, *_CHECKS[field.kind]) for place, field in enumerate(fields) if field.kind in _CHECKS),
        itemgetter(*(names.index(key) for key in RECORD_KEY)),
    )


def hash_of(text: str) -> str:
    """A short stable hash, 32 hex digits (BLAKE2b, RFC 7693)."""
    return hashlib.blake2b(text.encode(), digest_size=_HASH_BYTES).hexdigest()


def to_json(value: Any) -> str:
    """JSON text with sorted keys in ASCII alone: safe in every database, equal for equal content.

    Raises:
        TypeError: a value that JSON does not have.
    """
    return _encode(value)
