"""A name says what a thing is, and no name of ours hides one of somebody else's."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import PurePosixPath

import pytest
from source_tree import PACKAGES, WRITTEN_BY_HAND, files, modules, shown

DRAWERS = frozenset(
    f"{word}{plural}"
    for word in ("util", "utilitie", "common", "core", "helper", "model", "service", "manager", "base", "misc")
    for plural in ("", "s")
)
EMPTY_WORDS = frozenset({"Base", "Default", "Manager", "Helper", "Impl"})
OURS = "splice"


def drawers(module: str) -> list[str]:
    """Parts of a module's path that say nothing about what is inside."""
    return [part for part in PurePosixPath(module).with_suffix("").parts if part in DRAWERS]


def empty_class_names(tree: ast.AST) -> Iterator[str]:
    """Classes that are called after their place in a pattern and not after what they are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and EMPTY_WORDS.intersection(re.findall(r"[A-Z][a-z]*", node.name)):
            yield node.name


@pytest.mark.parametrize("module", ["hub/utils.py", "storage/models/bill.py", "connectors/base.py"])
def test_a_module_without_a_subject_is_noticed(module: str) -> None:
    assert drawers(module)


@pytest.mark.parametrize("name", ["SourceBase", "DefaultEngine", "_RunManager", "BaseSource", "SourceImpl"])
def test_a_class_without_a_subject_is_noticed(name: str) -> None:
    assert list(empty_class_names(ast.parse(f"class {name}: ..."))) == [name]


def test_no_two_test_files_share_a_name() -> None:
    """Folders of tests are no packages, so that a name stands for one file."""
    named: dict[str, list[str]] = {}
    for path in files(".py", "tests"):
        if path.name not in ("conftest.py", "__init__.py") and path.name.startswith("test_"):
            named.setdefault(path.name, []).append(shown(path))
    assert {name: paths for name, paths in named.items() if len(paths) > 1} == {}


def test_every_module_is_named_after_its_subject() -> None:
    assert [module for module, _ in modules(*WRITTEN_BY_HAND) if drawers(module)] == []


def test_every_class_is_named_after_its_subject() -> None:
    found = {module: list(empty_class_names(tree)) for module, tree in modules(*WRITTEN_BY_HAND)}
    assert {module: names for module, names in found.items() if names} == {}


def test_no_package_hides_a_module_of_the_standard_library_or_of_an_installed_distribution() -> None:
    owners = packages_distributions()
    hidden = {name: [owner for owner in owners.get(name, []) if owner != OURS] for name in (*PACKAGES, "tests")}
    assert {name: by for name, by in hidden.items() if by or name in sys.stdlib_module_names} == {}


def test_no_flow_file_has_the_name_of_a_top_level_module() -> None:
    """Prefect may put ``flows/`` first on the path; a file named like a package would then stand in for it."""
    taken = {*PACKAGES, *packages_distributions(), *sys.stdlib_module_names} - {"__init__"}
    assert [path.name for path in files(".py", "flows") if path.stem in taken] == []
