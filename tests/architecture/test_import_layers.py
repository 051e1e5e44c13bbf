"""The layers of docs/explanation/architecture.md, as pyproject.toml states them for import-linter."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports
from source_tree import PACKAGES, PROJECT, ROOT

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
