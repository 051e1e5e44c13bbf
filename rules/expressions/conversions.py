"""``CAST``: which conversions there are; each is exact or fails."""

from datetime import date

from rules.expressions.agreement import adapt
from rules.expressions.operators import operation
from rules.expressions.terms import ConstantTerm, Term
from rules.types import ColumnType, EngineValue, Kind, engine_value

TARGETS: dict[str, Kind] = {
    "TEXT": "text",
    "VARCHAR": "text",
    "INT": "integer",
    "BIGINT": "integer",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "number",
    "TIMESTAMPTZ": "timestamp",
}
"""Type names of DuckDB that CAST takes, as sqlglot spells them."""

_ADVICE: dict[str, str] = {
    "DECIMAL": "amounts are read by MONEY(text, 2)",
    "FLOAT": "measured numbers are DOUBLE",
    "TIMESTAMP": "a moment needs its offset: TIMESTAMPTZ '2026-01-31T00:00:00Z' or PARSE_TIMESTAMP(text)",
    "TIMESTAMPNTZ": "a moment needs its offset: TIMESTAMPTZ '2026-01-31T00:00:00Z' or PARSE_TIMESTAMP(text)",
}

ISO_DAY = "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-[0-9]{2}-[0-9]{2}"
"""Years 0001 to 9999: what Python's dates can hold."""
_DECIMAL = "^[+-]?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{1,2})?$"

_TEMPLATES: dict[tuple[Kind, Kind], str] = {
    ("text", "integer"): "CAST(REGEXP_EXTRACT(TRIM(_0), '^[+-]?[0-9]+$', 0) AS BIGINT)",
    ("text", "number"): f"CAST(REGEXP_EXTRACT(TRIM(_0), '{_DECIMAL}', 0) AS DOUBLE)",
    ("text", "boolean"): "CAST(REGEXP_EXTRACT(LOWER(TRIM(_0)), '^(true|false)$', 0) AS BOOLEAN)",
    ("text", "date"): f"CAST(REGEXP_EXTRACT(TRIM(_0), '^{ISO_DAY}$', 0) AS DATE)",
    ("integer", "text"): "CAST(_0 AS TEXT)",
    ("date", "text"): "CAST(_0 AS TEXT)",
    ("integer", "number"): "CAST(_0 AS DOUBLE)",
}

_REFUSED: dict[tuple[Kind, Kind], str] = {
    ("timestamp", "date"): "use DATE_OF(moment, 'America/New_York')",
    ("text", "timestamp"): "use PARSE_TIMESTAMP(text)",
    ("number", "integer"): "a measured number is not exact",
    ("money", "number"): "money stays exact; RATIO compares two amounts",
    ("money", "integer"): "money stays money",
    ("money", "text"): "money stays money; reports write it out",
}


def target_type(name: str) -> ColumnType:
    """The type that CAST names.

    Raises:
        ValueError: not one that CAST converts to.
    """
    kind = TARGETS.get(name)
    if kind is None:
        advice = _ADVICE.get(name, "CAST converts to TEXT, INTEGER, DATE, BOOLEAN or DOUBLE")
        raise ValueError(f"CAST AS {name} is not allowed; {advice}")
    return ColumnType(kind)


def cast(term: Term, target: ColumnType) -> Term:
    """Convert a term.

    Raises:
        ValueError: there is no such conversion, or a constant does not convert.
    """
    if isinstance(term, ConstantTerm) and isinstance(term.value, str) and target.kind in ("date", "timestamp"):
        return _constant(term.value, target)
    if isinstance(term, ConstantTerm) and (
        term.is_bare_null or (term.written is not None and target.kind == "number")
    ):
        return adapt(term, target)
    if term.type.is_like(target):
        return term
    template = _TEMPLATES.get((term.type.kind, target.kind))
    if template is None:
        advice = _REFUSED.get((term.type.kind, target.kind))
        raise ValueError(f"{term.type.name} does not convert to {target.name}" + (f"; {advice}" if advice else ""))
    return operation(template, [term], target)


def _constant(text: str, target: ColumnType) -> ConstantTerm:
    value: EngineValue
    try:
        value = engine_value(_as_date(text) if target.kind == "date" else text, target)
    except ValueError:
        example = "DATE '2026-01-31'" if target.kind == "date" else "TIMESTAMPTZ '2026-01-31T00:00:00Z'"
        raise ValueError(f"{text!r} is not a {target.name}; write {example}") from None
    return ConstantTerm(value, target)


def _as_date(text: str) -> object:
    return date.fromisoformat(text) if len(text) == len("2026-01-31") else text
