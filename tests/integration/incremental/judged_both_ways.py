"""An operator judged by what changed since a whole snapshot, and judged whole: the two must not differ."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from canonical_model.record import Record
from reconciliation.findings import Reconciliation
from reconciliation.incremental.judge import judge_changes
from reconciliation.incremental.take import NeedsWhole, take_changes
from reconciliation.run import judgement_key, reconcile
from reconciliation.snapshot.manifest import Manifest, read_manifest
from reconciliation.snapshot.write import SnapshotRequest
from tests.fakes.changed_records import changes_between
from tests.fakes.shipped_rules import rules_text
from tests.fakes.small_operator import AS_OF, FRESH, MARKET, SmallOperator, catalogue, serial_of

LATER = AS_OF + timedelta(hours=3)


@dataclass
class Bench:
    """A whole snapshot of an operator and its run; later records are judged both ways."""

    place: Path
    operator: SmallOperator

    @property
    def snapshots(self) -> Path:
        return self.place / "snapshots"

    @property
    def runs(self) -> Path:
        return self.place / "runs"

    def request(self, **facts: Any) -> SnapshotRequest:
        given: dict[str, Any] = {
            "operator": "Small",
            "market": MARKET,
            "as_of": LATER,
            "catalogue": catalogue(self.operator.proration),
            "rules": rules_text(),
            "sources": {},
            "feeds": FRESH,
        }
        return SnapshotRequest(**(given | facts))

    def judged_whole(self, records: list[Record], name: str, as_of: datetime) -> Reconciliation:
        folder = self.snapshots / name
        replace(self.operator, records=records).snapshot(folder, rules_text(), as_of=as_of)
        return reconcile(folder, self.runs / judgement_key(read_manifest(folder)))

    def judged_by_changes(self, records: list[Record], **facts: Any) -> Reconciliation | NeedsWhole:
        changes = changes_between(self.operator.records, records)
        folder = self.snapshots / "changes"
        taken = take_changes(folder, self.snapshots / "base", self.request(**facts), changes)
        return judge_changes(folder, self.runs) if isinstance(taken, Manifest) else taken


@contextmanager
def bench(operator: SmallOperator, prepared: Path | None = None) -> Iterator[Bench]:
    """A bench of its own; ``prepared`` is the place of one for the same operator, which is copied and not made."""
    with TemporaryDirectory() as folder:
        made = Bench(Path(folder) / "bench", operator)
        if prepared is None:
            made.judged_whole(operator.records, "base", AS_OF)
        else:
            shutil.copytree(prepared, made.place)
        yield made


def background(operator: SmallOperator) -> SmallOperator:
    """Accounts that no change is about: right ones, wrong ones, ghosts, codes that nobody knows, strangers."""
    operator.clean("71")
    operator.installed("72", offering="gold", ordered="silver")
    operator.whole_months("72", "SLV", "55.00", (1, 2, 3))
    operator.installed("73", date(2026, 2, 10))
    operator.whole_months("74", "ODD", "10.00", (1, 2))
    operator.clean("75")
    operator.adjustment("75", "-5.00", date(2026, 3, 3))
    operator.seen("GHST00000001", "S", date(2026, 2, 10))
    operator.seen(serial_of("73")[:-1] + "9", "S", date(2026, 2, 10))
    operator.bill("72", date(2026, 3, 1), date(2026, 4, 1), date(2026, 3, 28))
    return operator


JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))
FIFTHS = tuple(date(2026, month, 5) for month in (1, 2, 3, 4))
SEVENTEENTHS = tuple(date(2026, month, 17) for month in (1, 2, 3))
ANCHORED: dict[str, tuple[Sequence[tuple[int, date]], Sequence[date]]] = {
    "51": (((17, JANUARY),), SEVENTEENTHS),
    "52": (((17, JANUARY),), SEVENTEENTHS),
    "53": (((17, JANUARY),), SEVENTEENTHS[:2]),
    "54": (((17, JANUARY),), ()),
    "55": (((5, JANUARY),), FIFTHS[:2]),
    "56": (((5, JANUARY),), FIFTHS[:3]),
    "57": (((17, JANUARY), (5, date(2026, 2, 20))), (*SEVENTEENTHS[:2], FIFTHS[2])),
    "58": (((17, JANUARY), (1, date(2026, 2, 10))), (*SEVENTEENTHS[:2], MARCH, APRIL)),
    "59": (((17, JANUARY), (1, date(2026, 1, 20))), (SEVENTEENTHS[0], FEBRUARY, MARCH)),
    "61": (((1, JANUARY), (17, date(2026, 2, 3))), (JANUARY, FEBRUARY, *SEVENTEENTHS[1:])),
    "62": (((30, JANUARY),), ()),
}
"""Accounts by the anchors they were told and the days between which they were billed: in step, behind, late, never,
and from one day to another by a stub."""


def billed_from_other_days(operator: SmallOperator) -> SmallOperator:
    """``ANCHORED`` beside the background."""
    for account, (anchors, boundaries) in ANCHORED.items():
        operator.installed(account)
        for anchor, since in anchors:
            operator.cycle(account, anchor, since)
        for start, end in pairwise(boundaries):
            operator.line(account, "SLV", start, end, "60.00", "60.00", billed_on=end)
    return background(operator)


def comparable(found: Reconciliation) -> Reconciliation:
    return replace(found, settled={name: minor for name, minor in found.settled.items() if minor})
