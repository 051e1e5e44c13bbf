"""A command file that has been checked: which expression gives which field of the system."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from canonical_model.yaml_source import Place
from handoffs.effect_states import Repeats, Unsure
from rules.expressions import Expression


@dataclass(frozen=True, slots=True)
class ValuePlan:
    """Where one field of the system comes from.

    Attributes:
        name: the system's field, placeholder or query parameter.
        expression: over the columns of the command.
        at: where it is written.
        words: what the expression's value becomes; None where it is taken as it is.
        otherwise: what a value becomes that is not among the words; only where ``is_open``.
        is_open: whether there is an ``otherwise``.
    """

    name: str
    expression: Expression
    at: Place
    words: Mapping[str, Any] | None = None
    otherwise: Any = None
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class PartPlan:
    """One record that is written; see ``connectors.ports.Part``."""

    target: str
    key: tuple[ValuePlan, ...]
    fields: tuple[ValuePlan, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LookPlan:
    """One look; see ``connectors.ports.Look``."""

    target: str
    key: tuple[ValuePlan, ...]
    fields: tuple[ValuePlan, ...]
    expect: tuple[ValuePlan, ...]
    options: Mapping[str, Any]
    progress_field: str = ""
    progress: Mapping[str, Literal["applied", "in_progress", "refused"]] = field(default_factory=dict)
    reference_field: str = ""
    system: str = ""
    stream: str = ""
    needs_news: bool = True


@dataclass(frozen=True, slots=True)
class CommandFile:
    """How one system takes one command.

    Attributes:
        file: where it is written.
        warnings: what is allowed and probably not meant, with file and line.
    """

    file: str
    command: str
    system: str
    repeats: Repeats
    unsure: Unsure
    parts: tuple[PartPlan, ...]
    looks: tuple[LookPlan, ...]
    warnings: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[ValuePlan, ...]:
        """Every value that has to be computed, in a fixed order."""
        parts = [value for part in self.parts for value in (*part.key, *part.fields)]
        return (*parts, *(value for look in self.looks for value in (*look.key, *look.fields, *look.expect)))
