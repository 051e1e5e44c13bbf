"""How rules and gates are shown: as a list, and one with all that it says."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.markup import escape
from rich.table import Table

from canonical_model.errors import ConfigurationError
from console.workplace import screen
from hub.operator_folder.load import Operator
from rules.gate_rule import GateRule
from rules.rule import Rule


def standing(
    operator: Operator, market: str | None, crew: str | None, now: datetime
) -> tuple[Sequence[Rule], Sequence[GateRule]]:
    """All rules and gates, or those that hold in a market today, overrides applied.

    Raises:
        ConfigurationError: there is no such market, or a crew without a market.
    """
    if market is None:
        if crew is not None:
            raise ConfigurationError("a crew works in a market: name it with --market")
        return operator.rulebook.rules, operator.gates.book.gates
    if market not in operator.markets:
        raise ConfigurationError(f"there is no market {market}; known: {', '.join(operator.markets)}")
    day = operator.markets[market].local_date(now)
    return operator.rulebook.effective(market, day), operator.gates.book.effective(market, day, crew)


def show_rules(rules: Sequence[Rule], gates: Sequence[GateRule]) -> None:
    """Print a table of each kind."""
    leakage = Table("id", "over", "severity", "owner", "title", title="leakage rules", title_justify="left")
    for rule in rules:
        leakage.add_row(rule.id, rule.over, rule.severity, rule.owner.replace("_", " "), escape(rule.title))
    table = Table("id", "outcome", "asks", "parameters", "title", title="gates", title_justify="left")
    for gate in gates:
        values = ", ".join(f"{name} {_text(each.value)}" for name, each in gate.parameters.items())
        person = gate.person.replace("_", " ")
        table.add_row(gate.id, gate.outcome, person, escape(values), escape(gate.title))
    screen.print(leakage)
    screen.print(table)


def show_one(rule: Rule | GateRule, where: str) -> None:
    """Print all that a rule says."""
    screen.print(f"[bold]{escape(rule.id)}[/] {escape(rule.title)} ({escape(where)})", highlight=False)
    table = Table(show_header=False, box=None)
    for name, value in rule_as_json(rule).items():
        if name not in ("id", "title", "examples", "parameters") and value not in ((), [], {}, None):
            table.add_row(name.replace("_", " "), escape(_text(value)))
    for name, each in rule.parameters.items():
        table.add_row(f"parameter {name}", escape(f"{_text(each.value)} ({each.type}) {each.meaning or ''}"))
    screen.print(table)
    screen.print(
        f"{len(rule.examples)} examples; run them with: splice rules test {escape(rule.id)}", highlight=False
    )


def show_tried_gates(gates: Sequence[GateRule]) -> None:
    """Print that the examples of gates hold."""
    for gate in gates:
        told = f"[bold]{escape(gate.id)}[/] {escape(gate.title)}: {len(gate.examples)} examples hold"
        screen.print(told, highlight=False)


def rule_as_json(rule: Rule | GateRule) -> dict[str, Any]:
    """All that a rule says."""
    return {"kind": "gate" if isinstance(rule, GateRule) else "leakage", **rule.model_dump(mode="json")}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {each}" for name, each in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "''" if value == "" else str(value)
