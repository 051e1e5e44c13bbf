"""SMTP: one notice to one person. Nothing is read, and nobody can ask a mail server what became of a message.

The command file's ``object`` is the media type of the body (``text/plain`` or ``text/html``); its fields are ``to``,
``title`` and ``body``. The Message-ID is made of our request id, so that a message that was sent twice shows as one
in most mail programs.
"""

from connectors.importing import IMPORTING
from connectors.ports import Capabilities, Option, Sink, SystemSettings, Writes
from connectors.settings import CA_BUNDLE, checked

CAPABILITIES = Capabilities(
    kind="smtp",
    protocol="SMTP (RFC 5321) with STARTTLS or TLS",
    logins=("password", "none"),
    incremental=False,
    deletes="invisible",
    total=False,
    system_options=(
        Option("sender", "address that messages come from", required=True),
        Option("login", "password (default) or none"),
        Option("username", "for login password"),
        Option("password", "for login password", secret=True),
        Option("security", "starttls (default), tls from the first octet on, or none, for a relay on this machine"),
        Option("hello", "name of this host to the server (default localhost)"),
        CA_BUNDLE,
    ),
    reads=False,
    writes=Writes(
        repeats=("harmful",),
        is_observable=False,
        commands=("notify_subscriber", "notify_staff"),
        targets=("text/plain", "text/html"),
        fields=("to", "title", "body"),
    ),
)


def open_sink(settings: SystemSettings) -> Sink:
    """A sink over a mail server; each message goes over a connection of its own.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """
    with IMPORTING:
        from connectors.mail.smtp_sink import SmtpSink  # noqa: PLC0415 - only where messages are sent

    return SmtpSink(checked(settings, CAPABILITIES))
