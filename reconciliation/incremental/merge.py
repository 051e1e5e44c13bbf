"""A run's outcome out of the outcome of a whole run: less what some accounts gave then, and what they give now."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

from reconciliation.findings import NotJudged, Reconciliation


def stands_alone(whole: Reconciliation, part: Reconciliation, subjects: Collection[str]) -> str:
    """Why a part that was judged by itself is not what the whole run said of it; empty where it is the same.

    Args:
        whole: the outcome of a whole run.
        part: of some of its accounts, judged again by themselves, all else equal.
        subjects: everything that was judged in the part.
    """
    known = {finding.fingerprint: finding for finding in whole.findings}
    for finding in part.findings:
        if known.get(finding.fingerprint) != finding:
            return f"finding {finding.fingerprint} of {finding.rule_id} on {finding.subject}"
    given = {finding.fingerprint for finding in part.findings}
    for fingerprint, finding in known.items():
        if finding.subject in subjects and fingerprint not in given:
            return f"finding {fingerprint} of {finding.rule_id} on {finding.subject}, which they do not give alone"
    if beyond := Counter(part.not_judged) - Counter(whole.not_judged):
        one = min(beyond, key=lambda entry: (entry.scope, entry.subject, entry.reason))
        return f"what could not be judged of {one.subject}"
    return next(
        (f"what adjustments settle of {name}" for name in sorted(part.settled.keys() - whole.settled.keys())), ""
    )


def merged(whole: Reconciliation, before: Reconciliation, after: Reconciliation) -> Reconciliation:
    """The outcome of all accounts, where some give ``after`` instead of ``before``.

    The rules that could judge must be the same in all three.
    """
    gone = {finding.fingerprint for finding in before.findings}
    kept = [finding for finding in whole.findings if finding.fingerprint not in gone]
    findings = sorted([*kept, *after.findings], key=lambda one: (-one.exposure_minor, one.fingerprint))
    found = {finding.rule_id for finding in findings}
    left = Counter(whole.not_judged) - Counter(before.not_judged) + Counter(after.not_judged)
    return replace(
        whole,
        findings=tuple(findings),
        not_judged=tuple(_in_order(left.elements(), [one for one in after.not_judged if one.scope == "rule"])),
        compared=whole.compared - before.compared + after.compared,
        billed_minor=whole.billed_minor - before.billed_minor + after.billed_minor,
        outcomes={
            rule: outcome if outcome == "inconclusive" else "findings" if rule in found else "clean"
            for rule, outcome in after.outcomes.items()
        },
        unjudged=(whole.unjudged - before.unjudged) | after.unjudged,
        settled=_settled(whole, before, after),
    )


def _in_order(entries: Iterable[NotJudged], silent: list[NotJudged]) -> Iterable[NotJudged]:
    """Rules that were silent first, in their own order, then everything else by its text."""
    yield from silent
    others = (entry for entry in entries if entry.scope != "rule")
    yield from sorted(others, key=lambda one: (one.scope, one.subject, one.reason))


def _settled(whole: Reconciliation, before: Reconciliation, after: Reconciliation) -> dict[str, int]:
    """By finding; one that nothing settles any more is left out, as it is where all are judged together."""
    names = whole.settled.keys() | after.settled.keys()
    sums = {
        name: whole.settled.get(name, 0) - before.settled.get(name, 0) + after.settled.get(name, 0) for name in names
    }
    return {
        name: minor for name, minor in sums.items() if minor or name in after.settled or name not in before.settled
    }
