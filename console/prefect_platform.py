"""What `splice up` starts: a Prefect server with everything that it has to know, workers, the report files."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hub.operator_folder.load import load_operator

if TYPE_CHECKING:
    from flows.child_process import Child

DEPLOYMENTS_FILE = Path("prefect.yaml")


@dataclass(frozen=True, slots=True)
class UpOptions:
    """What shall be started on this machine.

    Attributes:
        port: of the Prefect UI; 0 takes a free one.
        reports_port: of the report files; 0 takes a free one.
        prefect_file: names the deployments.
        pool_per_market: whether runs of each market wait in a work pool of its own.
        pools: work pools that are served here; None for all, empty for none.
        join: address of a server elsewhere, of which pools are served here; None where the server is started here.
        reports_url: what links to reports begin with; None where the report files are reached as they are served.
    """

    port: int = 0
    reports_port: int = 0
    prefect_file: Path = DEPLOYMENTS_FILE
    pool_per_market: bool = False
    pools: tuple[str, ...] | None = None
    join: str | None = None
    reports_url: str | None = None


@dataclass(frozen=True, slots=True)
class Platform:
    """What `splice up` started.

    Attributes:
        ui_url: Prefect's pages: what ran, what is due, artifacts.
        reports_url: the report files; None where nobody said.
        pools: work pools that are served here.
        children: the programs beside us; none of them may end by itself.
    """

    ui_url: str
    reports_url: str | None
    pools: tuple[str, ...]
    children: "tuple[Child, ...]"


@contextmanager
def platform(
    operator: Path, workspace: Path, environment: Mapping[str, str], options: UpOptions
) -> Iterator[Platform]:
    """Server, work pools, limits, deployments, workers and report files, until the block is left.

    Raises:
        ConfigurationError: the operator's folder or the deployments are wrong, or a port is taken.
        RetryableError: a server did not come up.
    """
    # Prefect and the web servers take a second to import; no other command pays for them
    from console.report_site import report_site  # noqa: PLC0415
    from flows.automations import create_automations  # noqa: PLC0415
    from flows.deployments import (  # noqa: PLC0415
        deploy_all,
        deploy_with_pool_per_market,
        deployments_of,
        pools_of,
        with_pool_per_market,
    )
    from flows.lost_runs import end_lost_runs  # noqa: PLC0415
    from flows.reporting import reporting_to  # noqa: PLC0415
    from flows.server import local_server  # noqa: PLC0415
    from flows.work_pool import create_pools_and_limits, pools_to_serve, workers  # noqa: PLC0415

    loaded = load_operator(operator)
    deployments = deployments_of(options.prefect_file)
    deploy = deploy_with_pool_per_market if options.pool_per_market else deploy_all
    pools = pools_of(with_pool_per_market(deployments) if options.pool_per_market else deployments)
    with ExitStack() as stack:
        served_at = stack.enter_context(report_site(workspace / "reports", options.reports_port))
        server = stack.enter_context(local_server(workspace / "prefect", options.port, environment))
        reports_url = options.reports_url or served_at
        for_runs = _for_runs(operator, workspace, environment, reports_url)
        stack.enter_context(reporting_to(server, for_runs))
        stack.callback(lambda: end_lost_runs() if server.is_running else 0)
        end_lost_runs()
        create_pools_and_limits(loaded.file, pools)
        deploy(server, options.prefect_file, for_runs)
        create_automations(list(loaded.file.markets), list(loaded.file.systems))
        served = pools if options.pools is None else pools_to_serve(options.pools)
        running = stack.enter_context(workers(server, for_runs, served))
        beside = (server.child,) if server.child else ()
        yield Platform(server.ui_url, reports_url, tuple(served), (*beside, *running))


@contextmanager
def joined(operator: Path, workspace: Path, environment: Mapping[str, str], options: UpOptions) -> Iterator[Platform]:
    """Workers alone, for pools of a server elsewhere, until the block is left.

    Raises:
        ConfigurationError: the operator's folder is wrong, the server does not let us in, or has no such pool.
        RetryableError: the server does not answer.
    """
    # a second that no other command pays for
    from flows.reporting import reporting_to  # noqa: PLC0415
    from flows.server import server_elsewhere  # noqa: PLC0415
    from flows.work_pool import pools_to_serve, worker_name, workers  # noqa: PLC0415

    load_operator(operator)
    home = workspace / f"prefect-{worker_name(beside_server=False)}"  # the workspace may be one for several machines
    for_runs = _for_runs(operator, workspace, environment, options.reports_url)
    server = server_elsewhere(options.join or "", home, environment)
    with reporting_to(server, for_runs):
        served = pools_to_serve(options.pools)
    with workers(server, for_runs, served) as running:
        yield Platform(server.ui_url, options.reports_url, tuple(served), tuple(running))


def _for_runs(
    operator: Path, workspace: Path, environment: Mapping[str, str], reports_url: str | None
) -> dict[str, str]:
    """The environment of flow runs."""
    from flows.server_settings import OPERATOR_VARIABLE, REPORTS_VARIABLE, WORKSPACE_VARIABLE  # noqa: PLC0415

    places = {OPERATOR_VARIABLE: str(operator.resolve()), WORKSPACE_VARIABLE: str(workspace.resolve())}
    if reports_url:
        places[REPORTS_VARIABLE] = reports_url
    return dict(environment) | places
