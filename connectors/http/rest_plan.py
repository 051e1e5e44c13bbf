"""How the pages of a REST collection are asked for: the options of a stream, typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from canonical_model.errors import ConfigurationError
from connectors.paged_pull import Ask
from connectors.settings import choice

STYLES = ("cursor", "page", "offset", "link", "none")


@dataclass(frozen=True, slots=True)
class RestPlan:
    """The options of a stream; names as in ``connectors.systems.rest.CAPABILITIES``."""

    paging: str
    rows: str
    size_parameter: str
    position_parameter: str
    first_page: int
    following: str
    next_field: str | None
    more: str | None
    since_parameter: str | None
    total: str | None
    counts_whole: bool
    parameters: dict[str, Any]


def plan_of(stream: str, cursor_field: str | None, options: Mapping[str, Any]) -> RestPlan:
    """The plan of a stream.

    Raises:
        ConfigurationError: an option has a value that makes no sense.
    """
    place = f"{stream}: options:"
    paging = choice(f"{place} paging", options.get("paging", STYLES[0]), STYLES)
    counts = choice(f"{place} total_counts", options.get("total_counts", "matching"), ("matching", "whole"))
    parameters, first = options.get("parameters", {}), options.get("first_page", 1)
    if not isinstance(parameters, dict) or not isinstance(first, int):
        raise ConfigurationError(f"{place} parameters is a table of name: value, first_page a whole number")
    if cursor_field and not options.get("since_parameter"):
        raise ConfigurationError(f"{place} since_parameter is missing; a stream with a cursor asks for changes")
    if options.get("next_field") and paging != "cursor":
        raise ConfigurationError(f"{place} next_field is for paging cursor")
    return RestPlan(
        paging=paging,
        rows=str(options.get("rows") or ""),
        size_parameter=str(options.get("size_parameter", "limit")),
        position_parameter=str(options.get("position_parameter", paging)),
        first_page=first,
        following=str(options.get("next", "next")),
        next_field=options.get("next_field"),
        more=options.get("more"),
        since_parameter=options.get("since_parameter"),
        total=options.get("total"),
        counts_whole=counts == "whole",
        parameters=parameters,
    )


def parameters_of(plan: RestPlan, ask: Ask) -> dict[str, Any]:
    """The query parameters of a question."""
    parameters = {**plan.parameters, plan.size_parameter: ask.size}
    if plan.since_parameter and ask.since is not None:
        parameters[plan.since_parameter] = ask.since
    if plan.paging == "page":
        parameters[plan.position_parameter] = plan.first_page if ask.position is None else ask.position
    elif plan.paging == "offset":
        parameters[plan.position_parameter] = ask.position or 0
    elif plan.paging == "cursor" and ask.position is not None:
        parameters[plan.position_parameter] = ask.position
    return parameters
