"""A market that was reconciled an hour before the moment of acted works, and what that found."""

from datetime import date, timedelta

from sqlalchemy import insert

from hub.workplace import Hub
from reconciliation.findings import Finding, Reconciliation
from storage.findings import record_findings
from storage.runs import finish_run, start_run
from storage.schema.cases import FINDING_CASE
from tests.fakes.acted_works import DONE_ON, NOW
from tests.fakes.small_operator import MARKET


def finding(account: str, minor: int, since: date = DONE_ON, rule: str = "RL-A04") -> Finding:
    """Something that a reconciliation found about the service of an account; negative where too much was billed."""
    return Finding(
        fingerprint=f"{rule}-{account}",
        rule_id=rule,
        market=MARKET.id,
        subject_kind="service",
        subject=account,
        direction="under_billed" if minor > 0 else "over_billed",
        exposure_class="recoverable" if minor > 0 else "refund_due",
        exposure_minor=minor,
        run_rate_minor=0,
        currency="USD",
        evidence_from=since,
        evidence_to=date(2026, 4, 1),
    )


def reconciled(hub: Hub, *found: Finding, state: str = "open", handoff: str = "field_to_billing") -> None:
    """A reconciliation an hour ago, with what it found and how it stands."""
    at = NOW - timedelta(hours=1)
    with hub.database.writing() as connection:
        run = start_run(connection, MARKET.id, at, "s", "c", {}, at)
        record_findings(connection, run, Reconciliation(found, (), 2, 100))
        finish_run(connection, run, at, "succeeded")
        for each in found:
            case = {
                "fingerprint": each.fingerprint,
                "market": MARKET.id,
                "state": state,
                "handoff": handoff,
                "first_minor": each.exposure_minor,
                "last_minor": each.exposure_minor,
                "settled_minor": 0,
                "events": 1,
                "changed_at": at,
            }
            connection.execute(insert(FINDING_CASE).values(case))
