"""The step that sees to it that nobody stays in session on attributes that AAA holds no more.

What an access server acknowledges proves nothing: the accounting does. So a session counts as ended when AAA shows it
no more, or shows one that began later. Where it stays, it is told to end again, and then the port is shut until it is
gone; each try and what it came to is a row of the history.
"""

from collections.abc import Sequence

from canonical_model.errors import OutcomeUnknown
from hub.sagas.acting import Intend, brought, configure, refused
from hub.sagas.desk import Desk
from provisioning.change import Change
from provisioning.facts import SagaFacts
from provisioning.saga import Outcome, Passed, Waits
from storage.sagas import SagaStep

ORDERS = 2
"""How often a session is told to end again before its port is shut."""
_TOLD = "it was told to end"


def end_session(desk: Desk, facts: SagaFacts, steps: Sequence[SagaStep], intend: Intend) -> Outcome:
    """Wait until the session is gone that was open when AAA was told.

    Args:
        desk: what it is worked with.
        facts: of the saga.
        steps: everything that happened to it.
        intend: puts a change on the disk.

    Raises:
        RetryableError, ConfigurationError, UnsafeToContinue: as ``NetworkDriver``.
    """
    element = desk.element_of(facts.line, "aaa")
    told = _told_of_aaa(steps)
    if element is None or told is None or told.session_since is None:
        return Passed("no session was open when AAA was told")
    driver = desk.driver_of(element)
    before = f"the session since {told.session_since:%Y-%m-%d %H:%M:%S} UTC"
    since = driver.observe(facts.line).condition.session_since
    if since is None or since > told.session_since:
        opened = configure(desk, facts, "access", intend) if _was_shut(steps) else None
        if opened is not None and not isinstance(opened, Passed):
            return opened
        now = "nobody is in session" if since is None else f"another one began {since:%Y-%m-%d %H:%M:%S} UTC"
        return Passed(f"{element}: {before} has ended, {now}")
    if (outcome := refused(desk, facts, element)) is not None:
        return outcome
    if (times := _times_told(steps)) < ORDERS:
        return Waits(f"{element}: {before} is still on; {_told_again(desk, element, told)} (time {times + 1})")
    return _shut(desk, facts, f"{element}: {before} is still on", intend)


def _told_again(desk: Desk, element: str, told: Change) -> str:
    try:
        desk.driver_of(element).apply(told)
    except OutcomeUnknown as error:
        return f"{_TOLD}: {error}"
    return f"{_TOLD} again"


def _times_told(steps: Sequence[SagaStep]) -> int:
    """How often the session was told to end again; a look that AAA did not answer tells it nothing."""
    return sum(each.step == "end_session" and each.event == "waited" and _TOLD in each.said for each in steps)


def _shut(desk: Desk, facts: SagaFacts, why: str, intend: Intend) -> Outcome:
    """Shut the port; it is opened when the session has ended."""
    access = desk.element_of(facts.line, "access")
    shown = None if access is None else desk.driver_of(access).observe(facts.line).settings
    if shown is None or "enabled" not in shown:
        return Waits(f"{why}, and there is no port that could be shut")
    outcome = brought(desk, facts, "access", {**shown, "enabled": False}, intend)
    return Waits(f"{why}; its port is shut") if isinstance(outcome, Passed) else outcome


def _told_of_aaa(steps: Sequence[SagaStep]) -> Change | None:
    """What AAA was told last."""
    intended = [each.change for each in reversed(steps) if each.event == "intended" and each.change is not None]
    changes = (Change.model_validate_json(each) for each in intended)
    return next((change for change in changes if change.layer == "aaa"), None)


def _was_shut(steps: Sequence[SagaStep]) -> bool:
    return any(each.step == "end_session" and each.event == "intended" for each in steps)
