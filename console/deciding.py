"""Commands that decide something: who does, for the audit and the journals."""

import getpass
from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.decision import Decision

ActorOption = Annotated[
    str | None, typer.Option("--as", help="Who decides, for the audit. Default: the user of this machine.")
]


def deciding(actor: str | None, why: str = "") -> Decision:
    """A decision that is made now."""
    return Decision(actor or getpass.getuser(), datetime.now(UTC), why)
