"""The questions of one pull of a REST collection, and what their answers say."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.counted_pages import counted_position, matching_total
from connectors.http.rest_plan import RestPlan, parameters_of
from connectors.paged_pull import Answer, Ask
from connectors.ports import RawRecord, StreamRead
from connectors.settings import at_path, near

if TYPE_CHECKING:
    from connectors.http.rest_service import RestAnswer, RestService


class RestPull:
    """Asks for one page at a time.

    Attributes:
        read: what is read.
        plan: how it is asked for.
        tags: position and entity tag of each page so far; the tag is empty where the service gave none.
        ends_short: whether the last page so far held fewer rows than were asked for.
    """

    def __init__(self, service: "RestService", plan: RestPlan, read: StreamRead) -> None:
        self.read = read
        self.plan = plan
        self.tags: list[tuple[Any, str]] = []
        self.ends_short = False
        self._service = service
        self._held: int | None = None
        self._known: dict[Any, RestAnswer] = {}

    def __call__(self, ask: Ask) -> Answer:
        """One page.

        Raises:
            ConfigurationError: rows or total are not where the options say.
            UnsafeToContinue: a row is no JSON object, or what should lead to the next page does not.
        """
        answer = self._known.pop(ask.position, None) or self._service.get(*self._question(ask))
        records = self._rows(answer)
        total = self._total(answer)
        following = self._following(answer, records, ask, total)
        if ask.since is None or self.plan.counts_whole:
            self.tags.append((ask.position, answer.headers.get("ETag", "")))
            self.ends_short = len(records) < ask.size
            return Answer(records, following, total if ask.since is None else None, total)
        if self._held is None and self.plan.total:
            self._held = self(Ask(None, None, 1)).held
        return Answer(records, following, total, self._held)

    def is_unchanged(self, position: Any, tag: str) -> bool:
        """Whether a page is still what it was with that entity tag; one that is not is kept for the pull."""
        path, parameters, what = self._question(Ask(None, position, self.read.page_size))
        answer = self._service.get_if_changed(path, parameters, tag, what)
        if answer is not None and position is None:
            self._known[position] = answer
        return answer is None

    def _question(self, ask: Ask) -> tuple[str, dict[str, Any], str]:
        what = self.read.source_object
        if self.plan.paging == "link" and ask.position is not None:
            return str(ask.position), {}, what
        return what, parameters_of(self.plan, ask), what

    def _rows(self, answer: "RestAnswer") -> list[RawRecord]:
        rows = self._at(answer.body, self.plan.rows, "rows")
        if not isinstance(rows, list):
            raise ConfigurationError(f"{self._place('rows')}: {self.plan.rows or 'the answer'} is no list")
        if any(not isinstance(row, dict) for row in rows):
            raise UnsafeToContinue(
                f"{self.read.stream}: {self.read.source_object} gives rows that are no objects; ask its owner"
            )
        return rows

    def _total(self, answer: "RestAnswer") -> int | None:
        path = self.plan.total
        if path is None:
            return None
        is_header = path.startswith("header:")
        name = path.removeprefix("header:")
        told = answer.headers.get(name) if is_header else self._at(answer.body, path, "total")
        if isinstance(told, str) and told.isascii() and told.isdecimal():
            return int(told)
        if isinstance(told, int) and not isinstance(told, bool) and told >= 0:
            return told
        raise ConfigurationError(f"{self._place('total')}: {name} holds no count")

    def _following(self, answer: "RestAnswer", records: list[RawRecord], ask: Ask, total: int | None) -> Any:
        """Where the next page begins; counting styles end at the total, or at an empty page where there is none."""
        plan = self.plan
        ends = plan.next_field is not None and not records
        if plan.paging == "none" or ends or self._says_that_nothing_follows(answer):
            return None
        if plan.paging in {"page", "offset"}:
            known = matching_total(ask, total, counts_whole=plan.counts_whole)
            return counted_position(plan.paging, ask, len(records), known, plan.first_page)
        if plan.next_field is not None:
            return self._position(self._at(records[-1], plan.next_field, "next_field"), "next_field")
        if plan.paging == "link" and answer.next_link is not None:
            return answer.next_link
        try:
            told = at_path(answer.body, plan.following)
        except KeyError:
            return None
        if not told:
            return None
        position = self._position(told, "next")
        return self._service.followed(answer.url, str(position)) if plan.paging == "link" else position

    def _says_that_nothing_follows(self, answer: "RestAnswer") -> bool:
        """What ``more`` says, where there is such an option.

        Raises:
            ConfigurationError: it is no truth value; a word that is misread would end the pull too early.
        """
        if self.plan.more is None:
            return False
        told = self._at(answer.body, self.plan.more, "more")
        if not isinstance(told, bool):
            raise ConfigurationError(f"{self._place('more')}: {self.plan.more} is neither true nor false")
        return not told

    def _position(self, told: Any, name: str) -> str | int:
        if isinstance(told, str | int) and not isinstance(told, bool):
            return told
        raise UnsafeToContinue(f"{self._place(name)}: holds no cursor and no link; ask its owner")

    def _at(self, body: Any, path: str, name: str) -> Any:
        try:
            return at_path(body, path)
        except KeyError as error:
            known = body if isinstance(body, Mapping) else ()
            raise ConfigurationError(
                f"{self._place(name)}: the answer has no {error.args[0]}{near(str(error.args[0]), known)}"
            ) from error

    def _place(self, name: str) -> str:
        return f"{self.read.stream}: {self.read.source_object}: options: {name}"
