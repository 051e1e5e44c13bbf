"""A guess written as the mapping file it proposes, with what a person needs to go over it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from connectors.drafting.entity_guess import EntityGuess, Guess, ListGuess, last_part
from connectors.drafting.field_guesses import FieldGuess
from connectors.drafting.languages import folded
from connectors.drafting.value_types import DECIMAL_COMMA, value_at
from connectors.drafting.words import likeness, words_of
from connectors.probing import FoundField
from rules.types import ColumnType

LONGEST_SAMPLE = 28
MOST_SAMPLES = 3
_PLAIN_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset(
    ["from", "to", "left", "right", "end", "order", "group", "case", "when", "check", "table", "user"]
)
_EVERYWHERE = {"element": "system_name", "observed_at": "pulled_at"}
"""Canonical field -> what every mapping has and may fill it where no field does."""
_COMMENT_AT = 34
_LONGEST_COMMENT = 70
_SHORTEST_MARKET = 3
_SURE = 0.8


def stream_name(name: str) -> str:
    """A stream's name for an object: its words in small letters, joined by hyphens."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", folded(last_part(name))).lower())
    return re.sub(r"^[^a-z]+", "", "-".join(words))[:60].strip("-") or "stream"


def samples_of(name: str, samples: Sequence[Mapping[str, Any]]) -> list[str]:
    """A few different values of a field, short enough for a line."""
    values = [value_at(each, name) for each in samples]
    found = dict.fromkeys(str(value) for value in values if value not in (None, "") and not isinstance(value, list))
    shortened = [text if len(text) <= LONGEST_SAMPLE else f"{text[: LONGEST_SAMPLE - 3]}..." for text in found]
    return shortened[:MOST_SAMPLES]


def mapping_text(guess: Guess, system: str, stream: str, markets: Mapping[str, str] | None) -> str:
    """The draft of a mapping.

    Args:
        guess: of the object.
        system: its system in operator.yaml.
        stream: what the records shall be called.
        markets: names of the operator's markets by id; None where the system's block names its market.

    Returns:
        YAML. What has to be filled in is left out with a comment, so that a check asks for it.
    """
    return "\n".join(_lines(guess, system, stream, markets)) + "\n"


def _lines(guess: Guess, system: str, stream: str, markets: Mapping[str, str] | None) -> Iterator[str]:
    found = guess.found
    market = None if markets is None else _market(guess, markets)
    yield f"# Drafted from what {system} tells of {_one_line(found.object)}. Every line is a guess: go over it."
    yield "# Values behind # are real ones: take them out before you share this file."
    yield from (f"# {_one_line(note)}" for note in found.notes)
    yield f"system: {system}"
    yield f"stream: {stream}"
    if market is not None:
        yield market[0]
    used = _used(guess, market[1] if market else None)
    yield from _reading(guess, used)
    yield "records:"
    parts = [(guess.guess, None), *((one.guess, one.path) for one in guess.lists)]
    for entity, rows in parts:
        if entity is not None:
            yield from _record(entity, rows)
    if not any(entity for entity, _ in parts):
        yield "  # - entity: ?                     # like none that is known: see docs/reference/entities.md"


def _reading(guess: Guess, used: set[str]) -> Iterator[str]:
    found, lists = guess.found, [one for one in guess.lists if one.fields]
    yield "read:"
    yield f"  object: {_scalar(found.object)}"
    yield _key_line(guess)
    if found.cursor:
        yield f"  cursor: {_scalar(found.cursor)}"
    if found.options:
        yield f"  options: {_flow(dict(found.options))}"
    yield "  fields:"
    yield from _typed_fields([one for one in found.fields if one.name in used], found.samples, "    ")
    if lists:
        yield "  lists:"
    for one in lists:
        yield f"    {_scalar(one.path)}:"
        yield from _typed_fields(one.fields, _elements(guess, one), "      ")
    listed = {name for one in lists for name in (one.path, one.path.partition(".")[0])}
    if unread := [one.name for one in found.fields if one.name not in used | listed]:
        yield f"  ignored: {_flow(unread)}"


def _used(guess: Guess, market_field: str | None) -> set[str]:
    found = guess.found
    names = {one.name for one in found.fields}
    wanted = {*_key(guess), *([found.cursor] if found.cursor else []), *([market_field] if market_field else [])}
    for entity in (guess.guess, *(one.guess for one in guess.lists)):
        wanted |= {field.source.name for field in entity.fields} if entity else set()
    return wanted & names or names


def _key_line(guess: Guess) -> str:
    line = f"  key: {_flow(list(_key(guess)))}"
    return line if guess.found.key else _with_comment(line, "nobody tells it: name the fields that identify a record")


def _key(guess: Guess) -> tuple[str, ...]:
    """The key, or the first field in its place."""
    return guess.found.key or tuple(one.name for one in guess.found.fields[:1])


def _typed_fields(fields: Sequence[FoundField], samples: Sequence[Mapping[str, Any]], indent: str) -> Iterator[str]:
    for one in fields:
        label = [one.label] if one.label and words_of(one.label) != words_of(one.name) else []
        told = ", ".join([*label, *samples_of(one.name, samples)])[:_LONGEST_COMMENT]
        yield _with_comment(f"{indent}{_scalar(one.name)}: {one.type or ColumnType('text', nullable=True)}", told)


def _elements(guess: Guess, one: ListGuess) -> list[Mapping[str, Any]]:
    rows = (row for each in guess.found.samples for row in value_at(each, one.path) or ())
    return [row for row in rows if isinstance(row, Mapping)]


def _record(guess: EntityGuess, rows: str | None) -> Iterator[str]:
    yield f"  - entity: {guess.entity.__name__}"
    if rows is not None:
        yield f"    rows: {_scalar(rows)}"
    yield "    fields:"
    for one in guess.fields:
        yield from _field(one)
    for target in guess.missing:
        if target.name in _EVERYWHERE:
            yield f"      {target.name}: {_EVERYWHERE[target.name]}"
            continue
        words = f"; one of {', '.join(target.words)}" if 0 < len(target.words) <= 8 else ""
        yield (
            f"      # {target.name}: ?".ljust(_COMMENT_AT)
            + f"  # needed ({target.kind}{words}); nothing looks like it"
        )


def _field(one: FieldGuess) -> Iterator[str]:
    name, expression = one.target.name, _expression(one)
    doubt = "" if one.likeness >= _SURE else "sure?"
    if "'UTC'" in expression:
        doubt = "in which zone?"
    if name.endswith(("_to", "ends_on")):
        doubt = "the day after the last one: ADD_DAYS(..., 1) where theirs is the last"
    if one.values is None:
        yield _with_comment(f"      {name}: {_scalar(expression)}", doubt)
        return
    yield _with_comment(f"      {name}:", doubt)
    yield f"        from: {_scalar(expression)}"
    if one.values.values:
        yield f"        values: {_flow(dict(one.values.values))}"
    else:
        yield "        values: {}"
    if one.values.unclear:
        unclear = _one_line(", ".join(one.values.unclear))
        yield f"        # and {unclear}: ?   one of {', '.join(one.target.words)}"


def _expression(one: FieldGuess) -> str:
    column, kind = _column(one.source.name), one.source.type.kind if one.source.type else "text"
    if one.pattern == DECIMAL_COMMA:
        plain = f"REPLACE(REPLACE(REPLACE({column}, '.', ''), ' ', ''), ',', '.')"
        return f"MONEY({plain}, 2)"
    if one.pattern is not None and one.target.kind == "timestamp":
        return f"PARSE_TIMESTAMP({column}, '{one.pattern}', 'UTC')"
    if one.pattern is not None:
        day = column if "%H" not in one.pattern else f"LEFT({column}, 10)"
        return f"PARSE_DATE({day}, '{one.pattern.partition(' %H')[0].partition('T%H')[0]}')"
    if one.target.kind == "date" and kind == "timestamp":
        return f"DATE_OF({column}, 'UTC')"
    if one.target.kind == "money" and kind == "integer":
        return f"MINOR_UNITS({column}, 2)"
    if one.target.kind == "text" and kind == "integer":
        return f"CAST({column} AS VARCHAR)"
    return column


def _column(name: str) -> str:
    return name if _PLAIN_COLUMN.fullmatch(name) and name.lower() not in _RESERVED else f'"{name}"'


def _market(guess: Guess, markets: Mapping[str, str]) -> tuple[str, str | None]:
    """The line that says where records belong, and the field it reads."""
    if len(markets) == 1:
        return f"market: \"'{next(iter(markets))}'\"", None
    for one in guess.found.fields:
        values = dict.fromkeys(str(value) for each in guess.found.samples if (value := value_at(each, one.name)))
        told = {value: _market_called(value, markets) for value in values}
        if told and all(told.values()):
            return f"market: {{from: {_column(one.name)}, values: {_flow(told)}}}", one.name
    return "# market: ?                       # which of " + ", ".join(markets), None


def _market_called(value: str, markets: Mapping[str, str]) -> str | None:
    for market, name in markets.items():
        if value.lower() == market or likeness(value, name) == 1.0:
            return market
    begun = [market for market in markets if len(value) >= _SHORTEST_MARKET and market.startswith(value.lower())]
    return begun[0] if len(begun) == 1 else None


def _with_comment(line: str, comment: str) -> str:
    return f"{line.ljust(_COMMENT_AT)}  # {_one_line(comment)}" if comment else line


def _one_line(text: str) -> str:
    """Text from elsewhere as a comment may hold it: on one line, and nothing that a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _scalar(text: str) -> str:
    return _flow(text).removesuffix("...").strip()


def _flow(value: object) -> str:
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000).strip()
