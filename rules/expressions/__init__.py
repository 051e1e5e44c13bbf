"""SQL scalar expressions, the one language of mappings, rules, gates and comparisons.

The way of a text::

    text --syntax--> sqlglot tree --binding--> terms (typed) --lowering--> SQL of an engine

Failures on single records: functions that read text (``MONEY``, ``PARSE_DATE``, ``CAST``) raise in the engine.
A mapping renders with `render_attempt`, which turns that into "this record failed" and leaves the batch alone.
"""

from rules.expressions.expression import (
    Expression,
    check_expression,
    compile_expression,
    render,
    render_attempt,
)
from rules.expressions.lowering import Dialect

__all__ = ["Dialect", "Expression", "check_expression", "compile_expression", "render", "render_attempt"]
