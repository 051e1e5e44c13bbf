"""SOQL text to words, texts, numbers, moments and signs."""

import re
from dataclasses import dataclass

from simulated_estate.servers.salesforce.errors import at_place, malformed_query

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d(?![\dT]))
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    | (?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query; ``place`` counts characters from 0."""

    kind: str
    text: str
    place: int


def tokens_of(text: str) -> list[Token]:
    """The pieces of a query, in their order.

    Raises:
        OrgError: MALFORMED_QUERY, with the place of the first sign that SOQL does not know.
    """
    found: list[Token] = []
    place = 0
    end = len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            stray = text[place:].lstrip()
            at = len(text) - len(stray)
            raise malformed_query(at_place(text, at, f"unexpected token: '{stray[:1]}'"))
        found.append(Token(match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup)))
        place = match.end()
    return found
