"""Steps that are judged once the accounts of a wave were moved: all there, billed once, to the cent; pure."""

from collections import defaultdict

from canonical_model.money import Money
from handoffs.acquisition.steps import Proof, StepName, StepState, StepVerdict, WaveEvidence
from handoffs.acquisition.wave_findings import dismissed_of, dismissed_subjects, findings_of, silence_of
from reconciliation.acquisition.wave_facts import ListedAccount, ListedService
from reconciliation.bill_to_bill import BillToBill

_NO_RUN = "the market was never reconciled"


def accounts_there(evidence: WaveEvidence) -> StepVerdict:
    """Every account that was not gone before its day is known to the target."""
    if evidence.facts is None or (why := silence_of("accounts_there", evidence)):
        return StepVerdict("accounts_there", "not_judged", _NO_RUN if evidence.facts is None else why)
    listed = evidence.facts.accounts
    early = [each for each in listed if each.cut_over_on > evidence.today]
    due = [each for each in listed if each.cut_over_on <= evidence.today]
    missing = [each for each in due if not each.is_gone and not _is_there(each)]
    found = {each.account: each for each in findings_of("accounts_there", evidence)}
    aside = dismissed_subjects("accounts_there", evidence)
    proof = [found.pop(each.account, _unknown(each)) for each in missing if not _is_lost_knowingly(each, aside)]
    proof += found.values()
    gone = sum(each.is_gone for each in due)
    there = len(due) - gone - len(missing)
    figures = (
        ("handed over", f"{len(listed)}"),
        ("taken over", f"{there}"),
        ("gone before their day", f"{gone}"),
        ("not taken over", f"{len(missing)}"),
        ("their day is to come", f"{len(early)}"),
    )
    said = f"of {len(listed)} accounts {there} are there, {gone} were gone before, {len(missing)} are missing"
    if early:
        said += f"; the day of {len(early)} is to come"
        proof += [Proof(each.account, f"is moved on {each.cut_over_on}", None, (each.ref,)) for each in early]
    state: StepState = "lacks" if len(proof) > len(early) else ("not_judged" if early or not listed else "done")
    return StepVerdict("accounts_there", state, said, figures, tuple(proof))


def billed_once(evidence: WaveEvidence) -> StepVerdict:
    """No account is on the bills of both systems after its day."""
    return _by_findings("billed_once", "no account is billed by both systems", "are billed by both systems", evidence)


def stub_periods(evidence: WaveEvidence) -> StepVerdict:
    """The last bill of the one and the first of the other meet: a stub between cycles is a line of its own."""
    clean = "the periods of both systems meet, day by day"
    return _by_findings("stub_periods", clean, "have days on no bill, or on two", evidence)


def balances(evidence: WaveEvidence) -> StepVerdict:
    """Receivables, deposits and unapplied payments came over to the cent; and are told of everybody."""
    if evidence.facts is None or (why := silence_of("balances", evidence)):
        return StepVerdict("balances", "not_judged", _NO_RUN if evidence.facts is None else why)
    facts = evidence.facts
    wrong = {f"{each.account} {each.kind}": each for each in facts.balances if each.difference_minor}
    aside = dismissed_subjects("balances", evidence)
    proof = [
        Proof(
            each.account,
            f"{each.kind}: closed with {_money(each.legacy_minor, evidence)},"
            f" {_money(each.in_flight_minor, evidence)} came in between,"
            f" opened with {_money(each.target_minor, evidence)}",
            each.difference_minor,
            each.evidence,
        )
        for each in wrong.values()
        if f"balance/{each.account}-{each.kind}" not in aside
    ]
    named = {each.account for each in proof}
    proof += [each for each in findings_of("balances", evidence) if each.account not in named]
    untold = [each for each in facts.accounts if _is_there(each) and each.account not in facts.closed]
    said = f"{len(facts.balances)} balances of {len(facts.closed)} accounts, {len(wrong)} differ"
    if untold:
        said += f"; of {len(untold)} accounts the old system tells no closing balance"
    lacking = [Proof(each.account, "no closing balance is told", None, (each.ref,)) for each in untold]
    state: StepState = "lacks" if proof else ("not_judged" if untold or not facts.balances else "done")
    return StepVerdict("balances", state, said, _control_totals(evidence), (*proof, *lacking))


def compared_bills(evidence: WaveEvidence) -> StepVerdict:
    """Bill against bill, class by class: nothing is unexplained, and nothing came to harm on the way."""
    comparison = evidence.comparison
    if evidence.facts is None or comparison is None or (why := silence_of("bill_to_bill", evidence)):
        said = "no bills were compared" if evidence.facts is None or comparison is None else why
        return StepVerdict("bill_to_bill", "not_judged", said)
    services = {service.service: each for each in evidence.facts.accounts for service in each.services}
    rows = [row for row in comparison.classes if row.service in services]
    unexplained = [row for row in rows if row.unexplained_minor]
    proof = [
        Proof(
            services[row.service].account,
            f"{row.charge_class} of {row.target_month:%Y-%m}: {_money(row.unexplained_minor, evidence)} unexplained",
            row.unexplained_minor,
        )
        for row in unexplained
    ]
    proof += findings_of("bill_to_bill", evidence)
    waiting = _not_compared(comparison, evidence)
    compared = {row.service for row in rows}
    figures = (
        ("services compared", f"{len(compared)}"),
        ("bills of the old system", _money(sum(row.legacy_minor for row in rows), evidence)),
        ("bills of the new one", _money(sum(row.target_minor for row in rows), evidence)),
        ("unexplained, without signs", _money(sum(abs(row.unexplained_minor) for row in rows), evidence)),
        ("not compared yet", f"{len(waiting)}"),
    )
    said = f"{len(compared)} services compared, {len(unexplained)} classes are unexplained"
    said += f", {len(proof) - len(unexplained)} charges came to harm" if len(proof) > len(unexplained) else ""
    said += f"; {len(waiting)} could not be compared yet" if waiting else ""
    state: StepState = "lacks" if proof else ("not_judged" if waiting or not compared else "done")
    return StepVerdict("bill_to_bill", state, said, figures, (*proof, *waiting))


def _not_compared(comparison: BillToBill, evidence: WaveEvidence) -> tuple[Proof, ...]:
    """Services that go on and have no two bills to compare; one that has ended since never will."""
    reasons = dict(comparison.not_compared)
    compared = {row.service for row in comparison.classes}
    listed = () if evidence.facts is None else evidence.facts.accounts
    return tuple(
        Proof(each.account, reasons.get(service.service, "nothing was billed or due on either side"))
        for each in listed
        for service in each.staying
        if service.service not in compared and service.ends_on > evidence.today
    )


def _by_findings(name: StepName, clean: str, wrong: str, evidence: WaveEvidence) -> StepVerdict:
    if evidence.facts is None or (why := silence_of(name, evidence)):
        return StepVerdict(name, "not_judged", _NO_RUN if evidence.facts is None else why)
    moved = [each for each in evidence.facts.accounts if _is_there(each)]
    if not moved:
        return StepVerdict(name, "not_judged", "no account of the wave was moved yet")
    proof = findings_of(name, evidence)
    money = _money(sum(abs(each.minor or 0) for each in proof), evidence)
    accounts = len({each.account for each in proof})
    beside = "beside what was dismissed, " if dismissed_of(name, evidence) else ""
    said = f"{beside}{clean} ({len(moved)} accounts)"
    if proof:
        said = f"{accounts} of {len(moved)} accounts {wrong}: {money}"
    figures = (("accounts", f"{len(moved)}"), ("wrong", f"{accounts}"))
    return StepVerdict(name, "lacks" if proof else "done", said, figures, proof)


def _control_totals(evidence: WaveEvidence) -> tuple[tuple[str, str], ...]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for each in () if evidence.facts is None else evidence.facts.balances:
        for place, minor in enumerate((each.legacy_minor, each.in_flight_minor, each.target_minor)):
            sums[each.kind][place] += minor
    return tuple(
        (
            f"{kind}: closed + in flight = opened",
            " ".join((_money(old, evidence), "+", _money(between, evidence), "=", _money(new, evidence)))
            if old + between == new
            else " ".join((_money(old, evidence), "+", _money(between, evidence), "is not", _money(new, evidence))),
        )
        for kind, (old, between, new) in sorted(sums.items())
    )


def _is_there(account: ListedAccount) -> bool:
    """Whether each of its services that was to be taken over is known to the target."""
    return bool(account.staying) and all(each.is_in_target for each in account.staying)


def _is_lost_knowingly(account: ListedAccount, dismissed: frozenset[str]) -> bool:
    """Whether a person has dismissed each of its services that the target does not know."""
    lost = [each.service for each in account.staying if not each.is_in_target]
    return bool(lost) and dismissed.issuperset(lost)


def _unknown(account: ListedAccount) -> Proof:
    lost = [each.service for each in account.staying if not each.is_in_target]
    what = f"the target does not know {', '.join(lost)}" if lost else "nobody knows a service of it"
    return Proof(account.account, what, None, (account.ref, *_ends(account.services)))


def _ends(services: tuple[ListedService, ...]) -> tuple[str, ...]:
    return tuple(f"billed by the old system up to {each.legacy_to}" for each in services if each.legacy_to)


def _money(minor: int, evidence: WaveEvidence) -> str:
    return str(Money.from_minor(minor, evidence.currency))
