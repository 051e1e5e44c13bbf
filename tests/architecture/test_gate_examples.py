"""Every gate that ships says of its own examples what they expect."""

from collections.abc import Iterator
from typing import Any

import pytest

from canonical_model.errors import Fault
from hub.operator_folder.gates_folder import read_gates_folder
from provisioning.completion import COMPLETION_SCHEMA
from rules.compiled_gate import CompiledGate
from rules.gate_judging import open_engine, run_gate_examples

FAULTS: list[Fault] = []
GATES = read_gates_folder(None, None, FAULTS)
COMPILED = list(GATES.compiled.values())


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with open_engine() as connection:
        yield connection


def test_the_pack_that_ships_holds_gates_without_faults() -> None:
    assert FAULTS == []
    assert len(COMPILED) == len(GATES.book.gates) > 0
    assert [gate.id for gate in GATES.book.gates] == [f"GT-{number:02}" for number in range(1, len(COMPILED) + 1)]


@pytest.mark.parametrize("gate", COMPILED, ids=lambda gate: gate.gate.id)
def test_a_gate_lives_up_to_its_examples(gate: CompiledGate, engine: Any) -> None:
    assert [str(failure) for failure in run_gate_examples(gate, COMPLETION_SCHEMA, engine)] == []


@pytest.mark.parametrize("gate", COMPILED, ids=lambda gate: gate.gate.id)
def test_a_gate_shows_what_it_lets_pass_what_it_closes_for_and_what_it_cannot_tell(gate: CompiledGate) -> None:
    expected = {example.expect for example in gate.gate.examples}
    assert expected == {"pass", gate.gate.outcome, "inconclusive"}
    assert any(example.says for example in gate.gate.examples)
