"""A canonical record as the row that the database keeps, and the hash that tells whether it changed."""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any

from canonical_model.errors import RejectedRecord
from canonical_model.record import Record
from storage.schema.canonical import RECORD_KEY
from storage.schema.columns import to_micros
from storage.schema.kinds import Kind, fields_of

_HASH_BYTES = 16
_NUL = "\\x00"

_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


@dataclass(frozen=True, slots=True)
class EncodedRow:
    """A record ready to be stored.

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

    def encode(self, record: Record, provenance: str) -> EncodedRow:
        """Make the row of a record.

        Args:
            record: of the entity that this shape is of.
            provenance: stream and raw record it was mapped from; part of the hash, so that a record that
                moves from one raw record to another becomes a new version there.

        Raises:
            RejectedRecord: a value that not every database keeps as it is.
        """
        native = self._values(vars(record))
        plain = list(native)
        for place, conversion in self._conversions:
            if plain[place] is not None:
                plain[place] = conversion(plain[place])
        for place, may_be_kept, problem in self._checks:
            if native[place] is not None and not may_be_kept(native[place]):
                raise RejectedRecord(f"{self.names[place]} {problem}")
        # repr in ASCII is unambiguous and, unlike repr, does not depend on Python's Unicode tables
        text = ascii(plain)
        if _NUL in text:
            self._refuse_nul(native)
        return EncodedRow(self._key(native), native, plain, hash_of(f"{provenance}\n{text}"))

    def _refuse_nul(self, native: tuple[Any, ...]) -> None:
        for name, value in zip(self.names, native, strict=True):
            if isinstance(value, str) and "\0" in value:
                raise RejectedRecord(f"{name} holds a NUL character")


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
