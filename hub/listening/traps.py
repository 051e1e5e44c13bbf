"""Traps and informs as events of the inbox, one for each stream that takes their kind."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.mapping.plan import Hearing
from connectors.snmp.device_events import DeviceNotifications
from connectors.snmp.notifications import Keep, Notification, NotificationSender
from connectors.snmp.values import SnmpValue, text
from connectors.systems.snmp import login_of_traps, notifications_of
from hub.inbox_records import AGAIN
from hub.running_clock import Clock
from hub.sync import settings_of
from hub.webhooks.group_commit import GroupCommit
from hub.workplace import Hub
from storage.inbox import IncomingEvent

log = logging.getLogger(__name__)

KIND = "snmp"


@dataclass(frozen=True, slots=True)
class HeardStream:
    """A stream that listens.

    Attributes:
        takes: what it takes.
        devices: what the device profile of the system knows of its notifications; None where the mapping says it.
    """

    stream: str
    takes: Hearing
    devices: DeviceNotifications | None = None


Streams = Mapping[str, Sequence[HeardStream]]
"""Streams that listen, by system."""


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
    """The streams of SNMP that are heard.

    Raises:
        ConfigurationError: a device profile that one goes by is not there, or knows no notifications.
    """
    found: dict[str, list[HeardStream]] = {}
    for system, mappings in hub.operator.mappings.items():
        block = hub.operator.file.systems[system]
        for mapping in mappings:
            if mapping.listens is None or block.kind != KIND:
                continue
            by_profile = mapping.listens.by_profile
            devices = notifications_of(system, block.stream_options, mapping.read) if by_profile else None
            found.setdefault(system, []).append(HeardStream(mapping.stream, mapping.listens, devices))
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


def events_of(notification: Notification, heard: Sequence[HeardStream], now: datetime) -> list[IncomingEvent]:
    """One event for each stream that takes a notification of its kind, and one for each that is read again for it."""
    events = []
    for one in heard:
        told = _told(notification, one)
        if told is None:
            continue
        record, values = _record(notification, one.takes, now), _values(notification)
        events.append(_event(notification, one.stream, {"record": {**record, **told}, "values": values}, now))
        if one.takes.rereads and told.get("index") is not None:
            events.append(_event(notification, one.takes.rereads, {AGAIN: {"index": told["index"]}}, now))
    return events


def _told(notification: Notification, one: HeardStream) -> dict[str, str | None] | None:
    """What a notification says of a device, nothing where the mapping itself reads it; None where it is not taken."""
    if one.devices is not None:
        return one.devices.event(notification.kind, notification.values)
    kinds = one.takes.kinds
    return {} if not kinds or any(_is_under(notification.kind, kind) for kind in kinds) else None


def _event(notification: Notification, stream: str, payload: dict[str, object], now: datetime) -> IncomingEvent:
    return IncomingEvent(
        system=notification.system,
        stream=stream,
        event_id=notification.digest[:32],
        received_at=now,
        signed_at=None,
        payload=json.dumps(payload, sort_keys=True),
        digest=notification.digest,
    )


def _record(notification: Notification, takes: Hearing, now: datetime) -> dict[str, object]:
    values = _values(notification)
    named = {
        name: next((value for oid, value in values.items() if _is_under(oid, wanted)), None)
        for wanted, name in takes.names.items()
    }
    own = {
        "event_id": notification.digest[:32],
        "kind": notification.kind,
        "sender": notification.sender,
        "uptime": notification.uptime,
        "received_at": now.isoformat(),
    }
    return {**named, **own}


def _values(notification: Notification) -> dict[str, int | str | None]:
    return {oid: _written(value) for oid, value in notification.values}


def _is_under(oid: str, wanted: str) -> bool:
    return oid == wanted or oid.startswith(f"{wanted}.")


def _written(value: SnmpValue) -> int | str | None:
    return value if isinstance(value, int) else text(value)
