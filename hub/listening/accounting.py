"""Accounting of sessions as events of the inbox.

Each record has the attributes by their names, and besides what they come to: ``occurred_at`` and ``started_at``
(moments), ``input_octets`` and ``output_octets`` (64 bits of two attributes each), ``received_at``, ``sender`` and
``event_id``.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.radius.accounting import AccountingRecord, AccountingSender, Keep
from connectors.systems.radius import secret_of_accounting
from hub.running_clock import Clock
from hub.sync import settings_of
from hub.webhooks.group_commit import GroupCommit
from hub.workplace import Hub
from storage.inbox import IncomingEvent

log = logging.getLogger(__name__)

KIND = "radius"
_LATEST = timedelta(days=2)
"""A NAS whose clock is further off than this is not believed on when something was."""


def senders(hub: Hub) -> list[AccountingSender]:
    """The systems whose accounting is taken.

    Raises:
        ConfigurationError: a reference of a secret cannot be resolved.
    """
    found = []
    for system in streams(hub):
        block = hub.operator.file.systems[system].listens
        if block is not None:
            known = secret_of_accounting(settings_of(hub, system))
            found.append(AccountingSender(system, block.senders, known))
    return found


def streams(hub: Hub) -> dict[str, list[str]]:
    """The streams of RADIUS that are heard, by system."""
    found: dict[str, list[str]] = {}
    for system, mappings in hub.operator.mappings.items():
        for mapping in mappings:
            if mapping.listens is not None and hub.operator.file.systems[system].kind == KIND:
                found.setdefault(system, []).append(mapping.stream)
    return found


def keeping(commits: GroupCommit, heard: Mapping[str, Sequence[str]], clock: Clock) -> Keep:
    """Keeps a record for each stream of its system."""

    async def keep(record: AccountingRecord) -> bool:
        try:
            await commits.keep(events_of(record, heard.get(record.system, ()), clock()))
        except (RetryableError, ConfigurationError) as error:
            log.warning("accounting could not be kept", extra={"system": record.system, "cause": str(error)})
            return False
        return True

    return keep


def events_of(record: AccountingRecord, heard: Sequence[str], now: datetime) -> list[IncomingEvent]:
    """One event for each stream."""
    payload = json.dumps({"record": fields_of(record, now)}, sort_keys=True)
    digest = record.digest
    return [IncomingEvent(record.system, stream, digest[:32], now, None, payload, digest) for stream in heard]


def fields_of(record: AccountingRecord, now: datetime) -> dict[str, str | int]:
    """The fields of a raw record."""
    values = record.values
    stamp = values.get("Event-Timestamp")
    occurred = now - timedelta(seconds=_number(values, "Acct-Delay-Time"))
    if isinstance(stamp, int) and abs((told := datetime.fromtimestamp(stamp, UTC)) - now) < _LATEST:
        occurred = told
    started = occurred - timedelta(seconds=_number(values, "Acct-Session-Time"))
    return {
        **values,
        "event_id": record.digest[:32],
        "sender": record.sender,
        "received_at": now.isoformat(),
        "occurred_at": occurred.isoformat(),
        "started_at": started.isoformat(),
        "input_octets": _octets(values, "Input"),
        "output_octets": _octets(values, "Output"),
    }


def _octets(values: Mapping[str, str | int], way: str) -> int:
    return _number(values, f"Acct-{way}-Octets") + (_number(values, f"Acct-{way}-Gigawords") << 32)


def _number(values: Mapping[str, str | int], name: str) -> int:
    value = values.get(name, 0)
    return value if isinstance(value, int) else 0
