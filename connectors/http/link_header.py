"""Links of answers: the ``Link`` header of RFC 8288, and where a link leads."""

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus, urljoin

_TARGET = re.compile(r"[\s,]*<([^>]*)>")
_PARAMETER = re.compile(
    r"""\s*;\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?""", re.DOTALL
)


def next_link(header: str) -> str | None:
    """The target of the first link whose relation types hold ``next``, as it stands; None without one.

    A link with an ``anchor`` speaks of another resource than the answer and is passed over (section 3.2). What does
    not follow the grammar ends the reading there.

    Args:
        header: the field's value; several fields joined by commas.
    """
    for target, parameters in _links(header):
        relations = parameters.get("rel", "").lower().split()
        if "next" in relations and "anchor" not in parameters:
            return target
    return None


def joined(url: str, link: str) -> str:
    """Where a link of an answer leads (RFC 3986 section 5); what is no URL stays, for the next request to refuse."""
    try:
        return urljoin(url, link)
    except ValueError:
        return link


def without_parameter(url: str, name: str) -> str:
    """The URL without a query parameter, all others as they stand."""
    head, mark, rest = url.partition("?")
    query, fragment_mark, fragment = rest.partition("#")
    kept = [each for each in query.split("&") if unquote_plus(each.partition("=")[0]) != name]
    return head + (mark if kept else "") + "&".join(kept) + fragment_mark + fragment


def _links(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    place = 0
    while found := _TARGET.match(header, place):
        place = found.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(header, place):
            place = parameter.end()
            name, quoted, bare = parameter.groups()
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare or ""
            parameters.setdefault(name.lower(), value)  # of a parameter that stands twice the first counts
        yield found[1].strip(), parameters
