"""Encrypted connections to databases: asked for, verified, and refused where the certificate is not trusted."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError
from connectors.discovery import open_source
from connectors.ports import StreamRead, SystemSettings
from tests.fakes.certificates import write_certificates
from tests.mariadb import PASSWORD, mariadb_server
from tests.peers import require_peer
from tests.postgresql import READER, PostgresServer, postgres_server
from tests.waiting import wait_until

ENCRYPTED = {
    "postgresql": "SELECT version AS cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    "mariadb": "SELECT variable_value AS cipher FROM information_schema.session_status "
    "WHERE variable_name = 'ssl_version'",
}


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def encrypted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    """A server that speaks TLS, by its kind and the settings for it; the CA lies beside."""
    folder = tmp_path_factory.mktemp("tls")
    with ExitStack() as stack:
        if request.param == "postgresql":
            server = stack.enter_context(postgres_server(require_peer("postgresql")))
            with psycopg.connect(server.url("postgres"), autocommit=True) as owner:
                owner.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'".encode())
                ((data,),) = owner.execute("SHOW data_directory").fetchall()
                write_certificates(folder)
                for name in ("server.crt", "server.plain.key"):
                    shutil.copy(folder / name, Path(data) / name)
                    (Path(data) / name).chmod(0o600)
                    if os.geteuid() == 0:
                        shutil.chown(Path(data) / name, "postgres", "postgres")
                owner.execute("ALTER SYSTEM SET ssl_cert_file = 'server.crt'")
                owner.execute("ALTER SYSTEM SET ssl_key_file = 'server.plain.key'")
                owner.execute("ALTER SYSTEM SET ssl = on")
                owner.execute("SELECT pg_reload_conf()")
            wait_until(lambda: _speaks_tls(server), "the server has read its settings again")
            address = f"postgresql://{READER}@127.0.0.1:{server.port}/postgres"
        else:
            write_certificates(folder)
            keys = Path(stack.enter_context(_readable_folder()))
            for name in ("server.crt", "server.plain.key"):
                shutil.copy(folder / name, keys / name)
                if os.geteuid() == 0:
                    shutil.chown(keys / name, "mysql", "mysql")
            maria = stack.enter_context(
                mariadb_server(
                    require_peer("mariadb"),
                    f"--ssl-cert={keys / 'server.crt'}",
                    f"--ssl-key={keys / 'server.plain.key'}",
                )
            )
            address = maria.url("mysql")
        settings = SystemSettings("books", "sql", address, {}, {"password": SecretStr(PASSWORD)}, timeout_s=30.0)
        yield request.param, (settings, folder)


def _speaks_tls(server: PostgresServer) -> bool:
    with psycopg.connect(server.url("postgres")) as connection:
        return bool(connection.pgconn.ssl_in_use)


def _readable_folder() -> Any:
    from tempfile import TemporaryDirectory

    folder = TemporaryDirectory()
    Path(folder.name).chmod(0o755)
    return folder


def cipher(kind: str, settings: SystemSettings) -> str:
    read = StreamRead("tls", "tls", ("cipher",), ("cipher",), options={"query": ENCRYPTED[kind], "total": False})
    source = open_source(settings)
    return str(next(record["cipher"] for page in source.pages(read, None) for record in page.records))


@pytest.mark.parametrize(
    ("options", "outcome"),
    [
        ({"ssl_mode": "require"}, "TLS"),
        ({"ssl_mode": "verify-ca", "ca_bundle": "ca.pem"}, "TLS"),
        ({"ca_bundle": "ca.pem"}, "TLS"),
        ({"ssl_mode": "verify-full", "ca_bundle": "other.pem"}, "no TLS, or no trusted certificate"),
    ],
)
def test_a_connection_is_as_safe_as_it_is_asked_to_be(
    encrypted: tuple[str, Any], options: dict[str, str], outcome: str
) -> None:
    kind, (settings, folder) = encrypted
    if not (folder / "other.pem").exists():
        (folder / "other").mkdir()
        write_certificates(folder / "other")
        shutil.copy(folder / "other" / "ca.pem", folder / "other.pem")
    found = {name: str(folder / value) if name == "ca_bundle" else value for name, value in options.items()}
    if outcome == "TLS":
        assert cipher(kind, replace(settings, options=found)).startswith("TLS")
        return
    with pytest.raises(ConfigurationError, match=outcome):
        cipher(kind, replace(settings, options=found))
