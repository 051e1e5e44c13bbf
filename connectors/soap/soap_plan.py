"""How the pages of a list operation are asked for: the options of a stream, typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from canonical_model.errors import ConfigurationError
from connectors.nesting import nested
from connectors.paged_pull import Ask
from connectors.settings import choice

STYLES = ("token", "page", "offset", "last", "none")


@dataclass(frozen=True, slots=True)
class SoapPlan:
    """The options of a stream; names as in ``connectors.systems.soap.CAPABILITIES``."""

    paging: str
    rows: str
    page_size: str | None
    page_token: str | None
    next_token: str | None
    first_page: int
    more: str | None
    since: str | None
    total: str | None
    counts_whole: bool
    arguments: dict[str, Any]
    retry_faults: frozenset[str]

    def request_paths(self) -> list[str]:
        """Elements of the request that are set."""
        return [path for path in (self.page_size, self.page_token, self.since, *self.arguments) if path]

    def answer_paths(self) -> list[str]:
        """Elements of the answer that are read."""
        told = None if self.paging == "last" else self.next_token
        return [path for path in (self.rows, told, self.more, self.total) if path]


def plan_of(stream: str, cursor_field: str | None, options: Mapping[str, Any]) -> SoapPlan:
    """The plan of a stream.

    Raises:
        ConfigurationError: an option has a value that makes no sense, or one that it needs is missing.
    """
    place = f"{stream}: options:"
    counts = choice(f"{place} total_counts", options.get("total_counts", "matching"), ("matching", "whole"))
    default = "none" if options.get("page_token") is None and options.get("next_token") is None else STYLES[0]
    paging = choice(f"{place} paging", options.get("paging", default), STYLES)
    wanted = {"token": ("page_token", "next_token"), "last": ("page_token", "next_token"), "none": ()}
    missing = [name for name in wanted.get(paging, ("page_token",)) if options.get(name) is None]
    if missing:
        raise ConfigurationError(f"{place} {missing[0]} is missing for paging {paging}")
    if cursor_field and not options.get("since"):
        raise ConfigurationError(f"{place} since is missing; a stream with a cursor asks for changes")
    arguments, retry = options.get("arguments", {}), options.get("retry_faults", [])
    first = options.get("first_page", 1)
    if not isinstance(arguments, dict) or not isinstance(retry, list) or not isinstance(first, int):
        raise ConfigurationError(
            f"{place} arguments is a table of name: value, retry_faults a list of names, first_page a whole number"
        )
    return SoapPlan(
        paging=paging,
        rows=str(options["rows"]),
        page_size=options.get("page_size"),
        page_token=options.get("page_token"),
        next_token=options.get("next_token"),
        first_page=first,
        more=options.get("more"),
        since=options.get("since"),
        total=options.get("total"),
        counts_whole=counts == "whole",
        arguments=arguments,
        retry_faults=frozenset(map(str, retry)),
    )


def arguments_of(plan: SoapPlan, ask: Ask) -> dict[str, Any]:
    """Elements of the request; a dotted path becomes nested ones."""
    position = ask.position
    if position is None:
        position = {"page": plan.first_page, "offset": 0}.get(plan.paging)
    own = ((plan.page_size, ask.size), (plan.page_token, position), (plan.since, ask.since))
    given = {**plan.arguments, **{path: value for path, value in own if path is not None}}
    return nested({path: value for path, value in given.items() if value is not None})
