"""A report that does not add up is not written."""

from canonical_model.errors import UnsafeToContinue
from hub.reports.wording import counted
from reconciliation.findings import Finding
from reconciliation.report import MarketReport

_SHOWN = 5


def refuse_what_does_not_add_up(report: MarketReport) -> None:
    """Check the promises of `Finding` that every total of a report rests on.

    Raises:
        UnsafeToContinue: a finding has another currency, its lines do not sum to its exposure, it counts money
            that another finding carries, or appears twice; or the report's moment has no zone.
    """
    faults = [fault for finding in report.findings for fault in _faults(finding, report.currency)]
    prints = [finding.fingerprint for finding in report.findings]
    if len(set(prints)) != len(prints):
        faults.append(f"{counted(len(prints) - len(set(prints)), 'finding')} too many of the same fingerprint")
    if report.as_of.utcoffset() is None:
        faults.append("the moment it was computed for (as_of) has no time zone")
    if faults:
        listed = "; ".join(faults[:_SHOWN])
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise UnsafeToContinue(
            f"report of market {report.market_id} was not written, because it does not add up: {listed}{more}. "
            "Run the reconciliation again; if it stays, the rule that made these findings is wrong"
        )


def _faults(finding: Finding, currency: str) -> list[str]:
    name = f"finding {finding.fingerprint} of {finding.rule_id}"
    faults = []
    if finding.currency != currency:
        faults.append(f"{name} is in {finding.currency}, the market bills in {currency}")
    if finding.explained_by is not None and finding.exposure_minor != 0:
        faults.append(f"{name} counts money that finding {finding.explained_by} carries")
    lines = sum(line.exposure_minor for line in finding.lines)
    if lines != finding.exposure_minor:
        faults.append(f"the lines of {name} sum to {lines} minor units, it says {finding.exposure_minor}")
    return faults
