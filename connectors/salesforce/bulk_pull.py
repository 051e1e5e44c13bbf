"""A pull over the Bulk API 2.0: one job, its result in large pages on the disk, handed on in small ones.

A position names the job, the locator of a page and how many of its records are stored, so that a pull goes on in the
middle of a page. A job that is gone is asked for anew, from the beginning of its pull.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from canonical_model.errors import RetryableError
from connectors.cursors import is_cursor
from connectors.paged_pull import Answer, Ask
from connectors.ports import RawRecord, StreamRead
from connectors.salesforce import soql
from connectors.salesforce.bulk_job import BulkJobs, JobGone, ResultPage
from connectors.salesforce.raw_records import csv_reader
from connectors.salesforce.stream_options import StreamOptions

if TYPE_CHECKING:
    from connectors.salesforce.org import Org


class BulkPull:
    """The questions of one pull.

    Args:
        org: where.
        read: what.
        options: of the stream.
        kinds: the type of every path that is selected.
    """

    def __init__(self, org: "Org", read: StreamRead, options: StreamOptions, kinds: dict[str, str]) -> None:
        self._read = read
        self._options = options
        self._kinds = kinds
        self._marks_deleted = soql.DELETED in kinds
        self._name = org.name
        self._jobs = BulkJobs(org, f"pull {read.source_object} by job")
        self._job: dict[str, Any] | None = None
        self._page: ResultPage | None = None
        self._position: Any = None
        self._make: Callable[[list[list[str]]], list[RawRecord]] = lambda _: []
        self._has_lost_a_job = False

    def begin(self, ask: Ask, held: int) -> Answer:
        """Ask for a job, and give no records yet but the position that names it; ``held`` as in ``RestPull.page``.

        Raises:
            BulkRefused: the org does not do this query as a job.
        """
        since = None if ask.since is None else str(ask.since)
        job = self._jobs.create(soql.select_unordered(self._read, since, marks_deleted=self._marks_deleted))
        position = {"job": job["id"], "locator": "", "stored": 0, "size": self._options.bulk_page}
        return Answer([], position, None, held)

    def page(self, ask: Ask, held: int) -> Answer:
        """The records behind a position.

        Raises:
            BulkRefused: the job failed.
            RetryableError: it is not done yet, or a download broke off.
        """
        try:
            job, page = self._at(ask.position)
        except JobGone as gone:
            if self._has_lost_a_job:
                raise RetryableError(
                    f"{self._name}: {self._read.source_object}: query jobs vanish before they are read "
                    f"({gone.args[0]}); try again later, and ask who aborts them"
                ) from gone
            self._has_lost_a_job = True
            return self.begin(ask, held)
        records = self._make(page.lines(ask.size))
        if page.is_read:
            following = {**ask.position, "locator": page.following, "stored": 0}
            self._position = following if page.following else None
        else:
            self._position = {**ask.position, "stored": page.taken}
        return Answer(
            records,
            self._position,
            matching=counted if isinstance(counted := job.get("numberRecordsProcessed"), int) else None,
            held=held,
            settled=made if is_cursor(made := str(job.get("createdDate") or "")) else None,
        )

    def end(self) -> None:
        """Clean up after a pull that came to its end and was stored."""
        self.close()
        if self._job is not None:
            self._jobs.delete(self._job["id"])

    def close(self) -> None:
        """Let go of the page on the disk."""
        if self._page is not None:
            self._page.close()
        self._page = None

    def _at(self, position: dict[str, Any]) -> tuple[dict[str, Any], ResultPage]:
        """The job of a position, and its page with the stored records behind it."""
        if self._job is None or self._job["id"] != position["job"]:
            self._job = self._jobs.wait(position["job"], self._options.bulk_wait_s)
        if self._page is None or self._page.is_read or position != self._position:
            self.close()
            page = self._jobs.page(position["job"], position["locator"], position["size"])
            self._page = page
            if page.count:
                self._make = self._maker(page.columns)
            while page.taken < position["stored"] and not page.is_read:
                page.lines(min(self._read.page_size, position["stored"] - page.taken))
        return self._job, self._page

    def _maker(self, columns: list[str]) -> Callable[[list[list[str]]], list[RawRecord]]:
        selected = soql.selected(self._read, marks_deleted=self._marks_deleted)
        if [name.lower() for name in columns] != [name.lower() for name in selected]:
            raise RetryableError(
                f"{self._name}: {self._read.source_object}: the Bulk API gives other columns than were asked for; "
                "try again later, and check the address if it stays so"
            )
        return csv_reader(selected, self._kinds)
