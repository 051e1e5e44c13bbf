"""The rules that a snapshot carries, checked against the views of today, as engines and conclusion take them."""

from collections.abc import Iterable
from functools import lru_cache

from canonical_model.errors import Fault, configuration_error
from reconciliation.analysis_views import SHARES, VIEWS
from reconciliation.engines.question import RuleSql
from rules.compiled import CompiledRule, compile_rules
from rules.expressions import Dialect
from rules.rule import Rule
from rules.rulebook import load_rules

VIEW_SCHEMAS = {name: view.schema for name, view in VIEWS.items()}


@lru_cache(maxsize=4)
def carried_rules(text: str) -> tuple[CompiledRule, ...]:
    """The rules that a snapshot carries; those of several snapshots are mostly the same.

    Raises:
        ConfigurationError: they do not hold over these views any more.
    """
    return compiled_rules(load_rules(text))


def compiled_rules(rules: Iterable[Rule]) -> tuple[CompiledRule, ...]:
    """Rules checked against the views.

    Raises:
        ConfigurationError: they do not hold over them.
    """
    faults: list[Fault] = []
    compiled = compile_rules(rules, VIEW_SCHEMAS, faults)
    if faults:
        raise configuration_error(faults)
    return tuple(compiled)


def claimed_share(rule: CompiledRule) -> str:
    """The share of the difference that a rule's exposure reads; nothing where it reads several, or whole amounts."""
    read = [column for column in rule.exposure.columns if column in SHARES]
    return read[0] if len(read) == 1 and not rule.exposure.columns & {"expected_amount", "billed_amount"} else ""


def rule_sql(rule: CompiledRule, dialect: Dialect) -> RuleSql:
    """A rule in the dialect of an engine."""
    return RuleSql(
        rule_id=rule.rule.id,
        view=rule.rule.over,
        when=rule.when_sql(dialect),
        exposure=rule.exposure_sql(dialect),
        direction=rule.rule.direction,
        exposure_class=rule.rule.exposure_class,
        may_point=bool(rule.rule.explained_by),
    )
