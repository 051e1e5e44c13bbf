"""Ask all rules over a bucket's views in DuckDB, those over one view at once.

A rule first only tells which rows it finds and how much money each has; a single join brings what a hit says of them.
Asked one after the other, each rule fetched the columns of its rows, references included, and each was planned for
three statements: nearly three quarters of what asking took.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from reconciliation.engines.question import FOUND_COLUMNS, RuleSql, asked_sql, hits_sql

_ROWS = """
SELECT a.rule_id, v."{subject}", v.period, v.is_recoverable, {charge}, {family}, v.expected_amount, v.billed_amount,
       a.exposure, v.evidence
FROM asked_of_{view} a
JOIN {view}_view v ON v.rowid = a.place
"""

_PROOF = "SELECT DISTINCT rule_id, subject, evidence FROM found"
"""The rows of a subject mostly have the same references: one list each, which the conclusion takes apart."""


def ask_rules(
    connection: duckdb.DuckDBPyConnection,
    rules: Sequence[RuleSql],
    subjects: Mapping[str, str],
    charges: Mapping[str, str | None],
    seconds: float,
) -> None:
    """Leave what rules find as ``hit`` and ``proof``, each a view that is read once.

    Args:
        connection: to the database that has the views, each a table.
        rules: all of a bucket.
        subjects: subject column of each view.
        charges: column with the charge code of each view that has one.
        seconds: after which a rule is stopped.

    Raises:
        ConfigurationError: a rule fails on data although it was accepted; names the rule.
        UnsafeToContinue: a rule ran over its time; names the rule.
    """
    found = []
    for view, subject in subjects.items():
        of_view = [rule for rule in rules if rule.view == view]
        if not of_view or not connection.execute(f"SELECT 1 FROM {view}_view LIMIT 1").fetchall():
            continue
        if _asked(connection, view, of_view, seconds):
            charge, family = (f"v.{charges[view]}", "v.charge_family") if charges[view] else ("''", "''")
            found.append(_ROWS.format(view=view, subject=subject, charge=charge, family=family))
    connection.execute(f"CREATE TABLE found ({FOUND_COLUMNS})")
    if found:
        connection.execute(f"INSERT INTO found {' UNION ALL '.join(found)}")
    connection.execute(f"CREATE VIEW hit AS {hits_sql(rules)}")
    connection.execute(f"CREATE VIEW proof AS {_PROOF}")


@contextmanager
def stopped_after(seconds: float, connection: duckdb.DuckDBPyConnection, work: str) -> Iterator[None]:
    """Stop what a connection does when its time is over.

    Raises:
        UnsafeToContinue: it was stopped.
    """
    timer = threading.Timer(seconds, connection.interrupt)
    timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise UnsafeToContinue(f"{work} ran longer than {seconds:g} s on one bucket and was stopped") from error
    finally:
        timer.cancel()


def _asked(connection: duckdb.DuckDBPyConnection, view: str, rules: Sequence[RuleSql], seconds: float) -> int:
    """Keep which rows of a view its rules find; where asking them at once fails, one by one, to name one."""
    at_once = " UNION ALL ".join(asked_sql(rule) for rule in rules)
    try:
        with stopped_after(seconds, connection, f"the rules over {view}"):
            return _rows(connection, f"CREATE TEMP TABLE asked_of_{view} AS {at_once}")
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise  # no fault of a rule's
    except (duckdb.Error, UnsafeToContinue):
        connection.execute(f"CREATE TEMP TABLE asked_of_{view} (rule_id VARCHAR, place BIGINT, exposure BIGINT)")
        return sum(_asked_alone(connection, rule, seconds) for rule in rules)


def _asked_alone(connection: duckdb.DuckDBPyConnection, rule: RuleSql, seconds: float) -> int:
    with _faults_of_rule(rule.rule_id), stopped_after(seconds, connection, f"rule {rule.rule_id}"):
        return _rows(connection, f"INSERT INTO asked_of_{rule.view} {asked_sql(rule)}")


def _rows(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    """How many rows a statement wrote."""
    ((rows,),) = connection.execute(statement).fetchall()
    return int(rows)


@contextmanager
def _faults_of_rule(rule_id: str) -> Iterator[None]:
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise  # no fault of the rule's
    except duckdb.Error as error:
        raise ConfigurationError(f"rule {rule_id} fails on the data: {error}") from error
