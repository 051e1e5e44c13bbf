"""Take a snapshot of a market out of the hub's database."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from canonical_model.entities import ENTITIES
from canonical_model.errors import ConfigurationError
from canonical_model.markets import Market
from canonical_model.yaml_source import nearest
from hub.operator_folder.load import Operator
from hub.operator_folder.operator_file import EngineBlock
from hub.workplace import Hub
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.engines.spark_settings import SparkSettings
from reconciliation.snapshot.manifest import MANIFEST_FILE, Feed, Manifest, read_manifest
from reconciliation.snapshot.write import SnapshotRequest, clear_broken_off, write_snapshot
from rules.rulebook import dump_rules
from storage.arrow_columns import arrow_schema
from storage.extract import entity_batches
from storage.feeds import FeedState, StreamName, feed_states, first_pull_at, known_until

STAMP = "%Y%m%dT%H%M%SZ"
"""How the folder of a snapshot is named by its moment."""


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
    """Write what was known of a market at a moment into a new folder of the workspace.

    Known is what pulls brought that had begun by then; rules, catalogue and mappings are those of now. Where a
    snapshot of the same moment has the very same content, that one is given and none is written.

    Raises:
        ConfigurationError: there is no such market, nothing of it was known yet, or the catalogue contradicts itself.
        RetryableError: the database is out of reach, memory or disk is short, or this snapshot is being written.
    """
    operator = hub.operator
    market_of(operator, market_id)
    parent, stamp = hub.snapshots / market_id, as_of.strftime(STAMP)
    with hub.database.reading() as connection:
        request = wanted_of(operator, connection, market_id, as_of)
        known_at = known_until(connection, as_of)
        entities = {
            name: (arrow_schema(entity), entity_batches(connection, entity, market_id, known_at))
            for name, entity in ENTITIES.items()
        }
        clear_broken_off(parent)
        folder = free_folder(parent, stamp)
        manifest = write_snapshot(folder, request, entities, limits_of(operator.file.engine))
    for older in sorted(parent.glob(f"{stamp}*/{MANIFEST_FILE}")):
        if older.parent != folder and read_manifest(older.parent).checksum == manifest.checksum:
            shutil.rmtree(folder)
            return older.parent, manifest
    return folder, manifest


def wanted_of(operator: Operator, connection: Connection, market_id: str, as_of: datetime) -> SnapshotRequest:
    """What a snapshot of a market at a moment is taken of, and under which rules.

    Raises:
        ConfigurationError: there is no such market, or nothing of it was known yet.
    """
    market = market_of(operator, market_id)
    _check_known(market_id, as_of, first_pull_at(connection, _systems_of(operator, market_id)))
    return SnapshotRequest(
        operator=operator.file.operator,
        market=market,
        as_of=as_of,
        catalogue=operator.catalogue,
        rules=dump_rules(operator.rulebook.effective(market_id, market.local_date(as_of))),
        sources=operator.sources,
        feeds=tuple(_feeds(operator, market_id, feed_states(connection, as_of))),
        shrink_percent=operator.file.limits.shrink_percent,
    )


def limits_of(engine: EngineBlock) -> EngineLimits:
    """The engine's bounds as the operator's file states them."""
    return EngineLimits(
        processes=engine.processes,
        memory_limit_mb=engine.memory_limit_mb,
        spill_limit_mb=engine.spill_limit_mb,
        seconds_per_rule=engine.seconds_per_rule,
    )


def spark_of(engine: EngineBlock) -> SparkSettings | None:
    """Where Spark computes, where the operator's file says that it does."""
    if engine.kind != "spark":
        return None
    return SparkSettings(engine.master, engine.driver_address, engine.properties)


def _systems_of(operator: Operator, market_id: str) -> list[str]:
    return [name for name, block in operator.file.systems.items() if block.market in (None, market_id)]


def _check_known(market_id: str, as_of: datetime, first: datetime | None) -> None:
    if first is None:
        raise ConfigurationError(f"nothing of market {market_id} was ever pulled: run `splice sync` first")
    if first > as_of:
        raise ConfigurationError(
            f"nothing of market {market_id} was known on {as_of:%Y-%m-%d %H:%M} UTC: the first pull began on"
            f" {first:%Y-%m-%d %H:%M} UTC. Judge at that moment or later; the months before it are judged as well,"
            " by what is known then"
        )


def _feeds(operator: Operator, market_id: str, states: Mapping[StreamName, FeedState]) -> Iterator[Feed]:
    """Every stream that says something about the market, the ones that were never pulled included."""
    for system in _systems_of(operator, market_id):
        for mapping in (each for each in operator.mappings.get(system, ()) if each.listens is None):
            state = states.get((system, mapping.stream))
            yield Feed(
                role=operator.file.systems[system].role,
                system=system,
                stream=mapping.stream,
                last_success_at=state.last_success_at if state else None,
                last_pull_at=state.last_pull_at if state else None,
                last_pull_outcome=state.last_pull_outcome if state else None,
                source_total=state.source_total if state else None,
                records=state.records if state else 0,
                records_before=state.records_before if state else None,
            )


def free_folder(parent: Path, stamp: str) -> Path:
    """A folder named by the moment; a second snapshot of the same moment gets a number."""
    candidate, number = parent / stamp, 1
    while candidate.exists():
        number += 1
        candidate = parent / f"{stamp}-{number}"
    return candidate
