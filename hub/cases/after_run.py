"""What a run that stands means for the cases of its market, in the transaction that records its findings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from canonical_model.money import minor_digits
from hub.cases.approved_by_policy import approved_by_policy
from hub.cases.remedies_moved import back_to_proposed, settled_by_outbox
from hub.cases.tasks import task_of
from hub.cases.worked import BY_POLICY, WorkedCase, may_be_taken_back, save, take_back
from hub.operator_folder.remedies_file import MarketRemedies
from reconciliation.billed_months import BilledMonths, came_by_lines
from reconciliation.case_runs import (
    KnownCase,
    RunDay,
    ended_by,
    is_over,
    when_found,
    when_gone,
    when_money_came,
    when_seen,
)
from reconciliation.cases import IN_HAND, UNDECIDED
from reconciliation.findings import Finding, Reconciliation, fingerprint
from reconciliation.remedies import MENDING_KINDS, MONEY_KINDS, Remediable, remediable
from reconciliation.remedy_runs import KnownRemedy, came_minor, kinds_to_propose, verdict
from rules.remedy import RemedyKind
from rules.rule import Rule
from storage.cases import Case, cases_of, keep_amounts
from storage.findings import StoredFinding, findings_gone, findings_named
from storage.remedies import Remedy, remedies_of_market


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The run that stands.

    Attributes:
        day: the day it judged, in the market's calendar.
        back_bill_months: whole months before the current one that may still be billed.
        rules: that it judged by, by id.
        policy: what happens by itself in the market.
        billed: what the bills of services in remedy come to now.
    """

    run_id: int
    market: str
    currency: str
    day: RunDay
    back_bill_months: int
    rules: Mapping[str, Rule]
    policy: MarketRemedies
    billed: BilledMonths = field(default_factory=dict)

    @property
    def actor(self) -> str:
        """Who does it, for the journal."""
        return f"run {self.run_id}"


@dataclass
class _Pass:
    """One pass over the cases of a market."""

    connection: Connection
    facts: RunFacts
    found: Reconciliation
    at: datetime
    cases: Mapping[str, Case]
    remedies: Mapping[str, list[Remedy]]
    amounts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.there = {finding.fingerprint for finding in self.found.findings}

    def worked(self, name: str, rule_id: str) -> WorkedCase:
        """The case of a finding, a new one where there is none."""
        rule = self.facts.rules.get(rule_id)
        worked = WorkedCase(self.cases.get(name) or Case(name, self.facts.market), list(self.remedies.get(name, ())))
        worked.set(settled_minor=self.found.settled.get(name, 0))
        if rule is not None:
            worked.set(handoff=rule.handoff)
        settled_by_outbox(worked)
        return worked

    def seen(self, finding: Finding) -> WorkedCase:
        """A finding that is there."""
        worked = self.worked(finding.fingerprint, finding.rule_id)
        minor = finding.exposure_minor
        known = _known(worked.case)
        worked.happen(when_found(minor) if known is None else when_seen(known, minor, self.facts.day))
        if known is None or known.last_minor != minor or any(each.kind == "found_again" for each in worked.changes):
            self.amounts[finding.fingerprint] = minor
        for remedy in worked.live:
            self._judge(worked, remedy, finding)
        worked.leave_remedy_if_over()
        self._propose(worked, finding)
        return worked

    def gone(self, stored: StoredFinding) -> WorkedCase | None:
        """A finding that is not there, though its rule looked for it."""
        finding = stored.finding
        worked = self.worked(finding.fingerprint, finding.rule_id)
        known = _known(worked.case)
        if known is None or not is_over(known, self.facts.day):
            return None
        if not self._money_came(worked, finding):
            is_lost = finding.exposure_class == "recoverable" and _as_lost(finding) in self.there
            out = [
                f"remedy {one.number} was sent, and its money does not show"
                for one in worked.live
                if one.amount_minor
            ]
            worked.happen(when_gone(ended_by(finding.lines, self.facts.day, is_lost), "; ".join(out)))
        self.amounts[finding.fingerprint] = 0
        return worked

    def ended(self, case: Case, finding: Finding) -> WorkedCase:
        """A finding that was gone before, and whose remedy had not shown yet."""
        worked = self.worked(case.fingerprint, finding.rule_id)
        self._money_came(worked, finding)
        return worked

    def _money_came(self, worked: WorkedCase, finding: Finding) -> bool:
        """Judge the remedies of a finding that is gone; whether one of them brought its money."""
        was_in_remedy = worked.state == "in_remedy"
        before = {one.number for one in worked.remedies if one.state == "verified"}
        for remedy in worked.live:
            self._judge(worked, remedy, finding, is_there=False)
        brought = [
            one
            for one in worked.remedies
            if one.state == "verified"
            and (one.came_minor or 0) >= (one.amount_minor or finding.exposure_minor) > 0
            and (was_in_remedy or one.number not in before)
        ]
        if brought:
            came = sum(one.came_minor or 0 for one in brought)
            worked.happen(when_money_came(finding.direction == "over_billed", came, brought[-1].number))
        return bool(brought)

    def _judge(self, worked: WorkedCase, remedy: Remedy, finding: Finding, is_there: bool = True) -> None:
        settled = self.found.settled.get(worked.case.fingerprint, 0)
        if remedy.task and not is_there and finding.subject_kind == "service":
            # a person may have repaired the bills themselves; what we sent shows as an adjustment and nowhere else
            settled += came_by_lines(finding.subject, finding.lines, self.facts.billed)
        known = _known_remedy(remedy)
        decided = verdict(known, finding.exposure_minor if is_there else None, settled)
        if decided == "verified":
            came = came_minor(known, settled, finding.direction == "over_billed")
            why = "its money came, and there is more" if is_there else ""
            worked.move(remedy, "verified", "remedy_verified", why, came_minor=came)
        elif decided in ("revise", "withdraw"):
            why = "the finding's money is another than when it was proposed" if is_there else "the finding is gone"
            if take_back(self.connection, remedy, self.at, self.facts.actor, why):
                self._take_back(worked, remedy, finding if is_there else None, why)

    def _take_back(self, worked: WorkedCase, remedy: Remedy, finding: Finding | None, why: str) -> None:
        may = None if finding is None else self._may(finding, remedy.kind)
        if finding is None or may is None or may.why_not:
            returned = back_to_proposed(worked, remedy, why) if remedy.state == "sent" else remedy
            worked.move(returned, "withdrawn", "remedy_withdrawn", (may.why_not if may else "") or why)
            return
        was_whole = remedy.amount_minor == remedy.of_minor
        amount = may.amount_minor if was_whole else min(remedy.amount_minor, may.amount_minor)
        settled = self.found.settled.get(worked.case.fingerprint, 0)
        of_minor = finding.exposure_minor
        back_to_proposed(worked, remedy, why, amount_minor=amount, of_minor=of_minor, settled_minor=settled)

    def _may(self, finding: Finding, kind: RemedyKind) -> Remediable:
        return remediable(finding, kind, self.facts.day.today, self.facts.back_bill_months)

    def _propose(self, worked: WorkedCase, finding: Finding) -> None:
        rule, policy = self.facts.rules.get(finding.rule_id), self.facts.policy
        least = int(policy.proposes_from.scaleb(minor_digits(self.facts.currency)))
        wanted = policy.proposes and worked.state in (*UNDECIDED, "in_remedy") and finding.explained_by is None
        if rule is None or not wanted or finding.exposure_minor < least:
            return
        # what was withdrawn before it came back says nothing of what is to be done now
        is_back = any(change.kind == "found_again" for change in worked.changes)
        before = [_known_remedy(remedy) for remedy in (worked.live if is_back else worked.remedies)]
        for kind in kinds_to_propose(rule.remedy.kinds, before, finding.exposure_minor):
            may = self._may(finding, kind)
            goes_on = finding.run_rate_minor > 0 or kind not in MENDING_KINDS
            if goes_on and not may.why_not:
                worked.propose(
                    Remedy(
                        fingerprint=finding.fingerprint,
                        number=len(worked.remedies) + 1,
                        kind=kind,
                        state="proposed",
                        amount_minor=may.amount_minor,
                        of_minor=finding.exposure_minor,
                        settled_minor=self.found.settled.get(finding.fingerprint, 0),
                        proposed_by=self.facts.actor,
                        proposed_at=self.at,
                        task="" if kind in MONEY_KINDS else task_of(kind, rule.remedy.name, finding.subject),
                    )
                )


def work_cases(connection: Connection, facts: RunFacts, found: Reconciliation, at: datetime) -> None:
    """Make of a run's findings what they mean for the cases of its market.

    The findings are recorded already. The same outcome again changes nothing.
    """
    work = _Pass(
        connection,
        facts,
        found,
        at,
        cases_of(connection, facts.market, locked=True),
        remedies_of_market(connection, facts.market),
    )
    seen = [work.seen(finding) for finding in found.findings]
    gone = [work.gone(stored) for stored in findings_gone(connection, facts.market, (*IN_HAND, "dismissed"))]
    late = [
        work.ended(case, finding)
        for case in work.cases.values()
        if case.state == "vanished"
        and any(one.state in ("sent", "done") for one in work.remedies.get(case.fingerprint, ()))
        for finding in (stored.finding for stored in findings_named(connection, case.fingerprint))
        if finding.fingerprint not in work.there
    ]
    save(connection, [*seen, *(each for each in gone if each is not None), *late], at, facts.actor, facts.run_id)
    keep_amounts(connection, facts.run_id, work.amounts)
    approved = list(approved_by_policy(connection, facts.market, facts.currency, facts.policy, at))
    save(connection, approved, at, BY_POLICY, facts.run_id)


def _as_lost(finding: Finding) -> str:
    """What the finding is called once its money is lost."""
    return fingerprint(finding.rule_id, finding.market, finding.subject, finding.direction, "lost")


def _known(case: Case) -> KnownCase | None:
    if case.state is None:
        return None
    return KnownCase(case.state, case.last_minor, case.written_off_minor, case.dismissed_until)


def _known_remedy(remedy: Remedy) -> KnownRemedy:
    return KnownRemedy(
        remedy.number,
        remedy.kind,
        remedy.state,
        remedy.amount_minor,
        remedy.of_minor,
        remedy.settled_minor,
        may_be_taken_back(remedy),
    )
