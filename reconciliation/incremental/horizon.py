"""Whether a later moment may be judged by what changed since a whole snapshot; if not, why not."""

from pathlib import Path

from reconciliation.carried_rules import carried_rules
from reconciliation.snapshot.elsewhere import assembled_by, was_assembled_by
from reconciliation.snapshot.manifest import Manifest
from reconciliation.snapshot.write import SnapshotRequest


def whole_run_needed(folder: Path, base: Manifest, wanted: SnapshotRequest) -> str:
    """Why everything has to be judged again; empty where the changes will do.

    Args:
        folder: of the whole snapshot.
        base: its manifest.
        wanted: what is to be judged now.
    """
    market = wanted.market
    if was_assembled_by(folder) != assembled_by():
        return "the last whole snapshot was taken by another version of Splice"
    if any(feed.last_pull_outcome == "running" for feed in base.feeds):
        return "a pull was under way when the last whole snapshot was taken"
    if wanted.as_of < base.as_of:
        return "the moment is before that of the last whole snapshot"
    if market != base.market:
        return "the market is described otherwise"
    if market.local_date(wanted.as_of) != market.local_date(base.as_of):
        return "another day: what waits has waited longer, and a bill run may have become due"
    if wanted.catalogue != base.catalogue:
        return "the catalogue changed"
    if wanted.rules != base.rules:
        return "the rules changed"
    if wanted.shrink_percent != base.shrink_percent:
        return "the share of a feed that may be missing is another one"
    bounded = [each.rule.id for each in carried_rules(base.rules) if each.rule.bound is not None]
    return f"rule {bounded[0]} has a bound over the whole market" if bounded else ""
