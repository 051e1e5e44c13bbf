"""A snapshot whose buckets are judged by several runs; one of them concludes, and judges what is left."""

from pathlib import Path

from canonical_model.errors import ConfigurationError
from hub.changes import runs_of
from hub.snapshots import limits_of
from hub.workplace import Hub
from reconciliation.run import judge_share, judgement_key
from reconciliation.snapshot.manifest import read_manifest


def output_of(hub: Hub, folder: Path) -> Path:
    """Where a snapshot is judged into, the same for everybody who sees the workspace."""
    manifest = read_manifest(folder)
    return runs_of(hub.archive, manifest.market.id) / judgement_key(manifest)


def judge_share_of(hub: Hub, folder: Path, share: int, shares: int) -> tuple[str, ...]:
    """Judge one share of a snapshot's buckets; gives the names of those that nobody had judged before.

    Raises:
        ConfigurationError, UnsafeToContinue, RetryableError: as ``reconciliation.run.judge_share``.
    """
    return judge_share(folder, output_of(hub, folder), share, shares, limits_of(hub.operator.file.engine))


def refuse_other_engines(hub: Hub) -> None:
    """See that shares mean something for the operator's engine.

    Raises:
        ConfigurationError: Spark spreads a market by itself.
    """
    if hub.operator.file.engine.kind != "duckdb":
        raise ConfigurationError("engine.kind spark spreads a market by itself: reconcile it without shares")
