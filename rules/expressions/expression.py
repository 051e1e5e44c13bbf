"""An expression: checked text that can be rendered for an engine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import get_args

from canonical_model.errors import Fault, configuration_error
from canonical_model.yaml_source import Place
from rules.expressions.agreement import adapt
from rules.expressions.binding import Binder
from rules.expressions.lowering import Dialect, height, lower, weight
from rules.expressions.syntax import parse
from rules.expressions.terms import ColumnTerm, ParameterTerm, Term, walk
from rules.types import ColumnType, EngineValue, Kind, Schema

HEAVIEST = 5_000
"""Parts of SQL that one expression may grow to."""
HIGHEST = 60
"""Steps from the top of its SQL tree to the bottom."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A scalar SQL expression that has been checked against its columns.

    Attributes:
        text: what the person wrote.
        type: what it yields.
        columns: names of the columns it reads, as the schema spells them.
        parameters: names of the parameters that rendering needs values for.
        warnings: what is allowed and probably not meant.
        term: the bound tree.
    """

    text: str
    type: ColumnType
    columns: frozenset[str]
    parameters: frozenset[str]
    warnings: tuple[str, ...]
    term: Term = field(repr=False)


def check_expression(
    text: str,
    schema: Schema,
    *,
    at: Place,
    faults: list[Fault],
    parameters: Mapping[str, ColumnType] | None = None,
    expect: ColumnType | Kind | None = None,
) -> Expression | None:
    """Parse, confine and type-check an expression; whatever is wrong becomes a fault.

    Args:
        text: one SQL scalar expression in DuckDB's dialect.
        schema: the columns it may read.
        at: where it is written, for the faults.
        faults: what is wrong is added here.
        parameters: names it may use beside the columns; a parameter hides a column of its name.
        expect: what it must yield: a kind (``"money"`` of whatever scale), or a type with its scale.
            Whether it may be missing is not judged; see `Expression.type`.

    Returns:
        The expression, or None where it has faults.
    """
    term, found, warnings = _bound(text, tuple(schema.items()), tuple((parameters or {}).items()))
    problems = list(found)
    if term is not None and expect is not None:
        term = _as_expected(term, expect, problems)
    if term is None or problems:
        faults.extend(at.fault(problem) for problem in problems)
        return None
    terms = list(walk(term))
    return Expression(
        text=text,
        type=term.type,
        columns=frozenset(part.name for part in terms if isinstance(part, ColumnTerm)),
        parameters=frozenset(part.name for part in terms if isinstance(part, ParameterTerm)),
        warnings=tuple(dict.fromkeys(warnings)),
        term=term,
    )


def compile_expression(
    text: str,
    schema: Schema,
    *,
    at: Place,
    parameters: Mapping[str, ColumnType] | None = None,
    expect: ColumnType | Kind | None = None,
) -> Expression:
    """Check an expression that is expected to be right; see `check_expression`.

    Raises:
        ConfigurationError: it has faults; all of them are listed.
    """
    faults: list[Fault] = []
    expression = check_expression(text, schema, at=at, faults=faults, parameters=parameters, expect=expect)
    if expression is None:
        raise configuration_error(faults)
    return expression


def render(
    expression: Expression, dialect: Dialect = "duckdb", *, values: Mapping[str, EngineValue] | None = None
) -> str:
    """The expression as SQL of one engine, with typed literals and quoted columns.

    Args:
        expression: what to render.
        dialect: the engine's. The session's time zone must be UTC (and ANSI mode on in Spark).
        values: engine value of each parameter (`rules.types.engine_value`).

    Raises:
        ValueError: a parameter has no value, or the dialect is none of ours.
    """
    if dialect not in get_args(Dialect):
        raise ValueError(f"there is no dialect {dialect!r}")
    given = values or {}
    missing = sorted(expression.parameters - given.keys())
    if missing:
        raise ValueError(f"no value given for {', '.join(missing)}")
    needed = ((name, repr(given[name]), given[name]) for name in sorted(expression.parameters))
    return _rendered(expression.term, dialect, tuple(needed))


def render_attempt(expression: Expression, *, values: Mapping[str, EngineValue] | None = None) -> str:
    """DuckDB SQL that never fails: ``{'value': ...}``, or NULL where the expression failed on a record.

    A text that is no date fails its own record only; a result that is rightly missing is
    ``{'value': NULL}`` and so differs from a failure.
    """
    return f"TRY(STRUCT_PACK(value := {render(expression, values=values)}))"


@lru_cache(maxsize=4096)  # a rule is asked in every run, a field is mapped in every pull; 1 and True are equal
def _rendered(term: Term, dialect: Dialect, given: tuple[tuple[str, str, EngineValue], ...]) -> str:
    return lower(term, dialect, {name: value for name, _, value in given}).sql(dialect=dialect)


@lru_cache(maxsize=4096)  # one command checks every rule several times: as it is read, judged and shown
def _bound(
    text: str, columns: tuple[tuple[str, ColumnType], ...], given: tuple[tuple[str, ColumnType], ...]
) -> tuple[Term | None, tuple[str, ...], tuple[str, ...]]:
    """The bound tree, what is wrong, and what is allowed and probably not meant."""
    problems: list[str] = []
    tree = parse(text, problems)
    if tree is None:
        return None, tuple(problems), ()
    parameters = dict(given)
    binder = Binder(dict(columns), parameters)
    term = binder.bind(tree)
    problems.extend(dict.fromkeys(binder.problems))
    if term is not None:
        problems.extend(_excess(term, parameters))
    return term, tuple(problems), tuple(binder.warnings)


def _excess(term: Term, parameters: Mapping[str, ColumnType]) -> Iterator[str]:
    if weight(term) > HEAVIEST:
        yield "grows too large; calculate the parts of it that repeat in the view"
    elif height(lower(term, "duckdb", dict.fromkeys(parameters))) > HIGHEST:
        yield "is nested too deep"


def _as_expected(term: Term, expect: ColumnType | Kind, problems: list[str]) -> Term | None:
    if isinstance(expect, ColumnType):
        wanted = expect
    elif expect == "money":
        wanted = term.type if term.type.kind == "money" else ColumnType("money", 2)
    else:
        wanted = ColumnType(expect)
    try:
        return adapt(term, wanted)
    except ValueError:
        problems.append(
            f"yields {term.type.name}, but {expect if isinstance(expect, str) else wanted.name} is expected"
        )
        return None
