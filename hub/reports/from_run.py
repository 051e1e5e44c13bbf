"""Bring the outcome of a run into the shape that reports are written from: fresh from the judgement, or stored."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from reconciliation.findings import Finding, NotJudged, Reconciliation
from reconciliation.report import CaseInReport, MarketReport, RuleInReport
from reconciliation.snapshot.manifest import Manifest
from rules.rulebook import load_rules
from storage.runs import Run


def judged_report(
    manifest: Manifest,
    found: Reconciliation,
    first_seen: Mapping[str, datetime],
    cases: Iterable[CaseInReport] = (),
) -> MarketReport:
    """The report of a run that has just judged.

    Args:
        manifest: of the snapshot that was judged.
        found: what came of it.
        first_seen: by fingerprint, when a finding was first found.
        cases: of the market, where the findings stand.
    """
    report = _report(manifest, found.findings, found.not_judged, found.outcomes, first_seen)
    return replace(report, compared=found.compared, billed_minor=found.billed_minor, cases=tuple(cases))


def stored_report(
    manifest: Manifest,
    run: Run,
    findings: Iterable[Finding],
    not_judged: Iterable[NotJudged],
    first_seen: Mapping[str, datetime],
    cases: Iterable[CaseInReport] = (),
) -> MarketReport:
    """The report of a run whose findings stand, as it was written when the run judged; cases as they stand by now.

    Args:
        manifest: of the snapshot that was judged.
        run: the run; it was recorded.
        findings: those that it saw.
        not_judged: what it could not judge, in its order.
        first_seen: by fingerprint, when a finding was first found.
        cases: of the market.
    """
    ranked = sorted(findings, key=lambda finding: (-finding.exposure_minor, finding.fingerprint))
    report = _report(manifest, tuple(ranked), tuple(not_judged), run.rule_outcomes, first_seen)
    return replace(
        report,
        compared=run.compared or 0,
        billed_minor=run.billed_minor or 0,
        versions=run.versions,
        cases=tuple(cases),
    )


def versions_of(manifest: Manifest) -> dict[str, str]:
    """What a reconciliation was computed with, each part by the start of its SHA-256."""
    return {"snapshot": manifest.snapshot_id, "judged": judged_text(manifest)} | manifest.content_versions()


def judged_text(manifest: Manifest, why: str = "") -> str:
    """What a run over a snapshot judges, and why it is everything, if that was decided."""
    if (since := manifest.changes) is not None:
        accounts = "1 account" if since.accounts == 1 else f"{since.accounts} accounts"
        return f"{accounts} that changed since snapshot {since.base}, all others as they were judged there"
    return f"everything: {why}" if why else "everything"


def _report(
    manifest: Manifest,
    findings: tuple[Finding, ...],
    not_judged: tuple[NotJudged, ...],
    outcomes: Mapping[str, str],
    first_seen: Mapping[str, datetime],
) -> MarketReport:
    prints = {finding.fingerprint for finding in findings}
    return MarketReport(
        operator=manifest.operator,
        market_id=manifest.market.id,
        market_name=manifest.market.name,
        currency=manifest.market.currency,
        zone=manifest.market.zone,
        as_of=manifest.as_of,
        period_from=manifest.period_from,
        period_to=manifest.period_to,
        findings=findings,
        rules={
            rule.id: RuleInReport(
                rule.id, rule.title, rule.owner, rule.remedy.name, outcomes.get(rule.id, "off"), rule.handoff or ""
            )
            for rule in load_rules(manifest.rules)
        },
        not_judged=not_judged,
        compared=0,
        billed_minor=0,
        versions=versions_of(manifest),
        first_seen={name: moment for name, moment in first_seen.items() if name in prints},
    )
