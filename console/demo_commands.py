"""`splice demo`: the main job on a simulated operator; `splice demo activate`: one order brought to life."""

import typer

from console import demo_activation
from console.demo import KeepOption, demo
from console.demo_workspace import WORKSPACE, WorkspaceOption
from console.estate import FaultsOption, MonthsOption, SeedOption, SubscribersOption

app = typer.Typer(invoke_without_command=True, help="Run the whole way on a simulated operator, and prove it.")
demo_activation.add_to(app)


@app.callback()
def run(
    context: typer.Context,
    subscribers: SubscribersOption = 1500,
    months: MonthsOption = 12,
    seed: SeedOption = 1,
    faults: FaultsOption = "",
    keep: KeepOption = False,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Run the whole way on a simulated operator and prove the findings against its true ledger."""
    if context.invoked_subcommand is None:
        demo(subscribers, months, seed, faults, keep, workspace)
