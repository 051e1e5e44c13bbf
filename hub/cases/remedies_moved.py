"""Remedies that move by what others did: the outbox has settled their commands, or a run wants them decided anew."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from hub.cases.worked import WorkedCase, save
from reconciliation.cases import CaseEventKind
from reconciliation.remedies import DECIDED, MONEY_KINDS
from storage.cases import Case
from storage.remedies import Remedy


def back_to_proposed(worked: WorkedCase, remedy: Remedy, why: str = "", **values: int) -> Remedy:
    """A remedy that nobody has sent waits for an approval again; its command will have another key."""
    was_decided = remedy.state in DECIDED
    cleared = replace(
        remedy,
        revision=remedy.revision + was_decided,
        approved_by=None,
        approved_at=None,
        effect_id=None,
        effect_state=None,
        # how it is carried out is decided anew, and the words of a task name the money
        task="" if remedy.kind in MONEY_KINDS or remedy.fields else remedy.task,
    )
    kind: CaseEventKind = "remedy_returned" if was_decided else "remedy_revised"
    moved = worked.move(cleared, "proposed", kind, why, **values)
    worked.leave_remedy_if_over()
    return moved


def settled_by_outbox(worked: WorkedCase) -> None:
    """Write into a case what the outbox has settled of its remedies since."""
    for remedy in worked.live:
        if remedy.state == "sent" and remedy.effect_state == "done":
            worked.move(remedy, "done", "remedy_done", "the billing system shows it")
        elif remedy.state == "sent" and remedy.effect_state == "discarded":
            worked.move(remedy, "failed", "remedy_failed", "its effect was given up in the outbox")
    worked.leave_remedy_if_over()


def follow_outbox(
    connection: Connection, cases: Iterable[Case], remedies: Mapping[str, Sequence[Remedy]], at: datetime
) -> None:
    """Write down what the outbox has settled of the remedies of some cases, which the transaction holds."""
    worked = [WorkedCase(case, list(remedies.get(case.fingerprint, ()))) for case in cases]
    for each in worked:
        settled_by_outbox(each)
    save(connection, worked, at, "outbox")
