"""The layers of docs/explanation/architecture.md, as pyproject.toml states them for import-linter."""

import ast
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports
from source_tree import PACKAGES, PROJECT, ROOT, modules

CONTRACTS = PROJECT["tool"]["importlinter"]


@pytest.fixture(autouse=True)
def _loggers_as_before() -> Iterator[None]:
    """import-linter configures logging anew, which disables every other logger of the process."""
    yield
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.disabled = False


def test_every_import_contract_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    broken = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert broken == 0, capsys.readouterr().out


def test_every_package_has_its_place_in_the_layers_or_stands_apart() -> None:
    (layers,) = (contract["layers"] for contract in CONTRACTS["contracts"] if contract["type"] == "layers")
    placed = [name.strip() for layer in layers for name in layer.split("|")]
    assert sorted([*placed, "simulated_estate"]) == sorted(PACKAGES) == sorted(CONTRACTS["root_packages"])


def test_the_architecture_page_tells_the_layers_in_the_order_that_is_enforced() -> None:
    (layers,) = (contract["layers"] for contract in CONTRACTS["contracts"] if contract["type"] == "layers")
    page = Path(ROOT / "docs/explanation/architecture.md").read_text(encoding="utf-8")
    told = [line.split("  ")[0] for line in page.splitlines() if line.split("  ")[0] in layers]
    assert told == layers


def importing(name: str) -> dict[str, list[str]]:
    """Modules that import a package, with the functions in which they do; empty for the head of a module."""
    found: dict[str, list[str]] = {}
    for module, tree in modules(*PACKAGES):
        for node, within in _imports(tree):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            if any(one.partition(".")[0] == name for one in named):
                found.setdefault(module, []).append(within)
    return found


def _imports(tree: ast.AST, within: str = "") -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, within
        else:
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from _imports(node, node.name if is_function else within)


def test_great_expectations_is_imported_in_one_place_and_late() -> None:
    """It takes three seconds and 150 MB, which a command that judges nothing does not pay."""
    assert importing("great_expectations") == {"rules/quality.py": ["_library"]}
