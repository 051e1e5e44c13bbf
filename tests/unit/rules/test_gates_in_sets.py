"""Gates that are asked of many completions at once hold what they hold of each by itself."""

from contextlib import closing

from hub.operator_folder.gates_folder import read_gates_folder
from provisioning.completion import COMPLETION_SCHEMA
from rules.gate_judging import example_completion, gate_query, holding_gates, open_engine

GATES = tuple(read_gates_folder(None, None, []).compiled.values())
ROWS = [example_completion(example, COMPLETION_SCHEMA) for gate in GATES for example in gate.gate.examples]


def test_many_at_once_are_held_as_each_by_itself() -> None:
    with closing(open_engine()) as engine:
        query = gate_query(GATES, COMPLETION_SCHEMA, engine)
        singly = [tuple(result for result in query.judge(row) if result.holds) for row in ROWS]
        together = holding_gates(GATES, COMPLETION_SCHEMA, engine, ROWS)
    assert together == singly
    assert any(together)


def test_nothing_is_asked_of_nothing() -> None:
    with closing(open_engine()) as engine:
        assert holding_gates(GATES, COMPLETION_SCHEMA, engine, []) == []
        assert holding_gates((), COMPLETION_SCHEMA, engine, ROWS[:2]) == [(), ()]
