"""The `splice` command."""

import logging
import os
import sys
from typing import Any, NoReturn

import typer
from rich.console import Console
from typer.core import TyperGroup

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError
from console.on_demand import OnDemand

EXIT_CODES: dict[type[SpliceError], int] = {ConfigurationError: 2, RetryableError: 75}
"""2: mend the set-up; 75: try again later (EX_TEMPFAIL); 3: a bound was crossed, a person must look."""


COMMANDS = {
    "check": "console.check:check",
    "sync": "console.sync:sync",
    "reconcile": "console.reconcile:reconcile",
    "report": "console.reconcile:report",
    "bill-to-bill": "console.bill_to_bill:bill_to_bill",
    "explain": "console.explain:explain",
    "quality": "console.quality:quality",
    "causes": "console.causes:causes",
    "kpis": "console.kpis:kpis",
    "assess": "console.kpis:assess",
    "demo": "console.demo_commands:app",
    "up": "console.up:up",
    "listen": "console.listen:listen",
    "work": "console.work:work",
    "docs": "console.docs:docs",
    "connect": "console.connect:app",
    "quarantine": "console.quarantine:app",
    "stream": "console.stream:app",
    "identity": "console.identity:app",
    "inbox": "console.inbox:app",
    "rules": "console.rules:app",
    "cases": "console.cases:app",
    "service": "console.customer_services:app",
    "network": "console.network:app",
    "market": "console.market:app",
    "acquisition": "console.acquisition:app",
    "outbox": "console.outbox:app",
    "estate": "console.estate:app",
}
"""Name of a command -> where it is; help shows them in this order."""


class Commands(TyperGroup):
    """The commands of `splice`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = OnDemand(COMMANDS)


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def splice() -> None:
    """Join a fiber operator's legacy systems: pull, reconcile to the cent, explain, take over."""


def main() -> None:
    """Run the command; what a person can mend is one message and an exit status, never a traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.WARNING)  # libraries that set levels of their own stay quiet as well
    status = 0
    try:
        app()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except SpliceError as error:
        Console(stderr=True, highlight=False).print(f"[red]{type(error).__name__}[/]: ", end="")
        sys.stderr.write(f"{error}\n")
        status = EXIT_CODES.get(type(error), 3)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; what was stored before is kept and the next run goes on from there\n")
        status = 130
    _leave(status)


def _leave(status: int) -> NoReturn:
    """End the process; at once where Prefect was used, whose threads keep DuckDB's types alive until it complains."""
    if "prefect" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    main()
