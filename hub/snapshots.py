"""Take a snapshot of a market out of the hub's database."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from canonical_model.entities import ENTITIES
from canonical_model.errors import ConfigurationError
from canonical_model.markets import Market
from canonical_model.yaml_source import nearest
from hub.operator_folder.load import Operator
from hub.workplace import Hub
from reconciliation.snapshot.manifest import Feed, Manifest
from reconciliation.snapshot.write import SnapshotRequest, write_snapshot
from rules.rulebook import dump_rules
from storage.extract import arrow_schema, entity_batches
from storage.streams import StreamState, stream_states


def market_of(operator: Operator, market_id: str) -> Market:
    """The market of that id.

    Raises:
        ConfigurationError: there is none; names the nearest.
    """
    try:
        return operator.markets[market_id]
    except KeyError:
        known = nearest(market_id, list(operator.markets))
        raise ConfigurationError(f"there is no market {market_id!r}{known}") from None


def take_snapshot(hub: Hub, market_id: str, as_of: datetime) -> tuple[Path, Manifest]:
    """Write what is known of a market into a new folder of the workspace.

    Raises:
        ConfigurationError: there is no such market, or the catalogue contradicts itself.
        RetryableError: the database is out of reach.
    """
    operator = hub.operator
    market = market_of(operator, market_id)
    with hub.database.reading() as connection:
        request = SnapshotRequest(
            operator=operator.file.operator,
            market=market,
            as_of=as_of,
            catalogue=operator.catalogue,
            rules=dump_rules(operator.rulebook.effective(market_id, market.local_date(as_of))),
            sources=operator.sources,
            feeds=tuple(_feeds(operator, market_id, stream_states(connection))),
        )
        folder = _free_folder(hub.snapshots / market_id, as_of)
        entities = {
            name: (arrow_schema(entity), entity_batches(connection, entity, market_id))
            for name, entity in ENTITIES.items()
        }
        return folder, write_snapshot(folder, request, entities)


def _feeds(operator: Operator, market_id: str, states: list[StreamState]) -> Iterator[Feed]:
    """Every stream that says something about the market, the ones that were never pulled included."""
    pulled = {(state.system, state.stream): state for state in states}
    for system, block in operator.file.systems.items():
        if block.market not in (None, market_id):
            continue
        for mapping in operator.mappings.get(system, ()):
            state = pulled.get((system, mapping.stream))
            yield Feed(
                role=block.role,
                system=system,
                stream=mapping.stream,
                last_success_at=state.last_success_at if state else None,
                source_total=state.source_total if state else None,
            )


def _free_folder(parent: Path, as_of: datetime) -> Path:
    """A folder named by the moment; a second snapshot of the same moment gets a number."""
    stamp = as_of.strftime("%Y%m%dT%H%M%SZ")
    candidate, number = parent / stamp, 1
    while candidate.exists():
        number += 1
        candidate = parent / f"{stamp}-{number}"
    return candidate
