"""What Prefect is told by environment variables: where it lives, that it calls nobody, how fast it records."""

from collections.abc import Mapping
from pathlib import Path

LOOPBACK = "127.0.0.1"
OPERATOR_VARIABLE = "SPLICE_OPERATOR"
WORKSPACE_VARIABLE = "SPLICE_WORKSPACE"
REPORTS_VARIABLE = "SPLICE_REPORTS_URL"

CALLS_NOBODY = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",  # V2 asks a foreign host for its switches on every page
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "GX_ANALYTICS_ENABLED": "false",
}
"""Without these the server, the UI and the client each report to somebody."""

RECORDS_IN_BATCHES = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "100",
}
"""The server writes every event alone unless told otherwise: about 20 task runs a second instead of 80."""

ASKS_NOBODY = {
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_CLI_COLORS": "false",
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "hub,connectors,storage,reconciliation",
}
"""How clients behave: no questions, a run starts within seconds, the hub's log lines belong to its run."""


def server_environment(inherited: Mapping[str, str], home: Path, port: int) -> dict[str, str]:
    """Environment of a server that keeps everything in a folder and serves its UI on a port.

    Args:
        inherited: the environment to build on; what it says to Prefect is dropped, a profile of the person included.
        home: folder of the database, of results and of profiles.
        port: on loopback; the UI learns it from here, not from the command line.
    """
    return (
        _without_prefect(inherited)
        | CALLS_NOBODY
        | RECORDS_IN_BATCHES
        | _home(home)
        | {"PREFECT_SERVER_API_HOST": LOOPBACK, "PREFECT_SERVER_API_PORT": str(port)}
    )


def client_environment(inherited: Mapping[str, str], home: Path, api_url: str) -> dict[str, str]:
    """Environment of whoever runs flows or speaks to a server: a worker, a deployment, this process."""
    return _without_prefect(inherited) | CALLS_NOBODY | ASKS_NOBODY | _home(home) | {"PREFECT_API_URL": api_url}


def _home(home: Path) -> dict[str, str]:
    place = home.resolve()
    return {"PREFECT_HOME": str(place), "PREFECT_PROFILES_PATH": str(place / "profiles.toml")}


def _without_prefect(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("PREFECT_")}
