"""Bring one layer of the network to a state, and back: planned, put to the authority, journaled, applied, read back.

What a device says to a change proves nothing. What it shows does, so that a change that was interrupted anywhere is
simply begun again: where it shows already, nothing is sent.
"""

from collections.abc import Callable, Sequence

from canonical_model.errors import OutcomeUnknown
from hub.sagas.desk import Desk
from provisioning.change import Change, not_shown, planned, shows
from provisioning.facts import SagaFacts
from provisioning.line import Layer, Line, Setting, names_in
from provisioning.saga import Holds, Outcome, Passed, StepName, Waits
from provisioning.standing import wanted
from storage.sagas import SagaStep
from storage.work_paths import begin_with_hub

Intend = Callable[[Change, str], None]
"""Puts a change on the disk, with what it is; raises where another process has taken the saga over."""


def configure(desk: Desk, facts: SagaFacts, layer: Layer, intend: Intend) -> Outcome:
    """Bring a layer to what the service shall be.

    Raises:
        RetryableError, ConfigurationError, UnsafeToContinue: as ``NetworkDriver``.
    """
    found = wanted(layer, facts.standing, facts.line, facts.profile)
    shall: dict[str, Setting | None] | None = None if found is None else dict(found)
    if shall is not None and layer == "aaa" and facts.previous_profile is not None:
        # what the tier before had given is taken back; on other layers every setting stays and changes its value
        shall = {**dict.fromkeys(facts.previous_profile.aaa_attributes), **shall}
    if shall is not None and layer == "cpe" and _loses_voice(facts):
        shall = {**shall, "voice_on": False}
    return brought(desk, facts, layer, shall, intend, checks_holder=True)


def _loses_voice(facts: SagaFacts) -> bool:
    before = facts.previous_profile
    return before is not None and before.voice is not None and facts.profile.voice is None


def retire(desk: Desk, facts: SagaFacts, layer: Layer, intend: Intend) -> Outcome:
    """Take away what a layer holds of the line before, unless that is the same there as the line now.

    Raises:
        RetryableError, ConfigurationError, UnsafeToContinue: as ``NetworkDriver``.
    """
    before = facts.previous_line
    if before is None or names_in(layer, before) == names_in(layer, facts.line):
        return Passed(f"the line is the same on the layer {layer}")
    return brought(desk, facts.model_copy(update={"line": before}), layer, None, intend)


def undo(desk: Desk, facts: SagaFacts, change: Change, intend: Intend) -> Outcome:
    """Bring a layer back to what it showed before a change.

    Raises:
        RetryableError, ConfigurationError, UnsafeToContinue: as ``NetworkDriver``.
    """
    return brought(desk, facts.model_copy(update={"line": change.line}), change.layer, change.before, intend)


def standing_changes(steps: Sequence[SagaStep]) -> list[tuple[StepName, Change]]:
    """The changes that a saga may have made and not brought back, the last one first.

    Of several tries at one layer of one line the first counts: it holds what stood there before the saga.
    """
    first: dict[tuple[Layer, Line], tuple[StepName, Change]] = {}
    for each in steps:
        if each.change is None:
            continue
        change = Change.model_validate_json(each.change)
        if each.event == "intended":
            first.setdefault((change.layer, change.line), (each.step, change))  # type: ignore[arg-type]
        elif each.event == "undone":
            first.pop((change.layer, change.line), None)
    return list(reversed(first.values()))


def brought(
    desk: Desk,
    facts: SagaFacts,
    layer: Layer,
    shall: dict[str, Setting | None] | None,
    intend: Intend,
    *,
    checks_holder: bool = False,
) -> Outcome:
    """Bring a layer of a line to what it shall show.

    Args:
        desk: what it is worked with.
        facts: of the saga.
        layer: that is told.
        shall: what it shall show; None where it shall hold nothing.
        intend: puts the change on the disk.
        checks_holder: a place that carries a terminal of somebody else is left to a person.

    Raises:
        RetryableError, ConfigurationError, UnsafeToContinue: as ``NetworkDriver``.
    """
    line = facts.line
    element = desk.element_of(line, layer)
    if element is None:
        return Passed(f"nothing is told of the layer {layer} in {line.market}")
    if (outcome := refused(desk, facts, element)) is not None:
        return outcome
    driver = desk.driver_of(element)
    seen = driver.observe(line)
    if shows(seen, shall):
        return Passed(f"{element} shows it")
    holder = (seen.settings or {}).get("serial")
    ours = {facts.line.serial, facts.expected_serial, facts.previous_line.serial if facts.previous_line else None}
    if checks_holder and holder is not None and holder not in ours:
        return Holds(f"{element} {line.port} carries {holder} there: it is not taken from it without a person")
    change = planned(layer, line, seen, shall)
    intend(change, f"{element}: {_told(change)}")
    doubt = ""
    try:
        driver.apply(change)
    except OutcomeUnknown as error:
        doubt = f": {error}"
    left = not_shown(driver.observe(line), shall)
    if left:
        return Waits(f"{element} took it and does not show it{doubt or ': ' + ', '.join(left)}")
    return Passed(f"{element} shows it: {_told(change)}")


def refused(desk: Desk, facts: SagaFacts, element: str) -> Outcome | None:
    """What keeps the hub from touching an element; None where nothing does, and the work is the hub's then.

    Raises:
        UnsafeToContinue: the hand-off was moved at this very moment.
    """
    authority = desk.may_act(facts.line.market, "order_to_provisioning", facts.acts_on)
    if authority.actor == "hub":
        if not authority.is_begun:
            with desk.hub.database.journaling() as connection:
                market, work, now = facts.line.market, facts.acts_on, desk.clock()
                begin_with_hub(connection, market, "order_to_provisioning", work, authority, now)
        return None
    if authority.actor == "nobody":
        return Waits(f"{element} is not touched: {authority.reason}", not_before=desk.clock())
    return Holds(f"the hub may not act on {element}: {authority.reason}", "dispatcher")


def _told(change: Change) -> str:
    """Names of what changes; no values, for some are secret."""
    if change.after is None:
        return "the line is taken away"
    return ("the line is made: " if change.before is None else "") + ", ".join(change.difference)
