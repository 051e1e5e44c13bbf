"""The reference page of gates: what each asks of a completed job, and the row they judge, from their files."""

from collections.abc import Iterator

from canonical_model.errors import Fault, configuration_error
from hub.markdown_tables import table
from hub.operator_folder.gates_folder import GATE_VIEWS, read_gates_folder
from rules.gate_rule import GateRule

_HEAD = (
    "Before billing starts, every gate is asked about the completion of the job. One that closes **holds** it until"
    " the person who is named has done something, or **refuses** it, which nobody can waive. A gate that lacks an"
    " input is inconclusive, and holds only where it is required. [How to change them](../how-to/change-a-gate.md).\n"
)


def gate_sections() -> Iterator[str]:
    """The text of the page, part by part.

    Raises:
        ConfigurationError: the pack is wrong.
    """
    faults: list[Fault] = []
    gates = read_gates_folder(None, None, faults)
    if faults:
        raise configuration_error(faults)
    yield _HEAD
    for gate in gates.book.gates:
        yield _section(gate)
    yield "## Views\n"
    for name, schema in GATE_VIEWS.items():
        columns = table(("column", "type"), ((f"`{column}`", str(kind)) for column, kind in schema.items()))
        yield f"### {name}\n\nOne row, the completion of one job. Lists are texts with commas.\n\n{columns}\n"


def _section(gate: GateRule) -> str:
    facts = [
        ("closes when", f"`{gate.when}`"),
        ("then", f"{gate.outcome}, ask the {gate.person.replace('_', ' ')}"),
        ("says", gate.say),
        *((f"`{name}`", f"`{text}`") for name, text in gate.values.items()),
        ("an unknown input", "holds" if gate.required else "passes, as inconclusive"),
        ("may be waived", "yes" if gate.waivable else "no"),
        ("owner", gate.owner.replace("_", " ")),
    ]
    facts += [
        (f"parameter `{name}`", f"{one.value} ({one.type}) {one.meaning or ''}".strip())
        for name, one in gate.parameters.items()
    ]
    examples = table(
        ("given", "expect"),
        (
            (", ".join(f"`{name}` {value}" for name, value in {**each.given, **each.parameters}.items()), each.expect)
            for each in gate.examples
        ),
    )
    return f"## {gate.id} {gate.title}\n\n{gate.why}\n\n{table(('', ''), facts)}\n\n{examples}\n"
