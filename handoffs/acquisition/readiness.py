"""Judge a wave step by step; what nobody can tell is not judged, and lets nothing go on; pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from handoffs.acquisition.moved_steps import (
    accounts_there,
    balances,
    billed_once,
    compared_bills,
    stub_periods,
)
from handoffs.acquisition.plan_step import plan_map
from handoffs.acquisition.steps import (
    Phase,
    Proof,
    Readiness,
    StepName,
    StepState,
    StepVerdict,
    WaveEvidence,
)
from handoffs.acquisition.wave_findings import (
    dismissed_of,
    dismissed_subjects,
    dismissed_text,
    findings_of,
    silence_of,
)
from reconciliation.acquisition.wave_facts import ListedAccount, ListedService, Pause, WaveFacts

_NO_RUN = "the market was never reconciled"


def judge_wave(evidence: WaveEvidence) -> Readiness:
    """How far a wave is, step by step."""
    steps = tuple(_with_dismissed(judge(evidence), evidence) for judge in _STEPS[evidence.phase])
    as_of = None if evidence.run is None else evidence.run.as_of
    return Readiness(evidence.market, evidence.wave, evidence.phase, evidence.now, as_of, steps)


def _with_dismissed(step: StepVerdict, evidence: WaveEvidence) -> StepVerdict:
    """The step, telling also what it did not count."""
    told = dismissed_text(step.name, evidence)
    if not told:
        return step
    dismissed = dismissed_of(step.name, evidence)
    figures = (*step.figures, ("dismissed by a person", f"{len(dismissed)}"))
    return replace(step, said=f"{step.said}; {told}", figures=figures, dismissed=dismissed)


def _wave_before(evidence: WaveEvidence) -> StepVerdict:
    if evidence.wave_before:
        return StepVerdict("wave_before", "lacks", f"wave {evidence.wave_before} comes first and is not signed")
    return StepVerdict("wave_before", "done", "no wave before it is open")


def _sources(evidence: WaveEvidence) -> StepVerdict:
    if not evidence.feeds:
        return StepVerdict("sources", "not_judged", "no system says anything of this market")
    oldest = evidence.now - timedelta(hours=evidence.fresh_hours)
    bad = []
    for feed in evidence.feeds:
        if feed.last_success_at is None:
            bad.append(f"{feed.name} was never pulled to its end")
        elif feed.last_outcome != "succeeded":
            bad.append(f"the last pull of {feed.name} is {feed.last_outcome}")
        elif feed.last_success_at < oldest:
            bad.append(f"{feed.name} is of {feed.last_success_at:%Y-%m-%d %H:%M} UTC")
    good = f"{len(evidence.feeds) - len(bad)} of {len(evidence.feeds)} streams are whole and not older than"
    said = f"{good} {evidence.fresh_hours} hours" + (f": {'; '.join(bad)}" if bad else "")
    return StepVerdict("sources", "lacks" if bad else "done", said)


def _reconciled(evidence: WaveEvidence) -> StepVerdict:
    if evidence.run is None:
        return StepVerdict("reconciled", "not_judged", _NO_RUN)
    as_of = evidence.run.as_of
    said = f"the last reconciliation is of {as_of:%Y-%m-%d %H:%M} UTC"
    is_old = evidence.now - as_of > timedelta(hours=evidence.fresh_hours)
    tail = f", older than the {evidence.fresh_hours} hours that may be judged by" if is_old else ""
    return StepVerdict("reconciled", "not_judged" if is_old else "done", said + tail)


def _accounts_listed(evidence: WaveEvidence) -> StepVerdict:
    facts = evidence.facts
    if facts is None or not facts.accounts:
        why = _NO_RUN if facts is None else f"no account is on the list of wave {evidence.wave}"
        return StepVerdict("accounts_listed", "not_judged", why)
    proof = []
    reasons = {} if evidence.run is None else evidence.run.unjudged
    for each in facts.accounts:
        if not each.services:
            proof.append(Proof(each.account, "no order and no job tells of a service of it", None, (each.ref,)))
        for service in each.services:
            if not service.is_judged:
                why = reasons.get(service.service, "nobody can tell why")
                proof.append(Proof(each.account, f"its service cannot be judged: {why}", None, (each.ref,)))
    gone = sum(each.is_gone for each in facts.accounts)
    said = f"{len(facts.accounts)} accounts are on the list, {gone} of them left before their day"
    said += f"; {len({each.account for each in proof})} cannot be judged" if proof else ""
    come = sum(each.cut_over_on <= evidence.today for each in facts.accounts)
    if evidence.phase == "begin" and come:
        said += f"; the day of {come} has come before anybody began the wave"
    figures = (
        ("on the list", f"{len(facts.accounts)}"),
        ("their day has come", f"{come}"),
        ("left before their day", f"{gone}"),
        ("still billed by the old system, on no list", f"{len(facts.unlisted)}"),
    )
    if evidence.strange_waves:
        said += f"; lists name {', '.join(evidence.strange_waves)}, which is no wave of this acquisition"
        return StepVerdict("accounts_listed", "lacks", said, figures, tuple(proof))
    return StepVerdict("accounts_listed", "not_judged" if proof else "done", said, figures, tuple(proof))


def _identities(evidence: WaveEvidence) -> StepVerdict:
    known = evidence.identities
    if known.matched_at is None:
        return StepVerdict(
            "identities", "not_judged", "customers and premises were never compared: `splice identity match`"
        )
    if evidence.now - known.matched_at > timedelta(hours=evidence.fresh_hours):
        when = f"{known.matched_at:%Y-%m-%d %H:%M} UTC"
        said = f"customers and premises were compared last at {when}: `splice identity match`"
        return StepVerdict("identities", "not_judged", said)
    proof = [Proof(account, "no system says who the customer is") for account in known.unknown]
    open_ones = [each for each in known.links if each.state == "review"]
    by_itself = [each for each in known.links if each.state == "linked" and not each.is_decided]
    merged = [each for each in known.links if each.state == "linked" and each.is_decided]
    for each in (*open_ones, *by_itself):
        word = "may be one customer with" if each.state == "review" else "was joined by itself with"
        left, right = each.accounts
        proof.append(Proof(left, f"link {each.link}: {word} {right} ({each.reason})"))
    for each in known.premises:
        left, right = each.accounts
        proof.append(Proof(left, f"link {each.link}: its premise may be {right} ({each.reason})"))
    figures = (
        ("open questions about customers", f"{len(open_ones)}"),
        ("open questions about premises", f"{len(known.premises)}"),
        ("joined by itself, no person has said so", f"{len(by_itself)}"),
        ("merged by a person, both numbers kept", f"{len(merged)}"),
    )
    waiting = len(open_ones) + len(by_itself) + len(known.premises)
    state: StepState = "not_judged" if known.unknown else ("waits" if waiting else "done")
    said = f"{waiting} overlaps with what we have wait for a person, {len(merged)} customers are merged"
    said += f"; of {len(known.unknown)} accounts no customer is known" if known.unknown else ""
    return StepVerdict("identities", state, said, figures, tuple(proof))


def _device_serials(evidence: WaveEvidence) -> StepVerdict:
    if (missing := _unjudged("device_serials", evidence)) is not None:
        return missing
    facts = _facts(evidence)
    pairs = [(each, service) for each in facts.accounts for service in _in_use(each, evidence)]
    if not pairs:
        return StepVerdict("device_serials", "not_judged", "no device of the wave is in use")
    aside = dismissed_subjects("device_serials", evidence)
    wrong = [(each, service) for each, service in pairs if _wrong_device(each, service)]
    proof = [
        Proof(each.account, why, None, (each.ref,))
        for each, service in wrong
        if (why := _wrong_device(each, service, is_other_known=service.service in aside))
    ]
    good = len(pairs) - len(wrong)
    named = {each.account for each in proof}
    proof += [each for each in findings_of("device_serials", evidence) if each.account not in named]
    figures = (("reconciled and reachable", f"{good} of {len(pairs)}"),)
    said = f"{good} of {len(pairs)} devices are the same in the list, the field and the network, and are reachable"
    return StepVerdict("device_serials", "lacks" if proof else "done", said, figures, tuple(proof))


def _in_use(account: ListedAccount, evidence: WaveEvidence) -> list[ListedService]:
    """Services whose device has to work: not those that ended, before the move or since."""
    return [each for each in account.staying if each.ends_on > evidence.today]


def _wrong_device(account: ListedAccount, service: ListedService, *, is_other_known: bool = False) -> str:
    """What is wrong with a device; one of which is known that it is another has to work all the same."""
    if account.told_serial is None:
        return "the target was told of no device"
    if service.serial is None:
        return f"the target was told of {account.told_serial}, the field left none"
    if account.told_serial != service.serial and not is_other_known:
        return f"the target was told of {account.told_serial}, the field left {service.serial}"
    if not service.network_seen:
        return f"the network does not show {service.serial}"
    if not service.network_live and not service.is_suspended:
        return f"{service.serial} is not reachable"
    return ""


def _job_pauses(evidence: WaveEvidence) -> StepVerdict:
    if not evidence.tells_pauses or evidence.facts is None:
        why = _NO_RUN if evidence.facts is None else "no system that was pulled lists the jobs that are off"
        return StepVerdict("job_pauses", "not_judged", why)
    if evidence.phase == "sign_off" and (missing := _unjudged("job_pauses", evidence)) is not None:
        return missing
    pauses = evidence.facts.pauses
    wrong = [why for each in pauses if (why := _wrong_pause(each, evidence))]
    proof = findings_of("job_pauses", evidence)
    off = ", ".join(f"{each.job} from {each.since} to {each.until or 'no day'}" for each in pauses)
    said = "; ".join(wrong) or (f"each has an owner and an end: {off}" if off else "no job is off")
    if proof:
        said += f"; {len(proof)} accounts bear what a job that was off did not do"
    figures = (("jobs off", f"{len(pauses)}"),)
    return StepVerdict("job_pauses", "lacks" if wrong or proof else "done", said, figures, proof)


def _wrong_pause(pause: Pause, evidence: WaveEvidence) -> str:
    owner = evidence.job_owners.get(pause.job)
    if pause.until is None:
        return f"{pause.job} is off since {pause.since} without an end"
    if owner is None:
        return f"{pause.job} is off from {pause.since} and nobody owns that"
    if pause.until > owner.until:
        return f"{pause.job} is off until {pause.until}, and {owner.owner} agreed to {owner.until}"
    if evidence.phase == "sign_off" and pause.until > evidence.today:
        return f"{pause.job} is still off, until {pause.until}"
    return ""


def _unjudged(name: StepName, evidence: WaveEvidence) -> StepVerdict | None:
    if evidence.facts is None:
        return StepVerdict(name, "not_judged", _NO_RUN)
    why = silence_of(name, evidence)
    return StepVerdict(name, "not_judged", why) if why else None


def _facts(evidence: WaveEvidence) -> WaveFacts:
    if evidence.facts is None:
        raise ValueError("a wave without facts is not judged")
    return evidence.facts


_Judge = Callable[[WaveEvidence], StepVerdict]
_BEFORE: Sequence[_Judge] = (
    _wave_before,
    _sources,
    _reconciled,
    _accounts_listed,
    _identities,
    plan_map,
    _device_serials,
    _job_pauses,
)
_STEPS: dict[Phase, Sequence[_Judge]] = {
    "begin": _BEFORE,
    "sign_off": (*_BEFORE, accounts_there, billed_once, stub_periods, balances, compared_bills),
}
