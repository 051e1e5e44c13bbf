"""`splice up`: Prefect server, workers, schedules and reports of one operator, in one command."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from canonical_model.errors import ConfigurationError
from console.prefect_platform import DEPLOYMENTS_FILE, UpOptions, joined, platform
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, default_workspace, screen

LOOK_EVERY_S = 0.5


def up(
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
    port: Annotated[int, typer.Option(help="Port of the Prefect UI; 0 takes a free one.")] = 4200,
    reports_port: Annotated[int, typer.Option(help="Port of the report files; 0 takes a free one.")] = 4201,
    prefect_file: Annotated[Path, typer.Option(help="What runs when, for which market.")] = DEPLOYMENTS_FILE,
    pool_per_market: Annotated[
        bool,
        typer.Option("--pool-per-market", help="Let runs of each market wait in a pool of its own: splice-MARKET."),
    ] = False,
    pool: Annotated[
        list[str] | None, typer.Option(help="Serve only this work pool here; may be repeated. Default: all.")
    ] = None,
    no_workers: Annotated[
        bool, typer.Option("--no-workers", help="Serve no work pool here; other machines do.")
    ] = False,
    join: Annotated[
        str | None, typer.Option(help="Start no server: serve work pools of the one at this address.")
    ] = None,
    reports_url: Annotated[
        str | None, typer.Option(help="What links to reports begin with, where a proxy stands before them.")
    ] = None,
) -> None:
    """Run the operator's schedules here, with their pages in a browser, until Ctrl-C."""
    if no_workers and (pool or join):
        raise ConfigurationError("--no-workers goes with neither --pool nor --join: nothing would be left to do")
    if join and pool_per_market:
        raise ConfigurationError("--pool-per-market is said where the server is; --join serves the pools that it has")
    options = UpOptions(
        port=port,
        reports_port=reports_port,
        prefect_file=prefect_file,
        pool_per_market=pool_per_market,
        pools=() if no_workers else tuple(pool) if pool else None,
        join=join,
        reports_url=reports_url,
    )
    stay_up(operator, workspace or default_workspace(operator), os.environ, options)


def stay_up(
    operator: Path, workspace: Path, environment: Mapping[str, str], options: UpOptions | None = None
) -> None:
    """Start everything, say where it is, and stay until Ctrl-C or SIGTERM; then end all of it in order.

    Args:
        operator: folder of the operator's YAML files.
        workspace: folder for snapshots, reports and what Prefect keeps.
        environment: what the references in operator.yaml are looked up in; database and login of the server.
        options: what is started here; everything, on free ports, where None.

    Raises:
        ConfigurationError: the operator's folder or the deployments are wrong, or a port is taken.
        RetryableError: a server did not come up, or one of the programs ended by itself.
    """
    wanted = options or UpOptions()
    start = joined if wanted.join else platform
    with _until_told_to_stop(), ExitStack() as stack:
        with screen.status("starting"):
            running = stack.enter_context(start(operator, workspace, environment, wanted))
        screen.print(f"Prefect UI   {running.ui_url}", highlight=False)
        screen.print(f"  artifacts  {running.ui_url}/artifacts", highlight=False)
        if running.reports_url:
            screen.print(f"reports      {running.reports_url}", highlight=False)
        screen.print(f"serving      {', '.join(running.pools) or 'no work pool'}", highlight=False)
        screen.print("Ctrl-C ends it", highlight=False)
        while True:
            for child in running.children:
                child.must_run()
            time.sleep(LOOK_EVERY_S)


@contextmanager
def _until_told_to_stop() -> Iterator[None]:
    """Take Ctrl-C and SIGTERM as a wish to end, and swallow it at the end of the block."""
    handlers = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        screen.print("ended", highlight=False)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _stop(*_: object) -> NoReturn:
    """End, and hear no further signal while things are ended in order."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
