"""Records in quarantine: look at them, let them out by a person's decision, or give them another chance."""

from collections.abc import Collection
from contextlib import closing

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from connectors.mapping import PageMapper
from hub.decision import Decision
from hub.mapped_again import Retried, mapped_again, store_mapped_again
from hub.sync import mapping_of
from hub.workplace import Hub
from storage.audit import note
from storage.quarantine import Quarantined, quarantined, quarantined_ids, release


def in_quarantine(hub: Hub, system: str | None = None, stream: str | None = None) -> list[Quarantined]:
    """What is in quarantine now, the longest first.

    Raises:
        ConfigurationError: nothing is known of that system or stream.
    """
    with hub.database.reading() as connection:
        found = quarantined(connection, system, stream)
    if not found and system is not None:
        systems = hub.operator.file.systems
        if system not in systems:
            raise ConfigurationError(f"there is no system {system!r}{nearest(system, systems)}")
        if stream is not None:
            mapping_of(hub, system, stream)
    return found


def one_in_quarantine(hub: Hub, system: str, stream: str, landed_id: str) -> Quarantined:
    """One record in quarantine.

    Raises:
        ConfigurationError: it is not in; names the nearest.
    """
    found = {record.landed_id: record for record in in_quarantine(hub, system, stream)}
    _must_be_in([landed_id], found, system, stream)
    return found[landed_id]


def release_records(hub: Hub, system: str, stream: str, landed_ids: Collection[str], decision: Decision) -> None:
    """Let records out without having been accepted: all of them or, where one is not in, none; noted in the audit.

    Raises:
        ConfigurationError: one of them is not in, or no reason is given.
    """
    if not decision.why.strip():
        raise ConfigurationError("a release needs a reason, for whoever asks later")
    in_quarantine(hub, system, stream)
    with hub.database.writing() as connection:
        _must_be_in(landed_ids, quarantined_ids(connection, system, stream), system, stream)
        release(connection, system, stream, landed_ids, decision.actor, decision.at, decision.why)


def retry_records(hub: Hub, system: str, stream: str, landed_ids: Collection[str], decision: Decision) -> Retried:
    """Map what the source said once by the mapping as it is now, and store what is accepted in one transaction.

    Each record is judged for itself. Those that stay are given the reason for which they are refused now. A pull of
    the stream may run meanwhile; the stream's cursor and freshness are left alone.

    Args:
        hub: the operator's hub.
        system: name in operator.yaml.
        stream: name of the mapping.
        landed_ids: which records; none of them stands for all that are in.
        decision: who wants it, and when.

    Raises:
        ConfigurationError: there is no such stream, or one of the records is not in.
    """
    mapping = mapping_of(hub, system, stream)
    held = {record.landed_id: record for record in in_quarantine(hub, system, stream)}
    _must_be_in(landed_ids, held, system, stream)
    wanted = [held[landed_id] for landed_id in landed_ids or held]
    with closing(PageMapper(mapping, hub.operator.mapped_systems[system])) as mapper:
        mapped = mapped_again(hub, mapping, mapper, wanted, decision.at)
    with hub.database.writing() as connection:
        retried = store_mapped_again(connection, (system, stream), None, mapped, decision.at)
        detail = {
            "accepted": retried.accepted,
            "refused": [landed_id for landed_id, _ in retried.refused],
            "why": decision.why,
        }
        note(connection, decision.at, decision.actor, "quarantine.retry", f"{system}.{stream}", detail)
    return retried


def _must_be_in(landed_ids: Collection[str], held: Collection[str], system: str, stream: str) -> None:
    """Refuse ids that are not in quarantine, all of them at once."""
    missing = [f"{landed_id!r}{nearest(landed_id, list(held))}" for landed_id in landed_ids if landed_id not in held]
    if missing:
        raise ConfigurationError(f"not in quarantine of {system}.{stream}: {', '.join(missing)}")
