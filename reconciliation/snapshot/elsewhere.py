"""What a judgement of some accounts has to know of all others: bill cycles, days of bills, codes, odd serials.

Nearly everything about an account follows from records that its keys lead to. The few facts that are about all
accounts together are kept with each snapshot (``state/``), so that a later run can judge some as if all were there.
"""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb

from reconciliation.engines.databases import reading
from reconciliation.incremental.links import BRANCHING, hashed

STATE_FOLDER = "state"

ELSEWHERE = {
    "cycle": "accounts BIGINT",
    "run": (
        "cycle_day BIGINT, is_anchored BOOLEAN, starts_on DATE, ends_on DATE, accounts BIGINT, due BIGINT,"
        " billed BIGINT"
    ),
    "awaited": "cycle_day BIGINT, is_anchored BOOLEAN, starts_on DATE, ends_on DATE, accounts BIGINT",
    "line_day": "month DATE, billed_on DATE, is_known BOOLEAN, lines BIGINT",
    "code_lines": "billing_code VARCHAR, lines BIGINT",
}
"""Facts of accounts that are not assembled; tables ``elsewhere_...``, empty where all are."""

_DUE = """
SELECT cycle_day, is_anchored, starts_on, ends_on, count(*) AS accounts, count_if(is_due) AS due,
       count_if(is_due AND is_billed) AS billed
FROM others
GROUP BY ALL
"""
_AWAITED = """
SELECT cycle_day, is_anchored, starts_on, ends_on, count(DISTINCT account) AS accounts
FROM others
GROUP BY ALL
"""
COUNTED = {
    "cycle": ("cycle", "SELECT count(*) FILTER (NOT is_anchored) AS accounts FROM others"),
    "run": ("due_account", _DUE),
    "awaited": ("awaited_period", _AWAITED),
}
"""By table of elsewhere: the table of a snapshot's state that has a row an account, and how these are counted."""

LINE_DAY = """
SELECT date_trunc('month', covers_from)::DATE AS month, billed_on,
       billing_code IN (SELECT code FROM billing_code) AND currency = market_currency() AS is_known, count(*) AS lines
FROM charge_line
GROUP BY ALL
"""
CODE_LINES = """
SELECT billing_code, count(*) AS lines
FROM charge_line
WHERE billing_code NOT IN (SELECT code FROM billing_code)
GROUP BY billing_code
"""


@cache
def assembled_by() -> str:
    """A name of the SQL and the code that make snapshots and judge them: 16 hex digits."""
    written = [
        file.read_bytes()
        for package in ("canonical_model", "rules", "reconciliation")
        for file in sorted(Path(str(files(package))).rglob("*"))
        if file.suffix in (".sql", ".py")
    ]
    written.append(duckdb.__version__.encode())  # whose hashes are kept
    return hashlib.sha256(b"\n".join(written)).hexdigest()[:16]


_STATE = {
    "cycle": "FROM cycle",
    "due_account": (
        "SELECT account, starts_on, ends_on, is_reached, is_billed, cycle_day, is_anchored, is_due FROM due_account"
    ),
    "awaited_period": "FROM awaited_period",
    "line_day": LINE_DAY,
    "code_lines": CODE_LINES,
    # one of two serials that nearly match is bound to a service and not seen, the other is seen and not bound
    "odd_serial": (
        "SELECT serial FROM binding WHERE serial NOT IN (SELECT serial FROM device)"
        " UNION SELECT serial FROM device WHERE serial NOT IN (SELECT serial FROM binding)"
    ),
    # how far each bill cycle is judged, and those that have no bill: what changes it changes every account of it
    "judged_to": (
        "SELECT cycle_day, is_anchored, judged_to, NULL::DATE AS last_to FROM closed_cycle UNION ALL"
        " SELECT NULL, false, first_to, last_to FROM slowest_cycle"
    ),
}


def create_elsewhere(connection: duckdb.DuckDBPyConnection, folder: Path | None) -> None:
    """Create the tables of what is elsewhere.

    Args:
        connection: of an assembly that has not begun.
        folder: holds them as files; None where every account is assembled.
    """
    for table, columns in ELSEWHERE.items():
        connection.execute(f"CREATE TABLE elsewhere_{table} ({columns})")
        if folder is not None:
            connection.execute(f"COPY elsewhere_{table} FROM '{folder / table}.parquet' (FORMAT parquet)")


def was_assembled_by(folder: Path) -> str:
    """``assembled_by`` of the code that wrote a snapshot; empty where it kept no state."""
    place = folder / STATE_FOLDER / "assembled_by.parquet"
    if not place.is_file():
        return ""
    with reading() as connection:
        row = connection.execute("SELECT sql FROM read_parquet(?)", [str(place)]).fetchone()
    return str(row[0]) if row else ""


def write_state(connection: duckdb.DuckDBPyConnection, folder: Path, is_whole: bool) -> None:
    """Write the facts about all accounts into the folder of their snapshot.

    Args:
        connection: of an assembly that is done.
        folder: the snapshot.
        is_whole: all accounts are assembled; of a part only the bill runs are told, by which it may be judged.
    """
    (folder / STATE_FOLDER).mkdir()
    queries = _STATE | {"assembled_by": f"SELECT '{assembled_by()}' AS sql"}
    for table, query in queries.items() if is_whole else [("judged_to", _STATE["judged_to"])]:
        ordered = f"SELECT * FROM ({query}) ORDER BY ALL"  # the same facts are the same file
        connection.execute(f"COPY ({ordered}) TO '{folder / STATE_FOLDER / table}.parquet' (FORMAT parquet)")
    for entity, keys in BRANCHING.items() if is_whole else ():
        records = connection.read_parquet(str(folder / "records" / f"{entity}.parquet"), file_row_number=True)
        records.create_view("linked")
        connection.execute(
            f"COPY (SELECT file_row_number::UINTEGER AS place, {hashed(keys)} FROM linked)"
            f" TO '{folder / STATE_FOLDER / link_file(entity)}' (FORMAT parquet, COMPRESSION uncompressed)"
        )


def link_file(entity: str) -> str:
    """Name of the file with the hashed keys of an entity's records, in a snapshot's state."""
    return f"link_{entity}.parquet"
