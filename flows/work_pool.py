"""What a server must know before a schedule can do anything: work pool, limits per source, deployments; a worker."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from canonical_model.errors import ConfigurationError
from flows.automations import HEARTBEAT_S
from flows.child_process import Child, child
from flows.server import LocalServer
from hub.operator_folder.operator_file import OperatorFile

POOL = "splice"
DEPLOY_TIMEOUT_S = 300.0
STOP_PATIENCE_S = 20.0


def source_limit(system: str) -> str:
    """Name of the concurrency limit that all pulls from a system share."""
    return f"source-{system}"


def create_pool_and_limits(operator: OperatorFile) -> None:
    """Create the work pool, and one limit per system as the operator's file states it; both may exist already.

    Speaks to the server that this process reports to.
    """
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - a second that only this needs
    from prefect.client.schemas.actions import WorkPoolCreate  # noqa: PLC0415
    from prefect.exceptions import ObjectAlreadyExists  # noqa: PLC0415
    from prefect.workers.process import ProcessWorker  # noqa: PLC0415

    template = ProcessWorker.get_default_base_job_template()
    with get_client(sync_client=True) as client:
        with suppress(ObjectAlreadyExists):
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template))
        for system, block in operator.systems.items():
            client.upsert_global_concurrency_limit_by_name(source_limit(system), block.concurrency)


def deploy_all(server: LocalServer, prefect_file: Path, inherited: Mapping[str, str]) -> None:
    """Deploy everything that a ``prefect.yaml`` names, asking nothing.

    Raises:
        ConfigurationError: Prefect refused the file; the message is what it printed.
    """
    if not prefect_file.is_file():
        raise ConfigurationError(f"there is no {prefect_file}; it names what is run, when and for which market")
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(prefect_file)],
        env=server.environment(inherited),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=DEPLOY_TIMEOUT_S,
        check=False,
        text=True,
    )
    if done.returncode:
        raise ConfigurationError(f"{prefect_file} could not be deployed:\n{done.stdout.strip()}")


@contextmanager
def worker(server: LocalServer, inherited: Mapping[str, str]) -> Iterator[Child]:
    """A worker that runs what is due, until the block is left; runs under way end with it.

    What they stored stays, and the next run goes on from there.

    Args:
        server: where it asks for work.
        inherited: environment of its flow runs: the operator's folder, the workspace, what references name.
    """
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--install-policy", "never"]
    environment = server.environment(inherited) | {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_S)}
    with child("the Prefect worker", command, environment, server.home / "worker.log", STOP_PATIENCE_S) as process:
        yield process
