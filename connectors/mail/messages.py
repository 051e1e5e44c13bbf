"""A write as a mail message; nothing that stands in a value can become a header or another recipient."""

import base64
import re
from email.message import EmailMessage
from email.policy import SMTP

from canonical_model.errors import ConfigurationError
from connectors.ports import Part, Write

BODIES = {"text/plain": "plain", "text/html": "html"}
_DOMAIN = re.compile(r"(?=.{1,253}$)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_KEY = re.compile(r"[^A-Za-z0-9.-]")


def message_of(write: Write, sender: str) -> tuple[str, bytes]:
    """The one recipient and the octets of a message.

    The first part is the message; each further one is attached to it: its target is a media type, its values are
    ``name`` and, in base64, ``content``.

    Raises:
        ConfigurationError: the recipient is no address, or a text holds what no message may.
    """
    part, *attached = write.parts
    values = _values(write.command, part)
    recipient = address(values["to"], f"{write.command}: to")
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = sender
        message["To"] = recipient
        message["Subject"] = values.get("title", "")
        message["Message-ID"] = message_id(write.request_id, sender)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(values["body"], subtype=BODIES[part.target], cte="quoted-printable")
        for each in attached:
            main, _, subtype = each.target.partition("/")
            content = base64.b64decode(each.values["content"], validate=True)
            message.add_attachment(content, maintype=main, subtype=subtype, filename=each.values["name"])
        return recipient, message.as_bytes()
    except (ValueError, UnicodeError) as error:
        raise ConfigurationError(f"{write.command}: title or body holds what no message may") from error


def message_id(request_id: str, sender: str) -> str:
    """The same for the same request and for no other; characters that may not stand in it are spelled out."""
    left = _KEY.sub(lambda match: f"_{ord(match[0]):x}_", request_id)
    return f"<{left}@{sender.rpartition('@')[2]}>"


def address(text: str, place: str) -> str:
    """One mail address without a name, in the letters that every server takes (RFC 5321, dot-string).

    Raises:
        ConfigurationError: it is none, or there are several; never shows it.
    """
    local, _, domain = text.rpartition("@")
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise ConfigurationError(f"{place}: one mail address in plain letters is expected")
    return text


def _values(command: str, part: Part) -> dict[str, str]:
    if missing := [name for name in ("to", "body") if not part.values.get(name)]:
        raise ConfigurationError(f"{command}: fields: {missing[0]} is missing or empty")
    return {name: str(value) for name, value in part.values.items()}
