"""What Prefect is told by environment variables: where it lives, that it calls nobody, how fast it records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from canonical_model.errors import ConfigurationError
from hub.operator_folder.references import resolve

LOOPBACK = "127.0.0.1"
OPERATOR_VARIABLE = "SPLICE_OPERATOR"
WORKSPACE_VARIABLE = "SPLICE_WORKSPACE"
REPORTS_VARIABLE = "SPLICE_REPORTS_URL"
DATABASE_VARIABLE = "SPLICE_PREFECT_DATABASE"
LOGIN_VARIABLE = "SPLICE_PREFECT_LOGIN"
_POSTGRESQL = "postgresql://"

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


KEEPS_SLOTS = {"PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem"}
"""By default they are in memory, and a slot that was taken before a restart of the server is never given back."""


FORGETS = {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * 86_400),
}
"""Runs that ended a month ago are dropped; by default they stay for ever. What must be provable is ours."""


@dataclass(frozen=True, slots=True)
class ServerSecrets:
    """What a server is told beside its place; in an environment only, never in a file or a log of ours.

    Attributes:
        database: where the server keeps what it knows, ``postgresql://``; None for a SQLite file in its home.
        login: ``user:password`` that everybody has to give; None where whoever reaches the port may do anything.
    """

    database: str | None = field(default=None, repr=False)
    login: str | None = field(default=None, repr=False)


def secrets_in(environment: Mapping[str, str]) -> ServerSecrets:
    """What an environment says, as values or as references (``file:PATH``).

    Raises:
        ConfigurationError: a reference leads nowhere, or a value is not of its form; never shows it.
    """
    database, login = (
        resolve(environment[name], environment, name) if environment.get(name) else None
        for name in (DATABASE_VARIABLE, LOGIN_VARIABLE)
    )
    if database is not None and not database.startswith(_POSTGRESQL):
        raise ConfigurationError(f"{DATABASE_VARIABLE}: {_POSTGRESQL}USER:PASSWORD@HOST/NAME was expected")
    if login is not None and not all(login.partition(":")):
        raise ConfigurationError(f"{LOGIN_VARIABLE}: USER:PASSWORD was expected")
    return ServerSecrets(database, login)


def server_environment(
    inherited: Mapping[str, str], home: Path, port: int, secrets: ServerSecrets | None = None
) -> dict[str, str]:
    """Environment of a server that keeps everything in a folder and serves its UI on a port.

    Args:
        inherited: the environment to build on; what it says to Prefect is dropped, a profile of the person included.
        home: folder of the database, of results and of profiles.
        port: on loopback; the UI learns it from here, not from the command line.
        secrets: another database, and who is let in.
    """
    place = {
        "PREFECT_SERVER_API_HOST": LOOPBACK,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_UI_API_URL": "/api",  # of wherever the page came from: a proxy may stand before the server
    }
    if secrets and secrets.database:
        address = secrets.database.replace(_POSTGRESQL, "postgresql+asyncpg://", 1)
        place["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = address
    if secrets and secrets.login:
        place["PREFECT_SERVER_API_AUTH_STRING"] = secrets.login
    behaves = CALLS_NOBODY | RECORDS_IN_BATCHES | KEEPS_SLOTS | FORGETS
    return _without_prefect(inherited) | behaves | _home(home) | place


def client_environment(
    inherited: Mapping[str, str], home: Path, api_url: str, login: str | None = None
) -> dict[str, str]:
    """Environment of whoever runs flows or speaks to a server: a worker, a deployment, this process."""
    place = {"PREFECT_API_URL": api_url}
    if login:
        place["PREFECT_API_AUTH_STRING"] = login
    return _without_prefect(inherited) | CALLS_NOBODY | ASKS_NOBODY | _home(home) | place


def _home(home: Path) -> dict[str, str]:
    place = home.resolve()
    return {"PREFECT_HOME": str(place), "PREFECT_PROFILES_PATH": str(place / "profiles.toml")}


def _without_prefect(environment: Mapping[str, str]) -> dict[str, str]:
    ours = (DATABASE_VARIABLE, LOGIN_VARIABLE)
    return {
        name: value for name, value in environment.items() if not name.startswith("PREFECT_") and name not in ours
    }
