"""Replay: the shadow of a hand-off over history, from the records of a snapshot, before anything is switched."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from canonical_model.errors import ConfigurationError
from canonical_model.intervals import DateInterval
from canonical_model.markets import Market
from canonical_model.orders import ProductOrder
from handoffs.shadow.comparing import Compared, compare_rows
from handoffs.shadow.explanation import Explanation
from handoffs.shadow.parity import Parity, ParityCount
from handoffs.shadow.rows import ShadowRow
from handoffs.stages import Handoff
from hub.operator_folder.comparisons_folder import Comparisons
from hub.runs import snapshot_of, standing_run
from hub.snapshots import market_of
from hub.takeover.shadow.past_view import snapshot_view
from hub.takeover.shadow.rows_made import KINDS, PLANNED, due, known_of, rows_of
from hub.takeover.shadow.snapshot_records import SnapshotRecords, snapshot_records
from hub.takeover.shadow.standing_bills import confirmed_findings
from hub.takeover.shadow.tables import MarketTables, market_tables
from hub.takeover.shadow.versions import compared_under
from hub.workplace import Hub
from reconciliation.bills_apart import BillsApart, BillWindow, bills_apart
from reconciliation.findings import Finding
from reconciliation.snapshot.manifest import Manifest, read_manifest
from rules.compiled_comparison import CompiledComparison
from storage.runs import Run, latest_run
from storage.shadow_explanations import explanations_of

TOGETHER = 4_000
"""Orders that are held in memory at once."""


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """The parity that a hand-off would have had.

    Attributes:
        period: local days on which the orders were placed.
        snapshot: name of the snapshot's folder.
        as_of: its moment; what legacy did later is not known.
        orders: placed in the period, of the types that are compared.
        silent: of these, those of which the hub would not have stated anything yet.
        waiting: those whose other side was not seen by then.
        parity: of those that were compared.
        versions: of what was replayed.
        seconds: that it took.
    """

    market: Market
    handoff: Handoff
    period: DateInterval
    snapshot: str
    as_of: datetime
    orders: int
    silent: int
    waiting: int
    parity: Parity
    versions: str
    seconds: float


def replay(
    hub: Hub,
    market_id: str,
    handoff: Handoff,
    period: DateInterval,
    snapshot: Path | None = None,
    comparisons: Comparisons | None = None,
) -> ReplayReport:
    """Replay a hand-off over the orders of a period; nothing is stored.

    Args:
        hub: the operator's hub.
        market_id: whose orders.
        handoff: which.
        period: local days on which they were placed.
        snapshot: folder of a whole snapshot of the market; None for that of the run that stands.
        comparisons: how hand-offs are compared; None for the operator's.

    Raises:
        ConfigurationError: there is no such market, it was never reconciled, or the folder holds no snapshot of it.
        UnsafeToContinue: the snapshot is not what it was.
        RetryableError: the database is out of reach.
    """
    market = market_of(hub.operator, market_id)
    folder, manifest = _snapshot(hub, market_id, snapshot)
    findings, explained = _judged(hub, market_id, handoff, manifest)
    known = comparisons or hub.operator.comparisons
    return replay_snapshot(
        folder,
        manifest,
        market_tables(market, hub.operator),
        known[handoff],
        handoff,
        period,
        findings=findings,
        explanations=explained,
        versions=compared_under(hub.operator, market.id, handoff, known),
    )


def replay_snapshot(
    folder: Path,
    manifest: Manifest,
    tables: MarketTables,
    comparison: CompiledComparison,
    handoff: Handoff,
    period: DateInterval,
    *,
    findings: Iterable[Finding] = (),
    explanations: Sequence[Explanation] = (),
    versions: str = "",
) -> ReplayReport:
    """Replay a hand-off over a snapshot, without a hub.

    Args:
        folder: of a whole snapshot.
        manifest: of it.
        tables: of its market.
        comparison: of the hand-off.
        handoff: which.
        period: local days on which the orders were placed.
        findings: of the run that judged the snapshot, those that are confirmed.
        explanations: that count.
        versions: of what is replayed.
    """
    began, market = perf_counter(), tables.market
    count = ParityCount(market.local_date)
    orders = silent = waiting = 0
    known_findings = list(findings)

    def bills_of(windows: Sequence[BillWindow]) -> Mapping[str, BillsApart]:
        return bills_apart(folder, manifest, windows, known_findings)

    with snapshot_records(folder) as records, _without_collector():
        view = snapshot_view(records, tables) if handoff in PLANNED else None
        for some in _in_turns(records, market, handoff, period):
            known = known_of(
                records,
                tables,
                some,
                (handoff,),
                lambda _: view,  # type: ignore[arg-type, return-value] # asked only where a plan is wanted
                manifest.as_of,
            )
            rows = rows_of(handoff, known, tables, bills_of, manifest.period_to, manifest.as_of)
            compared, waits = _compared(comparison, handoff, rows, explanations, manifest.as_of)
            count.add(compared)
            orders, silent, waiting = orders + len(some), silent + len(some) - len(rows), waiting + waits
    return ReplayReport(
        market=market,
        handoff=handoff,
        period=period,
        snapshot=folder.name,
        as_of=manifest.as_of,
        orders=orders,
        silent=silent,
        waiting=waiting,
        parity=count.counted(),
        versions=versions,
        seconds=perf_counter() - began,
    )


@contextmanager
def _without_collector() -> Iterator[None]:
    """Without the cycle collector: what is read of some orders lives until they are done, and has no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _compared(
    comparison: CompiledComparison,
    handoff: Handoff,
    rows: Sequence[ShadowRow],
    explanations: Sequence[Explanation],
    as_of: datetime,
) -> tuple[list[Compared], int]:
    """What can be compared, and how many still wait."""
    ready = [each for row in rows if (each := due(row, comparison, handoff, as_of)) is not None]
    return compare_rows(comparison, ready, explanations), len(rows) - len(ready)


def _in_turns(
    records: SnapshotRecords, market: Market, handoff: Handoff, period: DateInterval
) -> Iterator[list[ProductOrder]]:
    orders = records.orders_placed(_midnight(market, period.start), _midnight(market, period.end), KINDS[handoff])
    for start in range(0, len(orders), TOGETHER):
        yield orders[start : start + TOGETHER]


def _midnight(market: Market, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(market.zone)).astimezone(UTC)


def _snapshot(hub: Hub, market_id: str, named: Path | None) -> tuple[Path, Manifest]:
    """A whole snapshot of the market: the named one, or the one that the run that stands was judged by."""
    if named is None:
        folder, manifest = snapshot_of(hub.archive, standing_run(hub.archive, market_id))
    else:
        folder, manifest = named, read_manifest(named)
    if manifest.market.id != market_id:
        raise ConfigurationError(f"{folder} is a snapshot of {manifest.market.id}, not of {market_id}")
    if manifest.changes is None:
        return folder, manifest
    whole = folder.parent / manifest.changes.base
    return whole, read_manifest(whole)


def _judged(
    hub: Hub, market_id: str, handoff: Handoff, manifest: Manifest
) -> tuple[list[Finding], list[Explanation]]:
    """Confirmed findings of the run that judged a snapshot, where the last one did, and explanations that count."""
    with hub.database.reading() as connection:
        run: Run | None = latest_run(connection, market_id)
        findings: list[Finding] = []
        if run is not None and run.manifest_checksum == manifest.checksum:
            findings = confirmed_findings(connection, market_id, run.id)
        return findings, explanations_of(connection, market_id, handoff, manifest.as_of)
