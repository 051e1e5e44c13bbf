"""From hits to findings: one cause, one amount, a stable name, and what nobody could explain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from reconciliation.findings import Finding, FindingLine, NotJudged

FINDING_FILE = "finding.parquet"
LINE_FILE = "line.parquet"
NOT_JUDGED_FILE = "not_judged.parquet"
MOST_EVIDENCE = 24
"""Source references that a finding carries at most; `splice explain` computes the rest again."""

FINGERPRINT_SQL = (
    "substr(sha256(concat_ws(chr(31), rule_id, getvariable('market'), subject, direction, exposure_class)), 1, 16)"
)
"""``findings.fingerprint`` over the columns of a finding."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Where the outcome of a run lies, and its totals.

    Attributes:
        folder: holds the findings, their lines and what was not judged, as Parquet.
        compared: bill lines compared with what was delivered.
        billed_minor: everything billed in the judged periods.
        rules_with_findings: rules that found something.
    """

    folder: Path
    compared: int
    billed_minor: int
    rules_with_findings: frozenset[str]


def conclude(
    output: Path,
    snapshot: Path,
    market: str,
    currency: str,
    last_period: date,
    explained_by: Mapping[str, Iterable[str]],
    settled_rules: Iterable[str],
    memory_limit_mb: int = 600,
    spill_limit_mb: int = 8_000,
) -> Conclusion:
    """Bring the hits of all buckets together into findings.

    A line whose cause another rule of its ``explained_by`` already carries in the same month keeps no money and
    points to the finding that does. What stays of a difference after all findings is listed as not judged.

    Args:
        output: folder with the buckets' hits; gets the outcome.
        snapshot: the snapshot that was judged.
        market: id of its market.
        currency: of its amounts.
        last_period: first day of the last judged month, for the run rate.
        explained_by: rules that take precedence, by rule.
        settled_rules: rules whose money is a share of the difference between expected and billed charges.
        memory_limit_mb: bound on what DuckDB may hold.
        spill_limit_mb: bound on what it may write below ``output`` beside that.
    """
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET threads = 2")
        connection.execute(f"SET memory_limit = '{memory_limit_mb}MB'")
        connection.execute("SET temp_directory = ?", [str(output / "spill")])
        connection.execute(f"SET max_temp_directory_size = '{spill_limit_mb}MB'")
        connection.execute("SET preserve_insertion_order = false")
        connection.read_parquet(str(output / "by_*/*/hit.parquet")).create_view("hit")
        connection.read_parquet(str(output / "by_*/*/proof.parquet")).create_view("proof")
        connection.read_parquet(str(output / "by_service/*/difference.parquet")).create_view("difference")
        connection.read_parquet(str(output / "by_service/*/totals.parquet")).create_view("totals")
        connection.read_parquet(str(snapshot / "dimensions/not_judged.parquet")).create_view("unjoined")
        connection.execute("CREATE TABLE precedence (rule_id VARCHAR, explaining VARCHAR)")
        connection.execute("CREATE TABLE settled (rule_id VARCHAR)")
        pairs = [(rule, other) for rule, others in explained_by.items() for other in others]
        if pairs:
            connection.executemany("INSERT INTO precedence VALUES (?, ?)", pairs)
        if rules := [(rule,) for rule in settled_rules]:
            connection.executemany("INSERT INTO settled VALUES (?)", rules)
        connection.execute("SET VARIABLE market = ?", [market])
        connection.execute("SET VARIABLE currency = ?", [currency])
        connection.execute("SET VARIABLE last_period = ?", [last_period])
        connection.execute(_CONCLUSION)
        for relation, file in (("finding", FINDING_FILE), ("line", LINE_FILE), ("not_judged", NOT_JUDGED_FILE)):
            connection.execute(f"COPY (FROM {relation} ORDER BY ALL) TO '{output / file}' (FORMAT parquet)")
        compared, billed = connection.execute("SELECT sum(compared), sum(billed_minor) FROM totals").fetchall()[0]
        found = connection.execute("SELECT DISTINCT rule_id FROM finding").fetchall()
    return Conclusion(output, int(compared), int(billed), frozenset(rule for (rule,) in found))


_CONCLUSION = f"""
-- The explaining rules' own money, by subject and month.
CREATE TABLE carried AS
SELECT p.rule_id, h.rule_id AS explaining, h.subject, h.period
FROM precedence p
JOIN hit h ON h.rule_id = p.explaining AND h.exposure_minor <> 0
GROUP BY ALL;

CREATE TABLE line AS
SELECT h.rule_id, h.subject, h.direction, h.exposure_class, h.period, h.charge, h.expected_minor, h.billed_minor,
       CASE WHEN c.explaining IS NULL THEN h.exposure_minor ELSE 0 END AS exposure_minor, c.explaining
FROM hit h
LEFT JOIN (SELECT rule_id, subject, period, min(explaining) AS explaining FROM carried GROUP BY ALL) c
  ON c.rule_id = h.rule_id AND c.subject = h.subject AND c.period = h.period
WHERE h.exposure_minor <> 0 OR c.explaining IS NOT NULL;

CREATE TABLE summed AS
SELECT {FINGERPRINT_SQL} AS fingerprint,
       rule_id, subject, direction, exposure_class, sum(exposure_minor)::BIGINT AS exposure_minor,
       coalesce(sum(exposure_minor) FILTER (period = getvariable('last_period')), 0)::BIGINT AS run_rate_minor,
       min(period) AS evidence_from, last_day(max(period)) + 1 AS evidence_to, min(explaining) AS explaining
FROM line
GROUP BY rule_id, subject, direction, exposure_class
HAVING sum(exposure_minor) > 0 OR bool_and(explaining IS NOT NULL);

CREATE TABLE finding AS
SELECT s.fingerprint, s.rule_id, getvariable('market') AS market, s.subject, s.direction, s.exposure_class,
       s.exposure_minor, s.run_rate_minor, getvariable('currency') AS currency, s.evidence_from, s.evidence_to,
       CASE WHEN s.exposure_minor = 0 THEN e.fingerprint END AS explained_by,
       list_slice(coalesce(p.evidence, []), 1, {MOST_EVIDENCE}) AS evidence
FROM summed s
LEFT JOIN (SELECT rule_id, subject, list_sort(list_distinct(flatten(list(evidence)))) AS evidence
           FROM proof GROUP BY rule_id, subject) p USING (rule_id, subject)
LEFT JOIN (SELECT rule_id, subject, arg_max(fingerprint, (exposure_minor, fingerprint)) AS fingerprint
           FROM summed
           WHERE rule_id IN (SELECT explaining FROM precedence)
           GROUP BY rule_id, subject) e ON e.rule_id = s.explaining AND e.subject = s.subject;

CREATE TABLE not_judged AS
WITH claimed AS (
    SELECT l.subject, l.period,
           sum(CASE WHEN l.direction = 'over_billed' THEN -l.exposure_minor ELSE l.exposure_minor END) AS amount
    FROM line l
    JOIN summed s USING (rule_id, subject, direction, exposure_class)
    JOIN settled USING (rule_id)
    GROUP BY l.subject, l.period
),
unexplained AS (
    SELECT d.subject, min(d.period) AS first_period, max(d.period) AS last_period,
           sum(d.difference - coalesce(c.amount, 0))::BIGINT AS amount
    FROM difference d
    LEFT JOIN claimed c USING (subject, period)
    WHERE d.difference <> coalesce(c.amount, 0)
    GROUP BY d.subject
)
SELECT scope, subject, reason FROM unjoined
UNION ALL
SELECT 'difference', 'service/' || subject,
       'expected minus billed leaves ' || CASE WHEN amount < 0 THEN '-' ELSE '' END || abs(amount) // 100 || '.'
       || lpad((abs(amount) % 100)::VARCHAR, 2, '0') || ' ' || getvariable('currency') || ' from '
       || strftime(first_period, '%Y-%m') || ' to ' || strftime(last_period, '%Y-%m')
       || ' that no judged rule explains'
FROM unexplained;
"""


def read_findings(folder: Path, subject_kinds: Mapping[str, str]) -> tuple[Finding, ...]:
    """Read the findings of a run with their lines, most money first.

    Args:
        folder: the run's output.
        subject_kinds: ``service`` or ``serial`` by rule.
    """
    with duckdb.connect() as connection:
        connection.read_parquet(str(folder / LINE_FILE)).create_view("line")
        connection.read_parquet(str(folder / FINDING_FILE)).create_view("finding")
        lines: dict[tuple[str, ...], list[FindingLine]] = {}
        for rule, subject, direction, exposure_class, *values in connection.execute(
            "SELECT rule_id, subject, direction, exposure_class, period, charge, expected_minor, billed_minor,"
            " exposure_minor FROM line ORDER BY ALL"
        ).fetchall():
            lines.setdefault((rule, subject, direction, exposure_class), []).append(FindingLine(*values))
        rows = connection.execute(
            "SELECT fingerprint, rule_id, market, subject, direction, exposure_class, exposure_minor, run_rate_minor,"
            " currency, evidence_from, evidence_to, explained_by, evidence FROM finding"
            " ORDER BY exposure_minor DESC, fingerprint"
        ).fetchall()
    return tuple(
        Finding(
            fingerprint=row[0],
            rule_id=row[1],
            market=row[2],
            subject_kind="serial" if subject_kinds[row[1]] == "serial" else "service",
            subject=row[3],
            direction=row[4],
            exposure_class=row[5],
            exposure_minor=row[6],
            run_rate_minor=row[7],
            currency=row[8],
            evidence_from=row[9],
            evidence_to=row[10],
            explained_by=row[11],
            lines=tuple(lines[row[1], row[3], row[4], row[5]]),
            evidence=tuple(row[12]),
        )
        for row in rows
    )


def read_not_judged(folder: Path) -> tuple[NotJudged, ...]:
    """Read what a run could not judge."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT scope, subject, reason FROM read_parquet(?) ORDER BY ALL", [str(folder / NOT_JUDGED_FILE)]
        ).fetchall()
    return tuple(NotJudged(*row) for row in rows)
