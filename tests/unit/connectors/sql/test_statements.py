"""The text of statements: key-set paging, in the spelling of each kind of database."""

import pytest
from sqlalchemy.dialects import mysql, postgresql

from connectors.sql.statements import Stage, Wanted, named_source, rows_of

POSITION = ("2026-01-01", "B1", 7)


def text(stage: Stage, position: tuple[object, ...] | None, *, compares_rows: bool) -> str:
    wanted = Wanted(
        source=named_source("bill_line", "billing"),
        columns=("bill", "number", "changed"),
        key=("bill", "number"),
        cursor="changed",
        deleted=None,
        compares_rows=compares_rows,
        has_zero_dates=False,
    )
    dialect = postgresql.dialect(paramstyle="named") if compares_rows else mysql.dialect(paramstyle="named")
    return " ".join(str(rows_of(wanted, stage, None, position, 100).compile(dialect=dialect)).split())


@pytest.mark.parametrize("compares_rows", [True, False])
@pytest.mark.parametrize("position", [None, POSITION])
def test_rows_come_in_the_order_of_cursor_and_key_and_none_is_skipped_by_number(
    position: tuple[object, ...] | None, compares_rows: bool
) -> None:
    found = text("dated", position, compares_rows=compares_rows)
    assert "FROM billing.bill_line WHERE" in found
    assert "ORDER BY changed, bill, number" in found
    assert "OFFSET" not in found
    assert "LIMIT" in found


def test_a_later_statement_begins_at_the_last_row_that_was_read() -> None:
    assert "(changed, bill, number) >= (:param_" in text("dated", POSITION, compares_rows=True)
    spelled = text("dated", POSITION, compares_rows=False)
    assert "changed >= :" in spelled  # narrows an index where rows cannot be compared
    assert "changed > :" in spelled
    assert "changed = :" in spelled
    assert "number >= :" in spelled


def test_rows_without_a_cursor_value_come_in_the_order_of_the_key() -> None:
    found = text("undated", POSITION[1:], compares_rows=True)
    assert "changed IS NULL AND (bill, number) >= " in found
    assert "ORDER BY bill, number" in found
