"""A real mail server on loopback, and an operator's folder that sends its notices through it."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from tests.fakes.lumen_valley import change
from tests.ports import free_port

COMMAND = """\
command: {command}
system: post
unsure: drop
send:
  object: text/plain
  fields: {{to: recipient, title: title, body: body}}
look: none
"""
SYSTEM = """\
  post:
    kind: smtp
    role: crm
    address: 127.0.0.1:{port}
    options: {{sender: hub@lumen-valley.example, security: none, login: none}}
"""


class PostOffice:
    """What the server took over."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        message = email.message_from_bytes(bytes(envelope.content or b""), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 2.0.0 taken over"

    def to(self, recipient: str) -> list[tuple[str, str]]:
        """Title and body of what somebody got."""
        found = [each for each in self.messages if each["To"] == recipient]
        return [(str(each["Subject"]), each.get_content().strip()) for each in found]


@contextmanager
def post_office(folder: Path) -> Iterator[PostOffice]:
    """The server; the operator in ``folder`` sends notices to customers and staff through it."""
    taken, port = PostOffice(), free_port()
    change(folder / "operator.yaml", r"\nsystems:\n", f"\nsystems:\n{SYSTEM.format(port=port)}")
    for command in ("notify_subscriber", "notify_staff"):
        (folder / "commands" / f"post-{command}.yaml").write_text(COMMAND.format(command=command), encoding="utf-8")
    controller = Controller(taken, hostname="127.0.0.1", port=port, ready_timeout=120)
    controller.start()
    try:
        yield taken
    finally:
        controller.stop()
