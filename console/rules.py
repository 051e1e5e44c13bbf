"""`splice rules`: leakage rules and gates as they hold, and what a new or changed one does before it counts."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from console.as_json import write_json
from console.rules_listed import rule_as_json, show_one, show_rules, show_tried_gates, standing
from console.rules_shown import backtest_as_json, show_backtest
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, default_workspace, screen
from hub.backtest import Beside, backtest
from hub.gate_trial import is_gate, try_gates
from hub.operator_folder.load import load_operator
from rules.gate_rule import GateRule
from rules.rule import Rule

app = typer.Typer(no_args_is_help=True, help="Leakage rules and gates: read them, and try one before it counts.")


@app.command("list")
def list_rules(
    market: Annotated[str | None, typer.Option(help="Only what holds in this market today.")] = None,
    crew: Annotated[
        str | None, typer.Option(help="Gates as they hold for this crew, as completions name it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
) -> None:
    """Every leakage rule and every gate, with what it is over and who owns it."""
    loaded = load_operator(operator)
    rules, gates = standing(loaded, market, crew, datetime.now(UTC))
    if as_json:
        write_json([*(rule_as_json(each) for each in rules), *(rule_as_json(each) for each in gates)])
        return
    show_rules(rules, gates)


@app.command("show")
def show_rule(
    rule: Annotated[str, typer.Argument(help="Code of a leakage rule or of a gate.")],
    market: Annotated[str | None, typer.Option(help="As it holds in this market today.")] = None,
    crew: Annotated[str | None, typer.Option(help="A gate as it holds for this crew.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
) -> None:
    """What a rule or a gate says, overrides applied where a market is named, and in which file it stands."""
    loaded = load_operator(operator)
    rules, gates = standing(loaded, market, crew, datetime.now(UTC))
    by_id: dict[str, Rule | GateRule] = {each.id: each for each in rules} | {each.id: each for each in gates}
    found = by_id.get(rule)
    if found is None:
        known = [*(each.id for each in loaded.rulebook.rules), *(each.id for each in loaded.gates.book.gates)]
        where = f" that holds in {market} today" if rule in known else nearest(rule, known)
        raise ConfigurationError(f"there is no rule {rule}{where}")
    sources = {**loaded.rulebook.sources, **loaded.gates.book.sources}
    place = sources[rule].place()
    if as_json:
        write_json(rule_as_json(found))
        return
    show_one(found, f"{place.file}:{place.line}")


@app.command("test")
def try_rule(
    rule: Annotated[str, typer.Argument(help="Code of a rule, or path of a YAML file with one rule or override.")],
    snapshot: Annotated[
        str | None, typer.Option(help="Snapshot to judge: its folder, MARKET/NAME, or its name. Not for a gate.")
    ] = None,
    against: Annotated[str | None, typer.Option(help="Another one: also shows what differs between them.")] = None,
    now: Annotated[
        bool,
        typer.Option("--rules-of-now", help="Hold it beside today's rules instead of those the snapshot carries."),
    ] = False,
    lines: Annotated[int, typer.Option(min=0, help="So many findings are shown line by line, with their proof.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, every finding that changes.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Run a rule's examples, then show what it finds on a snapshot beside the rule in force. Nothing is recorded.

    Of a gate the examples alone are run: it judges one completion when that arrives.
    """
    place = workspace or default_workspace(operator)
    beside: Beside = "now" if now else "then"
    loaded = load_operator(operator)
    if is_gate(loaded, rule):
        show_tried_gates(try_gates(loaded, rule))
        return
    if snapshot is None:
        raise ConfigurationError("a leakage rule is tried on a snapshot: name it with --snapshot")
    if as_json:
        write_json(backtest_as_json(backtest(loaded, place, rule, snapshot, against, datetime.now(UTC), beside)))
        return
    with screen.status("judging"):
        told = backtest(loaded, place, rule, snapshot, against, datetime.now(UTC), beside)
    show_backtest(told, lines)
