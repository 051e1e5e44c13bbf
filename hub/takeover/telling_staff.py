"""Messages about a take-over to the people that ``handoffs.yaml`` names; each is told once."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.commands import frozen, thawed
from connectors.mail.messages import BODIES
from handoffs.commands import Command, FieldValue
from hub.delivery.attachment import attachment
from hub.effects.enqueue import planned_effect
from hub.takeover.authority import authority_of
from hub.workplace import Hub
from storage.effects import effect_with_key, journal

log = logging.getLogger(__name__)


def tell_staff(
    hub: Hub,
    market: str,
    title: str,
    body: str,
    key_of: Callable[[int, str], str],
    now: datetime,
    attached: Path | None = None,
) -> list[str]:
    """Tell the people of a market; gives the addresses that are told just now and were not yet.

    A message is never a reason to stop: where no system takes messages, or one cannot be made, the log says so.

    Args:
        hub: the operator's hub.
        market: whose people.
        title: of the message.
        body: likewise.
        key_of: gives the idempotency key of it for the place and address of each.
        now: this moment.
        attached: a file that a mail carries; where it is gone, or no mail is sent, the message goes without it.

    Raises:
        RetryableError: the database is out of reach.
    """
    if not hub.operator.commands.get("notify_staff"):
        return []
    told = []
    for place, address in enumerate(hub.operator.handoffs.market(market).tell):
        fields: dict[str, FieldValue] = {
            "recipient": address,
            "role": "market_operator",
            "title": title,
            "body": body,
        }
        key = key_of(place, address)
        if _told(hub, Command("notify_staff", market, "staff", f"staff/{address}", fields, key), now, attached):
            told.append(address)
    return told


def _told(hub: Hub, command: Command, now: datetime, attached: Path | None) -> bool:
    """Whether somebody is told just now who was not yet."""
    with hub.database.reading() as connection:
        if effect_with_key(connection, command.idempotency_key) is not None:
            return False
    try:
        planned = planned_effect(hub, command, authority_of(hub, lambda: now))
    except (ConfigurationError, UnsafeToContinue, ValueError) as error:
        log.warning("nobody was told", extra={"command": command.name, "why": str(error)})
        return False
    if attached is not None:
        planned = replace(planned, write=_with(planned.write, attached))
    with hub.database.journaling() as connection:
        journal(connection, planned, now)
    return True


def _with(write: str, path: Path) -> str:
    """A message that carries a file, where it is a mail."""
    message = thawed(write)
    if message.parts[0].target not in BODIES:
        return write
    try:
        carried = attachment(path)
    except OSError as error:
        log.warning("a file could not be attached", extra={"file": path.name, "why": str(error)})
        return write
    return frozen(replace(message, parts=(*message.parts, carried)))
