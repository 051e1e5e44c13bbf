"""Which types go together, and how a bare number takes the type of what stands beside it."""

from collections.abc import Sequence

from rules.expressions.terms import ConstantTerm, OperationTerm, Term
from rules.types import ColumnType, Kind, scaled

INTEGER = ColumnType("integer")
NUMBER = ColumnType("number")
TEXT = ColumnType("text")
BOOLEAN = ColumnType("boolean")

_ADVICE: dict[frozenset[Kind], str] = {
    frozenset({"money"}): "bring both to one scale with ROUND_HALF_UP(amount, decimals)",
    frozenset({"text", "money"}): "MONEY(text, 2) reads an amount",
    frozenset(
        {"integer", "money"}
    ): "MONEY(integer, 2) makes an amount of whole units, MINOR_UNITS(integer, 2) one of cents",
    frozenset({"number", "money"}): "a measured number is not exact and never becomes money",
    frozenset({"text", "date"}): "write DATE '2026-01-31', or PARSE_DATE(text, '%Y-%m-%d')",
    frozenset({"text", "timestamp"}): "write TIMESTAMPTZ '2026-01-31T00:00:00Z', or PARSE_TIMESTAMP(text)",
    frozenset({"text", "integer"}): "CAST(text AS INTEGER) reads an integer, quotes make a text",
    frozenset({"text", "number"}): "CAST(text AS DOUBLE) reads a measured number, quotes make a text",
    frozenset({"text", "boolean"}): "TRUE and FALSE are written without quotes",
    frozenset({"date", "timestamp"}): "DATE_OF(moment, 'America/New_York') gives the local date",
}


def agree(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Bring terms to their common type.

    Raises:
        ValueError: they have none.
    """
    common = common_type(terms)
    return tuple(adapt(term, common) for term in terms)


def common_type(terms: Sequence[Term]) -> ColumnType:
    """The type that all terms can take; nullable where one of them may be missing.

    Raises:
        ValueError: there is none.
    """
    nullable = any(term.type.nullable for term in terms)
    firm = [term.type for term in terms if not (isinstance(term, ConstantTerm) and term.takes_any_type)]
    loose = [term.type for term in terms if isinstance(term, ConstantTerm) and term.written is not None]
    found = (firm or loose or [TEXT])[0]
    for other in firm[1:] if firm else loose[1:]:
        found = _wider(found, other)
    if found.kind == "integer" and any(one.kind == "number" for one in loose):
        found = NUMBER
    return found.or_missing(nullable)


def adapt(term: Term, wanted: ColumnType) -> Term:
    """The term as a value of the wanted type (nullability aside).

    Raises:
        ValueError: it cannot be one without losing something.
    """
    if isinstance(term, ConstantTerm) and term.is_bare_null:
        return ConstantTerm(None, wanted.or_missing())
    if isinstance(term, ConstantTerm) and term.written is not None:
        return _literal(term, wanted)
    if term.type.is_like(wanted):
        return term
    if term.type.kind == "integer" and wanted.kind == "number":
        return OperationTerm("CAST(_0 AS DOUBLE)", (term,), NUMBER.or_missing(term.type.nullable))
    raise ValueError(_mismatch(wanted, term.type))


def _literal(term: ConstantTerm, wanted: ColumnType) -> ConstantTerm:
    written = term.written
    if written is not None and wanted.kind == "money":
        return ConstantTerm(scaled(written, wanted.scale), wanted.or_missing(False))
    if written is not None and wanted.kind == "number":
        return ConstantTerm(float(written), NUMBER)
    if term.type.is_like(wanted):
        return ConstantTerm(term.value, term.type)
    raise ValueError(_mismatch(wanted, term.type))


def _wider(left: ColumnType, right: ColumnType) -> ColumnType:
    if left.is_like(right):
        return left
    if {left.kind, right.kind} == {"integer", "number"}:
        return NUMBER
    raise ValueError(_mismatch(left, right))


def _mismatch(wanted: ColumnType, given: ColumnType) -> str:
    advice = _ADVICE.get(frozenset({wanted.kind, given.kind}))
    problem = f"{given.name} does not go with {wanted.name}"
    return f"{problem}; {advice}" if advice else problem
