"""One DuckDB row that expressions are tried on."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import duckdb
import pytest

from canonical_model.yaml_source import Place
from rules.expressions import compile_expression, render
from rules.types import ColumnType, duckdb_type, parse_schema

ROW_SCHEMA = parse_schema(
    {
        "days": "integer",
        "gap": "integer?",
        "plan": "text",
        "note": "text?",
        "starts": "date",
        "ends": "date?",
        "billed": "money(2)",
        "discount": "money(2)?",
        "rate": "money(4)",
        "live": "boolean",
        "paid": "boolean?",
        "rx_dbm": "number",
        "seen": "timestamp",
        "Promo_Code__c": "text?",
    }
)

ROW = {
    "days": 7,
    "gap": None,
    "plan": "LV-0001234",
    "note": None,
    "starts": "2026-01-31",
    "ends": None,
    "billed": 8999,
    "discount": None,
    "rate": 123455,
    "live": True,
    "paid": None,
    "rx_dbm": -27.5,
    "seen": "2026-03-01 02:00:00+00",
    "Promo_Code__c": "WELC20",
}


@pytest.fixture(scope="session")
def row_schema() -> dict[str, ColumnType]:
    return ROW_SCHEMA


class Engine:
    """DuckDB with one row; no annotation names its types: hypothesis keeps those, and DuckDB complains at exit."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def select(self, columns: str, source: str = "row_under_test", values: Sequence[Any] = ()) -> tuple[Any, ...]:
        """The first row that a SELECT of these columns gives."""
        found = self._connection.execute(f"SELECT {columns} FROM {source}", list(values)).fetchall()
        return tuple(found[0])


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    columns = ", ".join(f'"{name}" {duckdb_type(kind)}' for name, kind in ROW_SCHEMA.items())
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE row_under_test ({columns})")
        marks = ", ".join("?" for _ in ROW)
        connection.execute(f"INSERT INTO row_under_test VALUES ({marks})", list(ROW.values()))
        yield Engine(connection)


@pytest.fixture
def evaluate(engine: Engine) -> Callable[[str], Any]:
    """What an expression yields on the row."""
    return lambda text: engine.select(render(compile_expression(text, ROW_SCHEMA, at=Place("test"))))[0]
