"""Tables and plain words in Markdown."""

import re
from collections.abc import Iterable, Sequence

from connectors.ports import Option


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar inside a cell is escaped."""
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines)


def options_table(options: Sequence[Option]) -> str:
    """What a block may hold, a row an option; a word where there is none."""
    if not options:
        return "none"
    place = {(False, False): "", (True, False): "required", (False, True): "secret", (True, True): "required, secret"}
    return table(
        ("option", "", "meaning"),
        ((f"`{option.name}`", place[option.required, option.secret], option.meaning) for option in options),
    )


def plain(text: str) -> str:
    """A text in one line of which nothing is a mark, whoever wrote it."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>~&-])", r"\\\1", " ".join(text.split()))
