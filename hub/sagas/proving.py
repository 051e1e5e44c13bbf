"""The step that looks whether a service stands as it should: it works, or it is walled, blocked or gone."""

from dataclasses import replace
from datetime import datetime

from hub.sagas.desk import Desk
from provisioning.change import not_shown
from provisioning.facts import Evidence, SagaFacts
from provisioning.line import LAYERS
from provisioning.saga import Holds, Outcome, Passed, Waits
from provisioning.standing import wanted
from provisioning.verification import Check, together, verify


def prove(desk: Desk, facts: SagaFacts) -> Outcome:
    """Look at every layer until all checks have passed at once.

    Raises:
        RetryableError, ConfigurationError, UnsafeToContinue: a layer cannot be asked.
    """
    return _working(desk, facts, desk.clock(), soaks=False) if facts.standing == "active" else _standing(desk, facts)


def soak(desk: Desk, facts: SagaFacts) -> Outcome:
    """Look at every layer until the checks have passed for as long as the operator asks for.

    A break begins the time anew, and the service counts as verified only at its end.

    Raises:
        RetryableError, ConfigurationError, UnsafeToContinue: a layer cannot be asked.
    """
    return _working(desk, facts, desk.clock(), soaks=True)


def _working(desk: Desk, facts: SagaFacts, now: datetime, *, soaks: bool) -> Outcome:
    limits = desk.network.limits_of(facts.line.market, facts.profile.technology)
    if limits is None:
        return Holds(f"network.yaml states under verification nothing for {facts.profile.technology}")
    checks = verify(
        desk.conditions(facts.line),
        serial=facts.line.serial,
        bandwidth=facts.profile.bandwidth,
        limits=limits if soaks else replace(limits, checks=limits.checks - {"soak"}),
        working_since=facts.working_since,
        now=now,
    )
    verdict = together(checks)
    working = together(check for check in checks if check.name != "soak") == "passed"
    learned: dict[str, object] = {"working_since": (facts.working_since or now) if working else None}
    if verdict != "passed":
        speed = next((check.verdict for check in checks if check.name == "speed"), "passed")
        if speed != "passed":
            desk.test_speed(facts.line, again=speed == "failed")
        return Waits(_told([check for check in checks if check.verdict == verdict]), learned)
    if soaks:
        learned["verified_at"] = _told_in_seconds(now)
    learned |= {"evidence": tuple(each.model_dump() for each in _evidence(checks, facts, now))}
    return Passed(_told(checks), learned)


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
    return Passed(f"{facts.standing} on every layer", {"verified_at": _told_in_seconds(desk.clock())})


def _told_in_seconds(moment: datetime) -> datetime:
    """As exact as the systems keep it that are told: with more, they would seem to show another moment."""
    return moment.replace(microsecond=0)


def _evidence(checks: tuple[Check, ...], facts: SagaFacts, now: datetime) -> tuple[Evidence, ...]:
    known = {each.kind: each for each in facts.evidence}
    for check in checks:
        if check.evidence is not None and check.verdict == "passed":
            known.setdefault(check.evidence, Evidence(kind=check.evidence, seen_at=now, said=check.said))
    return tuple(known.values())


def _told(checks: list[Check] | tuple[Check, ...]) -> str:
    return "; ".join(check.said for check in checks)
