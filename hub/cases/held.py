"""A case that somebody works at: found by its name, and held until the end of the transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from hub.cases.worked import WorkedCase, save
from hub.decision import Decision
from hub.snapshots import market_of
from hub.workplace import Hub
from reconciliation.cases import MOVES, CaseEventKind, may_happen
from reconciliation.findings import Finding
from storage.case_list import known_cases
from storage.cases import case_with
from storage.findings import findings_named
from storage.remedies import Remedy, remedies_of_case

SHORTEST_NAME = 4


@dataclass(frozen=True, slots=True)
class HeldCase:
    """A case under work in one transaction, with its finding as it was seen last.

    Attributes:
        today: in the calendar of its market.
    """

    connection: Connection
    worked: WorkedCase
    finding: Finding
    today: date

    def must(self, kind: CaseEventKind, done: str) -> None:
        """Refuse what cannot happen to the case in its state.

        Raises:
            ConfigurationError: it cannot; ``done`` says what was wanted, as in "be dismissed".
        """
        state = self.worked.state
        if state is not None and not may_happen(state, kind):
            those = ", ".join(each.replace("_", " ") for each in MOVES[kind])
            held = f"case {self.finding.fingerprint} is {state.replace('_', ' ')}"
            raise ConfigurationError(f"{held} and cannot {done}: only one that is {those}")

    def remedy(self, number: int | None, wanted: tuple[str, ...], done: str) -> Remedy:
        """The remedy that is meant: that number, or the only one in those states.

        Raises:
            ConfigurationError: there is none, or there are several.
        """
        name = self.finding.fingerprint
        fit = [each for each in self.worked.remedies if each.state in wanted and number in (None, each.number)]
        if len(fit) == 1:
            return fit[0]
        if not fit:
            which = "no remedy" if number is None else f"no remedy {number}"
            raise ConfigurationError(
                f"case {name} has {which} that can be {done} (one that is {' or '.join(wanted)})"
            )
        numbers = ", ".join(str(each.number) for each in fit)
        raise ConfigurationError(
            f"case {name} has several remedies that can be {done}: choose by --remedy ({numbers})"
        )


def name_of_case(connection: Connection, name: str) -> str:
    """The whole fingerprint of a case, by the beginning of it.

    Raises:
        ConfigurationError: none, or several, begin so, or too little was given.
    """
    if len(name) < SHORTEST_NAME:
        raise ConfigurationError(
            f"case {name!r}: give {SHORTEST_NAME} digits at least; `splice cases list` shows them"
        )
    found = known_cases(connection, name)
    if len(found) != 1:
        problem = "no case begins" if not found else f"{len(found)} cases begin"
        raise ConfigurationError(f"{problem} with {name}; `splice cases list` shows them")
    return found[0]


@contextmanager
def held_case(hub: Hub, name: str, decision: Decision) -> Iterator[HeldCase]:
    """A case, locked until the block ends; what happened to it is saved then, all of it or nothing.

    Raises:
        ConfigurationError: there is no such case, or its market is not the operator's any more.
        RetryableError: the database is out of reach.
    """
    with hub.database.journaling() as connection:
        fingerprint = name_of_case(connection, name)
        case = case_with(connection, fingerprint, locked=True)
        (stored,) = findings_named(connection, fingerprint)
        if case is None:
            raise ConfigurationError(f"there is no case {fingerprint} any more")
        today = market_of(hub.operator, case.market).local_date(decision.at)
        worked = WorkedCase(case, remedies_of_case(connection, fingerprint))
        yield HeldCase(connection, worked, stored.finding, today)
        save(connection, [worked], decision.at, decision.actor)


def reason_of(decision: Decision, done: str) -> str:
    """The reason of a decision that needs one.

    Raises:
        ConfigurationError: it is empty.
    """
    if not decision.why.strip():
        raise ConfigurationError(f"a case is not {done} without a reason: give --reason")
    return decision.why.strip()
