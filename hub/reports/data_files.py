"""The findings as CSV and the whole report as JSON, for other programs.

CSV: UTF-8 without byte order mark, comma, one header, one row a finding, largest first. Amounts are decimals of
major units (``1234.50``), dates ISO 8601, months ``2026-10``; ``evidence_to`` is the last day covered. Texts of
other systems that a spreadsheet could take for a formula have an apostrophe before them; the JSON file has them as
they are.

JSON: keys in a fixed order, every amount an integer of minor units (``..._minor``) of ``currency``, which has
``minor_digits`` decimals::

    {"schema": "splice.report/1", "operator", "market": {"id", "name", "zone"}, "as_of", "currency",
     "minor_digits", "period": {"from", "to"},            # "to" is the day after the last judged one
     "compared", "billed_minor",
     "leakage": {"lost_minor", "recoverable_minor", "billed_minor", "rate"},   # rate: decimal as text, or null
     "totals": [{"direction", "exposure_class", "findings", "explained", "subjects", "exposure_minor",
                 "run_rate_minor"}],
     "rules": [{"id", "title", "owner", "remedy", "outcome", "totals": [as above]}],
     "findings": [{"fingerprint", "rule_id", "market", "subject_kind", "subject", "direction",
                   "exposure_class", "exposure_minor", "run_rate_minor", "currency", "evidence_from",
                   "evidence_to",                               # the day after the last one covered
                   "first_seen", "explained_by",
                   "lines": [{"period", "charge", "expected_minor", "billed_minor", "exposure_minor"}],
                   "evidence": [text]}],
     "not_judged": [{"scope", "subject", "reason"}],
     "common_causes": {...},        # as reconciliation.causes.document has it; only where somebody looked for them
     "trend", "cohorts", "kpis", "bill_to_bill",   # as kept_data has them; only where they are kept with the run
     "versions": {name: text}}
"""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

from canonical_model.money import minor_digits
from hub.reports.amounts import major
from hub.reports.kept_data import kept_shape
from hub.reports.source_text import neutral
from hub.reports.tables import Total, by_rule, first_found, last_covered_day, leakage, ranked, rule_of, totals
from reconciliation.causes.document import as_document
from reconciliation.findings import Finding, NotJudged
from reconciliation.report import MarketReport

CSV_COLUMNS = (
    "finding", "rule_id", "rule_title", "subject_kind", "subject", "direction", "exposure_class", "currency",
    "exposure_to_date", "run_rate_month", "first_month", "last_month", "evidence_from", "evidence_to",
    "first_found", "explained_by", "remedy", "owner", "evidence",
)  # fmt: skip


def write_findings_csv(report: MarketReport, path: Path) -> None:
    """Write one row a finding, largest first."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(CSV_COLUMNS)
        rows.writerows(_csv_row(report, finding) for finding in ranked(report.findings))


def write_report_json(report: MarketReport, path: Path) -> None:
    """Write the whole report in the shape of this module's docstring."""
    shape = report_shape(report)
    path.write_text(json.dumps(shape, indent=1) + "\n", encoding="ascii")


def report_shape(report: MarketReport) -> dict[str, object]:
    """The report as nested data, in the shape of this module's docstring."""
    leak = leakage(report)
    return {
        "schema": "splice.report/1",
        "operator": report.operator,
        "market": {"id": report.market_id, "name": report.market_name, "zone": report.zone},
        "as_of": _instant(report.as_of),
        "currency": report.currency,
        "minor_digits": minor_digits(report.currency),
        "period": {"from": report.period_from.isoformat(), "to": report.period_to.isoformat()},
        "compared": report.compared,
        "billed_minor": report.billed_minor,
        "leakage": {
            "lost_minor": leak.lost_minor,
            "recoverable_minor": leak.recoverable_minor,
            "billed_minor": leak.billed_minor,
            "rate": None if leak.rate is None else f"{leak.rate:.8f}",
        },
        "totals": [_total_shape(total) for total in totals(report.findings)],
        "rules": [
            {
                "id": rule.id,
                "title": rule.title,
                "owner": rule.owner,
                "remedy": rule.remedy,
                "outcome": rule.outcome,
                "totals": [_total_shape(total) for total in row.totals],
            }
            for row in by_rule(report)
            for rule in (row.rule,)
        ],
        "findings": [_finding_shape(report, finding) for finding in ranked(report.findings)],
        "not_judged": [_not_judged_shape(entry) for entry in report.not_judged],
        **({} if report.causes is None else {"common_causes": as_document(report.causes)}),
        **kept_shape(report),
        "versions": dict(sorted(report.versions.items())),
    }


def _csv_row(report: MarketReport, finding: Finding) -> list[str]:
    rule = rule_of(report, finding.rule_id)
    months = sorted(f"{line.period:%Y-%m}" for line in finding.lines)
    return [
        finding.fingerprint,
        neutral(finding.rule_id),
        neutral(rule.title),
        finding.subject_kind,
        neutral(finding.subject),
        finding.direction,
        finding.exposure_class,
        finding.currency,
        str(major(finding.exposure_minor, finding.currency)),
        str(major(finding.run_rate_minor, finding.currency)),
        months[0] if months else "",
        months[-1] if months else "",
        finding.evidence_from.isoformat(),
        last_covered_day(finding).isoformat(),
        first_found(report, finding).isoformat(),
        finding.explained_by or "",
        neutral(rule.remedy),
        neutral(rule.owner),
        neutral("; ".join(finding.evidence)),
    ]


def _total_shape(total: Total) -> dict[str, object]:
    return {
        "direction": total.kind.direction,
        "exposure_class": total.kind.exposure_class,
        "findings": total.findings,
        "explained": total.explained,
        "subjects": total.subjects,
        "exposure_minor": total.exposure_minor,
        "run_rate_minor": total.run_rate_minor,
    }


def _finding_shape(report: MarketReport, finding: Finding) -> dict[str, object]:
    return {
        "fingerprint": finding.fingerprint,
        "rule_id": finding.rule_id,
        "market": finding.market,
        "subject_kind": finding.subject_kind,
        "subject": finding.subject,
        "direction": finding.direction,
        "exposure_class": finding.exposure_class,
        "exposure_minor": finding.exposure_minor,
        "run_rate_minor": finding.run_rate_minor,
        "currency": finding.currency,
        "evidence_from": finding.evidence_from.isoformat(),
        "evidence_to": finding.evidence_to.isoformat(),
        "first_seen": _instant(report.first_seen.get(finding.fingerprint, report.as_of)),
        "explained_by": finding.explained_by,
        "lines": [
            {
                "period": line.period.isoformat(),
                "charge": line.charge,
                "expected_minor": line.expected_minor,
                "billed_minor": line.billed_minor,
                "exposure_minor": line.exposure_minor,
            }
            for line in finding.lines
        ],
        "evidence": list(finding.evidence),
    }


def _not_judged_shape(entry: NotJudged) -> dict[str, str]:
    return {"scope": entry.scope, "subject": entry.subject, "reason": entry.reason}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
