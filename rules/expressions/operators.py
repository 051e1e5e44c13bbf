"""What each operator takes, what it yields, and the SQL it stands for."""

from collections.abc import Sequence

from rules.expressions.agreement import BOOLEAN, INTEGER, TEXT, agree
from rules.expressions.terms import ConstantTerm, OperationTerm, Term
from rules.types import ColumnType


def slots(count: int, separator: str = ", ") -> str:
    """Template text for that many operands: ``_0, _1, _2``."""
    return separator.join(f"_{number}" for number in range(count))


def operation(template: str, operands: Sequence[Term], result: ColumnType) -> OperationTerm:
    """An operation that is missing where one of its operands is."""
    nullable = any(operand.type.nullable for operand in operands)
    return OperationTerm(template, tuple(operands), result.or_missing(nullable))


def connected(word: str, terms: Sequence[Term]) -> Term:
    """``a AND b AND c``, ``a OR b``."""
    for term in terms:
        expect_boolean(term, word)
    return operation(slots(len(terms), f" {word} "), terms, BOOLEAN)


def negated(term: Term) -> Term:
    """``NOT a``."""
    expect_boolean(term, "NOT")
    return operation("NOT _0", [term], BOOLEAN)


def compared(sign: str, left: Term, right: Term) -> Term:
    """``a = b``, ``a < b``; unknown where one side is missing."""
    for side in (left, right):
        if isinstance(side, ConstantTerm) and side.value is None:
            raise ValueError(f"nothing is ever {sign} NULL; write IS NULL or IS NOT NULL")
    left, right = agree((left, right))
    if left.type.kind == "boolean" and sign not in ("=", "<>"):
        raise ValueError(f"truth values have no order for {sign}")
    return operation(f"_0 {sign} _1", [left, right], BOOLEAN)


def distinguished(words: str, left: Term, right: Term) -> Term:
    """``a IS DISTINCT FROM b``: two missing values are the same; never unknown."""
    return OperationTerm(f"_0 {words} _1", agree((left, right)), BOOLEAN)


def tested(word: str, term: Term) -> Term:
    """``a IS NULL``, ``a IS TRUE``; never unknown."""
    if word != "NULL":
        expect_boolean(term, f"IS {word}")
    return OperationTerm(f"_0 IS {word}", (term,), BOOLEAN)


def between(term: Term, low: Term, high: Term) -> Term:
    """``a BETWEEN low AND high``; both ends belong to it."""
    operands = agree((term, low, high))
    if operands[0].type.kind == "boolean":
        raise ValueError("truth values have no order for BETWEEN")
    return operation("_0 BETWEEN _1 AND _2", operands, BOOLEAN)


def among(term: Term, choices: Sequence[Term]) -> Term:
    """``a IN (1, 2)``."""
    if any(choice.type.nullable for choice in choices):
        raise ValueError("IN takes values that are never missing; write OR a IS NULL beside it")
    operands = agree((term, *choices))
    listed = ", ".join(f"_{number}" for number in range(1, len(operands)))
    return operation(f"_0 IN ({listed})", operands, BOOLEAN)


def matched(term: Term, pattern: Term) -> Term:
    """``a LIKE 'pattern'``, where ``%`` and ``_`` are wild and nothing else is."""
    if term.type.kind != "text":
        raise ValueError(f"LIKE takes a text, not {term.type.name}")
    if not isinstance(pattern, ConstantTerm) or not isinstance(pattern.value, str) or "\\" in pattern.value:
        raise ValueError("LIKE takes a pattern in single quotes, without a backslash")
    return operation("_0 LIKE _1", [term, pattern], BOOLEAN)


def joined(terms: Sequence[Term]) -> Term:
    """``a || b || c``; missing where one of them is."""
    for term in terms:
        if term.type.kind != "text":
            raise ValueError(f"|| takes texts, not {term.type.name}; CAST(value AS TEXT) makes one")
    return operation(slots(len(terms), " || "), terms, TEXT)


def chosen(conditions: Sequence[Term], values: Sequence[Term]) -> Term:
    """``CASE WHEN .. THEN .. ELSE .. END``; one value more than there are conditions: the ELSE."""
    for condition in conditions:
        expect_boolean(condition, "WHEN")
    if all(isinstance(value, ConstantTerm) and value.is_bare_null for value in values):
        raise ValueError("every branch of this CASE is NULL")
    agreed = agree(values)
    branches = "".join(f" WHEN _{2 * number} THEN _{2 * number + 1}" for number in range(len(conditions)))
    pairs = [term for pair in zip(conditions, agreed, strict=False) for term in pair]
    nullable = any(value.type.nullable for value in agreed)
    template = f"CASE{branches} ELSE _{len(pairs)} END"
    return OperationTerm(template, (*pairs, agreed[-1]), agreed[0].type.or_missing(nullable))


def added(sign: str, left: Term, right: Term) -> Term:
    """``a + b``, ``a - b``."""
    kinds = {left.type.kind, right.type.kind}
    if kinds & {"date", "timestamp"}:
        raise ValueError(f"dates do not take {sign}; use DAYS_BETWEEN, ADD_DAYS or ADD_MONTHS")
    if kinds & {"text", "boolean"}:
        raise ValueError(f"{sign} takes numbers and money; texts are joined by ||")
    left, right = agree((left, right))
    return operation(f"_0 {sign} _1", [left, right], left.type)


def multiplied(left: Term, right: Term) -> Term:
    """``a * b``; money takes an integer factor only."""
    kinds = {left.type.kind, right.type.kind}
    if kinds - {"integer", "number", "money"}:
        raise ValueError("* takes numbers, and money with an integer")
    if left.type.kind == right.type.kind == "money":
        raise ValueError("money times money is nothing")
    if kinds == {"money", "number"}:
        raise ValueError("money takes integer factors; PRORATE(amount, 15, 100) gives 15 percent of it")
    if "money" in kinds:
        amount = left.type if left.type.kind == "money" else right.type
        return operation("_0 * _1", [_settled(left), _settled(right)], amount)
    left, right = agree((left, right))
    return operation("_0 * _1", [left, right], left.type)


def divided(sign: str, left: Term, right: Term) -> Term:
    """``a // b`` and ``a % b`` of integers, towards zero; missing where ``b`` is 0."""
    if {left.type.kind, right.type.kind} != {"integer"}:
        raise ValueError(f"{sign} takes integers; PRORATE and RATIO divide other things")
    if isinstance(right, ConstantTerm) and right.value:
        return operation(f"_0 {sign} _1", [left, right], INTEGER)
    return OperationTerm(f"_0 {sign} NULLIF(_1, 0)", (left, right), INTEGER.or_missing())


def opposite(term: Term) -> Term:
    """``-a``; a negative number that was written stays one number."""
    if term.type.kind not in ("integer", "number", "money"):
        raise ValueError(f"- takes a number, not {term.type.name}")
    if isinstance(term, ConstantTerm) and term.written is not None:
        value = -term.value if isinstance(term.value, int | float) else None
        return ConstantTerm(value, term.type, -term.written)
    return operation("-_0", [term], term.type)


def expect_boolean(term: Term, word: str) -> None:
    """Refuse what is not a condition.

    Raises:
        ValueError: not a truth value.
    """
    if term.type.kind != "boolean" or (isinstance(term, ConstantTerm) and term.value is None):
        raise ValueError(f"{word} takes conditions, not {term.type.name}")


def _settled(term: Term) -> Term:
    if isinstance(term, ConstantTerm) and term.written is not None:
        return ConstantTerm(term.value, term.type)
    return term
