"""Take a snapshot of what changed since a whole one: the accounts that a change reaches, then and now."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from canonical_model.intervals import add_months
from reconciliation.collector import seldom_collecting
from reconciliation.engines.databases import database_in, instance, reading
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.incremental.closure import Changes, Closure
from reconciliation.incremental.horizon import whole_run_needed
from reconciliation.incremental.links import LINKS, UNJUDGED
from reconciliation.one_at_a_time import one_at_a_time
from reconciliation.price_book import build_price_book
from reconciliation.snapshot.elsewhere import CODE_LINES, COUNTED, LINE_DAY, STATE_FOLDER
from reconciliation.snapshot.manifest import Manifest, SinceWhole, read_manifest, verify_checksums
from reconciliation.snapshot.write import SnapshotRequest, write_snapshot

ASIDE, BEFORE, REST = "aside", "before", "elsewhere"
MOST_PERCENT = 20
"""Of the services; where more have to be judged again, all of them are sooner."""

_MOVED = "SELECT DISTINCT serial FROM read_parquet(?) WHERE moved_at > ? AND moved_at <= ?"
_AGEING = "SELECT serial FROM read_parquet(?) WHERE NOT known_to_field UNION SELECT serial FROM read_parquet(?)"


@dataclass(frozen=True, slots=True)
class NeedsWhole:
    """The changes are not enough to judge by.

    Attributes:
        why: a reason that ends the sentence "everything was judged: ...".
    """

    why: str


def take_changes(
    folder: Path, base: Path, wanted: SnapshotRequest, changes: Changes, limits: EngineLimits | None = None
) -> Manifest | NeedsWhole:
    """Write a snapshot of changes into a folder that does not exist yet, in the same place as the whole one.

    Args:
        folder: where it will be.
        base: a whole snapshot.
        wanted: what is to be judged now.
        changes: every record that is not what it was in the whole snapshot; more than that does no harm.
        limits: what the assembly may use.

    Raises:
        UnsafeToContinue: a file of the whole snapshot is not what it was.
        ConfigurationError, RetryableError: as ``write_snapshot``.
    """
    whole = read_manifest(base)
    if shared := sorted(changes.keys() - LINKS.keys() - UNJUDGED):
        return NeedsWhole(f"{shared[0]} changed, which may be about every account")
    if why := whole_run_needed(base, whole, wanted):
        return NeedsWhole(why)
    verify_checksums(base, whole)
    partial = folder.with_name(folder.name + ".partial")
    with seldom_collecting(), one_at_a_time(folder, f"writing snapshot {folder.name}"):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            given = limits or EngineLimits()
            with (
                # few records: a second thread costs more than it brings
                instance(1, given.memory_together_mb, partial / "spill", given.spill_together_mb) as engine,
                database_in(engine) as connection,
            ):
                closure = Closure(connection, base, changes, _ageing(base, whole, wanted))
                taken = _written(partial, base, whole, wanted, closure, engine)
            if isinstance(taken, Manifest):
                (partial / "now").rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return taken


def _written(
    partial: Path,
    base: Path,
    whole: Manifest,
    wanted: SnapshotRequest,
    closure: Closure,
    engine: duckdb.DuckDBPyConnection,
) -> Manifest | NeedsWhole:
    services = whole.rows["by_service/service"]
    if closure.accounts * 100 > MOST_PERCENT * max(services, 100):
        return NeedsWhole(f"{closure.accounts} of {services} accounts changed, or depend on one that did")
    _write_rest(partial / REST, base, whole, closure)
    if _first_month(partial / REST, whole, closure.months(), wanted.months) != whole.period_from:
        return NeedsWhole("the first month with a bill is another one")
    beside = replace(wanted, elsewhere=partial / REST, period_from=whole.period_from, buckets=1)
    as_it_was = replace(
        beside, as_of=whole.as_of, catalogue=whole.catalogue, rules=whole.rules, feeds=whole.feeds, sources={}
    )
    was, is_now = closure.relations("before"), closure.relations("after")
    before = write_snapshot(partial / BEFORE, as_it_was, closure.before(), engine=engine, held=was)
    since = SinceWhole(
        base=base.name, base_checksum=whole.checksum, before_checksum=before.checksum, accounts=closure.accounts
    )
    wanted_now = replace(beside, changes=since)
    now = write_snapshot(partial / "now", wanted_now, closure.now(), engine=engine, held=is_now)
    if _horizon(partial / "now") != _horizon(partial / BEFORE):
        return NeedsWhole("a bill run has happened, so that its month is judged for every account of its cycle")
    aside = partial / "now" / ASIDE
    aside.mkdir()
    for each in (BEFORE, REST):
        (partial / each).rename(aside / each)
    return now


def _ageing(base: Path, whole: Manifest, wanted: SnapshotRequest) -> pa.Table:
    """Serials about which the moment alone says something else: moved since, or waiting to be known."""
    if wanted.as_of == whole.as_of:
        return pa.schema([("serial", pa.string())]).empty_table()
    with reading() as connection:
        moved = connection.sql(
            _MOVED, params=[str(base / "records/StockMovement.parquet"), whole.as_of, wanted.as_of]
        ).to_arrow_table()
        ageing = connection.sql(
            _AGEING, params=[str(base / f"by_serial/*/{table}.parquet") for table in ("device_state", "in_stock")]
        ).to_arrow_table()
    return pa.concat_tables([moved, ageing])


def _write_rest(folder: Path, base: Path, whole: Manifest, closure: Closure) -> None:
    folder.mkdir()
    book = build_price_book(whole.catalogue, whole.market, [], whole.period_to)
    closure.know_codes([(code, product) for code, product in book.billing_code], whole.market.currency)
    rest = {table: closure.rest_of(base, of, counted) for table, (of, counted) in COUNTED.items()}
    rest["line_day"] = closure.less_before(base, "line_day", LINE_DAY)
    rest["code_lines"] = closure.less_before(base, "code_lines", CODE_LINES)
    for name, table in rest.items():
        pq.write_table(table, folder / f"{name}.parquet")


def _first_month(rest: Path, whole: Manifest, own: Iterable[date], months_back: int) -> date:
    """The first judged month as a whole snapshot would find it."""
    with reading() as connection:
        query = "SELECT DISTINCT month FROM read_parquet(?)"
        found = connection.execute(query, [str(rest / "line_day.parquet")]).fetchall()
    months: set[date] = {*own, *(month for (month,) in found)}
    earliest = add_months(whole.period_to, -months_back)
    return min([*(month for month in months if month >= earliest), add_months(whole.period_to, -1)])


def _horizon(folder: Path) -> list[tuple[object, ...]]:
    with reading() as connection:
        return connection.execute(
            "SELECT * FROM read_parquet(?) ORDER BY ALL", [str(folder / STATE_FOLDER / "judged_to.parquet")]
        ).fetchall()
