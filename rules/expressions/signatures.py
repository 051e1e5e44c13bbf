"""How a function's signature is written down, and how a call is matched with it.

``MONEY(text, scale) -> money(scale)`` says all: what it takes, position by position, and what it gives. Besides
the types there are words for what must be written out in the call: ``scale`` (0..6), ``count`` (0 or more),
``position`` (1 or more), ``zone`` (an IANA time zone) and the formats of dates and moments. ``any`` stands for
one and the same type throughout a call; ``any...`` for two or more of it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules.expressions.agreement import adapt, common_type
from rules.expressions.terms import ConstantTerm, OperationTerm, ParameterTerm, Term
from rules.types import KINDS, LARGEST_SCALE, ColumnType

Template = str | Callable[[Sequence[Term]], str]
"""SQL with ``_0``, ``_1``, ... for the operands, or what makes it from them."""

Nulls = Literal["any", "all", "always", "never"]
"""When the result may be missing: where any operand is, where all are, in any case, or never."""

_SIGNATURE = re.compile(r"(?P<name>[A-Z_]+)\((?P<takes>[^)]*)\) -> (?P<gives>.+)")
_LITERAL_INTEGERS = {"scale": (0, LARGEST_SCALE), "count": (0, 1_000), "position": (1, 1_000)}
_DATE_CODES = frozenset("YymdbB")
_TIME_CODES = _DATE_CODES | frozenset("HMSfIp")
_FORMATS = {
    "date_format": (_DATE_CODES, frozenset("d")),
    "local_format": (_TIME_CODES, frozenset("d")),
    "offset_format": (_TIME_CODES | {"z"}, frozenset("dz")),
}


@dataclass(frozen=True, slots=True)
class Function:
    """One row of the function table.

    Attributes:
        signature: see the module.
        meaning: one line for people.
        template: the SQL it stands for, in DuckDB's dialect.
        spark: the same in Spark's dialect, where transpiling would not mean the same.
        nulls: when the result may be missing.
    """

    signature: str
    meaning: str
    template: Template
    spark: Template = ""
    nulls: Nulls = "any"

    @property
    def name(self) -> str:
        """The function's name, in capitals."""
        return self._parts["name"]

    @property
    def takes(self) -> tuple[str, ...]:
        """What stands at each position."""
        return tuple(self._parts["takes"].split(", "))

    @property
    def _parts(self) -> re.Match[str]:
        match = _SIGNATURE.fullmatch(self.signature)
        if match is None:
            raise ValueError(f"{self.signature} is not a signature")
        return match

    def call(self, operands: Sequence[Term]) -> OperationTerm:
        """Bind a call.

        Raises:
            ValueError: the operands do not fit this signature.
        """
        wanted = self._positions(len(operands))
        fitted = [_fit(term, word) for term, word in zip(operands, wanted, strict=True)]
        if "any" in wanted:
            common = common_type([term for term, word in zip(fitted, wanted, strict=True) if word == "any"])
            fitted = [adapt(t, common) if word == "any" else t for t, word in zip(fitted, wanted, strict=True)]
        result = _result(self._parts["gives"], wanted, fitted).or_missing(_missing(self.nulls, fitted))
        inlined = [number for number, word in enumerate(wanted) if word in _LITERAL_INTEGERS]
        template = _inline(_written(self.template, fitted), fitted, inlined)
        return OperationTerm(template, tuple(fitted), result, _inline(_written(self.spark, fitted), fitted, inlined))

    def _positions(self, count: int) -> list[str]:
        """The word for each operand of a call with that many."""
        if self.takes[0].endswith("...") and count >= 2:
            return [self.takes[0].removesuffix("...")] * count
        if len(self.takes) != count or self.takes[0].endswith("..."):
            raise ValueError("the number of operands is another")
        return list(self.takes)


def _fit(term: Term, word: str) -> Term:
    if word in _LITERAL_INTEGERS:
        return _literal_integer(term, word)
    if word == "zone" or word in _FORMATS:
        return _literal_text(term, word)
    if word == "any":
        return term
    kind = next(kind for kind in KINDS if kind == word)
    if kind == "money" and term.type.kind != "money":
        raise ValueError(f"an amount of money is expected, not {term.type.name}")
    return adapt(term, term.type if kind == "money" else ColumnType(kind))


def _literal_integer(term: Term, word: str) -> Term:
    low, high = _LITERAL_INTEGERS[word]
    value = term.value if isinstance(term, ConstantTerm) and term.type.kind == "integer" else None
    if not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{word} is a plain number from {low} to {high}")
    return ConstantTerm(value, term.type)


def _literal_text(term: Term, word: str) -> Term:
    if isinstance(term, ParameterTerm) and term.type.kind == "text":
        return term
    text = term.value if isinstance(term, ConstantTerm) else None
    if isinstance(text, str):
        _check_zone(text) if word == "zone" else _check_format(text, word)
        return term
    raise ValueError(f"{word} is a text in single quotes, or a parameter")


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone such as 'America/New_York'") from None


def _check_format(text: str, word: str) -> None:
    allowed, required = _FORMATS[word]
    codes = re.findall(r"%(.?)", text)
    if any(code not in allowed for code in codes) or not required <= set(codes):
        known = " ".join(f"%{code}" for code in sorted(allowed))
        needed = " ".join(f"%{code}" for code in sorted(required))
        raise ValueError(f"the format {text!r} must hold {needed}, and no codes but {known}")


def _result(gives: str, wanted: Sequence[str], operands: Sequence[Term]) -> ColumnType:
    if gives == "money(scale)":
        scale = operands[list(wanted).index("scale")]
        if isinstance(scale, ConstantTerm) and isinstance(scale.value, int):
            return ColumnType("money", scale.value)
    if gives in wanted:
        return operands[list(wanted).index(gives)].type
    return ColumnType(next(kind for kind in KINDS if kind == gives))


def _missing(nulls: Nulls, operands: Sequence[Term]) -> bool:
    if nulls in ("always", "never"):
        return nulls == "always"
    missing = [term.type.nullable for term in operands]
    return all(missing) if nulls == "all" else any(missing)


def _written(template: Template, operands: Sequence[Term]) -> str:
    return template if isinstance(template, str) else template(operands)


def _inline(template: str, operands: Sequence[Term], numbers: Sequence[int]) -> str:
    """Write literal integers right into the SQL: some engines take nothing else there."""
    for number in numbers:
        operand = operands[number]
        if isinstance(operand, ConstantTerm):
            template = re.sub(rf"\b_{number}\b", str(operand.value), template)
    return template
