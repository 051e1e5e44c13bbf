"""Gates that are tried before they count: their examples, run."""

from pathlib import Path

from canonical_model.errors import ConfigurationError, Fault, configuration_error
from canonical_model.yaml_source import nearest, read_yaml
from hub.operator_folder.gates_folder import tried_gates
from hub.operator_folder.load import Operator
from provisioning.completion import COMPLETION_SCHEMA
from rules.gate_judging import open_engine, run_gate_examples
from rules.gate_rule import GateRule

_FILES = (".yaml", ".yml")
_KEYS = {"outcome", "say"}


def is_gate(operator: Operator, wanted: str) -> bool:
    """Whether somebody means a gate and not a leakage rule: by its code, or by what stands in a file."""
    known = {gate.id for gate in operator.gates.book.gates}
    if not wanted.endswith(_FILES):
        return wanted in known
    try:
        source = read_yaml(Path(wanted).read_text(encoding="utf-8"), wanted, [])
    except (OSError, UnicodeDecodeError):
        return False
    data = None if source is None else source.data
    entries = [each for each in (data if isinstance(data, list) else [data]) if isinstance(each, dict)]
    return any(_KEYS & each.keys() or each.get("override") in known for each in entries)


def try_gates(operator: Operator, wanted: str) -> list[GateRule]:
    """Run the examples of a gate, or of every gate that a file makes or changes.

    Args:
        operator: whose folder gives the other gates.
        wanted: code of a gate, or path of a YAML file with gates and overrides.

    Returns:
        The gates, all of whose examples hold; overrides are not applied to them.

    Raises:
        ConfigurationError: no such gate, a fault in the file, or an example that does not hold.
    """
    gates = operator.gates
    names: tuple[str, ...] = (wanted,)
    if wanted.endswith(_FILES):
        faults: list[Fault] = []
        try:
            gates, names = tried_gates(operator.folder, Path(wanted), list(operator.markets), faults)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{wanted} cannot be read as a file of gates: {error}") from error
        if faults:
            raise configuration_error(faults)
    found = [gates.compiled[name] for name in names if name in gates.compiled]
    if not found:
        raise ConfigurationError(f"there is no gate {wanted}{nearest(wanted, list(gates.compiled))}")
    with open_engine() as engine:
        failures = [str(each) for gate in found for each in run_gate_examples(gate, COMPLETION_SCHEMA, engine)]
    if failures:
        raise ConfigurationError("; ".join(failures))
    return [each.gate for each in found]
