"""What a server must know before a schedule can do anything: work pools and limits per source; workers."""

import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress

from canonical_model.errors import ConfigurationError
from flows.automations import HEARTBEAT_S
from flows.child_process import Child, child
from flows.deployments import POOL
from flows.server import PrefectServer
from hub.operator_folder.operator_file import OperatorFile

STOP_PATIENCE_S = 20.0


def source_limit(system: str) -> str:
    """Name of the concurrency limit that all pulls from a system share."""
    return f"source-{system}"


def worker_name(*, beside_server: bool = True) -> str:
    """The name of the workers of this machine, one in each pool.

    Those that end with a server have another one than those that stay when it is gone, though on one machine.
    """
    return f"{socket.gethostname()}-desk" if beside_server else socket.gethostname()


def create_pools_and_limits(operator: OperatorFile, pools: Sequence[str] = (POOL,)) -> None:
    """Create work pools, and one limit per system as the operator's file states it; all may exist already.

    Speaks to the server that this process reports to.
    """
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - a second that only this needs
    from prefect.client.schemas.actions import WorkPoolCreate  # noqa: PLC0415
    from prefect.exceptions import ObjectAlreadyExists  # noqa: PLC0415
    from prefect.workers.process import ProcessWorker  # noqa: PLC0415

    template = ProcessWorker.get_default_base_job_template()
    with get_client(sync_client=True) as client:
        for pool in pools:
            with suppress(ObjectAlreadyExists):
                client.create_work_pool(WorkPoolCreate(name=pool, type="process", base_job_template=template))
        for system, block in operator.systems.items():
            client.upsert_global_concurrency_limit_by_name(source_limit(system), block.concurrency)


def pools_to_serve(wanted: Sequence[str] | None) -> list[str]:
    """The work pools that workers of this machine shall serve, of those that the server knows.

    Speaks to the server that this process reports to.

    Args:
        wanted: names; None for all.

    Raises:
        ConfigurationError: the server knows none of that name, or none at all.
    """
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - a second that only this needs

    with get_client(sync_client=True) as client:
        known = sorted(each.name for each in client.read_work_pools() if each.type == "process")
    missing = [name for name in wanted or () if name not in known]
    if missing or not known:
        named = ", ".join(missing) or "any"
        raise ConfigurationError(
            f"the server knows no work pool {named}; it has: {', '.join(known) or 'none'}. "
            "`splice up --pool-per-market`, where the server is, makes one for each market"
        )
    return known if wanted is None else list(dict.fromkeys(wanted))


@contextmanager
def worker(server: PrefectServer, inherited: Mapping[str, str], pool: str = POOL) -> Iterator[Child]:
    """A worker that runs what is due, until the block is left; runs under way end with it.

    What they stored stays, and the next run goes on from there.

    Args:
        server: where it asks for work.
        inherited: environment of its flow runs: the operator's folder, the workspace, what references name.
        pool: whose runs it takes.
    """
    name = worker_name(beside_server=server.child is not None)
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool, "--name", name]
    command += ["--install-policy", "never", "--no-create-pool-if-not-found"]
    environment = server.environment(inherited) | {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_S)}
    log = server.home / f"worker-{pool}.log"
    with child(f"the worker of {pool}", command, environment, log, STOP_PATIENCE_S) as process:
        yield process


@contextmanager
def workers(server: PrefectServer, inherited: Mapping[str, str], pools: Sequence[str]) -> Iterator[list[Child]]:
    """A worker for each of some pools, until the block is left; then all of them are ended at once."""
    with ExitStack() as stack:
        running = [stack.enter_context(worker(server, inherited, pool)) for pool in pools]
        try:
            yield running
        finally:
            for each in running:
                each.ask_to_end()
