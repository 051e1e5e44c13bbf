"""The step that looks whether a service stands as it should: it works, or it is walled, blocked or gone."""

from dataclasses import replace
from datetime import datetime

from hub.sagas.desk import Desk
from provisioning.change import not_shown
from provisioning.facts import Evidence, SagaFacts
from provisioning.line import LAYERS, Condition
from provisioning.saga import Holds, Outcome, Passed, Waits
from provisioning.standing import wanted
from provisioning.verification import Check, VerificationLimits, together, verify, voice_check


def prove(
    desk: Desk, facts: SagaFacts, began_at: datetime, *, soaks_later: bool, made_by_others: bool = False
) -> Outcome:
    """Look at every layer until all checks have passed at once.

    Args:
        desk: what it is worked with.
        facts: of the saga.
        began_at: when the saga began; an older speed test proves nothing of it.
        soaks_later: it counts as verified only at the end of a soak that follows.
        made_by_others: before the hub looked at all: the line has worked since its session began, not since then.

    Raises:
        RetryableError, ConfigurationError, UnsafeToContinue: a layer cannot be asked.
    """
    if facts.standing != "active":
        return _standing(desk, facts)
    if made_by_others and facts.working_since is None:
        began = desk.conditions(facts.line).get("aaa", Condition()).session_since
        if began is not None and began <= desk.clock():
            facts = facts.model_copy(update={"working_since": began})
    return _working(desk, facts, began_at, soaks=False, verifies=not soaks_later)


def prove_voice(desk: Desk, facts: SagaFacts) -> Outcome:
    """Look whether the telephone is registered, which had not been when the rest was proven.

    Raises:
        RetryableError, ConfigurationError, UnsafeToContinue: a layer cannot be asked.
    """
    check, now = voice_check(desk.conditions(facts.line).values()), desk.clock()
    if check.verdict != "passed":
        return Waits(check.said)
    return Passed(check.said, {"missing_parts": {}, "working_since": now, "verified_at": now})


def soak(desk: Desk, facts: SagaFacts, began_at: datetime, *, parts_may_follow: bool) -> Outcome:
    """Look at every layer until the checks have passed for as long as the operator asks for.

    A break begins the time anew, and so does a gap in which nobody looked; the service counts as verified only at its
    end.

    Args:
        desk: what it is worked with.
        facts: of the saga.
        began_at: when the saga began; an older speed test proves nothing of it.
        parts_may_follow: what does not work by then, beside the access itself, follows in a saga of its own.

    Raises:
        RetryableError, ConfigurationError, UnsafeToContinue: a layer cannot be asked.
    """
    outcome = _working(desk, facts, began_at, soaks=True, verifies=True)
    if not isinstance(outcome, Passed) or not parts_may_follow or not _has_voice(facts):
        return outcome
    check = voice_check(desk.conditions(facts.line).values())
    missing = {} if check.verdict == "passed" else {"voice": check.said}
    return replace(
        outcome, said=f"{outcome.said}; {check.said}", learned={**outcome.learned, "missing_parts": missing}
    )


def _has_voice(facts: SagaFacts) -> bool:
    return facts.profile.voice is not None or facts.voice_offering_id is not None


def _working(desk: Desk, facts: SagaFacts, began_at: datetime, *, soaks: bool, verifies: bool) -> Outcome:
    now = desk.clock()
    limits = desk.network.limits_of(facts.line.market, facts.profile.technology)
    if limits is None:
        return Holds(f"network.yaml states under verification nothing for {facts.profile.technology}")
    seen = desk.conditions(facts.line)
    began = seen.get("aaa", Condition()).session_since
    since = facts.working_since
    if since is not None and began is not None and since < began <= now:
        since = began  # the subscriber was out in between, although nobody looked
    gap = _unwatched(facts, now, limits) if soaks and since is not None else ""
    if gap:
        since, facts = now, facts.model_copy(update={"evidence": ()})
    checks = verify(
        seen,
        serial=facts.line.serial,
        bandwidth=facts.profile.bandwidth,
        limits=limits if soaks else replace(limits, checks=limits.checks - {"soak"}),
        working_since=since,
        now=now,
        tested_since=began_at,
    )
    verdict = together(checks)
    working = together(check for check in checks if check.name != "soak") == "passed"
    # what was seen before a break proves nothing of the time after it
    seen_so_far = _evidence(checks, facts, now) if working else ()
    learned: dict[str, object] = {
        "working_since": (since or now) if working else None,
        "watched_at": now if working else None,
        "evidence": tuple(each.model_dump() for each in seen_so_far),
    }
    if verdict != "passed":
        speed = next((check.verdict for check in checks if check.name == "speed"), "passed")
        if speed != "passed":
            desk.test_speed(facts.line, again=speed == "failed")
        return Waits(gap + _told([check for check in checks if check.verdict == verdict]), learned)
    if verifies:
        learned["verified_at"] = now
    return Passed(_told(checks), learned)


def _unwatched(facts: SagaFacts, now: datetime, limits: VerificationLimits) -> str:
    """What is said of a time in which nobody looked for too long; nothing where somebody did."""
    seen = facts.watched_at
    if seen is None or now - seen <= limits.unwatched:
        return ""
    return f"nobody looked from {seen:%H:%M} to {now:%H:%M} UTC, so that the time begins anew; "


def _standing(desk: Desk, facts: SagaFacts) -> Outcome:
    """Whether every layer holds what belongs to a service that does not work as it was sold."""
    odd = []
    for layer in LAYERS:
        element = desk.element_of(facts.line, layer)
        if element is None:
            continue
        shall = wanted(layer, facts.standing, facts.line, facts.profile)
        seen = desk.driver_of(element).observe(facts.line)
        odd += [f"{element} shows otherwise: {name}" for name in not_shown(seen, shall)]
        if facts.standing in ("blocked", "ended") and seen.condition.session_since is not None:
            odd.append(f"{element} still has the subscriber in session")
    if odd:
        return Waits("; ".join(odd))
    return Passed(f"{facts.standing} on every layer", {"verified_at": desk.clock()})


def _evidence(checks: tuple[Check, ...], facts: SagaFacts, now: datetime) -> tuple[Evidence, ...]:
    known = {each.kind: each for each in facts.evidence}
    for check in checks:
        if check.evidence is not None and check.verdict == "passed":
            known.setdefault(check.evidence, Evidence(kind=check.evidence, seen_at=now, said=check.said))
    return tuple(known.values())


def _told(checks: list[Check] | tuple[Check, ...]) -> str:
    return "; ".join(check.said for check in checks)
