"""What people open after a run: how much changed, how much money, what next."""

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from canonical_model.money import Money
from hub.reconcile import MarketOutcome
from hub.sync import StreamOutcome

MOST_ROWS = 500
"""More rows make the page of an artifact slow; the report files hold all."""


def show_pulls(system: str, outcomes: Sequence[StreamOutcome]) -> None:
    """A table of what each stream brought, and one of the records that were set aside."""
    create_table_artifact(
        key=f"pull-{system}",
        table=[
            {
                "stream": outcome.stream,
                "read": outcome.counts.read,
                "new or changed": outcome.counts.changed,
                "unchanged": outcome.counts.unchanged,
                "deleted": outcome.counts.deleted,
                "set aside": outcome.counts.rejected,
                "warnings": "; ".join(outcome.warnings),
            }
            for outcome in outcomes
        ],
        description=f"What was pulled from {system}",
    )
    rows = [
        {"stream": outcome.stream, "record": record, "reason": reason}
        for outcome in outcomes
        for record, reason in outcome.set_aside
    ]
    if rows:
        create_table_artifact(
            key=f"quarantine-{system}",
            table=rows[:MOST_ROWS],
            description=f"{len(rows)} records set aside; mend the source or the mapping and pull again",
        )


def show_market(outcome: MarketOutcome) -> None:
    """The money by direction and class, never netted, and where the reports are."""
    report = outcome.report
    totals: dict[tuple[str, str], list[int]] = defaultdict(list)
    for finding in report.findings:
        totals[finding.direction, finding.exposure_class].append(finding.exposure_minor)
    market = report.market_id.replace("_", "-")
    create_table_artifact(
        key=f"summary-{market}",
        table=[
            {
                "direction": direction.replace("_", " "),
                "class": exposure_class.replace("_", " "),
                "findings": len(amounts),
                "exposure": str(Money.from_minor(sum(amounts), report.currency)),
            }
            for (direction, exposure_class), amounts in sorted(totals.items())
        ],
        description=f"{report.market_name}, {report.period_from} to {report.period_to} (exclusive)",
    )
    files = (outcome.files.page, outcome.files.workbook, outcome.files.findings_csv, outcome.files.report_json)
    create_markdown_artifact(
        key=f"report-{market}",
        markdown="\n".join(
            [
                f"# {report.market_name}: reports",
                *(f"* {_link(path, market)}" for path in files),
                "",
                f"{len(report.findings)} findings, {len(report.not_judged)} not judged (reasons in the report).",
                "Explain one: `splice explain FINGERPRINT`; its fingerprint stands in the report.",
            ]
        ),
        description="Reports for finance",
    )


def _link(path: Path, market: str) -> str:
    """A link where reports are served (SPLICE_REPORTS_URL), else the file's place."""
    served_at = os.environ.get("SPLICE_REPORTS_URL")
    if served_at:
        return f"[{path.name}]({served_at.rstrip('/')}/{quote(market)}/{quote(path.name)})"
    return f"`{path}`"
