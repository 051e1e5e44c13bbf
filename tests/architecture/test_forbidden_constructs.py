"""What no module may do: patch, catch everything, read the clock, hold money in a binary float."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest
from source_tree import PACKAGES, WRITTEN_BY_HAND, files, modules, shown

Finder = Callable[[ast.AST], Iterator[str]]

MAY_CATCH_EVERYTHING = (
    "flows/",
    "console/",
    "hub/effects/sinks.py",  # a defect costs one effect its turn, and not everybody's worker
    "hub/inbox.py",  # likewise one stream of events
    "hub/sagas/advance.py",  # likewise one service
    "hub/takeover/guard.py",  # a kind of harm that cannot be looked for hides no other, and is told
)
MAY_READ_THE_CLOCK = (
    "console/",  # a person's command runs now
    "flows/",  # so does a scheduled run
    "simulated_estate/servers/",  # other people's systems have clocks of their own
    "tests/",
    "benchmarks/",
)
CLOCK_OWNERS = frozenset({"datetime", "date", "time", "Timestamp", "func"})
CLOCK_READINGS = frozenset({"now", "utcnow", "today", "time", "time_ns", "current_timestamp", "current_date"})
MONEY = re.compile(r"(^|_)(minor|amount|amounts|price|prices|exposure|cents|charge_total|billed|expected)($|_)")
CLOCK_IN_SQL = re.compile(r"\b(now\s*\(|current_(date|timestamp|time)\b|getdate\s*\(|today\s*\()", re.IGNORECASE)
BINARY_IN_SQL = re.compile(r"\b(double|float|float8|real)\b", re.IGNORECASE)
SQL_COMMENT = re.compile(r"--.*")


def patching(tree: ast.AST) -> Iterator[str]:
    """Imports of mocks, and tests that ask for the plug-in that brings them."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        origin = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        wanted = {origin, *names, *(f"{origin}.{name}" for name in names)}
        if wanted & {"mock", "unittest.mock"} or (isinstance(node, ast.arg) and node.arg == "mocker"):
            yield ast.unparse(node)


def broad_catches(tree: ast.AST) -> Iterator[str]:
    """Handlers that take every error and do not raise it on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else {""}
            raises_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if caught & {"", "Exception", "BaseException"} and not raises_on:
                yield f"line {node.lineno}"


def unguarded_imports(tree: ast.AST) -> Iterator[str]:
    """Imports that are not at the top of the file, nor held apart from those of other threads."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        guarded = {
            id(inner)
            for node in ast.walk(function)
            if isinstance(node, ast.With) and any(ast.unparse(item) == "IMPORTING" for item in node.items)
            for inner in ast.walk(node)
        }
        for node in ast.walk(function):
            is_import = isinstance(node, ast.Import | ast.ImportFrom)
            is_call = isinstance(node, ast.Call) and ast.unparse(node.func) == "import_module"
            if (is_import or is_call) and id(node) not in guarded:
                yield f"line {node.lineno}: {ast.unparse(node)}"


def clock_readings(tree: ast.AST) -> Iterator[str]:
    """Uses of ``datetime.now`` and its like, called or handed on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCK_READINGS:
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if owner in CLOCK_OWNERS:
                yield ast.unparse(node)
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (f"time.{alias.name}" for alias in node.names if alias.name in CLOCK_READINGS)


def binary_money(tree: ast.AST) -> Iterator[str]:
    """Names that speak of money and are said to be, or are made, a float."""
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(target=target, annotation=kind):
                name = ast.unparse(target)
            case ast.arg(arg=name, annotation=ast.expr() as kind):
                pass
            case ast.FunctionDef(name=name, returns=ast.expr() as kind):
                pass
            case ast.Call(func=ast.Name(id="float") as kind, args=[argument]):
                name = re.sub(r"\W+", "_", ast.unparse(argument))
            case _:
                continue
        if MONEY.search(name) and "float" in {part.id for part in ast.walk(kind) if isinstance(part, ast.Name)}:
            yield ast.unparse(node).splitlines()[0]


def found_in(finder: Finder, *folders: str, except_in: tuple[str, ...] = ()) -> dict[str, list[str]]:
    found = {name: list(finder(tree)) for name, tree in modules(*folders) if not name.startswith(except_in)}
    return {name: lines for name, lines in found.items() if lines}


@pytest.mark.parametrize(
    ("finder", "offence"),
    [
        (patching, "from unittest import mock"),
        (patching, "from unittest.mock import patch"),
        (patching, "def test_it(mocker): ..."),
        (broad_catches, "try: ...\nexcept Exception: ..."),
        (broad_catches, "try: ...\nexcept (ValueError, BaseException): ..."),
        (broad_catches, "try: ...\nexcept: ..."),
        (unguarded_imports, "def opened():\n    import zeep"),
        (unguarded_imports, "def opened():\n    with OTHER:\n        from zeep import xsd"),
        (unguarded_imports, "def opened(name: str):\n    return import_module(name)"),
        (clock_readings, "started = datetime.now(UTC)"),
        (clock_readings, "class Run:\n    at = field(default_factory=datetime.datetime.now)"),
        (clock_readings, "from time import time"),
        (binary_money, "class Line:\n    amount_minor: float"),
        (binary_money, "def unit_price(name: str) -> float | None: ..."),
        (binary_money, "def pay(amount: list[float]) -> None: ..."),
        (binary_money, "float(line.amount)"),
    ],
)
def test_an_offence_is_noticed(finder: Finder, offence: str) -> None:
    assert list(finder(ast.parse(offence)))


@pytest.mark.parametrize(
    ("finder", "habit"),
    [
        (patching, "def test_it(monkeypatch): ..."),
        (broad_catches, "try: ...\nexcept BaseException:\n    close()\n    raise"),
        (unguarded_imports, "import zeep\ndef opened():\n    with IMPORTING:\n        from zeep import xsd"),
        (clock_readings, "deadline = time.monotonic() + event.now"),
        (binary_money, "def level(optical_dbm: float, amount_minor: int) -> float: ..."),
    ],
)
def test_a_harmless_neighbour_is_left_alone(finder: Finder, habit: str) -> None:
    assert not list(finder(ast.parse(habit)))


def test_nothing_is_patched() -> None:
    assert found_in(patching, *WRITTEN_BY_HAND) == {}


def test_only_the_shells_catch_everything() -> None:
    assert found_in(broad_catches, *PACKAGES, except_in=MAY_CATCH_EVERYTHING) == {}


def test_vendors_libraries_are_imported_by_one_thread_at_a_time() -> None:
    assert found_in(unguarded_imports, "connectors", "provisioning") == {}


def test_time_is_an_argument() -> None:
    assert found_in(clock_readings, *WRITTEN_BY_HAND, except_in=MAY_READ_THE_CLOCK) == {}


def test_money_is_never_a_binary_float() -> None:
    assert found_in(binary_money, *PACKAGES) == {}


@pytest.mark.parametrize("forbidden", [CLOCK_IN_SQL, BINARY_IN_SQL], ids=["clock", "binary float"])
def test_no_view_reads_the_clock_or_computes_in_binary_floats(forbidden: re.Pattern[str]) -> None:
    texts = {shown(path): SQL_COMMENT.sub("", path.read_text(encoding="utf-8")) for path in files(".sql", *PACKAGES)}
    assert texts
    assert {name: match[0] for name, text in texts.items() if (match := forbidden.search(text))} == {}
