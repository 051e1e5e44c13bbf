"""What a ``prefect.yaml`` names: deployments, and the work pools that their runs wait in; a pool for each market."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from canonical_model.errors import ConfigurationError
from flows.server import PrefectServer

POOL = "splice"
"""Work pool of everything that is not one market's, and of everything where markets have none of their own."""
DEPLOY_TIMEOUT_S = 300.0


def pool_of(market: str) -> str:
    """Name of the work pool of a market that has one of its own."""
    return f"{POOL}-{market}"


def deployments_of(prefect_file: Path) -> list[dict[str, Any]]:
    """The deployments that a file names.

    Raises:
        ConfigurationError: there is no such file, or it names none.
    """
    if not prefect_file.is_file():
        raise ConfigurationError(f"there is no {prefect_file}; it names what is run, when and for which market")
    try:
        document = yaml.safe_load(prefect_file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{prefect_file} is no YAML: {error}") from error
    found = document.get("deployments") if isinstance(document, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ConfigurationError(f"{prefect_file}: a list of deployments was expected")
    return found


def pools_of(deployments: list[dict[str, Any]]) -> list[str]:
    """The work pools in which runs of deployments wait, each once, ours first."""
    named = {str(pool["name"]) for each in deployments if (pool := each.get("work_pool")) and "name" in pool}
    return sorted(named, key=lambda name: (name != POOL, name))


def with_pool_per_market(deployments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same, where what is asked for one market waits in the pool of that market.

    A deployment that the file puts into another pool than ours stays there.
    """
    return [_in_pool_of(market, each) if (market := _market_of(each)) else each for each in deployments]


def _market_of(deployment: Mapping[str, Any]) -> str | None:
    if (deployment.get("work_pool") or {}).get("name") != POOL:
        return None
    market = ((deployment.get("parameters") or {}).get("request") or {}).get("market")
    return None if market is None else str(market)


def _in_pool_of(market: str, deployment: dict[str, Any]) -> dict[str, Any]:
    return {**deployment, "work_pool": {**deployment["work_pool"], "name": pool_of(market)}}


def deploy_with_pool_per_market(server: PrefectServer, prefect_file: Path, inherited: Mapping[str, str]) -> None:
    """Deploy what a file names, but what is asked for one market into the pool of that market.

    Raises:
        ConfigurationError: as ``deploy_all``.
    """
    changed = server.home / "deployments.yaml"
    text = yaml.safe_dump({"deployments": with_pool_per_market(deployments_of(prefect_file))}, sort_keys=False)
    changed.write_text(text, encoding="utf-8")
    deploy_all(server, changed, inherited)


def deploy_all(server: PrefectServer, prefect_file: Path, inherited: Mapping[str, str]) -> None:
    """Deploy everything that a ``prefect.yaml`` names, asking nothing.

    Raises:
        ConfigurationError: Prefect refused the file; the message is what it printed.
    """
    deployments_of(prefect_file)
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
