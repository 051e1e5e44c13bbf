"""SOQL text to a syntax tree: the subset that reading an sObject with its parents and children needs.

``SELECT fields | COUNT() FROM sObject [WHERE ...] [ORDER BY ...] [LIMIT n] [OFFSET n]`` with fields of the sObject or
of one parent (``Account.Name``), lists of children (``(SELECT Id FROM OrderItems)``), comparisons, LIKE, IN, NOT IN,
AND, OR, NOT and parentheses. Aggregates, GROUP BY, semi-joins, date functions and relative dates (``LAST_N_DAYS:n``)
are answered with MALFORMED_QUERY.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NoReturn

from simulated_estate.servers.instants import as_instant
from simulated_estate.servers.salesforce.errors import at_place, malformed_query
from simulated_estate.servers.salesforce.soql_tokens import Token, tokens_of

Literal = str | Decimal | bool | datetime | date | None

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_WORDS = {"and", "or", "not", "in", "like", "from", "where", "order", "limit", "offset", "select", "group", "having"}
COMPARISONS = ("=", "!=", "<>", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Path:
    """A field, or a field of a parent (``parent.field``)."""

    text: str
    place: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """``field operator literal``; for ``in`` and ``not in`` the literals of the list."""

    path: Path
    operator: str
    literals: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Junction:
    """``and`` or ``or`` of its parts."""

    word: str
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """``not`` of its part."""

    part: "Condition"


Condition = Comparison | Junction | Negation


@dataclass(frozen=True, slots=True)
class Ordering:
    """One term of ORDER BY."""

    path: Path
    is_descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A query; without fields and children it is ``COUNT()``. A child's ``sobject`` is the relationship's name."""

    text: str
    fields: tuple[Path, ...]
    children: tuple["Query", ...]
    sobject: str
    sobject_place: int
    where: Condition | None
    order_by: tuple[Ordering, ...]
    limit: int | None
    offset: int


def parse_soql(text: str) -> Query:
    """Read a query.

    Raises:
        OrgError: MALFORMED_QUERY.
    """
    return _Reader(text).query()


class _Reader:
    """Recursive descent over the tokens of one query."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self._at = 0

    def query(self) -> Query:
        found = self._select()
        if self._peek() is not None:
            self._refuse()
        return found

    def _select(self, *, may_nest: bool = True) -> Query:
        self._expect("select")
        fields, children = self._selected(may_nest)
        self._expect("from")
        entity = self._take_name(*_WORDS)  # an sObject may be called Order
        where = self._any_of() if self._accept("where") else None
        order_by = self._orderings() if self._accept("order") else ()
        limit = self._whole_number() if self._accept("limit") else None
        offset = self._whole_number() if self._accept("offset") else 0
        return Query(self._text, fields, children, entity.text, entity.place, where, order_by, limit, offset)

    def _selected(self, may_nest: bool) -> tuple[tuple[Path, ...], tuple[Query, ...]]:
        fields: list[Path] = []
        children: list[Query] = []
        while True:
            if may_nest and self._accept("("):
                children.append(self._select(may_nest=False))
                self._expect(")")
            else:
                fields.append(self._path())
            if len(fields) == 1 and fields[0].text.lower() == "count" and self._accept("("):
                self._expect(")")
                return (), ()
            if not self._accept(","):
                return tuple(fields), tuple(children)

    def _any_of(self) -> Condition:
        first = self._all_of()
        if not self._is("or"):
            return first
        parts = [first]
        while self._accept("or"):
            parts.append(self._term())
        if self._is("and"):
            self._refuse()  # SOQL wants parentheses where AND and OR meet
        return Junction("or", tuple(parts))

    def _all_of(self) -> Condition:
        first = self._term()
        if not self._is("and"):
            return first
        parts = [first]
        while self._accept("and"):
            parts.append(self._term())
        if self._is("or"):
            self._refuse()
        return Junction("and", tuple(parts))

    def _term(self) -> Condition:
        if self._accept("not"):
            return Negation(self._term())
        if self._accept("("):
            inside = self._any_of()
            self._expect(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Comparison:
        path = self._path()
        if self._accept("like"):
            return Comparison(path, "like", (self._literal(),))
        if self._accept("in"):
            return Comparison(path, "in", self._literals())
        if self._accept("not"):
            self._expect("in")
            return Comparison(path, "not in", self._literals())
        token = self._peek()
        if token is None or token.text not in COMPARISONS:
            self._refuse()
        self._at += 1
        return Comparison(path, "!=" if token.text == "<>" else token.text, (self._literal(),))

    def _literals(self) -> tuple[Literal, ...]:
        self._expect("(")
        literals = [self._literal()]
        while self._accept(","):
            literals.append(self._literal())
        self._expect(")")
        return tuple(literals)

    def _literal(self) -> Literal:
        token = self._peek()
        if token is None:
            self._refuse()
        self._at += 1
        if token.kind == "text":
            return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), token.text[1:-1])
        if token.kind == "number":
            return Decimal(token.text)
        if token.kind in ("date", "datetime"):
            return self._moment(token)
        words: dict[str, bool | None] = {"null": None, "true": True, "false": False}
        if token.text.lower() not in words:
            self._at -= 1
            self._refuse()
        return words[token.text.lower()]

    def _moment(self, token: Token) -> date | datetime:
        try:
            return date.fromisoformat(token.text) if token.kind == "date" else as_instant(token.text)
        except ValueError:
            raise malformed_query(at_place(self._text, token.place, f"Invalid date: {token.text}")) from None

    def _orderings(self) -> tuple[Ordering, ...]:
        self._expect("by")
        orderings = [self._ordering()]
        while self._accept(","):
            orderings.append(self._ordering())
        return tuple(orderings)

    def _ordering(self) -> Ordering:
        path = self._path()
        is_descending = self._accept("desc")
        if not is_descending:
            self._accept("asc")
        nulls_first = True
        if self._accept("nulls"):
            nulls_first = self._accept("first")
            if not nulls_first:
                self._expect("last")
        return Ordering(path, is_descending, nulls_first)

    def _path(self) -> Path:
        token = self._take_name()
        return Path(token.text, token.place)

    def _take_name(self, *allowed: str) -> Token:
        token = self._peek()
        if token is None or token.kind != "name" or token.text.lower() in _WORDS.difference(allowed):
            self._refuse()
        self._at += 1
        return token

    def _whole_number(self) -> int:
        token = self._peek()
        if token is None or not token.text.isdigit():
            self._refuse()
        self._at += 1
        return int(token.text)

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _is(self, word: str) -> bool:
        token = self._peek()
        return token is not None and token.kind in ("name", "sign") and token.text.lower() == word

    def _accept(self, word: str) -> bool:
        found = self._is(word)
        self._at += found
        return found

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            self._refuse(f"expecting {word!r}")

    def _refuse(self, hint: str = "") -> NoReturn:
        token = self._peek()
        found = f"unexpected token: '{token.text}'" if token else "unexpected token: '<EOF>'"
        place = token.place if token else len(self._text)
        raise malformed_query(at_place(self._text, place, f"{hint}, {found}" if hint else found))
