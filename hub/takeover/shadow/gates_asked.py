"""What the gates would say of completions before billing is told: all of them at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date, datetime

from hub.takeover.shadow.histories import OrderHistory
from hub.takeover.shadow.tables import MarketTables
from provisioning.completion import COMPLETION_SCHEMA, CompletionRecords, CompletionRow, completion_row
from provisioning.facts import SagaFacts
from provisioning.gates import Judgement, judgement
from rules.compiled_gate import CompiledGate
from rules.gate_judging import holding_gates, open_engine

_Key = tuple[str, ...]


def judged_completions(
    tables: MarketTables, facts: Mapping[str, SagaFacts], histories: Mapping[str, OrderHistory], now: datetime
) -> dict[str, Judgement]:
    """What the gates that held then say of completed orders and do not let pass, by their numbers.

    Args:
        tables: of the market.
        facts: what the saga of each order would know.
        histories: what became of them.
        now: this moment.
    """
    groups: defaultdict[_Key, dict[str, CompletionRow]] = defaultdict(dict)
    gates: dict[_Key, Sequence[CompiledGate]] = {}
    offerings = set(tables.offerings)
    keys: dict[tuple[date, str | None], _Key] = {}
    for number, known in facts.items():
        records = _records(histories[number], tables)
        if records is None:
            continue
        when = tables.market.local_date(records.completion.completed_at), records.completion.crew
        if when not in keys:
            asked = tables.gates.effective(tables.market.id, *when)
            keys[when] = tuple(f"{each.gate.id} {each.gate.required} {each.gate.parameters}" for each in asked)
            gates[keys[when]] = asked
        groups[keys[when]][number] = completion_row(records, known, offerings, now)
    found: dict[str, Judgement] = {}
    with closing(open_engine()) as engine:
        for key, rows in groups.items():
            results = holding_gates(gates[key], COMPLETION_SCHEMA, engine, list(rows.values()))
            found |= {number: judgement(each) for number, each in zip(rows, results, strict=True)}
    return found


def _records(history: OrderHistory, tables: MarketTables) -> CompletionRecords | None:
    done = history.completion
    if done is None:
        return None
    return CompletionRecords(
        completion=done,
        order=next((job for job in history.jobs if job.work_order_id == done.work_order_id), None),
        visits=[visit for visit in history.visits if visit.work_order_id == done.work_order_id],
        materials=history.materials,
        photos=history.photos,
        tests=history.tests,
        premise=history.premise,
        account=history.account,
        brought=tables.brought,
    )
