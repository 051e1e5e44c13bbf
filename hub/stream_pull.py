"""A pull of one stream while it runs: each page is mapped, held against the bounds, and stored in one transaction.

While a page is being stored, the next is fetched and mapped: a database and a source each wait for the other no more
than they must. Never are two pages stored at once, and none after one that could not be.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from canonical_model.errors import UnsafeToContinue
from connectors.mapping import MappedBatch, PageMapper, StreamMapping, landed_id
from connectors.ports import Capabilities, Page
from hub.mapped_records import stored_form
from hub.pull_bounds import PullBounds
from hub.pull_shares import PullShares
from hub.reference_gate import passed_references
from hub.running_clock import Clock
from rules.judgements import Judgement
from storage.database import Database
from storage.pages import MappedPage, PageCounts, store_page, store_rejected
from storage.quality_results import add_judgements
from storage.seen_keys import SeenKeys
from storage.undecided import Undecided, keep_undecided

MOST_REJECTIONS_KEPT = 500
MOST_VANISHED_NAMED = 5

CLOCK_SKEW = timedelta(minutes=5)
"""How far the clock of a source may be ahead of ours. No cursor moves further; what lies beyond is read again."""


@dataclass(slots=True)
class StreamOutcome:
    """What a pull of one stream came to.

    Attributes:
        set_aside: record and reason of rejections, the first ones; all of them lie in quarantine.
        warnings: what a person should know although the pull went on.
        as_of: of when the source's last word is, where it is not of the moment of the pull.
        recovered: records that had waited in quarantine, for what they refer to or for the end of the pull, and are
            accepted now.
    """

    system: str
    stream: str
    counts: PageCounts = field(default_factory=PageCounts)
    pages: int = 0
    source_total: int | None = None
    set_aside: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    as_of: datetime | None = None
    recovered: int = 0


OnPage = Callable[[StreamOutcome], None]


@dataclass(slots=True)
class StreamPull:
    """A pull while it runs: maps, judges and stores page after page.

    Attributes:
        capabilities: what the kind of system is able to.
        writer: stores the pages, of which it gets one at a time.
        seen: the keys that the source has shown, where it shows all of them.
        on_page: told the outcome so far after each page that is stored.
        storing: the page that is being stored.
    """

    database: Database
    capabilities: Capabilities
    mapping: StreamMapping
    mapper: PageMapper
    bounds: PullBounds
    shares: PullShares
    pull_id: int
    now: datetime
    clock: Clock
    outcome: StreamOutcome
    writer: Executor
    seen: SeenKeys
    on_page: OnPage | None = None
    storing: tuple[Page, MappedBatch, Future[PageCounts]] | None = None
    ahead: int = 0
    first_ahead: str = ""

    @property
    def reads_all(self) -> bool:
        """Whether the pull reads all that the source holds, so that what it does not see is gone."""
        return self.mapping.read.cursor_field is None and not self.capabilities.takes_once

    def store(self, page: Page) -> None:
        """Map a page, hold it against the bounds, and begin to store it with its resume point in one transaction.

        Raises:
            UnsafeToContinue: a bound is crossed; of the page only what is unusable is kept, in quarantine.
            SpliceError: the page before could not be stored; nothing of this one is.
        """
        batch = self.mapper.map_page(page.records, self.now, self.clock() + CLOCK_SKEW)
        self.settle()  # references of this page may be in the one before
        self.bounds.hold_total(page.source_total)
        if self.reads_all and not page.unchanged and self.seen.is_empty:
            self.shares.begin_anew()
        batch = passed_references(self.database, self.mapping, self.shares.hold(batch))
        batch = self.shares.hold(batch)
        batch = self.shares.hold_last(batch) if page.last else batch
        mapped = self._mapped_page(page, batch)
        try:
            self._hold(batch)
            unseen = self._unseen(page, batch)
        except UnsafeToContinue as bound:
            with self.database.writing() as connection:
                kept = store_rejected(connection, mapped)
                add_judgements(connection, self.pull_id, batch.judged)
            raise UnsafeToContinue(f"{bound}. {self._what_next(kept)}") from bound
        left = self.shares.left() if self.shares.is_asked else None
        self.storing = page, batch, self.writer.submit(self._write, mapped, unseen, batch.judged, left)

    def settle(self) -> None:
        """Wait until the last page is stored.

        Raises:
            SpliceError: it could not be.
        """
        if self.storing is None:
            return
        (page, batch, stored), self.storing = self.storing, None
        self._note(page, batch, stored.result())
        if self.on_page is not None:
            self.on_page(self.outcome)

    def _write(
        self,
        mapped: MappedPage,
        unseen: Iterable[Sequence[str]],
        judged: Sequence[Judgement],
        left: Undecided | None,
    ) -> PageCounts:
        """Store a page, and what the source does not hold any more, in one transaction however much that is."""
        with self.database.writing() as connection:
            counts = store_page(connection, mapped)
            for some in unseen:
                gone = replace(mapped, records=(), deleted=some, resume=None, source_total=None, newest_event=None)
                counts = counts.plus(store_page(connection, gone))
            add_judgements(connection, self.pull_id, judged)
            if left is not None:
                keep_undecided(connection, mapped.system, mapped.stream, left)
        return counts

    def remarks(self) -> list[str]:
        """What the pages together say beside the bounds."""
        if not self.ahead:
            return []
        told = f"{self.ahead} records lie in the future by {self.mapping.read.cursor_field}, {self.first_ahead} first"
        return [f"{told}: they are taken, and the cursor stays before them; ask the source's owner"]

    def _hold(self, batch: MappedBatch) -> None:
        if batch.unsafe is not None:
            raise UnsafeToContinue(batch.unsafe)
        # what may still be let in has a bound of its own
        refused = [raw.rejection for raw in batch.rejected if raw.rejection and not raw.rejection.is_until_the_end]
        reasons = [one.reason for one in refused]
        self.bounds.hold_rejected(len(batch.raws), len(reasons), reasons[0] if reasons else "")

    def _what_next(self, kept: int) -> str:
        of_stream = f"{self.outcome.system} {self.outcome.stream}"
        if not kept:
            return "Nothing of the page was stored, and the next pull reads it again"
        return (
            f"Of the page only the {kept} that cannot be used were kept, in quarantine: look with"
            f" `splice quarantine list {of_stream}`, mend the source or the mapping, and pull again"
        )

    def _mapped_page(self, page: Page, batch: MappedBatch) -> MappedPage:
        return MappedPage(
            system=self.outcome.system,
            stream=self.outcome.stream,
            pull_id=self.pull_id,
            known_at=self.now,
            records=[stored_form(raw) for raw in batch.raws],
            deleted=[landed_id(key) for key in page.deleted],
            resume=page.resume,
            source_total=page.source_total,
            newest_event=batch.newest_event,
        )

    def _unseen(self, page: Page, batch: MappedBatch) -> Iterable[Sequence[str]]:
        """What the source has no more: a pull of everything, or a sweep over all keys, did not see it."""
        if page.unchanged:
            return ()
        if self.reads_all:
            self.seen.add(raw.landed_id for raw in batch.raws)
        if page.held:
            self.seen.add(map(landed_id, page.held))
        if not (page.last if self.reads_all else page.swept):
            return ()
        unseen = self.seen.find_unseen(self.outcome.system, self.outcome.stream, MOST_VANISHED_NAMED)
        self.bounds.hold_vanished(unseen.landed, unseen.held)
        if unseen.landed and not self.reads_all:
            more = unseen.landed - len(unseen.first)
            named = ", ".join(unseen.first) + (f" and {more} more" if more else "")
            self.outcome.warnings.append(
                f"{unseen.landed} records are gone from the source without a mark and count as deleted: {named}"
            )
        return self.seen.unseen()

    def _note(self, page: Page, batch: MappedBatch, counts: PageCounts) -> None:
        outcome = self.outcome
        outcome.pages += 1
        outcome.counts = outcome.counts.plus(counts)
        if page.source_total is not None:
            outcome.source_total = page.source_total
        if page.as_of is not None:
            outcome.as_of = min(page.as_of, self.now)
        room = MOST_REJECTIONS_KEPT - len(outcome.set_aside)
        outcome.set_aside += [(raw.landed_id, raw.rejection.reason) for raw in batch.rejected if raw.rejection][:room]
        outcome.warnings += [told for told in (*page.warnings, *_remarks(batch)) if told not in outcome.warnings]
        self.ahead += len(batch.ahead)
        self.first_ahead = self.first_ahead or next(iter(batch.ahead), "")


def _remarks(batch: MappedBatch) -> Iterator[str]:
    if batch.drift.undeclared:
        yield f"the source has fields that the mapping does not name: {', '.join(batch.drift.undeclared)}"
    if batch.drift.absent:
        yield f"fields that no record of a page has: {', '.join(batch.drift.absent)}"
    for failed in batch.warnings:
        yield f"expectation {failed.name}: {failed.observed}"
