"""Ask all gates about a completion, quickly: one engine that stays open, each statement written once."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date

import duckdb

from canonical_model.record import Record
from hub.operator_folder.load import Operator
from provisioning.completion import COMPLETION_SCHEMA, CompletionRow
from rules.gate_judging import GateQuery, gate_query, open_engine
from rules.gate_result import GateResult

_MOST_KEPT = 200
"""Statements that are kept: one for each market, day of completion and crew."""


@dataclass(slots=True)
class Gatekeeper:
    """Judges completions; used by one thread, closed at the end.

    Attributes:
        brought: kinds of records that some system of the operator brings.
    """

    operator: Operator
    brought: frozenset[type[Record]] = frozenset()
    _engine: duckdb.DuckDBPyConnection | None = None
    _queries: OrderedDict[tuple[str, date, str | None], GateQuery] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        mappings = (mapping for of_system in self.operator.mappings.values() for mapping in of_system)
        self.brought = frozenset(record.entity for mapping in mappings for record in mapping.records)

    def judge(self, row: CompletionRow, market: str, day: date) -> tuple[GateResult, ...]:
        """What every gate says that held for the crew on the day of the completion.

        Args:
            row: of the view ``completion``.
            market: of the service.
            day: local day of the completion.
        """
        crew = row["crew"]
        return self._query(market, day, crew if isinstance(crew, str) else None).judge(row)

    def close(self) -> None:
        """Give the engine back."""
        if self._engine is not None:
            self._queries.clear()
            self._engine.close()
            self._engine = None

    def _query(self, market: str, day: date, crew: str | None) -> GateQuery:
        key = (market, day, crew)
        if key not in self._queries:
            if self._engine is None:
                self._engine = open_engine()
            gates = self.operator.gates.effective(market, day, crew)
            self._queries[key] = gate_query(gates, COMPLETION_SCHEMA, self._engine)
            if len(self._queries) > _MOST_KEPT:
                self._queries.popitem(last=False)[1].close()
        self._queries.move_to_end(key)
        return self._queries[key]
