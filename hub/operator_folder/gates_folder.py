"""The gates of an operator: the pack that comes with Splice, and its own and its overrides in ``gates/``."""

from collections.abc import Collection
from importlib.resources import files
from pathlib import Path

from canonical_model.errors import Fault
from provisioning.completion import COMPLETION_SCHEMA, COMPLETION_VIEW
from rules.compiled_gate import CompiledGates, compile_gates
from rules.gate_book import read_gates
from rules.rulebook import read_folder

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
