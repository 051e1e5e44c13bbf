"""What a person decides about a case; every decision is an event of its journal, with who, when and why."""

from datetime import date

from canonical_model.errors import ConfigurationError
from hub.cases.held import HeldCase, held_case, reason_of
from hub.decision import Decision
from hub.workplace import Hub
from reconciliation.cases import CaseEventKind


def assign(hub: Hub, name: str, decision: Decision, person: str) -> None:
    """Give a case to a person, or to nobody where the name is empty.

    Raises:
        ConfigurationError: there is no such case, or it has ended.
    """
    with held_case(hub, name, decision) as held:
        held.must("assigned", "be assigned")
        held.worked.add("assigned", f"to {person}" if person else "to nobody")
        held.worked.set(assignee=person or None)


def acknowledge(hub: Hub, name: str, decision: Decision) -> None:
    """Accept that a finding is right.

    Raises:
        ConfigurationError: there is no such case, or it is in no state for it.
    """
    with held_case(hub, name, decision) as held:
        held.must("acknowledged", "be acknowledged")
        held.worked.add("acknowledged", decision.why)


def dismiss(hub: Hub, name: str, decision: Decision, until: date) -> None:
    """Set a case aside until a day; found then, it is opened again.

    Raises:
        ConfigurationError: there is no such case, it is in no state for it, there is no reason, or the day is past.
    """
    with held_case(hub, name, decision) as held:
        if until <= held.today:
            raise ConfigurationError(f"--until {until}: a day after today ({held.today}) is expected")
        _set_aside(held, "dismissed", "be dismissed", reason_of(decision, "dismissed"))
        held.worked.set(dismissed_until=until)


def write_off(hub: Hub, name: str, decision: Decision) -> None:
    """Give the money of a case up; found with more than that, it is opened again.

    Raises:
        ConfigurationError: there is no such case, it is in no state for it, or there is no reason.
    """
    with held_case(hub, name, decision) as held:
        _set_aside(held, "written_off", "be written off", reason_of(decision, "written off"))
        held.worked.set(written_off_minor=held.finding.exposure_minor)


def reopen(hub: Hub, name: str, decision: Decision) -> None:
    """Take a dismissal or a writing off back.

    Raises:
        ConfigurationError: there is no such case, it is in no state for it, or there is no reason.
    """
    with held_case(hub, name, decision) as held:
        held.must("reopened", "be reopened")
        held.worked.add("reopened", reason_of(decision, "reopened"))
        held.worked.set(dismissed_until=None, written_off_minor=None)


def _set_aside(held: HeldCase, kind: CaseEventKind, done: str, why: str) -> None:
    """What is only proposed is withdrawn with it; what is approved has to be withdrawn by itself, before."""
    held.must(kind, done)
    for remedy in held.worked.live:
        if remedy.state == "proposed":
            held.worked.move(remedy, "withdrawn", "remedy_withdrawn", why)
    held.worked.add(kind, why, held.finding.exposure_minor)
