"""A gate as a file says it: what must not be so of a completed job before billing starts; and an override of one."""

import string
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from rules.rule import Effective, Frozen, Name, Overriding, Parameter, RuleId, Sentence, Severity, SqlText

GateOutcome = Literal["hold", "refuse"]
"""A person has to do something and may have to decide; or the job does not count as done at all."""

GateVerdict = Literal["pass", "hold", "refuse", "inconclusive"]
Asked = Literal["technician", "dispatcher", "network_engineer", "finance"]
"""Who is asked; the words of ``provisioning.saga.Person``."""

Crew = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
LongSentence = Annotated[str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]


class GateExample(Frozen):
    """Columns of one completion and what the gate must say of it; run as a test.

    Attributes:
        given: columns by name; what is not given is missing.
        parameters: values that replace the gate's, as an override would.
        says: the whole sentence that the person reads, where it is held or refused.
    """

    given: Mapping[str, Any]
    parameters: Mapping[Name, Any] = Field(default_factory=dict)
    expect: GateVerdict
    says: str | None = None


class GateRule(Effective):
    """One gate: when a completed job may not start billing yet, who is asked then, and what that person reads.

    Attributes:
        id: stands in the saga's history and never changes its meaning.
        why: what goes wrong without it.
        over: the view whose row it judges; ``completion``.
        when: SQL condition under which it closes. Where it cannot be told, as an input is missing, the gate is
            inconclusive, which holds only where it is ``required``.
        outcome: what a closed gate means.
        person: who has to do something about it.
        say: what, with columns, parameters and ``values`` in braces.
        values: SQL expressions that ``say`` needs beside columns and parameters.
        required: what is not known holds the job too.
        waivable: a person may let the job pass all the same, with a reason.
        crews: the only crews that it is for, as the completion names them; none named: all.
    """

    id: RuleId
    title: Sentence
    why: LongSentence
    over: Name = "completion"
    when: SqlText
    outcome: GateOutcome
    person: Asked
    say: LongSentence
    values: Mapping[Name, SqlText] = Field(default_factory=dict)
    required: bool = False
    waivable: bool = False
    owner: Name
    severity: Severity = "major"
    crews: tuple[Crew, ...] = ()
    parameters: Mapping[Name, Parameter] = Field(default_factory=dict)
    examples: tuple[GateExample, ...] = Field(min_length=1)

    @field_validator("say")
    @classmethod
    def _has_braces_that_close(cls, say: str) -> str:
        for _, name, spec, conversion in string.Formatter().parse(say):
            if name is not None and (not name.isidentifier() or spec or conversion):
                raise ValueError(f"{{{name}}} is no name of a column, a parameter or one of values")
        return say

    @model_validator(mode="after")
    def _what_is_refused_is_not_waived(self) -> Self:
        if self.outcome == "refuse" and self.waivable:
            raise ValueError("what is refused cannot be waived: let it hold instead")
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The names in braces of ``say``, each once, in order."""
        names = (name for _, name, _, _ in string.Formatter().parse(self.say) if name)
        return tuple(dict.fromkeys(names))

    def is_for(self, crew: str | None) -> bool:
        """Whether it judges jobs of a crew; None is a crew that nobody named."""
        return not self.crews or crew in self.crews

    def with_parameters(self, values: Mapping[str, Any]) -> "GateRule":
        """The gate with other values of some parameters.

        Raises:
            ValueError: it has no such parameter, or a value is of another type.
        """
        return GateOverride(override=self.id, parameters=values).applied_to(self)


class GateOverride(Overriding):
    """What an operator wants otherwise about one gate, in some markets, for some crews, or at some time.

    Where several set the same, one for crews wins over one for markets, and that over one for all.
    """

    crews: tuple[Crew, ...] = ()
    required: bool | None = None
    waivable: bool | None = None

    @property
    def specificity(self) -> tuple[bool, ...]:
        """How special it is; what sorts later wins over what sorts before."""
        return (bool(self.crews), bool(self.markets))

    def meets(self, other: Effective) -> bool:
        """Whether there is a day, a market and a crew for which both hold."""
        theirs = other.crews if isinstance(other, GateOverride) else ()
        return super().meets(other) and (not self.crews or not theirs or bool({*self.crews} & {*theirs}))

    def is_for(self, crew: str | None) -> bool:
        """Whether it holds for a crew; None is a crew that nobody named."""
        return not self.crews or crew in self.crews

    def applied_to(self, rule: GateRule) -> GateRule:
        """The gate as this override wants it.

        Raises:
            ValueError: it names a parameter that the gate does not have, or gives one a wrong value.
        """
        told = {"severity": self.severity, "required": self.required, "waivable": self.waivable}
        values = {name: value for name, value in told.items() if value is not None}
        return rule.model_copy(update={**values, "parameters": self.changed(rule.id, rule.parameters)})
