"""From text to a syntax tree that holds nothing but scalar expressions.

Confinement happens here, before anything is looked up: the text, its tokens, its tree. Whatever is not named
in `ALLOWED_NODES` is refused, so a newer sqlglot that learns new syntax cannot widen the language.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ParseError, TokenError
from sqlglot.parser import Parser
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.tokenizer_core import Token, TokenType

from rules.expressions.refusals import ADVICE_BY_NODE, STATEMENTS

MOST_CHARACTERS = 4_000
MOST_NODES = 500
DEEPEST = 24

_BINARY = frozenset({"this", "expression"})

ALLOWED_NODES: dict[type[exp.Expr], frozenset[str]] = {
    exp.Column: frozenset({"this"}),
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Boolean: frozenset({"this"}),
    exp.Null: frozenset(),
    exp.Paren: frozenset({"this"}),
    exp.Not: frozenset({"this"}),
    exp.Neg: frozenset({"this"}),
    **dict.fromkeys((exp.And, exp.Or, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), _BINARY),
    **dict.fromkeys((exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is), _BINARY),
    exp.Like: _BINARY | {"negate"},
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.IntDiv, exp.Mod), _BINARY),
    exp.DPipe: _BINARY | {"safe"},
    exp.In: frozenset({"this", "expressions"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true"}),
    exp.Anonymous: frozenset({"this", "expressions"}),
    exp.Cast: frozenset({"this", "to"}),
    exp.DataType: frozenset({"this"}),
}
"""Every node that may occur, and which of its parts may be filled."""

_CHAINS = (exp.And, exp.Or, exp.DPipe)
_ODD_LITERALS = frozenset(
    {
        TokenType.BYTE_STRING,
        TokenType.HEREDOC_STRING,
        TokenType.HEX_STRING,
        TokenType.BIT_STRING,
        TokenType.NATIONAL_STRING,
        TokenType.RAW_STRING,
        TokenType.UNICODE_STRING,
    }
)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_DIALECT = DuckDB()


class _ExpressionParser(DuckDBParser):
    """DuckDB's grammar without any function of sqlglot's own: each call stays a name with its arguments."""

    FUNCTIONS: ClassVar[dict[str, Callable[..., Any]]] = {}
    NO_PAREN_FUNCTIONS: ClassVar[dict[TokenType, Any]] = {}
    NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CASE": Parser.NO_PAREN_FUNCTION_PARSERS["CASE"]}
    FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {
        name: Parser.FUNCTION_PARSERS[name] for name in ("CAST", "TRY_CAST", "EXTRACT")
    }


def parse(text: str, problems: list[str]) -> exp.Expr | None:
    """Parse one scalar expression of DuckDB's dialect.

    Args:
        text: what the person wrote.
        problems: what is wrong with it is added here.

    Returns:
        The tree, or None where the text was refused.
    """
    if not text.strip():
        problems.append("is empty; an SQL expression is expected")
    elif len(text) > MOST_CHARACTERS:
        problems.append(f"has {len(text)} characters; at most {MOST_CHARACTERS} are allowed")
    else:
        problems.extend(_odd_characters(text))
    if problems:
        return None
    try:
        return _parse(text, problems)
    except RecursionError:
        problems.append("is nested too deep")
    except TokenError:
        problems.append("is not an SQL expression: a quote is opened and not closed")
    except ParseError as error:
        problems.append(_parse_problem(text, error))
    return None


def _parse(text: str, problems: list[str]) -> exp.Expr | None:
    tokens = _DIALECT.tokenize(text)
    problems.extend(_odd_tokens(text, tokens))
    if problems:
        return None
    # Entering the parser at a condition, no statement can be parsed at all.
    trees = _ExpressionParser(dialect=_DIALECT).parse_into(exp.Condition, tokens, text)
    tree = trees[0] if len(trees) == 1 else None
    if tree is None:
        problems.append("is not one SQL expression")
        return None
    problems.extend(dict.fromkeys(_refused(tree)))
    return None if problems else tree


def _odd_characters(text: str) -> Iterator[str]:
    for place, character in enumerate(text, start=1):
        if unicodedata.category(character) in _INVISIBLE and character not in " \n\t\r":
            yield f"holds the invisible character U+{ord(character):04X} at place {place}"
            return


def _odd_tokens(text: str, tokens: list[Token]) -> Iterator[str]:
    depth = 0
    for token in tokens:
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        problem = _odd_token(token, text[token.start : token.end + 1])
        if problem or depth > DEEPEST:
            yield problem or "is nested too deep"
            return


def _odd_token(token: Token, written: str) -> str | None:
    if token.comments:
        return "holds an SQL comment; use a YAML comment beside the expression"
    if token.token_type is TokenType.SEMICOLON:
        return "holds ';'; exactly one SQL expression is expected"
    if token.token_type in _ODD_LITERALS:
        return f"{written[:20]} is not a plain text; write it in single quotes"
    if token.token_type is TokenType.NUMBER and not _NUMBER.fullmatch(written):
        return f"{written[:20]} is not a plain number; write digits, and a point before decimals"
    return None


def _refused(tree: exp.Expr) -> Iterator[str]:
    """Every node that the language does not have, and a tree that is too large."""
    pending: list[tuple[exp.Expr, int]] = [(tree, 1)]
    seen = deepest = 0
    while pending:
        node, depth = pending.pop()
        seen, deepest = seen + 1, max(deepest, depth)
        allowed = ALLOWED_NODES.get(type(node))
        if allowed is None or any(part for name, part in node.args.items() if part and name not in allowed):
            yield _refusal(node)
            continue  # what hangs below a refused node needs no second complaint
        for child in node.iter_expressions():
            flat = isinstance(child, exp.Paren) or (isinstance(node, _CHAINS) and type(child) is type(node))
            pending.append((child, depth if flat else depth + 1))
    if seen > MOST_NODES:
        yield f"has {seen} parts; at most {MOST_NODES} are allowed"
    if deepest > DEEPEST:
        yield f"is nested {deepest} deep; at most {DEEPEST} are allowed"


def _refusal(node: exp.Expr) -> str:
    if isinstance(node, exp.Column):
        written = node.sql(dialect=_DIALECT)
        return f"{written} is not a plain column name; where the name itself holds a point, write it in double quotes"
    for kind, advice in ADVICE_BY_NODE.items():
        if isinstance(node, kind):
            return advice
    return f"{type(node).__name__.upper()} is not part of the expression language"


def _parse_problem(text: str, error: ParseError) -> str:
    first = text.split(maxsplit=1)[0].upper()
    if first in STATEMENTS:
        return f"{first} begins a statement; an SQL scalar expression is expected"
    detail = error.errors[0] if error.errors else {}
    near = detail.get("highlight") or ""
    description = str(detail.get("description") or "").split("<class")[0]
    what = "an operand or a word is missing" if "missing" in description else f"unexpected {near!r}"
    if "Expecting )" in description:
        what = f"')' is expected near {near!r}"
    column = detail.get("col")
    where = f" (line {detail.get('line')}, character {column})" if "\n" in text else f" (character {column})"
    return f"is not an SQL expression: {what}{where if column else ''}"
