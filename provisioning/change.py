"""A change of one layer for one line: what stood there, what shall stand there, and the way back.

A change says a state and not an action. Bringing a layer to a state that it shows already is nothing, so that a
change may be begun again after any interruption, and its inverse is the change back to the state before.
"""

from collections.abc import Mapping
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from provisioning.line import Layer, Line, Observation, Setting


class Change(BaseModel):
    """What one layer is to be told of one line.

    Attributes:
        before: the settings that it showed; None where it held nothing of the line.
        after: the settings that it shall show; None where it shall hold nothing.
        session_since: when the session began that stood before, by the clock of AAA.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    layer: Layer
    line: Line
    before: dict[str, Setting | None] | None
    after: dict[str, Setting | None] | None
    session_since: AwareDatetime | None = None

    @property
    def difference(self) -> dict[str, tuple[Setting | None, Setting | None]]:
        """Value before and after by setting, of those that change."""
        old, new = self.before or {}, self.after or {}
        return {
            name: (old.get(name), new.get(name))
            for name in sorted(old.keys() | new.keys())
            if old.get(name) != new.get(name)
        }

    @property
    def inverse(self) -> Self:
        """The change back to what stood there before."""
        return self.model_copy(update={"before": self.after, "after": self.before})


def planned(layer: Layer, line: Line, seen: Observation, wanted: Mapping[str, Setting | None] | None) -> Change:
    """The change that brings a layer from what it shows to what is wanted.

    Settings that are not wanted otherwise are left alone, so that what a person has set beside ours stays.

    Args:
        layer: that is told.
        line: that it is told of.
        seen: what it shows now.
        wanted: what it shall show; None where it shall hold nothing of the line.
    """
    shown = seen.settings
    before: dict[str, Setting | None] | None = None
    if shown is not None:
        before = {name: shown.get(name) for name in (shown if wanted is None else wanted)}
    after = None if wanted is None else dict(wanted)
    return Change(layer=layer, line=line, before=before, after=after, session_since=seen.condition.session_since)


def shows(seen: Observation, wanted: Mapping[str, Setting | None] | None) -> bool:
    """Whether a layer shows what is wanted of it."""
    if wanted is None or seen.settings is None:
        return wanted is None and seen.settings is None
    return all(seen.settings.get(name) == value for name, value in wanted.items())


def not_shown(seen: Observation, wanted: Mapping[str, Setting | None] | None) -> tuple[str, ...]:
    """Names of the settings that a layer shows otherwise than wanted; values are not told, for some are secret."""
    if wanted is None or seen.settings is None:
        return () if shows(seen, wanted) else ("the line itself",)
    return tuple(name for name, value in wanted.items() if seen.settings.get(name) != value)
