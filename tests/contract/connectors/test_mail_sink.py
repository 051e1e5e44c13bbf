"""Messages through a real mail server over TLS, and through one that misbehaves: how far each message came."""

import email
import email.policy
import ssl
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, SpliceError
from connectors.discovery import open_sink
from connectors.ports import Look, Part, Receipt, SystemSettings, Write
from tests.fakes.certificates import write_certificates
from tests.fakes.mail_server import RESET, SILENT, scripted_mail
from tests.ports import free_port

PASSWORD = "post-office-0815"
TO = "ada@example.net"


def notice(request_id: str = "SO-1/notify/1", media: str = "text/plain", **values: Any) -> Write:
    given = {"to": TO, "title": "Welcome", "body": "Your line is up.\n.\nHave fun", **values}
    return Write("notify_subscriber", request_id, "harmful", (Part(media, {}, given),))


def relay(port: int, **options: Any) -> SystemSettings:
    given = {"sender": "hub@operator.example", "security": "none", "login": "none", **options}
    return SystemSettings("post", "smtp", f"127.0.0.1:{port}", given, timeout_s=30.0)


def outcome(settings: SystemSettings, write: Write) -> Receipt | SpliceError:
    told = sent(settings, write)
    shown = "".join(traceback.format_exception(told)) if isinstance(told, SpliceError) else told.said
    assert PASSWORD not in shown
    assert TO not in shown.replace(repr(write), "")
    return told


def sent(settings: SystemSettings, write: Write) -> Receipt | SpliceError:
    try:
        return open_sink(settings).send(write)
    except SpliceError as error:
        return error


class Inbox:
    """What the real server took over."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return "250 2.0.0 taken over"

    @property
    def messages(self) -> list[EmailMessage]:
        found = [
            email.message_from_bytes(bytes(e.content or b""), policy=email.policy.default) for e in self.envelopes
        ]
        return [message for message in found if isinstance(message, EmailMessage)]


def check_login(_server: Any, _session: Any, _envelope: Any, _mechanism: Any, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"hub", PASSWORD.encode())
    return AuthResult(success=good, handled=good)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with those of 127.0.0.1 and their authority."""
    folder = tmp_path_factory.mktemp("tls")
    write_certificates(folder)
    return folder


@contextmanager
def real_server(certificates: Path, *, implicit: bool = False) -> Iterator[tuple[Inbox, int]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem")
    inbox = Inbox()
    options: dict[str, Any] = {"authenticator": check_login, "auth_required": True}
    options |= {"ssl_context": context, "auth_require_tls": False} if implicit else {"tls_context": context}
    port = free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port, ready_timeout=120, **options)
    controller.start()
    try:
        yield inbox, port
    finally:
        controller.stop()


def through(port: int, certificates: Path, security: str, password: str = PASSWORD, **options: Any) -> SystemSettings:
    given = {
        "sender": "hub@operator.example",
        "username": "hub",
        "security": security,
        "ca_bundle": str(certificates / "ca.pem"),
        **options,
    }
    return SystemSettings(
        "post", "smtp", f"127.0.0.1:{port}", given, {"password": SecretStr(password)}, timeout_s=30.0
    )


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_message_arrives_whole_over_tls_with_a_login(certificates: Path, security: str) -> None:
    with real_server(certificates, implicit=security == "tls") as (inbox, port):
        receipt = outcome(
            through(port, certificates, security), notice(title="Grüße", body="Ihr Anschluß läuft.\n.\n")
        )
    assert isinstance(receipt, Receipt)
    assert not receipt.is_refusal
    (message,), (envelope,) = inbox.messages, inbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hub@operator.example", [TO])
    assert (message["To"], message["Subject"]) == (TO, "Grüße")
    assert message["Message-ID"] == "<SO-1_2f_notify_2f_1@operator.example>"
    assert message.get_content().splitlines() == ["Ihr Anschluß läuft.", "."]


def test_a_wrong_password_and_an_unknown_certificate_are_told_and_nothing_is_sent(certificates: Path) -> None:
    with real_server(certificates) as (inbox, port):
        wrong = outcome(through(port, certificates, "starttls", "not-" + PASSWORD), notice())
        stranger = outcome(through(port, certificates, "starttls", ca_bundle=None), notice())
    assert isinstance(wrong, ConfigurationError)
    assert "login refused" in str(wrong)
    assert isinstance(stranger, ConfigurationError)
    assert "certificate" in str(stranger)
    assert inbox.envelopes == []


def test_a_server_without_tls_gets_neither_password_nor_message() -> None:
    with scripted_mail() as server:
        settings = through(server.port, Path("/dev/null"), "starttls", ca_bundle=None)
        refused = outcome(settings, notice())
    assert isinstance(refused, ConfigurationError)
    assert not [said for said in server.said if said.startswith(("AUTH", "MAIL"))]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, "done"),
        ({"RCPT": "550 no such user"}, "refused"),
        ({"MAIL": "553 not you"}, "refused"),
        ({"DATA": "554 no"}, "refused"),
        ({"message": "554 looks like spam"}, "refused"),
        ({"RCPT": "451 grey"}, "RetryableError"),
        ({"MAIL": "452 full"}, "RetryableError"),
        ({"message": "451 try again"}, "RetryableError"),
        ({"greeting": "554 go away"}, "RetryableError"),
        ({"greeting": "HTTP/1.1 400 Bad Request"}, "RetryableError"),
        ({"greeting": RESET}, "RetryableError"),
        ({"RCPT": RESET}, "RetryableError"),
        ({"DATA": RESET}, "RetryableError"),
        ({"message": RESET}, "OutcomeUnknown"),
        ({"message": "<html>hello</html>"}, "OutcomeUnknown"),
    ],
    ids=str,
)
def test_how_far_a_message_came_decides_what_it_came_to(answers: dict[str, str], expected: str) -> None:
    with scripted_mail(answers) as server:
        told = outcome(relay(server.port), notice())
    if isinstance(told, Receipt):
        assert ("refused" if told.is_refusal else "done") == expected
    else:
        assert type(told).__name__ == expected
    assert len(server.messages) <= 1


def test_a_server_that_falls_silent_after_the_message_leaves_the_outcome_unknown() -> None:
    with scripted_mail({"message": SILENT}) as server:
        settings = relay(server.port)
        told = outcome(replace(settings, timeout_s=2.0), notice())
    assert isinstance(told, OutcomeUnknown)


def test_a_server_that_is_not_there_was_sent_nothing() -> None:
    assert isinstance(outcome(relay(9), notice()), RetryableError)


@pytest.mark.parametrize(
    "values",
    [
        {"to": "ada@example.net\r\nBcc: eve@example.net"},
        {"to": "ada@example.net, eve@example.net"},
        {"to": "Ada <ada@example.net>"},
        {"to": "ada@example.net> SIZE=1"},
        {"to": '"a\r\nRCPT TO:<eve@example.net>"@example.net'},
        {"to": "ada"},
        {"to": "ada@"},
        {"to": ""},
        {"title": "Welcome\r\nBcc: eve@example.net"},
        {"title": "Welcome\nX-Evil: 1"},
        {"body": ""},
    ],
    ids=str,
)
def test_nothing_in_a_value_becomes_a_header_or_another_recipient(values: dict[str, str]) -> None:
    with scripted_mail() as server:
        told = outcome(relay(server.port), notice(**values))
    assert isinstance(told, ConfigurationError)
    assert "eve" not in str(told)
    assert (server.messages, [said for said in server.said if said.startswith("RCPT")]) == ([], [])


def test_a_line_that_is_a_dot_does_not_end_the_message() -> None:
    with scripted_mail() as server:
        outcome(relay(server.port), notice(body="one\n.\nQUIT\n..two"))
    (message,) = server.messages
    read = email.message_from_bytes(message, policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    assert read.get_content().splitlines() == ["one", ".", "QUIT", "..two"]


def test_a_message_in_html_says_so() -> None:
    with scripted_mail() as server:
        outcome(relay(server.port), notice(media="text/html", body="<p>up</p>"))
    assert b"Content-Type: text/html" in server.messages[0]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sender": "nobody"}, "sender: one mail address in plain letters"),
        ({"security": "ssl"}, "security"),
        ({"login": "oauth"}, "login"),
        ({"login": "password", "username": "hub"}, "password is missing"),
        ({"colour": "red"}, "colour is unknown to smtp"),
    ],
)
def test_a_wrong_setting_is_told_when_the_system_is_opened(changes: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        open_sink(relay(25, **changes))


def test_a_message_never_crosses_a_network_in_clear() -> None:
    settings = replace(relay(25), address="mail.example.net")
    with pytest.raises(ConfigurationError, match="none is for a relay on this machine only"):
        open_sink(settings)


def test_a_mail_server_cannot_be_looked_at() -> None:
    with pytest.raises(ConfigurationError, match="look: none"):
        open_sink(relay(25)).observe(Look("text/plain", {}, {}, ()))
