"""Databases in one DuckDB instance know nothing of each other, and keep to its bounds."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from reconciliation.engines.databases import create_small_table, database_in, instance, reading, run_script

ROWS = [("a", date(2026, 1, 1), 1), ("b", None, None), ("c", date(2026, 3, 1), 300)]


def test_two_databases_of_an_instance_have_tables_and_macros_of_one_name(tmp_path: Path) -> None:
    with instance(1, 200, tmp_path / "spill", 100) as shared:
        for number in (1, 2):
            with database_in(shared) as connection:
                run_script(connection, "CREATE MACRO twice(x) AS 2 * x; CREATE TABLE told AS SELECT twice(21) AS n;")
                connection.execute("UPDATE told SET n = n + ?", [number])
                assert connection.execute("FROM told").fetchall() == [(42 + number,)]
        assert shared.execute("SELECT count(*) FROM duckdb_databases() WHERE NOT internal").fetchall() == [(1,)]


def test_databases_have_the_bounds_and_the_time_zone_of_their_instance(tmp_path: Path) -> None:
    with instance(1, 200, tmp_path / "spill", 100) as shared, database_in(shared) as connection:
        told = "SELECT current_setting('threads'), current_setting('TimeZone'), current_setting('memory_limit')"
        assert connection.execute(told).fetchall() == [(1, "UTC", "190.7 MiB")]


def test_a_small_table_holds_its_rows_in_order(tmp_path: Path) -> None:
    with instance(1, 200, tmp_path / "spill", 100) as shared, database_in(shared) as connection:
        create_small_table(connection, "told", "name VARCHAR, day DATE, amount SMALLINT", ROWS)
        create_small_table(connection, "nothing", "name VARCHAR", [])
        assert connection.execute("FROM told").fetchall() == ROWS
        assert connection.execute("FROM nothing").fetchall() == []


def test_a_row_that_does_not_fit_its_columns_is_refused(tmp_path: Path) -> None:
    with (
        instance(1, 200, tmp_path / "spill", 100) as shared,
        database_in(shared) as connection,
        pytest.raises(duckdb.ConversionException),
    ):
        create_small_table(connection, "told", "amount SMALLINT", [(70_000,)])


def test_what_a_reader_says_of_itself_is_gone_with_it() -> None:
    with reading() as connection:
        connection.execute("SET VARIABLE told = 1")
        connection.execute("CREATE TEMP TABLE told AS SELECT 1 AS n")
    with reading() as connection:
        assert connection.execute("SELECT getvariable('told')").fetchall() == [(None,)]
        with pytest.raises(duckdb.CatalogException):
            connection.execute("FROM told")
