"""The name of a finding: stable from run to run, and the same wherever it is computed."""

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.conclude import FINGERPRINT_SQL
from reconciliation.findings import fingerprint

WORDS = st.text(st.characters(exclude_characters="\x00\x1f", codec="utf-8"), min_size=1, max_size=20)
PARTS = ("rule_id", "market", "subject", "direction", "exposure_class")


def in_sql(*parts: str) -> str:
    columns = ", ".join(f"? AS {name}" for name in PARTS if name != "market")
    rule_id, market, *others = parts
    with duckdb.connect() as connection:
        connection.execute("SET VARIABLE market = ?", [market])
        row = connection.execute(f"SELECT {FINGERPRINT_SQL} FROM (SELECT {columns})", [rule_id, *others]).fetchone()
    assert row is not None
    return str(row[0])


def test_a_fingerprint_never_changes_between_versions() -> None:
    """Findings of last year are found again by it: disputes, tickets and life cycles hang on these digits."""
    assert fingerprint("RL-A01", "oldtown", "1234", "under_billed", "recoverable") == "7086614935d54e90"


@given(st.tuples(WORDS, WORDS, WORDS, WORDS, WORDS))
def test_python_and_sql_give_the_same_name(parts: tuple[str, str, str, str, str]) -> None:
    assert in_sql(*parts) == fingerprint(*parts)


@given(st.tuples(WORDS, WORDS, WORDS, WORDS, WORDS), st.integers(0, 4), WORDS)
def test_another_part_is_another_finding(parts: tuple[str, ...], place: int, other: str) -> None:
    changed = (*parts[:place], other, *parts[place + 1 :])

    assert (fingerprint(*changed) == fingerprint(*parts)) == (changed == parts)


def test_the_border_between_two_parts_counts() -> None:
    assert fingerprint("RL-A0", "1x", "1", "u", "l") != fingerprint("RL-A01", "x", "1", "u", "l")
