"""What a run means for a case: found, seen again, gone and why. Decided here, written down elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reconciliation.cases import ENDED, CaseChange, CaseEventKind, CaseState, EndedBy
from reconciliation.findings import FindingLine


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A case before a run, as far as the run asks.

    Attributes:
        last_minor: its money by the run before.
        written_off_minor: what was given up; None where nothing was.
        dismissed_until: the day from which it counts again.
    """

    state: CaseState
    last_minor: int
    written_off_minor: int | None = None
    dismissed_until: date | None = None


@dataclass(frozen=True, slots=True)
class RunDay:
    """The day that a run judges, in the market's calendar.

    Attributes:
        window_from: first judged day.
        billable_from: oldest month that may still be billed.
        is_later: it judged a later moment than the run before it.
    """

    today: date
    window_from: date
    billable_from: date
    is_later: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run changes: events, and columns of the case."""

    changes: tuple[CaseChange, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


def when_found(exposure_minor: int) -> Outcome:
    """A finding that nobody has seen before."""
    return Outcome(
        (CaseChange("found", amount_minor=exposure_minor),),
        {"first_minor": exposure_minor, "last_minor": exposure_minor},
    )


def when_seen(case: KnownCase, exposure_minor: int, day: RunDay) -> Outcome:
    """A finding that is there, of which there is a case already."""
    if why := _found_again(case, exposure_minor, day):
        return Outcome(
            (CaseChange("found_again", why, exposure_minor),),
            {"last_minor": exposure_minor, "ended_by": None, "dismissed_until": None, "written_off_minor": None},
        )
    changes: list[CaseChange] = []
    if case.state == "new" and day.is_later:
        changes.append(CaseChange("seen_again", amount_minor=exposure_minor))
    if exposure_minor != case.last_minor:
        changes.append(CaseChange("amount_changed", "", exposure_minor))
    return Outcome(tuple(changes), {"last_minor": exposure_minor})


def _found_again(case: KnownCase, exposure_minor: int, day: RunDay) -> str:
    if case.state in ENDED:
        return f"it had {case.state.replace('recovered', 'been recovered').replace('refunded', 'been refunded')}"
    if case.state == "dismissed" and case.dismissed_until is not None and case.dismissed_until <= day.today:
        return f"its dismissal ended on {case.dismissed_until}"
    if case.state == "written_off" and exposure_minor > (case.written_off_minor or 0):
        return "it is more than was written off"
    return ""


def is_over(case: KnownCase, day: RunDay) -> bool:
    """Whether a case ends where its finding is gone: not while it is dismissed, never once it is written off."""
    if case.state == "dismissed":
        return case.dismissed_until is None or case.dismissed_until <= day.today
    return case.state not in (*ENDED, "written_off")


ENDINGS: dict[EndedBy, str] = {
    "mended": "what was wrong is not there any more",
    "out_of_window": "all its months are older than those that are judged; nothing says that it was mended",
    "past_limit": "its months cannot be billed any more; they go on as a finding of what is lost",
}


def ended_by(lines: Sequence[FindingLine], day: RunDay, is_lost_now: bool) -> EndedBy:
    """Why a finding without a remedy is gone.

    Args:
        lines: as it was seen last.
        day: of the run that does not see it.
        is_lost_now: the run has a finding of the same rule, subject and direction whose money is lost.
    """
    judged = [line.period for line in lines if line.period >= day.window_from]
    if lines and not judged:
        return "out_of_window"
    if judged and is_lost_now and all(period < day.billable_from for period in judged):
        return "past_limit"
    return "mended"


def when_gone(reason: EndedBy, remark: str = "") -> Outcome:
    """A finding that is not there, and whose remedy brought nothing."""
    why = ENDINGS[reason] + (f"; {remark}" if remark else "")
    return Outcome((CaseChange("gone", why, 0),), {"last_minor": 0, "ended_by": reason, "dismissed_until": None})


def when_money_came(to_customer: bool, came_minor: int, remedy: int) -> Outcome:
    """A finding that is not there, and whose remedy brought its money."""
    kind: CaseEventKind = "refunded" if to_customer else "recovered"
    return Outcome((CaseChange(kind, "", came_minor, remedy),), {"last_minor": 0})
