"""Judge a snapshot of changes: its accounts as they were and as they are; others stay as judged."""

from pathlib import Path

from canonical_model.errors import UnsafeToContinue
from reconciliation.collector import seldom_collecting
from reconciliation.engines.databases import reading
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.findings import Reconciliation
from reconciliation.incremental.merge import merged, stands_alone
from reconciliation.incremental.take import ASIDE, BEFORE, NeedsWhole
from reconciliation.run import concluding, judgement_key, read_outcome, reconcile
from reconciliation.snapshot.manifest import read_manifest
from reconciliation.snapshot.tables import DOCUMENT_TABLES, SERIAL_TABLES


def judge_changes(folder: Path, runs: Path, limits: EngineLimits | None = None) -> Reconciliation | NeedsWhole:
    """The outcome of all accounts, of which only those that changed are judged.

    The accounts that changed are judged as they were, too: that must give to the cent what the whole run found on
    them, or they cannot be judged by themselves and nothing that follows from it may be believed.

    Args:
        folder: a snapshot of changes; the whole one lies beside it.
        runs: folder of the runs of the market, each named by its ``judgement_key``.
        limits: what the engine may use.

    Raises:
        UnsafeToContinue: what lies beside it is not the snapshot that it was taken from.
        ConfigurationError, RetryableError: as ``reconcile``.
    """
    manifest = read_manifest(folder)
    since = manifest.changes
    if since is None:
        raise ValueError(f"{folder} is a whole snapshot")
    base, past = folder.parent / since.base, folder / ASIDE / BEFORE
    for place, checksum in ((base, since.base_checksum), (past, since.before_checksum)):
        if read_manifest(place).checksum != checksum:
            raise UnsafeToContinue(f"{place} is not what snapshot {folder.name} was taken from: restore it")
    output = runs / judgement_key(manifest)
    with seldom_collecting(), concluding(output, limits or EngineLimits()) as engine:
        whole = _outcome(base, runs, limits)
        before = reconcile(past, runs / judgement_key(read_manifest(past)), limits, engine=engine)
        after = reconcile(folder, output, limits, engine=engine)
    if _silent(before) != _silent(after):
        return NeedsWhole("a feed is fit that was not, or the other way round, so that other rules may judge")
    if odd := stands_alone(whole, before, _subjects(past)):
        return NeedsWhole(f"the accounts that changed cannot be judged by themselves ({odd})")
    return merged(whole, before, after)


def _outcome(base: Path, runs: Path, limits: EngineLimits | None) -> Reconciliation:
    output = runs / judgement_key(read_manifest(base))
    return read_outcome(base, output) or reconcile(base, output, limits)


def _subjects(folder: Path) -> frozenset[str]:
    """What findings on a snapshot may be about: its services, serials and documents."""
    column = {"by_service/*/service": "service"}
    column |= {f"by_serial/*/{table}": "serial" for table in SERIAL_TABLES}
    column |= {f"by_document/*/{table}": "subject" for table in DOCUMENT_TABLES}
    queries = [f"SELECT {name} FROM read_parquet('{folder / place}.parquet')" for place, name in column.items()]
    with reading() as connection:
        return frozenset(name for (name,) in connection.execute(" UNION ".join(queries)).fetchall())


def _silent(found: Reconciliation) -> set[str]:
    return {rule for rule, outcome in found.outcomes.items() if outcome == "inconclusive"}
