"""Messages about a take-over to the people that ``handoffs.yaml`` names; each is told once."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.commands import frozen, thawed
from connectors.mail.messages import BODIES
from connectors.ports import Part
from handoffs.commands import Command, FieldValue
from hub.delivery.attachment import attachment
from hub.effects.attachments import same_as
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
        attached: a file that a mail carries; where it is gone, or no mail is sent, the message goes without it. The
            journal holds it once, with the first mail that carries it.

    Raises:
        RetryableError: the database is out of reach.
    """
    if not hub.operator.commands.get("notify_staff"):
        return []
    told: list[str] = []
    carried = None if attached is None else _carried(attached)
    for place, address in enumerate(hub.operator.handoffs.market(market).tell):
        fields: dict[str, FieldValue] = {
            "recipient": address,
            "role": "market_operator",
            "title": title,
            "body": body,
        }
        key = key_of(place, address)
        command = Command("notify_staff", market, "staff", f"staff/{address}", fields, key)
        if _told(hub, command, now, carried):
            told.append(address)
            if carried is not None and "content" in carried.values:
                carried = same_as(carried, key)
    return told


def _told(hub: Hub, command: Command, now: datetime, carried: Part | None) -> bool:
    """Whether somebody is told just now who was not yet."""
    with hub.database.reading() as connection:
        if effect_with_key(connection, command.idempotency_key) is not None:
            return False
    try:
        planned = planned_effect(hub, command, authority_of(hub, lambda: now))
    except (ConfigurationError, UnsafeToContinue, ValueError) as error:
        log.warning("nobody was told", extra={"command": command.name, "why": str(error)})
        return False
    if carried is not None:
        planned = replace(planned, write=_with(planned.write, carried))
    with hub.database.journaling() as connection:
        journal(connection, planned, now)
    return True


def _carried(path: Path) -> Part | None:
    try:
        return attachment(path)
    except OSError as error:
        log.warning("a file could not be attached", extra={"file": path.name, "why": str(error)})
        return None


def _with(write: str, carried: Part) -> str:
    """A message that carries a file, where it is a mail."""
    message = thawed(write)
    if message.parts[0].target not in BODIES:
        return write
    return frozen(replace(message, parts=(*message.parts, carried)))
