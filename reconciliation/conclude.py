"""From hits to findings: one cause, one amount, a stable name, and what nobody could explain."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from itertools import islice, starmap
from pathlib import Path

import duckdb

from canonical_model.intervals import add_months
from reconciliation.collector import seldom_collecting
from reconciliation.engines.databases import create_small_table, database_in, reading, run_script
from reconciliation.findings import EXPOSURE_CLASSES, Finding, FindingLine, NotJudged, SubjectKind, fingerprint
from reconciliation.settlement import Correction, Owed, settle

FINDING_FILE = "finding.parquet"
LINE_FILE = "line.parquet"
NOT_JUDGED_FILE = "not_judged.parquet"
SETTLED_FILE = "settled.parquet"
MOST_EVIDENCE = 24
"""Source references that a finding carries at most; `splice explain` computes the rest again."""

FINGERPRINT_SQL = (
    "substr(sha256(concat_ws(chr(31), rule_id, getvariable('market'), subject, direction, exposure_class)), 1, 16)"
)
"""``findings.fingerprint`` over the columns of a finding."""

CASE_IN_A_REASON = re.compile(r"\bcase ([0-9a-f]{16})\b")
"""How the reason of an adjustment names the finding that it is the remedy of."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Where the outcome of a run lies, and which rules have one.

    Attributes:
        folder: holds the findings, their lines and what was not judged, as Parquet.
        rules_with_findings: rules that found something.
    """

    folder: Path
    rules_with_findings: frozenset[str]


def conclude(
    output: Path,
    snapshot: Path,
    market: str,
    currency: str,
    last_period: date,
    explained_by: Mapping[str, Iterable[str]],
    claims: Mapping[str, str],
    shared: duckdb.DuckDBPyConnection,
    back_bill_months: int = 6,
    held_back: Collection[str] = (),
) -> Conclusion:
    """Bring the hits of all buckets together into findings.

    A line whose cause another rule of its ``explained_by`` already carries in the same month keeps no money and
    points to the finding that does. What an adjustment has settled is no finding any more. What stays of a difference
    after all findings is listed as not judged, and so is what stays of an adjustment.

    Args:
        output: folder with the buckets' hits; gets the outcome.
        snapshot: the snapshot that was judged.
        market: id of its market.
        currency: of its amounts.
        last_period: first day of the last judged month, for the run rate.
        explained_by: rules that take precedence, by rule.
        claims: by rule the share of the difference that it claims, empty for several shares together; a rule whose
            money is no such share is left out.
        shared: the engine that does it.
        back_bill_months: whole months before the current one that may still be billed.
        held_back: rules whose hits do not count.
    """
    with database_in(shared) as connection:
        for source, files_of in _sources(output, snapshot).items():
            rows = connection.read_parquet(str(files_of))
            for rule_id in held_back if source in ("hit", "proof") else ():
                rows = rows.filter(f"rule_id <> '{rule_id}'")
            rows.create_view(source)
        create_small_table(connection, "precedence", "rule_id VARCHAR, explaining VARCHAR", _pairs(explained_by))
        create_small_table(connection, "claiming", "rule_id VARCHAR, share VARCHAR", list(claims.items()))
        connection.execute("CREATE MACRO account_of(service) AS split_part(service, '/', 1)")
        connection.execute(
            f"CREATE MACRO fingerprint_of(rule_id, subject, direction, exposure_class) AS {FINGERPRINT_SQL}"
        )
        connection.execute("SET VARIABLE market = ?", [market])
        connection.execute("SET VARIABLE currency = ?", [currency])
        connection.execute("SET VARIABLE last_period = ?", [last_period])
        connection.execute("SET VARIABLE most_evidence = ?", [MOST_EVIDENCE])
        run_script(connection, _step("10_claims"))
        run_script(connection, _step("20_owed"))
        settlements, settled = _settlements(connection, market, back_bill_months)
        create_small_table(connection, "settlement", "number BIGINT, ref VARCHAR, amount BIGINT", settlements)
        create_small_table(connection, "settled", "fingerprint VARCHAR, amount BIGINT", list(settled.items()))
        run_script(connection, _step("30_findings"))
        run_script(connection, _step("40_not_judged"))
        for relation, file in _OUTCOME.items():
            connection.execute(f"COPY (FROM {relation} ORDER BY ALL) TO '{output / file}' (FORMAT parquet)")
        found = connection.execute("SELECT DISTINCT rule_id FROM finding").fetchall()
    return Conclusion(output, frozenset(rule for (rule,) in found))


_OUTCOME = {
    "finding": FINDING_FILE,
    "line": LINE_FILE,
    "not_judged": NOT_JUDGED_FILE,
    "settled": SETTLED_FILE,
}


OUTCOME_FILES = tuple(_OUTCOME.values())
"""What a run leaves, the last of them last."""


def _sources(output: Path, snapshot: Path) -> dict[str, Path]:
    return {
        "hit": output / "by_*/*/hit.parquet",
        "proof": output / "by_*/*/proof.parquet",
        "difference": output / "by_service/*/difference.parquet",
        "unjoined": snapshot / "dimensions/not_judged.parquet",
        "charge": snapshot / "dimensions/charge.parquet",
        "promotion": snapshot / "dimensions/promotion.parquet",
        "bundle": snapshot / "dimensions/bundle.parquet",
        "service": snapshot / "by_service/*/service.parquet",
        "billing_period": snapshot / "dimensions/billing_period.parquet",
        "awaited": snapshot / "by_service/*/awaited.parquet",
        "correction": snapshot / "by_service/*/correction.parquet",
    }


def _pairs(explained_by: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
    return [(rule, other) for rule, others in explained_by.items() for other in others]


def _step(name: str) -> str:
    return files("reconciliation").joinpath("conclusion", f"{name}.sql").read_text(encoding="utf-8")


def _settlements(
    connection: duckdb.DuckDBPyConnection, market: str, back_bill_months: int
) -> tuple[list[tuple[int, str, int]], Counter[str]]:
    """What the adjustments of each account settle of what is owed on it.

    Returns:
        Number, adjustment and minor units of each settlement; and by finding what came for it: the whole of the
        adjustments that name it, and what those that name none have settled of it. Negative: to the customer.
    """
    owed: dict[str, list[Owed]] = {}
    own_name: dict[int, str] = {}
    for account, subject, rule, direction, number, cause, period, amount, exposure_class in connection.execute(
        "SELECT account, subject, rule_id, direction, number, cause, period, amount, exposure_class FROM owed"
    ).fetchall():
        names = {each: fingerprint(rule, market, subject, direction, each) for each in EXPOSURE_CLASSES if rule}
        own_name[number] = names.get(exposure_class, "")
        one = Owed(number, cause, period, amount, exposure_class, frozenset(names.values()))
        owed.setdefault(account, []).append(one)
    corrections: dict[str, list[Correction]] = {account: [] for account in owed}
    settled: Counter[str] = Counter()
    named: set[str] = set()
    for account, reason, ref, posted_on, amount, settles_to in connection.execute(
        "SELECT account, reason, ref, posted_on, amount_minor, settles_to FROM correction WHERE is_judged"
    ).fetchall():
        found = CASE_IN_A_REASON.search(reason.lower())
        case = found[1] if found else ""
        if case:
            settled[case] += amount
            named.add(ref)
        billable_from = add_months(posted_on.replace(day=1), -back_bill_months)
        if account in corrections:
            corrections[account].append(Correction(ref, posted_on, amount, settles_to, case, billable_from))
    settlements = [one for account, each in owed.items() for one in settle(each, corrections[account])]
    for part in settlements:
        if part.ref not in named and own_name[part.number]:
            settled[own_name[part.number]] += part.amount
    return [(part.number, part.ref, part.amount) for part in settlements], settled


def subjects_found(output: Path) -> dict[str, int]:
    """On how many subjects each rule has money, before another rule takes it and before adjustments settle it."""
    with reading() as connection:
        rows = connection.execute(
            "SELECT rule_id, count(DISTINCT subject) FROM read_parquet(?) WHERE exposure_minor <> 0 GROUP BY rule_id",
            [str(output / "by_*/*/hit.parquet")],
        ).fetchall()
    return dict(rows)


_LINES = """
SELECT l.period, l.charge, l.expected_minor, l.billed_minor, l.exposure_minor
FROM read_parquet(getvariable('line')) l
JOIN (SELECT rule_id, subject, direction, exposure_class,
             row_number() OVER (ORDER BY exposure_minor DESC, fingerprint) AS place
      FROM read_parquet(getvariable('finding'))) f USING (rule_id, subject, direction, exposure_class)
ORDER BY f.place, l.period, l.charge, l.expected_minor, l.billed_minor, l.exposure_minor
"""
"""The lines of all findings, in the order of the findings."""

_FINDINGS = """
SELECT fingerprint, rule_id, market, subject, direction, exposure_class, exposure_minor, run_rate_minor, currency,
       evidence_from, evidence_to, explained_by, evidence, coalesce(lines, 0)
FROM read_parquet(getvariable('finding'))
LEFT JOIN (SELECT rule_id, subject, direction, exposure_class, count(*) AS lines
      FROM read_parquet(getvariable('line')) GROUP BY ALL) USING (rule_id, subject, direction, exposure_class)
ORDER BY exposure_minor DESC, fingerprint
"""


def read_findings(folder: Path, subject_kinds: Mapping[str, SubjectKind]) -> tuple[Finding, ...]:
    """Read the findings of a run with their lines, most money first.

    Args:
        folder: the run's output.
        subject_kinds: what each rule is about.
    """
    with seldom_collecting(), reading() as connection:
        connection.execute("SET VARIABLE line = ?", [str(folder / LINE_FILE)])
        connection.execute("SET VARIABLE finding = ?", [str(folder / FINDING_FILE)])
        lines = starmap(FindingLine, connection.execute(_LINES).fetchall())
        rows = connection.execute(_FINDINGS).fetchall()
        return tuple(
            Finding(
                fingerprint=row[0],
                rule_id=row[1],
                market=row[2],
                subject_kind=subject_kinds[row[1]],
                subject=row[3],
                direction=row[4],
                exposure_class=row[5],
                exposure_minor=row[6],
                run_rate_minor=row[7],
                currency=row[8],
                evidence_from=row[9],
                evidence_to=row[10],
                explained_by=row[11],
                lines=tuple(islice(lines, row[13])),
                evidence=tuple(row[12]),
            )
            for row in rows
        )


def read_not_judged(folder: Path) -> tuple[NotJudged, ...]:
    """Read what a run could not judge."""
    with reading() as connection:
        rows = connection.execute(
            "SELECT scope, subject, reason FROM read_parquet(?) ORDER BY ALL", [str(folder / NOT_JUDGED_FILE)]
        ).fetchall()
    return tuple(NotJudged(*row) for row in rows)


def read_settled(folder: Path) -> dict[str, int]:
    """By finding what adjustments brought for it, minor units; negative where they went to the customer."""
    with reading() as connection:
        found = connection.execute("FROM read_parquet(?)", [str(folder / SETTLED_FILE)]).fetchall()
    return {name: int(amount) for name, amount in found}
