"""TLS in which both sides show who they are, over loopback with certificates of the test."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from source_harnesses import REST, SOAP
from test_hostile_answers import KINDS, answering, as_json, charge_lines

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.ports import Source, SystemSettings
from tests.fakes.certificates import KEY_PASSWORD, write_certificates
from tests.fakes.scripted_http import ScriptedServer, scripted_server

Open = Callable[[SystemSettings], Source]
READS = {"rest": REST.read, "soap": SOAP.read}
ANSWERS = {
    "rest": as_json({"data": [{"id": "1", "updated_at": "2026-01-01T00:00:00Z"}]}),
    "soap": charge_lines("1.00"),
}
EACH = pytest.mark.parametrize("kind", ["rest", "soap"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    write_certificates(folder)
    return folder


@pytest.fixture
def server(kind: str, folder: Path) -> Iterator[ScriptedServer]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.pem"))
    context.load_cert_chain(folder / "server.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with scripted_server(answering(kind, lambda _: ANSWERS[kind]), context) as running:
        yield running


def settings(kind: str, server: ScriptedServer, **options: Any) -> SystemSettings:
    read = {name: value for name, value in READS[kind].options.items() if name == "never"}
    secrets = dict.fromkeys(KINDS[kind].secrets, SecretStr("k"))
    known = {**KINDS[kind].options, "attempts": 1, **read, **{name: str(value) for name, value in options.items()}}
    return SystemSettings(f"their-{kind}", kind, server.url, known, secrets, timeout_s=30.0)


def rows(open_: Open, kind: str, known: SystemSettings) -> int:
    options = {name: value for name, value in READS[kind].options.items() if name not in {"total", "total_counts"}}
    return sum(len(page.records) for page in open_(known).pages(replace(READS[kind], options=options), None))


@EACH
def test_a_certificate_with_its_key_opens_the_door(
    kind: str, server: ScriptedServer, folder: Path, open_: Open
) -> None:
    known = settings(kind, server, ca_bundle=folder / "ca.pem", client_certificate=folder / "client.pem")
    assert rows(open_, kind, known) == 1


@EACH
def test_a_key_may_stand_apart_and_be_encrypted(kind: str, server: ScriptedServer, folder: Path, open_: Open) -> None:
    files = {"client_certificate": folder / "client.crt", "client_key": folder / "client.key"}
    known = settings(kind, server, ca_bundle=folder / "ca.pem", **files)
    known = replace(known, secrets={**known.secrets, "client_key_password": SecretStr(KEY_PASSWORD)})
    assert rows(open_, kind, known) == 1


@EACH
@pytest.mark.parametrize("shown", [None, "stranger.pem"])
def test_without_one_that_the_service_trusts_nothing_is_read(
    shown: str | None, kind: str, server: ScriptedServer, folder: Path, open_: Open
) -> None:
    files = {} if shown is None else {"client_certificate": folder / shown}
    known = settings(kind, server, ca_bundle=folder / "ca.pem", **files)
    with pytest.raises((ConfigurationError, RetryableError), match=f"their-{kind}"):
        rows(open_, kind, known)
    assert server.asked == []


@EACH
def test_a_service_that_nobody_vouches_for_is_not_spoken_to(
    kind: str, server: ScriptedServer, folder: Path, open_: Open
) -> None:
    known = settings(kind, server, client_certificate=folder / "client.pem")
    with pytest.raises(ConfigurationError, match="no trusted certificate"):
        rows(open_, kind, known)
    assert server.asked == []


@EACH
@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"client_certificate": "nowhere.pem"}, "no readable certificate with its private key"),
        ({"client_certificate": "ca.pem"}, "no readable certificate with its private key"),
        ({"client_certificate": "client.crt", "client_key": "stranger.pem"}, "no readable certificate"),
        ({"client_certificate": "client.crt", "client_key": "client.key"}, "no readable certificate"),
        ({"client_key": "client.key"}, "there is no client_certificate beside it"),
        ({"ca_bundle": "nowhere.pem"}, "ca_bundle: no readable certificates"),
    ],
)
def test_files_that_do_not_fit_are_told_before_anything_is_sent(
    files: dict[str, str], told: str, kind: str, server: ScriptedServer, folder: Path, open_: Open
) -> None:
    known = settings(kind, server, **{name: folder / file for name, file in files.items()})
    with pytest.raises(ConfigurationError, match=told):
        open_(known)
    if "client.key" in files.values() and "client_certificate" in files:
        wrong = replace(known, secrets={**known.secrets, "client_key_password": SecretStr("not-the-right-one")})
        with pytest.raises(ConfigurationError, match=told) as refused:
            open_(wrong)
        assert "not-the-right-one" not in str(refused.value)
