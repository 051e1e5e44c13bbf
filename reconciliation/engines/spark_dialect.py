"""The statements of the views, written once for DuckDB, as Spark says them.

sqlglot does the translation. What it passes through with another meaning, or not at all, is rewritten here on the
tree; what nobody has thought about is refused, so that a new statement can never mean something else on Spark.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import ErrorLevel, exp, parse

_ATOMS = (exp.Column, exp.Literal, exp.Cast, exp.Paren, exp.Anonymous, exp.Boolean, exp.Null)

_KNOWN_ON_BOTH = frozenset({"array_compact", "sort_array", "slice", "transform", "prefix"})
"""Functions without a class in sqlglot that Spark has under this name."""


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro of DuckDB: what a call of it stands for."""

    parameters: tuple[str, ...]
    body: exp.Expr

    def called(self, arguments: list[exp.Expr]) -> exp.Expr:
        """The body with the arguments in the places of the parameters."""
        given = dict(zip(self.parameters, arguments, strict=True))
        body = exp.Paren(this=self.body.copy())
        for slot in list(body.find_all(exp.Column)):
            if not slot.table and (argument := given.get(slot.name.lower())) is not None:
                slot.replace(argument.copy() if isinstance(argument, _ATOMS) else exp.Paren(this=argument.copy()))
        return body


@dataclass(frozen=True, slots=True)
class SparkRelation:
    """A relation that a step makes.

    Attributes:
        name: under which later statements read it.
        query: SQL of its rows in Spark's dialect.
        is_kept: whether it is computed once and kept (``CREATE TABLE``) or with each use (``CREATE VIEW``, and
            ``CREATE TEMP TABLE``, which one statement of its step uses).
    """

    name: str
    query: str
    is_kept: bool


def spark_relations(sql: str, macros: dict[str, Macro]) -> Iterator[SparkRelation]:
    """The relations that statements make, in order.

    Args:
        sql: statements that create tables, views and macros, in DuckDB's dialect.
        macros: those that may be called, by name; gets those that the statements define.

    Raises:
        ValueError: something is said that would mean another thing on Spark, or nothing there.
    """
    for statement in parse(sql, read="duckdb"):
        if not isinstance(statement, exp.Create) or statement.expression is None:
            raise ValueError(f"only tables, views and macros are made for Spark, not: {statement}")
        query = _without_macros(statement.expression, macros)
        if statement.kind == "MACRO":
            signature = statement.this
            parameters = tuple(each.name.lower() for each in signature.expressions)
            macros[signature.this.name.lower()] = Macro(parameters, query)
        else:
            kept = statement.kind == "TABLE" and statement.find(exp.TemporaryProperty) is None
            yield SparkRelation(statement.this.name, spark_sql(query, {}), kept)


def spark_sql(tree: exp.Expr, macros: Mapping[str, Macro]) -> str:
    """A query or an expression in Spark's dialect.

    Raises:
        ValueError: as ``spark_relations``.
    """
    query = _without_macros(tree, macros)
    query = query.transform(_as_on_spark)
    for select in list(query.find_all(exp.Select)):
        _replace_in_stars(select)
    _refuse_what_differs(query)
    return query.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)


def _without_macros(tree: exp.Expr, macros: Mapping[str, Macro]) -> exp.Expr:
    def expanded(node: exp.Expr) -> exp.Expr:
        macro = macros.get(node.name.lower()) if isinstance(node, exp.Anonymous) else None
        if macro is None:
            return node
        return macro.called([_without_macros(argument, macros) for argument in node.expressions])

    return tree.transform(expanded)


def _as_on_spark(node: exp.Expr) -> exp.Expr:
    match node:
        case exp.Sign() if not isinstance(node.parent, exp.Cast):  # of a DOUBLE there, and one again
            return exp.cast(exp.Sign(this=node.this), "BIGINT")
        case exp.ArrayAgg():
            return _listed(node)
        case exp.ArrayDistinct():  # which leaves out what is missing in DuckDB only
            return exp.ArrayDistinct(this=exp.func("array_compact", node.this))
        case exp.Anonymous() if node.name.lower() == "list_slice":
            return _last_of_list(node)
        case exp.CTE():
            node.set("materialized", None)
    return node


def _listed(node: exp.ArrayAgg) -> exp.Expr:
    """``list(DISTINCT a ORDER BY a)`` and ``list(a ORDER BY b, c)``; Spark's own lists have no order."""
    if not isinstance(node.this, exp.Order):
        return node
    ordered = node.this
    keys = [key.this for key in ordered.expressions]
    if any(key.args.get("desc") or key.args.get("nulls_first") for key in ordered.expressions):
        raise ValueError(f"a list is ordered upwards with nothing last on Spark: {node}")
    if isinstance(ordered.this, exp.Distinct):
        (value,) = ordered.this.expressions
        if keys != [value]:
            raise ValueError(f"a list of distinct values is ordered by themselves on Spark: {node}")
        return exp.func("sort_array", exp.ArrayUniqueAgg(this=value))
    rows = exp.func("sort_array", exp.ArrayAgg(this=_struct([*keys, ordered.this])))
    last = exp.Dot(this=exp.column("row"), expression=exp.to_identifier(f"c{len(keys)}"))
    return exp.func("transform", rows, exp.Lambda(this=last, expressions=[exp.to_identifier("row")]))


def _struct(values: list[exp.Expr]) -> exp.Expr:
    return exp.Struct(
        expressions=[
            exp.PropertyEQ(this=exp.to_identifier(f"c{number}"), expression=value.copy())
            for number, value in enumerate(values)
        ]
    )


def _last_of_list(node: exp.Anonymous) -> exp.Expr:
    """``list_slice(a, -n, -1)``, the last n; of a shorter list Spark gives nothing instead of all."""
    values, begin, end = node.expressions
    if end != exp.Neg(this=exp.Literal.number(1)) or not isinstance(begin, exp.Neg):
        raise ValueError(f"only the last of a list are taken on Spark: {node}")
    return exp.func("slice", values, begin, begin.this.copy())


def _replace_in_stars(select: exp.Select) -> None:
    """``* REPLACE (x AS a)`` as ``* EXCEPT (a), x AS a``: the same columns in another order."""
    projections: list[exp.Expr] = []
    for projection in select.expressions:
        star = projection.this if isinstance(projection, exp.Column) else projection
        replaced = star.args.get("replace") if isinstance(star, exp.Star) else None
        projections.append(projection)
        if replaced:
            star.set("replace", None)
            star.set("except_", [exp.to_identifier(each.alias) for each in replaced])
            projections.extend(replaced)
    select.set("expressions", projections)


def _refuse_what_differs(query: exp.Expr) -> None:
    if query.find(exp.Div):
        raise ValueError("/ is no exact division; write // over integers")
    for window in query.find_all(exp.Window):
        if isinstance(window.this, exp.RowNumber) and not (window.args.get("order") or window.args.get("alias")):
            raise ValueError("row_number() without ORDER BY numbers rows anew each time on Spark")
    if (unnested := query.find(exp.Explode, exp.Unnest)) is not None:
        raise ValueError(f"lists are not unnested on Spark: {unnested}")
    for call in query.find_all(exp.Anonymous):
        if call.name.lower() not in _KNOWN_ON_BOTH:
            raise ValueError(f"{call.name} is not known on Spark; use a function that both engines have")
