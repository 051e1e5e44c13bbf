"""What the hub has told other systems about works of its own, as the journal of effects holds it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from handoffs.effect_states import EffectState
from storage.effects import Effect, effects_about

_ARRIVING: tuple[EffectState, ...] = ("queued", "sending", "unknown")
_MOST = 400


@dataclass(frozen=True, slots=True)
class Told:
    """What was told, in the order in which it was.

    Attributes:
        by_subject: effects of any work, by what they are about.
    """

    by_subject: Mapping[str, Sequence[Effect]]

    def about(self, subject: str) -> Sequence[Effect]:
        """Everything that was told about a subject."""
        return self.by_subject.get(subject, ())

    def is_on_its_way(self, subject: str) -> bool:
        """Whether something may just be arriving, so that what is seen says nothing yet."""
        return any(each.state in _ARRIVING for each in self.about(subject))


def told_about(connection: Connection, market: str, subjects: Collection[str]) -> Told:
    """What the hub has told about some subjects of a market."""
    found: defaultdict[str, list[Effect]] = defaultdict(list)
    wanted = sorted(set(subjects))
    for start in range(0, len(wanted), _MOST):
        for each in effects_about(connection, market, wanted[start : start + _MOST]):
            found[each.subject].append(each)
    return Told(found)
