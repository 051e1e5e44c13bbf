"""Every error says what to do next; the tree in the docstring is the tree of the classes."""

import inspect
import pickle
import re

import pytest

from canonical_model import errors

TOLD_LINE = re.compile(r"^(?P<indent>[ │]*)(?:[├└]── )?(?P<name>[A-Z]\w+)(?: {2,}\S.*)?$")
CLASSES = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]


def told_tree(docstring: str) -> dict[str, str | None]:
    """Parent by class name, read off the drawing in the module's docstring."""
    drawing = re.split(r"::\n\n", docstring)[1].split("\n\n")[0]
    parents: dict[str, str | None] = {}
    path: list[str] = []
    for line in inspect.cleandoc(drawing).splitlines():
        match = TOLD_LINE.match(line)
        assert match, line
        depth = line.index(match["name"]) // 4
        path[depth:] = [match["name"]]
        parents[match["name"]] = path[depth - 1] if depth else None
    return parents


def test_the_docstring_draws_the_tree_that_the_classes_make() -> None:
    made = {kind.__name__: kind.__base__.__name__ for kind in CLASSES if kind.__base__}
    made_tree = {name: parent if parent in made else None for name, parent in made.items()}
    assert told_tree(errors.__doc__ or "") == made_tree


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_survives_the_way_between_processes(kind: type[Exception]) -> None:
    error = kind("crm: the login was refused; mend secrets.client_secret")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - made a moment ago
    assert type(again) is kind
    assert again.args == error.args
