"""One pull of an object: by REST or by the Bulk API, which give the same records."""

from math import ceil
from typing import TYPE_CHECKING

from canonical_model.errors import ConfigurationError
from connectors.paged_pull import Answer, Ask
from connectors.ports import StreamRead
from connectors.salesforce import soql
from connectors.salesforce.bulk_job import BulkRefused
from connectors.salesforce.bulk_pull import BulkPull
from connectors.salesforce.object_description import kinds_of, without_field
from connectors.salesforce.raw_records import is_told_in_csv
from connectors.salesforce.rest_pull import RestPull
from connectors.salesforce.soql import QueryRefused, page_size
from connectors.salesforce.stream_options import StreamOptions
from connectors.settings import near

if TYPE_CHECKING:
    from connectors.salesforce.org import Org


class Pull:
    """The questions of one pull; chooses the way with the first, and keeps to it.

    Attributes:
        warnings: what a person should know, since it was last emptied.
    """

    def __init__(self, org: "Org", read: StreamRead, options: StreamOptions) -> None:
        self.warnings: list[str] = []
        self._org = org
        self._read = read
        self._options = options
        self._held: int | None = None
        self._rest: RestPull | None = None
        self._bulk: BulkPull | None = None

    def __call__(self, ask: Ask) -> Answer:
        """One page.

        Raises:
            ConfigurationError: the object or a field does not exist.
            UnsafeToContinue: the org contradicts itself.
            RetryableError: it cannot answer now, or a job takes long.
        """
        try:
            if self._held is None:
                self._check_fields()
                self._held = self._count(None)
            return self._answer(ask, self._held)
        except QueryRefused as refusal:
            raise self._explained(refusal) from refusal

    def end(self) -> None:
        """Clean up after a pull that came to its end and was stored."""
        if self._bulk is not None:
            self._bulk.end()

    def close(self) -> None:
        """Let go of what is on the disk."""
        if self._bulk is not None:
            self._bulk.close()

    def _answer(self, ask: Ask, held: int) -> Answer:
        is_job = ask.position is not None and "job" in ask.position
        if is_job or (ask.position is None and self._wants_job(ask, held)):
            try:
                bulk = self._by_job()
                return bulk.page(ask, held) if is_job else bulk.begin(ask, held)
            except BulkRefused as refused:
                self.warnings.append(
                    f"{self._read.source_object} is read by REST and not by the Bulk API: {refused.args[0]}"
                )
            ask = Ask(ask.since, None, ask.size)
        if self._rest is None:
            self._rest = RestPull(self._org, self._read, marks_deleted=self._marks_deleted())
        return self._rest.page(ask, held)

    def _wants_job(self, ask: Ask, held: int) -> bool:
        """Whether a pull that begins is better done as a job: it is large, or REST would take too many calls."""
        if self._options.mode != "auto":
            return self._options.mode == "bulk" and held > 0
        matching = held
        if held >= self._options.bulk_from and ask.since is not None:
            matching = self._count(str(ask.since))
        left = self._org.usage.left
        is_costly = left is not None and ceil(matching / page_size(ask.size)) > left
        return matching > 0 and (matching >= self._options.bulk_from or is_costly)

    def _by_job(self) -> BulkPull:
        """The pull by a job.

        Raises:
            BulkRefused: the Bulk API cannot give these records as REST does.
        """
        if self._bulk is None:
            if self._read.lists:
                raise BulkRefused("it gives no nested lists")
            known = self._org.described(self._read.source_object)
            selected = soql.selected(self._read, marks_deleted=self._marks_deleted())
            kinds = kinds_of(selected, known, self._org.described) if known else {}
            if unfit := [path for path in selected if not is_told_in_csv(kinds.get(path))]:
                raise BulkRefused(f"it does not give {', '.join(unfit)} as REST does")
            self._bulk = BulkPull(self._org, self._read, self._options, kinds)
        return self._bulk

    def _count(self, since: str | None) -> int:
        text = soql.count(self._read, since)
        told = self._org.query(text, f"count {self._read.source_object}", deleted_too=since is not None, size=200)
        return int(told["totalSize"])

    def _marks_deleted(self) -> bool:
        known = self._org.described(self._read.source_object)
        return known is None or soql.DELETED in known.fields

    def _check_fields(self) -> None:
        name = self._read.source_object
        soql.count(self._read)  # a name that is none is told before it becomes a part of a URL
        known = self._org.described(name)
        selected = soql.selected(self._read, marks_deleted=self._marks_deleted())
        if known and (wants := without_field(selected, known)):
            raise ConfigurationError(f"{self._read.stream}: fields of {name}: {wants}")

    def _explained(self, refusal: QueryRefused) -> ConfigurationError:
        name, stream = self._read.source_object, self._read.stream
        if refusal.code == "INVALID_TYPE":
            return ConfigurationError(f"{stream}: object {name} does not exist{near(name, self._org.objects())}")
        return ConfigurationError(f"{stream}: {name}: {refusal.code}: {refusal.said}; check the mapping")
