"""A file has one purpose and a function fits on a screen."""

import ast
from collections.abc import Iterator
from pathlib import Path

from source_tree import WRITTEN_BY_HAND, files, modules, shown

LONGEST_FILE = 400
LONG_FILE = 300
LONGEST_FUNCTION = 60
WRITTEN_ONCE = "storage/migrations/versions/"
"""A migration is one list of columns, written by a tool and never changed."""


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def function_lengths(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Name and number of lines of every function; a docstring does not count."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            told = ast.get_docstring(node, clean=False)
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            yield node.name, length - (len(told.splitlines()) if told else 0)


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    written = [path for suffix in (".py", ".sql", ".yaml") for path in files(suffix, *WRITTEN_BY_HAND)]
    assert {shown(path): line_count(path) for path in written if line_count(path) > LONGEST_FILE} == {}


def test_nine_modules_in_ten_are_shorter_than_three_hundred_lines() -> None:
    lengths = {shown(path): line_count(path) for path in files(".py", *WRITTEN_BY_HAND)}
    long = {name: length for name, length in lengths.items() if length >= LONG_FILE}
    assert len(long) <= len(lengths) / 10, long


def test_no_function_is_longer_than_sixty_lines() -> None:
    found = ((module, *function) for module, tree in modules(*WRITTEN_BY_HAND) for function in function_lengths(tree))
    long = [one for one in found if one[2] > LONGEST_FUNCTION and not one[0].startswith(WRITTEN_ONCE)]
    assert long == []
