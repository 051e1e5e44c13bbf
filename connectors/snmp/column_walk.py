"""A walk of one column that is whole or fails: a fast client reads, a slow one is asked where that is in doubt."""

import logging
from typing import TYPE_CHECKING

from canonical_model.errors import UnsafeToContinue
from connectors.snmp.fast_walk import DoubtError, FastWalk, SilentError
from connectors.snmp.oids import Oid, dotted, numbers
from connectors.snmp.questions import Questions
from connectors.snmp.values import SnmpValue

if TYPE_CHECKING:
    from gufo.snmp.typing import ValueType

Rows = list[tuple[str, SnmpValue]]
"""Index behind the column's OID, as it is written, and value."""

_logger = logging.getLogger(__name__)


class ColumnWalk:
    """Gives a column in pieces, in the agent's order."""

    def __init__(self, system: str, column: Oid, questions: Questions, fast: FastWalk | None) -> None:
        self._system = system
        self._column = column
        self._prefix = f"{dotted(column)}."
        self._questions = questions
        self._fast = fast
        self._reached = column

    def piece(self, least: int) -> Rows:
        """The next rows, as many answers as it takes to have a number of them; fewer at the end of the column.

        Raises:
            RetryableError: no answer in time, or the agent failed.
            ConfigurationError: the agent refuses.
            UnsafeToContinue: the agent walks in a circle.
        """
        found: Rows = []
        while len(found) < least and (answer := self._answer()):
            found += answer
        return found

    def _answer(self) -> Rows:
        """The rows of one answer; empty when the column has ended, which the agent itself has then said."""
        found = self._read_fast() or self._asked()
        if found:
            last = (*self._column, *numbers(found[-1][0]))
            if last <= self._reached:
                raise UnsafeToContinue(
                    f"{self._system}: walk of {dotted(self._column)}: the agent goes in a circle; ask its vendor"
                )
            self._reached = last
        return found

    def _read_fast(self) -> Rows:
        if self._fast is None:
            return []
        try:
            found = self._fast.rows()
        except SilentError:
            raise self._questions.silence(self._reached) from None
        except DoubtError as doubt:
            cause = type(doubt.__cause__).__name__
            _logger.info("the fast SNMP client gave up", extra={"system": self._system, "cause": cause})
            self._fast = None
            return []
        cut = len(self._prefix)
        return [(row[0][cut:], _plain(row[1])) for row in found if row is not None]

    def _asked(self) -> Rows:
        """What the slow client is told; where the fast one took a failure for the end, it is not asked again."""
        inside = len(self._column)
        bindings = self._questions.after(self._reached)
        found = [(dotted(oid[inside:]), value) for oid, value in bindings if oid[:inside] == self._column]
        if found and self._fast is not None:
            _logger.info("the fast SNMP client missed rows", extra={"system": self._system, "cause": "no end"})
            self._fast = None
        return found


def _plain(value: "ValueType") -> SnmpValue:
    return value if isinstance(value, int | bytes) else str(value).encode()
