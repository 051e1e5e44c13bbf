"""What every rule is asked and what becomes of its answers: the SQL of the engines, in DuckDB's dialect."""

from collections.abc import Sequence
from dataclasses import dataclass

HIT_COLUMNS = (
    "rule_id VARCHAR, subject VARCHAR, direction VARCHAR, exposure_class VARCHAR, period DATE, charge VARCHAR,"
    " expected_minor BIGINT, billed_minor BIGINT, exposure_minor BIGINT"
)

FOUND_COLUMNS = (
    "rule_id VARCHAR, subject VARCHAR, period DATE, is_recoverable BOOLEAN, charge VARCHAR, family VARCHAR,"
    " expected_amount BIGINT, billed_amount BIGINT, exposure BIGINT, evidence VARCHAR[]"
)

PROOF_COLUMNS = "rule_id VARCHAR, subject VARCHAR, evidence VARCHAR[]"

PROOF_SQL = (
    "SELECT rule_id, subject, list_distinct(flatten(list(evidence))) AS evidence FROM found GROUP BY rule_id, subject"
)
"""The source references behind what each rule found, subject by subject."""

_UNDER_CLASS = "CASE WHEN is_recoverable THEN 'recoverable' ELSE 'lost' END"
_CLASSES = {
    "lost_or_recoverable": _UNDER_CLASS,
    "by_direction": f"CASE direction WHEN 'over_billed' THEN 'refund_due' ELSE {_UNDER_CLASS} END",
}


@dataclass(frozen=True, slots=True)
class RuleSql:
    """A rule as an engine takes it: checked expressions, rendered in the engine's dialect.

    Attributes:
        direction: a direction, or ``by_sign``.
        exposure_class: a class, ``lost_or_recoverable`` or ``by_direction``.
        may_point: another rule may have this one's money, so that a row without money still says something.
    """

    rule_id: str
    view: str
    when: str
    exposure: str
    direction: str
    exposure_class: str
    may_point: bool = True


def found_sql(rule: RuleSql, subject: str, charge: str | None) -> str:
    """The rows of its view that a rule finds.

    Args:
        rule: which one.
        subject: column that says what a row is about.
        charge: column with the charge code, where the view has one.
    """
    return f"""
        SELECT '{rule.rule_id}' AS rule_id, "{subject}" AS subject, period, is_recoverable,
               {charge or "''"} AS charge, {"charge_family" if charge else "''"} AS family,
               expected_amount, billed_amount,
               ({rule.exposure})::BIGINT AS exposure, evidence
        FROM {rule.view}_view
        WHERE {_says(rule)}
        """


def asked_sql(rule: RuleSql) -> str:
    """Which rows of its view a rule finds, by their number in it, and the money of each; for DuckDB alone."""
    return (
        f"SELECT '{rule.rule_id}' AS rule_id, rowid AS place, ({rule.exposure})::BIGINT AS exposure"
        f" FROM {rule.view}_view WHERE {_says(rule)}"
    )


def _says(rule: RuleSql) -> str:
    return f"({rule.when})" + ("" if rule.may_point else f" AND ({rule.exposure}) <> 0")


def hit_sql(direction: str, exposure_class: str, condition: str = "true") -> str:
    """The hits among the rows in ``found`` of rules of one direction and class; the order is that of ``HIT_COLUMNS``.

    Where the sign tells the direction, a month's net decides: that of a charge with the discounts given on it; other
    charges of the month are judged by themselves.

    Args:
        direction: as in ``RuleSql``.
        exposure_class: as in ``RuleSql``.
        condition: which rows of ``found`` those rules have.
    """
    if direction == "by_sign":
        net = "sum(exposure) OVER (PARTITION BY rule_id, subject, period, family)"
        told = f"CASE WHEN {net} < 0 THEN 'over_billed' ELSE 'under_billed' END"
        amount = f"CASE WHEN {net} < 0 THEN -exposure ELSE exposure END"
    else:
        told, amount = f"'{direction}'", "exposure"
    return f"""
        SELECT rule_id, subject, direction, {_CLASSES.get(exposure_class, f"'{exposure_class}'")} AS exposure_class,
               period, charge, expected_amount AS expected_minor, billed_amount AS billed_minor,
               amount AS exposure_minor
        FROM (SELECT *, {told} AS direction, {amount} AS amount FROM found WHERE {condition}) told
        """


def hits_sql(rules: Sequence[RuleSql]) -> str:
    """The hits of all these rules among the rows in ``found``."""
    alike: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        alike.setdefault((rule.direction, rule.exposure_class), []).append(f"'{rule.rule_id}'")
    queries = [hit_sql(*kind, f"rule_id IN ({', '.join(names)})") for kind, names in alike.items()]
    return " UNION ALL ".join(queries or [hit_sql("cost", "cost", "false")])
