"""What rules found on the accounts of a wave, what persons dismissed of it, and whether they could judge; pure."""

from collections import Counter
from collections.abc import Iterator

from canonical_model.money import Money
from handoffs.acquisition.steps import RULES, Dismissal, Proof, StepName, WaveEvidence
from reconciliation.findings import Finding, period_text


def findings_of(name: StepName, evidence: WaveEvidence) -> tuple[Proof, ...]:
    """Accounts of the wave on which a rule of a step found something that nobody has dismissed, with its money.

    One whose money another finding carries is named as well: it is there all the same.
    """
    return tuple(_proof(each) for each in _found(name, evidence) if dismissal_of(each, evidence) is None)


def dismissed_of(name: StepName, evidence: WaveEvidence) -> tuple[Proof, ...]:
    """The same of what a person has dismissed, with who, until when and why."""
    pairs = _dismissed(name, evidence)
    return tuple(_proof(each, f": dismissed by {held.by} until {held.until}: {held.why}") for each, held in pairs)


def dismissed_text(name: StepName, evidence: WaveEvidence) -> str:
    """How many findings of a step were dismissed, by whom and until when; empty where none was."""
    people = Counter((held.by, held.until) for _, held in _dismissed(name, evidence))
    told = [f"{_counted(count)} that {by} dismissed until {until}" for (by, until), count in sorted(people.items())]
    return f"left out: {', '.join(told)}" if told else ""


def dismissed_subjects(name: StepName, evidence: WaveEvidence) -> frozenset[str]:
    """Services and balances of which everything that the rules of a step found was dismissed.

    What the step sees of them itself is the same mistake, and does not keep it either.
    """
    aside = {each.subject for each, _ in _dismissed(name, evidence)}
    return frozenset(
        aside - {each.subject for each in _found(name, evidence) if dismissal_of(each, evidence) is None}
    )


def dismissal_of(finding: Finding, evidence: WaveEvidence) -> Dismissal | None:
    """The dismissal of a finding that holds today; None where there is none.

    It covers the money that was seen when it was dismissed, and no more. A finding whose money another carries goes
    with that one.
    """
    for name in (finding.fingerprint, finding.explained_by):
        held = None if name is None else evidence.dismissed.get(name)
        if held is not None and evidence.today < held.until and _exposure(name, finding, evidence) <= held.minor:
            return held
    return None


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


def _found(name: StepName, evidence: WaveEvidence) -> list[Finding]:
    facts = evidence.facts
    names = frozenset() if facts is None else {each.account for each in facts.accounts}
    mine = [each for each in evidence.findings if each.rule_id in RULES.get(name, ()) and account_of(each) in names]
    return sorted(mine, key=lambda each: (account_of(each), each.rule_id))


def _dismissed(name: StepName, evidence: WaveEvidence) -> Iterator[tuple[Finding, Dismissal]]:
    for each in _found(name, evidence):
        if (held := dismissal_of(each, evidence)) is not None:
            yield each, held


def _exposure(name: str | None, finding: Finding, evidence: WaveEvidence) -> int:
    """What the finding that was dismissed comes to now, minor units: this one, or the one that carries its money."""
    if name == finding.fingerprint:
        return finding.exposure_minor
    return sum(each.exposure_minor for each in evidence.findings if each.fingerprint == name)


def _proof(finding: Finding, tail: str = "") -> Proof:
    months = ", ".join(sorted({period_text(line.period) for line in finding.lines}))
    amount = Money.from_minor(finding.exposure_minor, finding.currency)
    carried = " (its money is with another finding)" if finding.explained_by else ""
    what = f"{finding.rule_id} {finding.direction.replace('_', ' ')} {amount}{carried}"
    what = f"{what} in {months}" if months else what
    return Proof(account_of(finding), what + tail, finding.exposure_minor, finding.evidence)


def _counted(count: int) -> str:
    return "1 finding" if count == 1 else f"{count} findings"
