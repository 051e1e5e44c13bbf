"""Query jobs of the Bulk API 2.0: asked for, waited for, read page by page from the disk, cleaned up."""

import csv
import io
import logging
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any

from canonical_model.errors import RetryableError, SpliceError
from connectors.salesforce.soql import QueryRefused

if TYPE_CHECKING:
    from connectors.salesforce.org import Org

log = logging.getLogger(__name__)

LONGEST_VALUE = 1 << 27
"""Characters of one value; the standard library refuses more than 131,072 unless told."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 30.0
_RUNNING = ("UploadComplete", "InProgress")


class BulkRefused(Exception):  # noqa: N818 - a signal inside the connector, which goes by REST then
    """The org does not do this query as a job."""


class JobGone(Exception):  # noqa: N818 - a signal inside the connector, which asks for a new job then
    """The job was aborted or deleted, or is too old."""


class BulkJobs:
    """The query jobs of an org that one pull asks for.

    Args:
        org: where.
        doing: for messages.
        sleep: waits between two looks at a job.
    """

    def __init__(self, org: "Org", doing: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._org = org
        self._doing = doing
        self._sleep = sleep

    def create(self, query: str) -> dict[str, Any]:
        """Ask for a job whose result holds deleted records too; gives what the org tells of it.

        Raises:
            BulkRefused: the org does not do it, or only if others went without.
            RetryableError, ConfigurationError: as ``Org.query``.
        """
        most, left = _daily_jobs(self._org.ask("limits", "read limits"))
        if left <= most - self._org.usage.share(most):
            raise BulkRefused(f"the org has {left} of its {most} jobs of the last 24 hours left")
        body = {"operation": "queryAll", "query": query, "columnDelimiter": "COMMA", "lineEnding": "LF"}
        try:
            return self._job(self._org.ask("jobs/query", self._doing, method="POST", body=body))
        except QueryRefused as refusal:
            raise BulkRefused(f"{refusal.code}: {refusal.said}") from refusal

    def wait(self, job: str, longest_s: float) -> dict[str, Any]:
        """Wait until a job has its result; gives what the org tells of it.

        Raises:
            JobGone: there is no such job any more.
            BulkRefused: it failed.
            RetryableError: it takes longer.
        """
        waited, pause = 0.0, _FIRST_PAUSE_S
        told = self._look(job)
        while told["state"] in _RUNNING:
            if waited >= longest_s:
                raise RetryableError(
                    f"{self._org.name}: {self._doing}: job {job} is not done after {longest_s:g} s; the next pull "
                    "goes on with it"
                )
            self._sleep(pause)
            waited, pause = waited + pause, min(pause * 2, _LONGEST_PAUSE_S)
            told = self._look(job)
        if told["state"] == "Failed":
            raise BulkRefused(
                f"job {job} failed: {str(told.get('errorMessage') or 'the org does not say why')[:200]}"
            )
        if told["state"] != "JobComplete":
            raise JobGone(job)
        return told

    def page(self, job: str, locator: str, size: int) -> "ResultPage":
        """Download a page of a result to the disk.

        Raises:
            JobGone: job or locator are known no more.
            RetryableError: the download broke off, or is no CSV with its number of records.
        """
        file = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed with the page
        parameters = {"maxRecords": size, **({"locator": locator} if locator else {})}
        try:
            headers = self._org.download(f"jobs/query/{job}/results", self._doing, file, parameters=parameters)
            count = headers.get("Sforce-NumberOfRecords", "")
            if not count.isdecimal():
                raise self._garbled("has no number of records")
        except QueryRefused as refusal:
            file.close()
            raise JobGone(job) from refusal
        except SpliceError:
            file.close()
            raise
        following = headers.get("Sforce-Locator", "null")
        file.seek(0)
        return ResultPage(file, int(count), "" if following == "null" else following, self._garbled)

    def delete(self, job: str) -> None:
        """Clean up after a job; the org does it itself after seven days, so a failure is only noted."""
        try:
            self._org.ask(f"jobs/query/{job}", "clean up", method="DELETE")
        except (QueryRefused, SpliceError) as error:
            log.info("a query job is left for the org to clean up", extra={"job": job, "reason": str(error)})

    def _look(self, job: str) -> dict[str, Any]:
        try:
            return self._job(self._org.ask(f"jobs/query/{job}", self._doing))
        except QueryRefused as refusal:
            raise JobGone(job) from refusal

    def _job(self, told: Any) -> dict[str, Any]:
        if (
            not isinstance(told, dict)
            or not isinstance(told.get("id"), str)
            or not isinstance(told.get("state"), str)
        ):
            raise self._garbled("tells of no job")
        return told

    def _garbled(self, what: str) -> RetryableError:
        return RetryableError(
            f"{self._org.name}: {self._doing}: the answer of the Bulk API {what}; try again later, and check the "
            "address if it stays so"
        )


def _daily_jobs(limits: Any) -> tuple[int, int]:
    """How many jobs an org may do in a day, and how many are left; 0 and 1 where it does not tell."""
    match limits:
        case {"DailyBulkV2QueryJobs": {"Max": int(most), "Remaining": int(left)}}:
            return most, left
    return 0, 1


class ResultPage:
    """A downloaded page, read from the disk line by line; ``following`` is the locator of the next, empty at the end.

    Attributes:
        columns: the header.
        count: records of the page.
        taken: records given so far.
    """

    def __init__(self, file: Any, count: int, following: str, garbled: Callable[[str], RetryableError]) -> None:
        self.count = count
        self.following = following
        self.taken = 0
        self._garbled = garbled
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        csv.field_size_limit(LONGEST_VALUE)
        self._lines = csv.reader(self._text, strict=True)
        self.columns = next(iter(self._read(1)), [])

    def lines(self, most: int) -> list[list[str]]:
        """The next records, at most so many.

        Raises:
            RetryableError: it is no CSV, or holds another number of records than the org says.
        """
        wanted = min(most, self.count - self.taken)
        found = self._read(wanted)
        self.taken += len(found)
        is_short = len(found) < wanted or set(map(len, found)) - {len(self.columns)}
        if is_short or (self.is_read and self._read(1)):
            raise self._garbled(f"holds another number of records or values than it says ({self.count} records)")
        return found

    @property
    def is_read(self) -> bool:
        """Whether every record was given."""
        return self.taken >= self.count

    def close(self) -> None:
        """Let go of the file, which has no name and vanishes."""
        self._text.close()

    def _read(self, most: int) -> list[list[str]]:
        try:
            return list(islice(self._lines, most))
        except (csv.Error, UnicodeDecodeError) as error:
            raise self._garbled("is no CSV") from error
