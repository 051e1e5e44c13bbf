"""One pull of one stream of files: settle, choose, read file after file, page after page."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import BinaryIO

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.files.content import Inspection, file_faults, inspected, is_deleted, records
from connectors.files.folders import Entry, Folder
from connectors.files.plan import Plan
from connectors.files.taken import (
    Reading,
    archived_name,
    choose,
    done,
    markers,
    meant,
    progress_of,
    put_away,
    replayed,
    resume_point,
    unknown,
)
from connectors.paged_pull import key_of
from connectors.ports import Page, RawRecord, ResumePoint, StreamRead
from connectors.settings import near

_MOST_NAMED = 10


class Pull:
    """One pull; remembers how far it is."""

    def __init__(self, system: str, folder: Folder, read: StreamRead, plan: Plan, resume: ResumePoint | None) -> None:
        self._system = system
        self._folder = folder
        self._read = read
        self._plan = plan
        self._progress = progress_of(resume)
        self._present: Sequence[Entry] = ()
        self._put_away: Sequence[Entry] = ()
        self._told: list[str] = []

    def pages(self) -> Iterator[Page]:
        """Yield the pages of this pull; see ``connectors.ports.Source``."""
        self._present = self._archived(meant(self._folder.entries(), self._plan))
        if self._progress.replays and self._plan.archive is not None:
            self._put_away = put_away(self._folder.archived(self._plan.archive), self._plan)
        if not self._present and not self._put_away and not self._progress.taken:
            raise self._nothing_there()
        self._forget_lost_part()
        chosen = choose([*self._settled(), *self._put_away], self._progress, self._plan)
        self._progress = chosen.progress
        self._told += chosen.warnings
        for number, entry in enumerate(chosen.files, start=1):
            yield from self._file(entry, is_last=number == len(chosen.files))
        if not chosen.files:
            self._progress = replayed(self._progress)
            yield self._page([], is_last=True)

    def _file(self, entry: Entry, *, is_last: bool) -> Iterator[Page]:
        """The pages of a file; one without rows gives one page too."""
        place = f"{self._read.stream}: {self._system}: file {entry.name}"
        with closing(self._folder.open(entry)) as file:
            with file_faults(place):
                found = inspected(file, self._plan, self._wanted())
            self._told += [f"file {entry.name}: {told}" for told in found.warnings]
            before, reading = self._progress.taken.get(entry.name), self._progress.reading
            if (
                before is not None
                and before.sha256 == found.sha256
                and (reading is None or reading.name != entry.name)
            ):
                self._finish(entry, found, self._progress.total, is_last=is_last)  # touched, and not changed
                yield self._page([], is_last=is_last)
                return
            if before is not None and before.sha256 and not self._plan.is_overwritten:
                self._told.append(f"file {entry.name} was taken before and has changed since; it is taken again")
            yield from self._rows(place, file, entry, found, is_last=is_last)

    def _rows(self, place: str, file: BinaryIO, entry: Entry, found: Inspection, *, is_last: bool) -> Iterator[Page]:
        stood, row = _state_of(file), self._first_row(entry, found)
        total = found.rows - found.deleted if self._plan.mode == "full" else None
        with file_faults(place):
            rows = islice(records(file, found.spelling, self._plan), row, found.rows)
        while True:
            with file_faults(place):
                batch = list(islice(rows, self._read.page_size))
            row += len(batch)
            if _state_of(file) != stood or (not batch and row < found.rows):
                raise RetryableError(f"{place}: has changed while it was read; try again later")
            at_end = row == found.rows
            if at_end:
                self._finish(entry, found, total, is_last=is_last)
            else:
                reading = Reading(entry.name, found.sha256, row)
                self._progress = replace(self._progress, reading=reading, total=total)
            yield self._page(batch, is_last=is_last and at_end, swept=at_end and found.tells_all)
            if at_end:
                return

    def _finish(self, entry: Entry, found: Inspection, total: int | None, *, is_last: bool) -> None:
        present = [*self._present, *self._put_away]
        progress = done(entry, found.sha256, self._progress, self._plan, present, total)
        self._progress = replayed(progress) if is_last else progress

    def _first_row(self, entry: Entry, found: Inspection) -> int:
        """Where a file is gone on with that an earlier pull began; one that tells everything is read as a whole."""
        reading = self._progress.reading
        if reading is None or reading.name != entry.name or self._plan.mode == "full":
            return 0
        if reading.sha256 == found.sha256:
            return min(reading.row, found.rows)
        self._told.append(f"file {entry.name} has changed since a part of it was taken; it is taken again as a whole")
        return 0

    def _page(self, batch: list[RawRecord], *, is_last: bool, swept: bool = False) -> Page:
        warnings, self._told = tuple(self._told), []
        gone = [record for record in batch if is_deleted(record, self._plan)]
        present = [record for record in batch if not is_deleted(record, self._plan)] if gone else batch
        tells_all = self._plan.mode == "full"
        return Page(
            records=present,
            resume=resume_point(self._progress),
            last=is_last,
            deleted=[key_of(record, self._read) for record in gone],
            source_total=self._progress.total,
            held=[key_of(record, self._read) for record in present] if tells_all else [],
            swept=swept,
            warnings=warnings,
            as_of=self._progress.last_written,
        )

    def _wanted(self) -> list[str]:
        tops = [name.partition(".")[0] for name in self._read.fields]
        deleted = [self._plan.deleted_column] if self._plan.deleted_column else []
        summed = [*self._plan.trailer.sums] if self._plan.trailer else []
        return list(dict.fromkeys([*tops, *self._read.key, *deleted, *summed]))

    def _forget_lost_part(self) -> None:
        reading = self._progress.reading
        if reading is not None and reading.name not in {entry.name for entry in (*self._present, *self._put_away)}:
            self._told.append(
                f"file {reading.name} is gone, and only its first {reading.row} rows were taken; have it sent again"
            )
            self._progress = replace(self._progress, reading=None)

    def _settled(self) -> list[Entry]:
        """Files that nobody is writing to any more: they stay as they are for a while, or their marker says so."""
        present = list(self._present)
        new = unknown(present, self._progress)
        if not new or self._plan.done_marker is not None or not self._plan.settle_s:
            return present
        time.sleep(self._plan.settle_s)
        again = set(self._folder.entries())
        moving = sorted(entry.name for entry in new if entry not in again)
        if moving:
            named = ", ".join(moving[:_MOST_NAMED])
            self._told.append(f"left for the next pull, as they are still being written: {named}")
        return [entry for entry in present if entry.name not in moving]

    def _archived(self, present: list[Entry]) -> list[Entry]:
        """Move files into the archive whose rows are stored, as the resume point says; gives those that stay.

        None is moved that may have to be read again.
        """
        if self._plan.archive is None or not self._read.is_settled or self._progress.replays:
            return present
        stay = []
        for entry in present:
            taken = self._progress.taken.get(entry.name)
            if taken is None or not taken.is_like(entry) or not self._moved(entry, self._plan.archive, taken.sha256):
                stay.append(entry)
        return stay

    def _moved(self, entry: Entry, archive: str, sha256: str) -> bool:
        """Whether a file could be moved; its content is part of the new name, so that nothing is ever replaced."""
        try:
            self._folder.move(entry.name, archive, archived_name(entry.name, sha256, entry.modified))
        except OSError as error:
            self._told.append(f"file {entry.name} cannot be moved to {archive}: {error.strerror or 'refused'}")
            return False
        for marker in markers(entry.name, self._plan):
            try:
                self._folder.move(marker, archive, marker)
            except OSError:
                continue
        return True

    def _nothing_there(self) -> ConfigurationError:
        names = [entry.name for entry in self._folder.entries()]
        return ConfigurationError(
            f"{self._read.stream}: {self._system}: no file is called {self._read.source_object}"
            f"{near(self._plan.pattern, names)}; check object, or wait for the first file"
        )


def _state_of(file: BinaryIO) -> tuple[int, int]:
    about = os.fstat(file.fileno())
    return about.st_size, about.st_mtime_ns
