"""How hand-offs are compared: the packs that come with Splice, and an operator's own in ``comparisons/``."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from canonical_model.errors import Fault, configuration_error
from canonical_model.yaml_source import nearest
from canonical_model.yaml_validation import validated
from handoffs.shadow.examples import broken_examples
from handoffs.shadow.rows import schema_of
from handoffs.stages import HANDOFFS, Handoff
from rules.comparison_pack import ComparisonPack
from rules.compiled_comparison import CompiledComparison, compile_comparison
from rules.rulebook import entries, read_folder

Comparisons = Mapping[Handoff, CompiledComparison]
COMPARISONS_FOLDER = "comparisons"


def read_comparisons(
    texts: Mapping[str, str], faults: list[Fault], *, tried: bool
) -> dict[Handoff, CompiledComparison]:
    """Read comparisons, one of a hand-off at most.

    Args:
        texts: content by file name.
        faults: what is wrong is added here, with file and line.
        tried: whether each has to live up to its examples; a test tries those that come with Splice.
    """
    found: dict[Handoff, CompiledComparison] = {}
    for name, text in texts.items():
        for entry in entries(name, text, faults):
            pack = validated(entry, ComparisonPack, faults)
            if pack is None:
                continue
            handoff = next((each for each in HANDOFFS if each == pack.handoff), None)
            if handoff is None:
                known = nearest(pack.handoff, list(get_args(Handoff)))
                faults.append(entry.place("handoff").fault(f"there is no hand-off {pack.handoff}{known}"))
                continue
            compiled = compile_comparison(pack, schema_of(handoff), faults, entry)
            if handoff in found:
                faults.append(entry.place("handoff").fault(f"{handoff} is compared by another pack already"))
            elif compiled is not None:
                found[handoff] = compiled
                broken = broken_examples(compiled, handoff) if tried else ()
                faults.extend(entry.place("examples", number).fault(said) for number, said in broken)
    return found


def read_comparisons_folder(folder: Path, faults: list[Fault]) -> Comparisons:
    """The comparisons that an operator has in the place of ours.

    Args:
        folder: of the operator.
        faults: what is wrong is added here, with file and line.
    """
    return read_comparisons(read_folder(folder / COMPARISONS_FOLDER, COMPARISONS_FOLDER, faults), faults, tried=True)


@cache
def shipped_comparisons() -> Comparisons:
    """The comparison of every hand-off as it comes with Splice.

    Raises:
        ConfigurationError: one of them is wrong.
    """
    faults: list[Fault] = []
    folder = Path(str(files("rules").joinpath("packs", "handoffs")))
    found = read_comparisons(read_folder(folder, "rules/packs/handoffs", faults), faults, tried=False)
    if faults:
        raise configuration_error(faults)
    return MappingProxyType(found)
