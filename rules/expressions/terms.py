"""The bound form of an expression: small frozen trees in which every type is known.

Nothing of a dialect is in here; `rules.expressions.lowering` turns a tree into SQL.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from rules.types import ColumnType, EngineValue


@dataclass(frozen=True, slots=True)
class ColumnTerm:
    """A column of the view or of the source record."""

    name: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class ParameterTerm:
    """A named value that is filled in when the expression is rendered."""

    name: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class ConstantTerm:
    """A value, already as the engine holds it (money as an integer at its scale).

    Attributes:
        value: None stands for NULL.
        type: what it is taken for.
        written: the number as the person wrote it, as long as no other operand has said whether it is meant
            as money, as an integer or as a measured number; else None.
        is_bare_null: whether it is a NULL of which nothing has said yet what kind of value is missing.
    """

    value: EngineValue
    type: ColumnType
    written: Decimal | None = None
    is_bare_null: bool = False

    @property
    def takes_any_type(self) -> bool:
        """A bare number or NULL becomes what stands beside it."""
        return self.is_bare_null or self.written is not None


@dataclass(frozen=True, slots=True)
class OperationTerm:
    """An operator or a function over terms.

    Attributes:
        template: SQL in DuckDB's dialect with operands ``_0``, ``_1``, ...
        operands: the terms that take their places.
        type: what it yields.
        spark_template: the same in Spark's dialect where transpiling the first would not mean the same;
            empty where it would.
    """

    template: str
    operands: tuple["Term", ...]
    type: ColumnType
    spark_template: str = ""


Term = ColumnTerm | ParameterTerm | ConstantTerm | OperationTerm


def walk(term: Term) -> Iterator[Term]:
    """The term and all that stand in it."""
    pending = [term]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current, OperationTerm):
            pending.extend(current.operands)
