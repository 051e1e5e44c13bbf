"""`splice up`: Prefect server, worker, schedules and reports of one operator, in one command."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, default_workspace, screen
from hub.operator_folder.load import load_operator

if TYPE_CHECKING:
    from flows.child_process import Child

LOOK_EVERY_S = 0.5
DEPLOYMENTS_FILE = Path("prefect.yaml")


@dataclass(frozen=True, slots=True)
class Platform:
    """What `splice up` started.

    Attributes:
        ui_url: Prefect's pages: what ran, what is due, artifacts.
        reports_url: the report files.
        children: the programs beside us; none of them may end by itself.
    """

    ui_url: str
    reports_url: str
    children: "tuple[Child, ...]"


def up(
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
    port: Annotated[int, typer.Option(help="Port of the Prefect UI; 0 takes a free one.")] = 4200,
    reports_port: Annotated[int, typer.Option(help="Port of the report files; 0 takes a free one.")] = 4201,
    prefect_file: Annotated[Path, typer.Option(help="What runs when, for which market.")] = DEPLOYMENTS_FILE,
) -> None:
    """Run the operator's schedules here, with their pages in a browser, until Ctrl-C."""
    folder = workspace or default_workspace(operator)
    stay_up(operator, folder, os.environ, port=port, reports_port=reports_port, prefect_file=prefect_file)


def stay_up(
    operator: Path,
    workspace: Path,
    environment: Mapping[str, str],
    *,
    port: int = 0,
    reports_port: int = 0,
    prefect_file: Path = DEPLOYMENTS_FILE,
) -> None:
    """Start everything, say where it is, and stay until Ctrl-C or SIGTERM; then end all of it in order.

    Args:
        operator: folder of the operator's YAML files.
        workspace: folder for snapshots, reports and what Prefect keeps.
        environment: what the references in operator.yaml are looked up in.
        port: of the Prefect UI; 0 takes a free one.
        reports_port: of the report files; 0 takes a free one.
        prefect_file: names the deployments.

    Raises:
        ConfigurationError: the operator's folder or the deployments are wrong, or a port is taken.
        RetryableError: a server did not come up, or one of the programs ended by itself.
    """
    with _until_told_to_stop(), ExitStack() as stack:
        with screen.status("starting"):
            started = platform(operator, workspace, environment, port, reports_port, prefect_file)
            running = stack.enter_context(started)
        screen.print(f"Prefect UI   {running.ui_url}", highlight=False)
        screen.print(f"  artifacts  {running.ui_url}/artifacts", highlight=False)
        screen.print(f"reports      {running.reports_url}", highlight=False)
        screen.print("Ctrl-C ends it", highlight=False)
        while True:
            for child in running.children:
                child.must_run()
            time.sleep(LOOK_EVERY_S)


@contextmanager
def platform(
    operator: Path,
    workspace: Path,
    environment: Mapping[str, str],
    port: int = 0,
    reports_port: int = 0,
    prefect_file: Path = DEPLOYMENTS_FILE,
) -> Iterator[Platform]:
    """Server, work pool, limits, deployments, worker and report files, until the block is left.

    Raises:
        ConfigurationError, RetryableError: as ``stay_up``.
    """
    # Prefect and the web servers take a second to import; no other command pays for them
    from console.report_site import report_site  # noqa: PLC0415
    from flows.automations import create_automations  # noqa: PLC0415
    from flows.lost_runs import end_lost_runs  # noqa: PLC0415
    from flows.reporting import reporting_to  # noqa: PLC0415
    from flows.server import local_server  # noqa: PLC0415
    from flows.server_settings import OPERATOR_VARIABLE, REPORTS_VARIABLE, WORKSPACE_VARIABLE  # noqa: PLC0415
    from flows.work_pool import create_pool_and_limits, deploy_all, worker  # noqa: PLC0415

    loaded = load_operator(operator)
    with ExitStack() as stack:
        reports_url = stack.enter_context(report_site(workspace / "reports", reports_port))
        server = stack.enter_context(local_server(workspace / "prefect", port, environment))
        for_runs = dict(environment) | {
            OPERATOR_VARIABLE: str(operator.resolve()),
            WORKSPACE_VARIABLE: str(workspace.resolve()),
            REPORTS_VARIABLE: reports_url,
        }
        stack.enter_context(reporting_to(server, for_runs))
        stack.callback(lambda: end_lost_runs() if server.child.is_running else 0)
        end_lost_runs()
        create_pool_and_limits(loaded.file)
        deploy_all(server, prefect_file, for_runs)
        create_automations(list(loaded.file.markets), list(loaded.file.systems))
        running = stack.enter_context(worker(server, for_runs))
        yield Platform(server.ui_url, reports_url, (server.child, running))


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
