"""What rules found on the accounts of a wave, and whether they could judge at all; pure."""

from canonical_model.money import Money
from handoffs.acquisition.steps import RULES, Proof, StepName, WaveEvidence
from reconciliation.findings import Finding, period_text


def findings_of(name: StepName, evidence: WaveEvidence) -> tuple[Proof, ...]:
    """Accounts of the wave on which a rule of a step found something, with its money.

    One whose money another finding carries is named as well: it is there all the same.
    """
    facts = evidence.facts
    names = frozenset() if facts is None else {each.account for each in facts.accounts}
    mine = [each for each in evidence.findings if each.rule_id in RULES[name] and account_of(each) in names]
    return tuple(_proof(each) for each in sorted(mine, key=lambda each: (account_of(each), each.rule_id)))


def silence_of(name: StepName, evidence: WaveEvidence) -> str:
    """Why a rule of a step says nothing; empty where all of them could judge."""
    run = evidence.run
    if run is None:
        return "the market was never reconciled"
    for rule in RULES[name]:
        if rule in run.silent:
            return f"{rule} could not judge: {run.silent[rule]}"
        if run.outcomes.get(rule) not in ("findings", "clean"):
            return f"{rule} did not judge: it is {run.outcomes.get(rule, 'not there')}"
    return ""


def account_of(finding: Finding) -> str:
    """Whose it is: of a service its account, of a balance the account that it is of."""
    kind, _, rest = finding.subject.partition("/")
    return rest.rpartition("-")[0] if finding.subject_kind == "balance" else kind


def _proof(finding: Finding) -> Proof:
    months = ", ".join(sorted({period_text(line.period) for line in finding.lines}))
    amount = Money.from_minor(finding.exposure_minor, finding.currency)
    carried = " (its money is with another finding)" if finding.explained_by else ""
    what = f"{finding.rule_id} {finding.direction.replace('_', ' ')} {amount}{carried}"
    return Proof(
        account_of(finding), f"{what} in {months}" if months else what, finding.exposure_minor, finding.evidence
    )
