"""The gates of an operator: the pack that comes with Splice, and its own and its overrides in ``gates/``."""

from collections.abc import Collection
from importlib.resources import files
from pathlib import Path

from canonical_model.errors import Fault
from provisioning.completion import COMPLETION_SCHEMA, COMPLETION_VIEW
from rules.compiled_gate import CompiledGates, compile_gates
from rules.gate_book import read_gates
from rules.rulebook import entries, read_folder

GATES_FOLDER = "gates"
GATE_VIEWS = {COMPLETION_VIEW: COMPLETION_SCHEMA}


def our_gates(faults: list[Fault]) -> dict[str, str]:
    """The gates that come with Splice, by file name."""
    return read_folder(Path(str(files("rules").joinpath("packs", "gates"))), "rules/packs/gates", faults)


def read_gates_folder(folder: Path | None, markets: Collection[str] | None, faults: list[Fault]) -> CompiledGates:
    """Read our gates and an operator's.

    Args:
        folder: of the operator; None for our gates alone.
        markets: of the operator; None leaves their names unchecked.
        faults: what is wrong is added here, with file and line.
    """
    own = {} if folder is None else read_folder(folder / GATES_FOLDER, GATES_FOLDER, faults)
    book = read_gates(our_gates(faults) | own, faults, markets=markets)
    return CompiledGates(book, compile_gates(book.gates, GATE_VIEWS, faults, sources=book.sources))


def tried_gates(
    folder: Path, file: Path, markets: Collection[str], faults: list[Fault]
) -> tuple[CompiledGates, tuple[str, ...]]:
    """Read gates as if a file stood in an operator's folder, whether it does or not.

    Args:
        folder: of the operator.
        file: with gates, overrides, or both.
        markets: of the operator.
        faults: what is wrong is added here.

    Returns:
        All gates, and the ids of those that the file makes or changes.

    Raises:
        OSError, UnicodeDecodeError: the file cannot be read.
    """
    text, standing = file.read_text(encoding="utf-8"), folder / GATES_FOLDER
    own = read_folder(standing, GATES_FOLDER, faults)
    if file.resolve().is_relative_to(standing.resolve()):
        own.pop(f"{GATES_FOLDER}/{file.resolve().relative_to(standing.resolve()).as_posix()}", None)
    book = read_gates(our_gates(faults) | own | {str(file): text}, faults, markets=markets)
    named = [each.data.get("id", each.data.get("override")) for each in entries(str(file), text, []) if each.data]
    compiled = compile_gates(book.gates, GATE_VIEWS, faults, sources=book.sources)
    return CompiledGates(book, compiled), tuple(dict.fromkeys(str(name) for name in named))
