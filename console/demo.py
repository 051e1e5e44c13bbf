"""`splice demo`: the main job on a simulated operator, from four live systems to reports, proved to the cent."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from canonical_model.errors import SpliceError
from console.estate import FaultsOption, MonthsOption, SeedOption, SubscribersOption
from console.estate_process import EstateProcess, running_estate
from console.proof import proof_table, prove
from console.sync import progress_bars
from console.workplace import EXAMPLE_OPERATOR, screen
from hub.reconcile import MarketOutcome
from hub.workplace import Hub, open_hub
from rules.rule import Rule

WORKSPACE = Path("var/demo")


def demo(
    subscribers: SubscribersOption = 1500,
    months: MonthsOption = 12,
    seed: SeedOption = 1,
    faults: FaultsOption = "",
    keep: Annotated[bool, typer.Option(help="Leave estate, Prefect server and UI up to look around.")] = False,
    workspace: Annotated[Path, typer.Option(help="Folder for everything the demo writes; emptied first.")] = WORKSPACE,
) -> None:
    """Run the whole way on a simulated operator and prove the findings against its true ledger."""
