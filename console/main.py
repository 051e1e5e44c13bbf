"""The `splice` command."""

import logging
import os
import sys
from typing import NoReturn

import typer
from rich.console import Console

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError
from console import (
    bill_to_bill,
    cases,
    causes,
    check,
    connect,
    demo,
    docs,
    estate,
    explain,
    identity,
    inbox,
    kpis,
    listen,
    outbox,
    quality,
    quarantine,
    reconcile,
    rules,
    stream,
    sync,
    up,
)

EXIT_CODES: dict[type[SpliceError], int] = {ConfigurationError: 2, RetryableError: 75}
"""2: mend the set-up; 75: try again later (EX_TEMPFAIL); 3: a bound was crossed, a person must look."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Join a fiber operator's legacy systems: pull, reconcile to the cent, explain, take over.",
)
app.command("check")(check.check)
app.command("sync")(sync.sync)
app.command("reconcile")(reconcile.reconcile)
app.command("report")(reconcile.report)
app.command("bill-to-bill")(bill_to_bill.bill_to_bill)
app.command("explain")(explain.explain)
app.command("quality")(quality.quality)
app.command("causes")(causes.causes)
app.command("kpis")(kpis.kpis)
app.command("assess")(kpis.assess)
app.command("demo")(demo.demo)
app.command("up")(up.up)
app.command("listen")(listen.listen)
app.command("docs")(docs.docs)
app.add_typer(connect.app, name="connect")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(stream.app, name="stream")
app.add_typer(identity.app, name="identity")
app.add_typer(inbox.app, name="inbox")
app.add_typer(rules.app, name="rules")
app.add_typer(cases.app, name="cases")
app.add_typer(outbox.app, name="outbox")
app.add_typer(estate.app, name="estate")


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
