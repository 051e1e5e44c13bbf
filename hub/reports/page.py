"""The report as one page that needs nothing else: no request, no server, no script to be read."""

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment
from markupsafe import Markup

from hub.reports import charts, cohort_tables, run_charts, wording
from hub.reports.amounts import amount_text
from hub.reports.cause_section import cause_content
from hub.reports.tables import (
    AGE_BUCKETS,
    RuleTotals,
    Total,
    age_in_days,
    ageing,
    by_month,
    by_rule,
    first_found,
    kind_of,
    last_covered_day,
    last_judged_day,
    leakage,
    local_day,
    ranked,
    totals,
)
from hub.reports.templating import page_style, page_templates
from hub.reports.verdict import verdict
from reconciliation.bill_totals import CauseTotals
from reconciliation.findings import DIRECTIONS, Direction, Finding
from reconciliation.report import MarketReport

SHOWN_FINDINGS = 500
SHOWN_NOT_JUDGED = 200
SHOWN_EVIDENCE = 12
SHOWN_CAUSES = 8
SHOWN_CASES = 100

_HERE = Path(__file__).parent
_SIDES = {"legacy": "old bill", "target": "new bill"}


@dataclass(frozen=True, slots=True)
class Cause:
    """One rule in one kind, as a bar."""

    row: RuleTotals
    total: Total
    length: str


@dataclass(frozen=True, slots=True)
class Group:
    """One rule with those of its findings that the page shows, both largest first."""

    row: RuleTotals
    findings: tuple[Finding, ...]


def write_page(report: MarketReport, path: Path, workbook_name: str) -> None:
    """Write the page of a report."""
    path.write_text(render_page(report, workbook_name), encoding="utf-8")


def render_page(report: MarketReport, workbook_name: str) -> str:
    """The page of a report as HTML.

    Args:
        report: what to show.
        workbook_name: file name of the workbook that holds what the page leaves out.
    """
    script = (_HERE / "filter.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        _templates(report)
        .get_template("page.html.j2")
        .render(
            style=page_style(),
            script=script,
            script_digest=digest,
            workbook_name=workbook_name,
            **_content(report),
        )
    )


def _templates(report: MarketReport) -> Environment:
    templates = page_templates()
    templates.filters |= {
        "money": lambda minor: amount_text(minor, report.currency),
        "day": _day,
        "month": lambda day: f"{day:%b %Y}",
        "period": lambda day: f"{day:%b %Y}" if day.day == 1 else f"from {_day(day)}",
        "spoken": wording.spoken,
        "percent": _percent,
        "kind": kind_of,
        "age": lambda finding: age_in_days(report, finding, "evidence_from"),
        "last_covered_day": last_covered_day,
        "local_day": lambda moment: local_day(moment, report.zone),
        "first_found": lambda finding: first_found(report, finding),
        "number": lambda number: f"{number:,}",
        "stamp": lambda moment: _moment(moment.astimezone(ZoneInfo(report.zone))),
        "defined": _defined,
    }
    templates.globals |= {
        "directions": wording.DIRECTION_NAMES,
        "direction_meanings": wording.DIRECTION_MEANINGS,
        "classes": wording.CLASS_NAMES,
        "class_meanings": wording.CLASS_MEANINGS,
        "outcome_names": wording.OUTCOME_NAMES,
        "scopes": wording.SCOPE_NAMES,
        "scope_meanings": wording.SCOPE_MEANINGS,
        "definitions": [(wording.slug(word), word, meaning) for word, meaning in wording.DEFINITIONS],
        "counted": wording.counted,
        "case_names": wording.CASE_NAMES,
        "case_words": wording.case_words,
        "share": charts.share,
        "kpi_definitions": [(f"kpi-{one.kpi.id}", one.kpi.title, one.kpi.definition) for one in report.kpis],
        "shown_evidence": SHOWN_EVIDENCE,
        "bill_causes": lambda cause: _bill_cause(report, cause),
    }
    return templates


def _bill_cause(report: MarketReport, cause: CauseTotals) -> str:
    """A cause by its rule's title where a rule found it, and the bill that it is in."""
    rule = report.rules.get(cause.name)
    name = f"{rule.id} {rule.title}" if rule else cause.name[:1].upper() + cause.name[1:]
    return f"{name} ({_SIDES[cause.side]})" if cause.side else name


def _content(report: MarketReport) -> Mapping[str, object]:
    by_kind = totals(report.findings)
    rules = by_rule(report)
    months = by_month(report)
    shown = ranked(report.findings)[:SHOWN_FINDINGS]
    moment = report.as_of.astimezone(ZoneInfo(report.zone))
    return {
        "report": report,
        "bills": report.bills,
        "last_day": last_judged_day(report),
        "moment": moment,
        "moment_text": _moment(moment),
        "verdict": verdict(report),
        "by_kind": by_kind,
        "panels": _by_direction(by_kind),
        "leakage": leakage(report),
        "months": months,
        "trends": charts.trends(months, report.currency),
        "causes": _causes(rules),
        "age_buckets": AGE_BUCKETS,
        "ages": ageing(report, "evidence_from"),
        "ages_since_found": ageing(report, "first_seen"),
        "rules": rules,
        "groups": _groups(rules, shown),
        "shown_findings": len(shown),
        "anchors": {finding.fingerprint for finding in shown},
        "carriers": {finding.fingerprint: finding for finding in report.findings},
        "cases": report.cases[:SHOWN_CASES],
        "case_counts": Counter(case.state for case in report.cases).most_common(),
        "not_judged": report.not_judged[:SHOWN_NOT_JUDGED],
        "versions": sorted(report.versions.items()),
        **cause_content(report),
        **_over_time_and_place(report),
    }


def _over_time_and_place(report: MarketReport) -> Mapping[str, object]:
    """What the sections of runs, cohorts and hubs show."""
    return {
        "history": report.history,
        "run_kinds": run_charts.kinds_of(report.history),
        "run_charts": run_charts.run_charts(report.history, report.currency, report.zone),
        "month_cohorts": cohort_tables.cohort_table(report.cohorts, "month"),
        "hub_cohorts": cohort_tables.cohort_table(report.cohorts, "hub"),
        "hub_maps": cohort_tables.hub_maps(report.cohorts, report.currency),
    }


def _by_direction(by_kind: tuple[Total, ...]) -> dict[Direction, tuple[Total, ...]]:
    return {name: tuple(total for total in by_kind if total.kind.direction == name) for name in DIRECTIONS}


def _causes(rules: tuple[RuleTotals, ...]) -> dict[Direction, tuple[Cause, ...]]:
    """The largest causes of each direction; all bars have one scale, so that they may be compared."""
    found = [(row, total) for row in rules for total in row.totals if total.exposure_minor]
    found.sort(key=lambda pair: (-pair[1].exposure_minor, pair[0].rule.id))
    largest = found[0][1].exposure_minor if found else 0
    causes: dict[Direction, list[Cause]] = defaultdict(list)
    for row, total in found:
        causes[total.kind.direction].append(Cause(row, total, charts.share(total.exposure_minor, largest)))
    return {name: tuple(causes[name][:SHOWN_CAUSES]) for name in DIRECTIONS if causes[name]}


def _groups(rules: tuple[RuleTotals, ...], shown: list[Finding]) -> tuple[Group, ...]:
    of_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in shown:
        of_rule[finding.rule_id].append(finding)
    groups = [Group(row, tuple(of_rule[row.rule.id])) for row in rules if of_rule[row.rule.id]]
    return tuple(sorted(groups, key=lambda group: -max(total.exposure_minor for total in group.row.totals)))


def _defined(name: str, words: str) -> Markup:
    """Words that lead to the definition of that name."""
    return Markup('<a class="def" href="#def-{}">{}</a>').format(name, words)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _moment(moment: datetime) -> str:
    return f"{_day(moment.date())}, {moment:%H:%M}"


def _percent(rate: Decimal) -> str:
    return f"{rate * 100:.2f} %"
