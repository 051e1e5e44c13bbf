"""What makes two reports the same one: they say the same of the same moment, whichever run wrote them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC

from reconciliation.report import MarketReport

_OF_THE_RUN = ("snapshot", "judged")
"""Versions that are of the run and not of what it judged with: a snapshot of changes says the same as a whole one."""


def judgement_of(report: MarketReport) -> str:
    """A digest of the market, the moment, all findings with their money, and what could not be judged.

    What goes on beside a judgement has no part in it: cases, trend, KPIs.
    """
    said = {
        "market": report.market_id,
        "as_of": report.as_of.astimezone(UTC).isoformat(),
        "period": [report.period_from.isoformat(), report.period_to.isoformat()],
        "findings": sorted(_plain(asdict(finding)) for finding in report.findings),
        "not_judged": sorted(_plain(asdict(entry)) for entry in report.not_judged),
        "rules": {rule.id: rule.outcome for rule in report.rules.values()},
        "versions": {name: text for name, text in report.versions.items() if name not in _OF_THE_RUN},
    }
    return hashlib.sha256(_plain(said).encode()).hexdigest()


def _plain(data: Mapping[str, object]) -> str:
    return json.dumps(data, sort_keys=True, default=str)
