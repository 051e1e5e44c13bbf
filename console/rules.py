"""`splice rules test`: what a new or changed rule finds on old snapshots, before it counts."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from console.as_json import write_json
from console.rules_shown import backtest_as_json, show_backtest
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, default_workspace, screen
from hub.backtest import Beside, backtest
from hub.operator_folder.load import load_operator

app = typer.Typer(no_args_is_help=True, help="Rules: try one on old snapshots before it counts.")


@app.callback()
def rules() -> None:
    """Keep `test` a command of its own: a group with one command would swallow its name."""


@app.command("test")
def try_rule(
    rule: Annotated[str, typer.Argument(help="Code of a rule, or path of a YAML file with one rule or override.")],
    snapshot: Annotated[str, typer.Option(help="Snapshot to judge: its folder, MARKET/NAME, or its name.")],
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
    """Run a rule's examples, then show what it finds on a snapshot beside the rule in force. Nothing is recorded."""
    place = workspace or default_workspace(operator)
    beside: Beside = "now" if now else "then"
    loaded = load_operator(operator)
    if as_json:
        write_json(backtest_as_json(backtest(loaded, place, rule, snapshot, against, datetime.now(UTC), beside)))
        return
    with screen.status("judging"):
        told = backtest(loaded, place, rule, snapshot, against, datetime.now(UTC), beside)
    show_backtest(told, lines)
