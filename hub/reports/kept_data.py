"""What is kept with a run beside its findings, for the JSON file: trend, cohorts, KPIs and bills.

A key is there only where it is kept: a report of an older moment, or of a version that kept none, has none::

    {"trend": [{"run", "as_of", "findings", "explained", "new", "again", "recovered", "vanished",
                "silent": [rule],                             # could not judge: less money says nothing of theirs
                "totals": [{"rule_id", "handoff", "direction", "exposure_class", "findings", "explained",
                            "exposure_minor", "run_rate_minor"}],
                "kpis": [as below]}],                         # the oldest run first
     "cohorts": [{"kind", "name", "services", "services_found",   # kind: month or hub; name: empty where unknown
                  "money": [{"direction", "exposure_class", "findings", "exposure_minor"}],
                  "latitude_micro", "longitude_micro"}],
     "kpis": [as ``splice kpis --json`` has them],
     "bill_to_bill": {...}}                                       # as reconciliation.bill_totals has it
"""

from dataclasses import asdict
from datetime import UTC
from typing import Any

from reconciliation.bill_totals import as_document
from reconciliation.kpis.document import kpi_facts
from reconciliation.report import MarketReport
from reconciliation.run_history import PastRun


def kept_shape(report: MarketReport) -> dict[str, Any]:
    """The keys of this module's docstring, as far as the report has them."""
    shape: dict[str, Any] = {}
    if report.history:
        shape["trend"] = [_run_shape(run) for run in report.history]
    if report.cohorts:
        shape["cohorts"] = [asdict(cohort) for cohort in report.cohorts]
    if report.kpis:
        shape["kpis"] = [kpi_facts(result) for result in report.kpis]
    if report.bills is not None:
        shape["bill_to_bill"] = as_document(report.bills)
    return shape


def _run_shape(run: PastRun) -> dict[str, Any]:
    return {
        "run": run.run_id,
        "as_of": run.as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "findings": run.findings,
        "explained": run.explained,
        "new": run.new,
        "again": run.again,
        "recovered": run.recovered,
        "vanished": run.vanished,
        "silent": list(run.silent),
        "totals": [asdict(total) for total in run.totals],
        "kpis": [kpi_facts(result) for result in run.kpis.values()],
    }
