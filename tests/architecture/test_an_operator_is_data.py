"""Nothing about one operator is in the product: another operator with other systems needs no Python."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from source_tree import ROOT, files, modules, shown

from canonical_model.entities import ENTITIES

EXAMPLES = ROOT / "examples"
PRODUCT = (
    "canonical_model",
    "rules",
    "reconciliation",
    "handoffs",
    "storage",
    "connectors",
    "provisioning",
    "hub",
    "flows",
)
SAMPLE_ROWS = "rules/packs/"
"""The examples of our own rules need some offering to speak of; they may use those of the example operator."""

DISTINCTIVE = re.compile(r"\w[-_./]|\d|[a-z][A-Z]")
CUSTOM_FIELD = re.compile(r"\b\w+__[cr]\b")
SQL_COMMENT = re.compile(r"--.*")


def yaml_files(folder: Path) -> Iterator[tuple[str, Any]]:
    for path in sorted(folder.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        yield text, yaml.safe_load(text)


def values_of(keys: frozenset[str], data: Any) -> Iterator[str]:
    """Every text that stands under one of the keys, however deep."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in keys:
                yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))
            yield from values_of(keys, value)
    elif isinstance(data, list):
        for item in data:
            yield from values_of(keys, item)


def names_of_operator(folder: Path) -> set[str]:
    """Words that only this operator uses: its name, markets, elements, objects, fields, offerings, codes."""
    names = {folder.name, folder.name.replace("_", "-")}
    for text, data in yaml_files(folder):
        names |= set(CUSTOM_FIELD.findall(text))
        names |= set(values_of(frozenset({"operator"}), data))
        if isinstance(data, dict):
            markets = data.get("markets")
            names |= set(markets) if isinstance(markets, dict) else set()
            systems = data.get("systems")
            names |= {name for name in systems if DISTINCTIVE.search(name)} if isinstance(systems, dict) else set()
            sold = [item for kind in ("offerings", "promotions", "bundles") for item in data.get(kind) or []]
            names |= {item["id"] for item in sold if DISTINCTIVE.search(item["id"])}
        names |= set(values_of(frozenset({"billing_codes"}), data))
        objects = set(values_of(frozenset({"source_object", "object", "source"}), data))
        names |= {name for name in objects if DISTINCTIVE.search(name)}
    return names - {entity.__name__ for entity in ENTITIES.values()} - set(ENTITIES)


def words_of(tree: ast.AST) -> Iterator[str]:
    """What a module says to the machine: names and texts, but no docstrings."""
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str() as text) if id(node) not in told:
                yield text
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name


def product_texts() -> Iterator[tuple[str, str]]:
    for module, tree in modules(*PRODUCT):
        yield module, "\n".join(words_of(tree))
    for path in files(".sql", *PRODUCT):
        yield shown(path), SQL_COMMENT.sub("", path.read_text(encoding="utf-8"))
    for path in files(".yaml", *PRODUCT):
        if not shown(path).startswith(SAMPLE_ROWS):
            yield shown(path), path.read_text(encoding="utf-8")


def mentions(names: set[str], text: str) -> set[str]:
    words = "|".join(re.escape(name) for name in sorted(names))
    return set(re.findall(rf"(?<![\w-])(?:{words})(?![\w-])", text))


def test_a_word_of_an_operator_is_noticed_in_code_but_not_in_a_docstring() -> None:
    tree = ast.parse('def crm(row):\n    """Reads Plan_Code__c."""\n    return row["Plan_Code__c"], "LOW-PON-1"')
    assert mentions({"Plan_Code__c"}, "\n".join(words_of(tree))) == {"Plan_Code__c"}
    assert mentions({"Reads"}, "\n".join(words_of(tree))) == set()
    assert mentions({"LOW-PON"}, "\n".join(words_of(tree))) == set()


def test_no_word_of_an_example_operator_is_in_the_product() -> None:
    operators = [folder for folder in sorted(EXAMPLES.iterdir()) if (folder / "operator.yaml").is_file()]
    names = set().union(*(names_of_operator(folder) for folder in operators))
    assert len(names) > 10, names
    assert {name: found for name, text in product_texts() if (found := mentions(names, text))} == {}
