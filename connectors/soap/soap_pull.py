"""The questions of one pull through a list operation, and what their answers say."""

from typing import TYPE_CHECKING, Any

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from connectors.counted_pages import counted_position, matching_total
from connectors.paged_pull import Answer, Ask
from connectors.ports import RawRecord, StreamRead
from connectors.settings import at_path
from connectors.soap.soap_plan import SoapPlan, arguments_of

if TYPE_CHECKING:
    from connectors.soap.wsdl_service import SoapService
    from connectors.soap.xml_records import Shapes

_TRUTH = {"true": True, "1": True, "y": True, "yes": True, "false": False, "0": False, "n": False, "no": False}


class SoapPull:
    """Asks for one page at a time; remembers what the service holds."""

    def __init__(self, service: "SoapService", shapes: "Shapes", plan: SoapPlan, read: StreamRead) -> None:
        self._service = service
        self._shapes = shapes
        self._plan = plan
        self._read = read
        request, self._answer = service.types(read.source_object)
        self._held: int | None = None
        self._check(request)

    def __call__(self, ask: Ask) -> Answer:
        """One page.

        Raises:
            ConfigurationError: the answer is not what the WSDL says.
            UnsafeToContinue: what should lead to the next page does not.
        """
        plan = self._plan
        body = self._service.ask(self._read.source_object, arguments_of(plan, ask), plan.retry_faults)
        try:
            row = self._shapes.at(self._answer, plan.rows)
            records = [self._shapes.record(node, row) for node in self._shapes.nodes(body, self._answer, plan.rows)]
            total = self._count(body)
            following = self._following(body, records, ask, total)
        except ConfigurationError as error:
            raise ConfigurationError(f"{self._place}: {error}") from error
        except UnsafeToContinue as error:
            raise UnsafeToContinue(f"{self._place}: {error}") from error
        if ask.since is None or plan.counts_whole:
            return Answer(records, following, total if ask.since is None else None, total)
        if self._held is None and plan.total:
            self._held = self(Ask(None, None, 1)).held
        return Answer(records, following, total, self._held)

    @property
    def _place(self) -> str:
        return f"{self._read.stream}: {self._read.source_object}"

    def _following(self, body: Any, records: list[RawRecord], ask: Ask, total: int | None) -> Any:
        """Where the next page begins; styles that count end at the total, or at an empty page where there is none."""
        plan = self._plan
        if plan.paging == "none" or not self._more(body):
            return None
        if plan.paging == "token":
            return self._text(body, plan.next_token) or None
        if plan.paging in {"page", "offset"}:
            known = matching_total(ask, total, counts_whole=plan.counts_whole)
            return counted_position(plan.paging, ask, len(records), known, plan.first_page)
        return self._last_key(records[-1]) if records else None

    def _last_key(self, record: RawRecord) -> str | int:
        try:
            told = at_path(record, self._plan.next_token or "")
        except KeyError:
            told = None
        if isinstance(told, str | int) and not isinstance(told, bool) and told != "":
            return told
        raise UnsafeToContinue(f"element {self._plan.next_token} of the last row holds no position; ask its owner")

    def _more(self, body: Any) -> bool:
        """What ``more`` says, true where there is no such option; a word that is misread would end the pull early."""
        if self._plan.more is None:
            return True
        told = self._text(body, self._plan.more).lower()
        if told not in _TRUTH:
            raise ConfigurationError(f"element {self._plan.more} is neither true nor false")
        return _TRUTH[told]

    def _text(self, body: Any, path: str | None) -> str:
        nodes = self._shapes.nodes(body, self._answer, path) if path else []
        return (nodes[0].text or "").strip() if nodes else ""

    def _count(self, body: Any) -> int | None:
        if self._plan.total is None:
            return None
        text = self._text(body, self._plan.total)
        if not text.isascii() or not text.isdecimal():
            raise ConfigurationError(f"element {self._plan.total} holds no count")
        return int(text)

    def _check(self, request: Any) -> None:
        """Hold the mapping against the WSDL; every fault is told at once."""
        shapes, plan, read = self._shapes, self._plan, self._read
        wanted = [(request, path) for path in plan.request_paths()]
        faults = shapes.missing([*wanted, *((self._answer, path) for path in plan.answer_paths())])
        if not faults:
            row = shapes.at(self._answer, plan.rows)
            names = [*read.fields, *read.key, *([read.cursor_field] if read.cursor_field else [])]
            faults = shapes.missing([(row, name.partition(".")[0]) for name in dict.fromkeys(names)])
        if faults:
            raise ConfigurationError(f"{self._place}: {'; '.join(faults)}")
