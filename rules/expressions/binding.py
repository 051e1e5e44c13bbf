"""From a syntax tree to a bound tree: names looked up, types checked, every fault told.

A part with a fault binds to nothing and what stands around it keeps silent about it, so that one wrong name
gives one fault and two wrong names give two.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from sqlglot import exp

from canonical_model.yaml_source import nearest
from rules.expressions import conversions, functions, operators
from rules.expressions.agreement import BOOLEAN, INTEGER, NUMBER, TEXT
from rules.expressions.terms import ColumnTerm, ConstantTerm, ParameterTerm, Term
from rules.types import ColumnType, Schema

MOST_DIGITS = 18

_OF_TWO: dict[type[exp.Expr], Callable[[Term, Term], Term]] = {
    exp.EQ: partial(operators.compared, "="),
    exp.GT: partial(operators.compared, ">"),
    exp.GTE: partial(operators.compared, ">="),
    exp.LT: partial(operators.compared, "<"),
    exp.LTE: partial(operators.compared, "<="),
    exp.NullSafeEQ: partial(operators.distinguished, "IS NOT DISTINCT FROM"),
    exp.NullSafeNEQ: partial(operators.distinguished, "IS DISTINCT FROM"),
    exp.Add: partial(operators.added, "+"),
    exp.Sub: partial(operators.added, "-"),
    exp.Mul: operators.multiplied,
    exp.IntDiv: partial(operators.divided, "//"),
    exp.Mod: partial(operators.divided, "%"),
}


class Binder:
    """Binds one expression; what is wrong is added to `problems`, what is doubtful to `warnings`."""

    def __init__(self, schema: Schema, parameters: Mapping[str, ColumnType]) -> None:
        self.problems: list[str] = []
        self.warnings: list[str] = []
        self._schema = schema
        self._parameters = parameters
        self._present: frozenset[str] = frozenset()

    def bind(self, node: exp.Expr) -> Term | None:
        """The node with all that hangs below it; None where something is wrong."""
        bind = _BINDERS[type(node)]
        try:
            return bind(self, node)
        except ValueError as error:
            self.problems.append(f"{error}, in: {written(node)}")
            return None

    def column(self, node: exp.Column) -> Term | None:
        """A column or a parameter by its name."""
        name = node.name
        found = _look_up(name, self._parameters)
        if found is not None:
            return ParameterTerm(found, self._parameters[found])
        found = _look_up(name, self._schema)
        if found is None:
            known = [*self._schema, *self._parameters]
            self.problems.append(f"there is no column {name}{nearest(name, known)}")
            return None
        column_type = self._schema[found]
        return ColumnTerm(found, column_type.or_missing(column_type.nullable and found not in self._present))

    def conjunction(self, node: exp.And) -> Term | None:
        """``a AND b``; beside ``x IS NOT NULL`` the column x is never missing."""
        parts = list(_flattened(node, exp.And))
        outer, self._present = (
            self._present,
            self._present
            | {found for part in parts if (found := _look_up(_column_not_null(part), self._schema)) is not None},
        )
        terms = self.all_of(parts)
        self._present = outer
        return operators.connected("AND", terms) if terms is not None else None

    def inequality(self, node: exp.NEQ) -> Term | None:
        """``a <> b``, with a warning where a side may be missing."""
        terms = self.all_of([node.this, node.expression])
        if terms is None:
            return None
        missing = [
            written(side)
            for side, term in zip((node.this, node.expression), terms, strict=True)
            if term.type.nullable
        ]
        bound = operators.compared("<>", *terms)
        if missing:
            self.warnings.append(
                f"{written(node)} is unknown, so never true, where {' or '.join(missing)} is missing;"
                f" IS DISTINCT FROM counts a missing value as different"
            )
        return bound

    def likeness(self, node: exp.Like) -> Term | None:
        """``a LIKE b`` and ``a NOT LIKE b``, which sqlglot has as one node."""
        terms = self.all_of([node.this, node.expression])
        if terms is None:
            return None
        bound = operators.matched(*terms)
        return self._negated(node, bound) if node.args.get("negate") else bound

    def negation(self, node: exp.Not) -> Term | None:
        """``NOT a``, with a warning where a may be unknown."""
        term = self.bind(node.this)
        return self._negated(node, term) if term is not None else None

    def _negated(self, node: exp.Expr, term: Term) -> Term:
        bound = operators.negated(term)
        if term.type.nullable:
            columns = sorted({column.name for column in node.find_all(exp.Column)})
            self.warnings.append(
                f"{written(node)} is unknown, so never true, where {' or '.join(columns)} is missing;"
                f" COALESCE says what a missing value means"
            )
        return bound

    def all_of(self, nodes: list[Any]) -> list[Term] | None:
        """All nodes bound, or None where one of them could not be."""
        bound = [self.bind(node) for node in nodes]
        terms = [term for term in bound if term is not None]
        return terms if len(terms) == len(nodes) else None


def _over(
    parts: Callable[[Any], list[Any]], combine: Callable[[Any, list[Term]], Term]
) -> Callable[[Binder, Any], Term | None]:
    """Bind the parts of a node, then combine them."""

    def bind(binder: Binder, node: Any) -> Term | None:
        terms = binder.all_of(parts(node))
        return combine(node, terms) if terms is not None else None

    return bind


def _over_two(combine: Callable[[Term, Term], Term]) -> Callable[[Binder, Any], Term | None]:
    return _over(lambda node: [node.this, node.expression], lambda _, terms: combine(*terms))


def _constant(value: str | bool, constant_type: ColumnType) -> ConstantTerm:
    return ConstantTerm(value, constant_type)


def _literal(_: Binder, node: exp.Literal) -> Term:
    text = str(node.this)
    if node.is_string:
        return _constant(text, TEXT)
    number = Decimal(text)
    if len(number.as_tuple().digits) > MOST_DIGITS:
        raise ValueError(f"a number has at most {MOST_DIGITS} digits")
    if "." in text:
        return ConstantTerm(float(number), NUMBER, written=number)
    return ConstantTerm(int(number), INTEGER, written=number)


def _test(node: exp.Is, terms: list[Term]) -> Term:
    right = node.expression
    if isinstance(right, exp.Null):
        return operators.tested("NULL", terms[0])
    if isinstance(right, exp.Boolean):
        return operators.tested("TRUE" if right.this else "FALSE", terms[0])
    raise ValueError("IS takes NULL, TRUE or FALSE")


def _case_parts(node: exp.Case) -> list[Any]:
    """Operand (where there is one), then condition and value of each branch, then the ELSE."""
    branches = [part for branch in node.args["ifs"] for part in (branch.this, branch.args["true"])]
    start = [node.this] if node.args.get("this") else []
    return [*start, *branches, node.args.get("default") or exp.Null()]


def _case(node: exp.Case, terms: list[Term]) -> Term:
    operand = terms.pop(0) if node.args.get("this") else None
    conditions, values = terms[0:-1:2], terms[1:-1:2]
    if operand is not None:
        conditions = [operators.compared("=", operand, condition) for condition in conditions]
    return operators.chosen(conditions, [*values, terms[-1]])


def _cast(node: exp.Cast, terms: list[Term]) -> Term:
    return conversions.cast(terms[0], conversions.target_type(node.to.this.name))


_BINDERS: dict[type[exp.Expr], Callable[[Binder, Any], Term | None]] = {
    exp.Column: Binder.column,
    exp.Literal: _literal,
    exp.Boolean: lambda _, node: _constant(bool(node.this), BOOLEAN),
    exp.Null: lambda _binder, _node: ConstantTerm(None, TEXT.or_missing(), is_bare_null=True),
    exp.Paren: lambda binder, node: binder.bind(node.this),
    exp.And: Binder.conjunction,
    exp.Or: _over(lambda node: list(_flattened(node, exp.Or)), lambda _, terms: operators.connected("OR", terms)),
    exp.DPipe: _over(lambda node: list(_flattened(node, exp.DPipe)), lambda _, terms: operators.joined(terms)),
    exp.Not: Binder.negation,
    exp.Like: Binder.likeness,
    exp.NEQ: Binder.inequality,
    exp.Is: _over(lambda node: [node.this], _test),
    exp.Neg: _over(lambda node: [node.this], lambda _, terms: operators.opposite(terms[0])),
    exp.Between: _over(
        lambda node: [node.this, node.args["low"], node.args["high"]], lambda _, terms: operators.between(*terms)
    ),
    exp.In: _over(lambda node: [node.this, *node.expressions], lambda _, terms: operators.among(terms[0], terms[1:])),
    exp.Case: _over(_case_parts, _case),
    exp.Cast: _over(lambda node: [node.this], _cast),
    exp.Anonymous: _over(lambda node: node.expressions, lambda node, terms: functions.call(str(node.this), terms)),
}
for _kind, _combine in _OF_TWO.items():
    _BINDERS.setdefault(_kind, _over_two(_combine))


def written(node: exp.Expr) -> str:
    """The node as SQL, shortened, for messages."""
    text = node.sql(dialect="duckdb")
    return text if len(text) <= 80 else f"{text[:77]}..."


def _look_up(name: str, known: Mapping[str, ColumnType]) -> str | None:
    """A name as it is known: exactly, else without regard to ASCII case where only one is meant."""
    if name in known:
        return name
    if not name.isascii():
        return None
    folded = [other for other in known if other.isascii() and other.lower() == name.lower()]
    return folded[0] if len(folded) == 1 else None


def _flattened(node: exp.Expr, kind: type[exp.Binary]) -> Iterator[exp.Expr]:
    """The parts of ``a AND b AND c``, in order."""
    pending: list[exp.Expr] = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, kind):
            pending.extend((current.expression, current.this))
        else:
            yield current


def _column_not_null(node: exp.Expr) -> str:
    """The name in ``name IS NOT NULL``; empty for anything else."""
    node = node.unnest()
    test = node.this.unnest() if isinstance(node, exp.Not) else None
    if isinstance(test, exp.Is) and isinstance(test.expression, exp.Null):
        column = test.this.unnest()
        return column.name if isinstance(column, exp.Column) else ""
    return ""
