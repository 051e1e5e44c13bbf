"""One message to one recipient over one connection, and exactly how far it came.

Up to the first octet of the body nothing has happened. From there on a break leaves it open, for the server may have
taken the message just before its answer was lost; and no mail server tells afterwards.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError
from connectors.mail.messages import address, message_of
from connectors.ports import Look, RawRecord, Receipt, SystemSettings, Write
from connectors.settings import choice, host_and_port, is_loopback, option, secret

SECURITIES = ("starttls", "tls", "none")
LOGINS = ("password", "none")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class SmtpSink:
    """Sends messages through one server."""

    def __init__(self, settings: SystemSettings) -> None:
        """Check the settings; opens no connection.

        Raises:
            ConfigurationError: a setting is missing or wrong, or a password would cross the network in clear.
        """
        self._settings = settings
        self._name = settings.name
        place = f"system {settings.name}: options:"
        self._security = choice(f"{place} security", option(settings, "security", SECURITIES[0]), SECURITIES)
        self._login = choice(f"{place} login", option(settings, "login", LOGINS[0]), LOGINS)
        self._host, self._port = host_and_port(settings, _PORTS[self._security])
        self._sender = address(option(settings, "sender"), f"{place} sender")
        if self._security == "none" and not is_loopback(self._host):
            raise ConfigurationError(f"{place} security: none is for a relay on this machine only")
        self._context = _trusted(settings)
        if self._login == "password":
            option(settings, "username")
            secret(settings, "password")

    def send(self, write: Write) -> Receipt:
        """Send a message; see ``connectors.ports.Sink``."""
        recipient, content = message_of(write, self._sender)
        doing = f"{self._name}: send {write.command}"
        with _nothing_sent(doing):
            server = self._connected()
        try:
            with _nothing_sent(doing):
                refusal = self._envelope(server, recipient, doing)
            if refusal is not None:
                return refusal
            receipt = _content(server, content, doing)
            with suppress(OSError, smtplib.SMTPException):
                server.quit()  # the message is taken over already; this is politeness
            return receipt
        finally:
            server.close()

    def observe(self, look: Look) -> RawRecord | None:
        """Refuse: a mail server tells nothing.

        Raises:
            ConfigurationError: always.
        """
        raise ConfigurationError(f"{self._name}: {look.target}: a mail server cannot be looked at; use look: none")

    def close(self) -> None:
        """Nothing is held between messages."""

    def _connected(self) -> smtplib.SMTP:
        timeout, hello = self._settings.timeout_s, option(self._settings, "hello", "localhost")
        if self._security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, local_hostname=hello, timeout=timeout, context=self._context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, local_hostname=hello, timeout=timeout)
        try:
            if self._security == "starttls":
                server.starttls(context=self._context)
            if self._login == "password":
                server.login(option(self._settings, "username"), secret(self._settings, "password"))
        except BaseException:
            server.close()
            raise
        return server

    def _envelope(self, server: smtplib.SMTP, recipient: str, doing: str) -> Receipt | None:
        """Name sender and recipient; a receipt where the server will not have one of them."""
        server.ehlo_or_helo_if_needed()
        for name, text, told in ((server.mail, self._sender, "sender"), (server.rcpt, recipient, "recipient")):
            code, _ = name(text)
            if code >= 500:
                return Receipt(is_refusal=True, said=f"SMTP {code}: the {told} is refused")
            if not 200 <= code < 300:
                raise RetryableError(f"{doing}: SMTP {code}: the {told} is not taken now; try again later")
        code, _ = server.docmd("DATA")
        if code >= 500:
            return Receipt(is_refusal=True, said=f"SMTP {code}: the message is refused")
        if code != 354:
            raise RetryableError(f"{doing}: SMTP {code}: the message is not taken now; try again later")
        return None


def _content(server: smtplib.SMTP, content: bytes, doing: str) -> Receipt:
    """Send the octets of the message and hear what the server says to it."""
    stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in content.split(b"\r\n"))
    ending = b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"
    try:
        server.send(stuffed + ending)
        code, _ = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise OutcomeUnknown(
            f"{doing}: the connection broke when the message was on its way ({type(error).__name__}); it may have "
            "arrived"
        ) from error
    if code >= 500:
        return Receipt(is_refusal=True, said=f"SMTP {code}: the message is refused")
    if 400 <= code < 500:
        raise RetryableError(f"{doing}: SMTP {code}: the message is not taken now; try again later")
    if not 200 <= code < 300:
        raise OutcomeUnknown(f"{doing}: the server answered with something that is no SMTP; it may have arrived")
    return Receipt(is_refusal=False, said=f"SMTP {code}: taken over for delivery")


@contextmanager
def _nothing_sent(doing: str) -> Iterator[None]:
    """Map errors before the first octet of the body: nothing has happened yet."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise ConfigurationError(f"{doing}: login refused; check username and password") from error
    except smtplib.SMTPNotSupportedError as error:
        raise ConfigurationError(f"{doing}: the server offers no STARTTLS or no login; check security") from error
    except smtplib.SMTPResponseException as error:
        raise RetryableError(f"{doing}: SMTP {error.smtp_code}; try again later") from error
    except ssl.SSLCertVerificationError as error:
        raise ConfigurationError(f"{doing}: no trusted certificate; check the address, or set ca_bundle") from error
    except (OSError, smtplib.SMTPException) as error:
        raise RetryableError(
            f"{doing}: cannot be reached, or the connection was cut ({type(error).__name__}); try again later"
        ) from error


def _trusted(settings: SystemSettings) -> ssl.SSLContext:
    bundle = settings.options.get("ca_bundle")
    try:
        return ssl.create_default_context(cafile=None if bundle is None else str(bundle))
    except OSError as error:
        raise ConfigurationError(f"system {settings.name}: options: ca_bundle: no readable certificates") from error
