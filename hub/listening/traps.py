"""Traps and informs as events of the inbox, one for each stream that takes their kind."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.mapping.plan import Hearing
from connectors.snmp.notifications import Keep, Notification, NotificationSender
from connectors.snmp.values import SnmpValue, text
from connectors.systems.snmp import login_of_traps
from hub.sync import settings_of
from hub.webhooks.group_commit import GroupCommit
from hub.workplace import Hub
from storage.inbox import IncomingEvent

log = logging.getLogger(__name__)

KIND = "snmp"
Clock = Callable[[], datetime]
Streams = Mapping[str, Sequence[tuple[str, Hearing]]]
"""Streams that listen, with what they take, by system."""


def senders(hub: Hub) -> list[NotificationSender]:
    """The systems whose notifications are taken.

    Raises:
        ConfigurationError: a reference of a login cannot be resolved.
    """
    found = []
    for system in streams(hub):
        block = hub.operator.file.systems[system].listens
        if block is not None:
            login = login_of_traps(settings_of(hub, system))
            found.append(NotificationSender(system, block.senders, login, block.engine_id))
    return found


def streams(hub: Hub) -> Streams:
    """The streams of SNMP that are heard."""
    found: dict[str, list[tuple[str, Hearing]]] = {}
    for system, mappings in hub.operator.mappings.items():
        for mapping in mappings:
            if mapping.listens is not None and hub.operator.file.systems[system].kind == KIND:
                found.setdefault(system, []).append((mapping.stream, mapping.listens))
    return found


def keeping(commits: GroupCommit, heard: Streams, clock: Clock) -> Keep:
    """Keeps what a stream takes; what none takes needs no keeping."""

    async def keep(notification: Notification) -> bool:
        events = events_of(notification, heard.get(notification.system, ()), clock())
        try:
            await commits.keep(events)
        except (RetryableError, ConfigurationError) as error:
            log.warning("a trap could not be kept", extra={"system": notification.system, "cause": str(error)})
            return False
        return True

    return keep


def events_of(notification: Notification, heard: Sequence[tuple[str, Hearing]], now: datetime) -> list[IncomingEvent]:
    """One event for each stream that takes a notification of its kind."""
    return [
        IncomingEvent(
            system=notification.system,
            stream=stream,
            event_id=notification.digest[:32],
            received_at=now,
            signed_at=None,
            payload=json.dumps(_payload(notification, hearing, now), sort_keys=True),
            digest=notification.digest,
        )
        for stream, hearing in heard
        if not hearing.kinds or any(_is_under(notification.kind, kind) for kind in hearing.kinds)
    ]


def _payload(notification: Notification, hearing: Hearing, now: datetime) -> dict[str, object]:
    values = {oid: _written(value) for oid, value in notification.values}
    named = {
        name: next((value for oid, value in values.items() if _is_under(oid, wanted)), None)
        for wanted, name in hearing.names.items()
    }
    own = {
        "event_id": notification.digest[:32],
        "kind": notification.kind,
        "sender": notification.sender,
        "uptime": notification.uptime,
        "received_at": now.isoformat(),
    }
    return {"record": {**named, **own}, "values": values}


def _is_under(oid: str, wanted: str) -> bool:
    return oid == wanted or oid.startswith(f"{wanted}.")


def _written(value: SnmpValue) -> int | str | None:
    return value if isinstance(value, int) else text(value)
