"""From a bound tree to the SQL of one engine."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from sqlglot import exp, parse_one

from rules.expressions.terms import ColumnTerm, ConstantTerm, OperationTerm, ParameterTerm, Term
from rules.types import ColumnType, EngineValue

Dialect = Literal["duckdb", "spark"]

_SLOT = re.compile(r"\b_([0-9]+)\b")
_ATOMS = (exp.Column, exp.Literal, exp.Cast, exp.Func, exp.Boolean, exp.Null, exp.Paren)


def lower(term: Term, dialect: Dialect, values: Mapping[str, EngineValue]) -> exp.Expr:
    """The SQL tree of a term.

    Args:
        term: what to lower.
        dialect: the engine's.
        values: the engine value of every parameter.
    """
    if isinstance(term, ColumnTerm):
        return exp.column(exp.to_identifier(term.name, quoted=True))
    if isinstance(term, ConstantTerm):
        return _constant(term.value, term.type)
    if isinstance(term, ParameterTerm):
        return _constant(values[term.name], term.type)
    return _operation(term, [lower(operand, dialect, values) for operand in term.operands], dialect)


def weight(term: Term) -> int:
    """How many parts the SQL of a term has: an operand that a template names twice counts twice."""
    if not isinstance(term, OperationTerm):
        return 1
    weights = [weight(operand) for operand in term.operands]
    return 1 + sum(weights[int(slot)] for slot in _SLOT.findall(term.template))


def height(tree: exp.Expr) -> int:
    """How deep a tree is; generating its SQL takes some ten stack frames for each step."""
    pending, highest = [(tree, 1)], 0
    while pending:
        node, depth = pending.pop()
        highest = max(highest, depth)
        pending.extend((child, depth + 1) for child in node.iter_expressions())
    return highest


def _operation(term: OperationTerm, operands: list[exp.Expr], dialect: Dialect) -> exp.Expr:
    if dialect == "spark" and term.spark_template:
        tree = _parsed(term.spark_template, "spark").copy()
    else:
        tree = _parsed(term.template, "duckdb").copy()
    for slot in list(tree.find_all(exp.Column)):
        match = _SLOT.fullmatch(slot.name)
        if match is not None:
            operand = operands[int(match[1])].copy()
            slot.replace(operand if _is_atom(operand) else exp.Paren(this=operand))
    return tree


def _is_atom(tree: exp.Expr) -> bool:
    """Whether a tree keeps its meaning without parentheses; sqlglot counts AND and OR as functions, too."""
    return isinstance(tree, _ATOMS) and not isinstance(tree, exp.Binary)


@lru_cache(maxsize=1024)
def _parsed(template: str, dialect: Dialect) -> exp.Expr:
    return parse_one(template, dialect=dialect)


def _constant(value: EngineValue, constant_type: ColumnType) -> exp.Expr:
    """A value with exactly its type, whatever the engine would take a bare literal for."""
    kind = constant_type.kind
    if value is None:
        return exp.cast(exp.Null(), _SQL_TYPES[kind])
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if kind == "text":
        return exp.Literal.string(str(value))
    if isinstance(value, datetime):
        return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), "TIMESTAMPTZ", dialect="duckdb")
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    return exp.cast(exp.Literal.string(repr(value)) if kind == "number" else _integer(int(value)), _SQL_TYPES[kind])


def _integer(value: int) -> exp.Expr:
    literal = exp.Literal.number(abs(value))
    return exp.Neg(this=literal) if value < 0 else literal


_SQL_TYPES = {
    "text": "TEXT",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
    "number": "DOUBLE",
    "money": "BIGINT",
}
