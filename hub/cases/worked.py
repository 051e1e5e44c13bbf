"""A case while something happens to it: events and changed remedies are gathered, and saved together."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from reconciliation.case_runs import Outcome
from reconciliation.cases import CaseChange, CaseEventKind, CaseState, state_after
from reconciliation.remedies import DECIDED, LIVE, RemedyState, may_become
from storage.audit import note
from storage.cases import Case, CaseEntry, write_down
from storage.effect_steps import Step, append_step
from storage.effects import effect_with, redirect
from storage.remedies import Remedy, keep_remedies

BY_POLICY = "policy"
"""Who approves what needs no person."""


@dataclass
class WorkedCase:
    """A case, its remedies, and what happens to them in one transaction.

    Attributes:
        remedies: all of the case, as they stand behind what happened so far.
        changes: events so far.
        values: columns of the case that change.
        changed: numbers of the remedies that changed.
    """

    case: Case
    remedies: list[Remedy] = field(default_factory=list)
    changes: list[CaseChange] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)

    @property
    def state(self) -> CaseState | None:
        """The state behind what happened so far."""
        state = self.case.state
        for change in self.changes:
            state = state_after(state, change.kind)
        return state

    @property
    def live(self) -> list[Remedy]:
        """Remedies that are under way."""
        return [remedy for remedy in self.remedies if remedy.state in LIVE]

    def happen(self, outcome: Outcome) -> None:
        """Take over what somebody decided."""
        self.changes.extend(outcome.changes)
        self.set(**outcome.values)

    def add(self, kind: CaseEventKind, why: str = "", amount_minor: int | None = None) -> None:
        """One event."""
        self.changes.append(CaseChange(kind, why, amount_minor))

    def set(self, **values: Any) -> None:
        """Columns of the case; what is so already is left out."""
        self.values |= {name: value for name, value in values.items() if getattr(self.case, name) != value}

    def propose(self, remedy: Remedy, why: str = "") -> None:
        """A new remedy."""
        self.remedies.append(remedy)
        self.changed.add(remedy.number)
        self.changes.append(CaseChange("remedy_proposed", why, remedy.amount_minor, remedy.number))

    def move(self, remedy: Remedy, state: RemedyState, kind: CaseEventKind, why: str = "", **values: Any) -> Remedy:
        """Bring a remedy into another state.

        Raises:
            ValueError: its state does not lead there.
        """
        if not may_become(remedy.state, state):
            raise ValueError(f"a remedy does not go from {remedy.state} to {state}")
        moved = replace(remedy, state=state, **values)
        self.remedies = [moved if each.number == moved.number else each for each in self.remedies]
        self.changed.add(moved.number)
        amount = moved.came_minor if kind == "remedy_verified" else moved.amount_minor
        self.changes.append(CaseChange(kind, why, amount, moved.number))
        return moved

    def leave_remedy_if_over(self) -> None:
        """A case whose last approved remedy is gone is open again."""
        if self.state == "in_remedy" and not any(remedy.state in DECIDED for remedy in self.remedies):
            self.add("out_of_remedy", "no remedy of it is under way")


def save(
    connection: Connection, worked: Iterable[WorkedCase], at: datetime, actor: str, run_id: int | None = None
) -> None:
    """Write down what happened to cases and their remedies, in the transaction that holds them."""
    touched = [each for each in worked if each.changes or each.values]
    write_down(connection, [CaseEntry(each.case, each.changes, each.values) for each in touched], at, actor, run_id)
    keep_remedies(connection, [one for each in touched for one in each.remedies if one.number in each.changed], at)


def may_be_taken_back(remedy: Remedy) -> bool:
    """Whether it is certain, as far as was read, that nothing of a remedy has left the hub."""
    return remedy.state in ("proposed", "approved") or (remedy.state == "sent" and remedy.effect_state == "queued")


def take_back(connection: Connection, remedy: Remedy, at: datetime, actor: str, why: str) -> bool:
    """Make sure that a remedy is never sent: its effect is discarded where it has one.

    Returns:
        Whether that was certain; False where somebody is sending it just now or has done so.
    """
    if remedy.effect_id is None or remedy.state != "sent":
        return remedy.state != "sent"
    effect = effect_with(connection, remedy.effect_id, locked=True)
    if effect is None or effect.state != "queued":
        return False
    # whoever holds its lease is overtaken before the wire is touched: the fence grows
    redirect(connection, effect, {"state": "discarded", "changed_at": at, "reason": why})
    append_step(connection, effect.id, Step(at, "discarded", effect.sends, "discarded", said=why, actor=actor))
    note(connection, at, actor, "effect.discarded", f"effect/{effect.id}", {"from": effect.state, "why": why})
    return True
