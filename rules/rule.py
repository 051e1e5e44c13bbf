"""A leakage rule as a file says it, and an operator's override of one."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from rules.remedy import NamedRemedy
from rules.types import ColumnType, EngineValue, engine_value, parse_type

Direction = Literal["under_billed", "over_billed", "cost", "tax", "by_sign"]
ExposureClass = Literal[
    "lost",
    "recoverable",
    "deferred",
    "refund_due",
    "cost",
    "at_risk",
    "lost_or_recoverable",
    "by_direction",
]
Severity = Literal["critical", "major", "minor"]

RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,9}(-[A-Za-z0-9]{1,20}){1,5}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Bound = Annotated[int, Field(ge=1)]
SqlText = Annotated[str, StringConstraints(min_length=1)]

_AGE = re.compile(r"([1-9][0-9]{0,3})([hd])")


def _read_type(value: object) -> object:
    return parse_type(value) if isinstance(value, str) else value


def _read_age(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    match = _AGE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("hours or days are expected, such as 36h or 2d")
    return timedelta(hours=int(match[1])) if match[2] == "h" else timedelta(days=int(match[1]))


def _write_age(age: timedelta) -> str:
    return f"{round(age.total_seconds() / 3600)}h"


def _read_amount(value: object) -> object:
    is_amount = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_amount and value != "nothing":
        raise ValueError("an amount in major units (20.00) or 'nothing' is expected")
    return Decimal(value) if isinstance(value, int) else value


Type = Annotated[ColumnType, BeforeValidator(_read_type), PlainSerializer(str)]
MaxAge = Annotated[timedelta, BeforeValidator(_read_age), PlainSerializer(_write_age)]
Expected = Annotated[Decimal | Literal["nothing"], BeforeValidator(_read_amount)]


class Frozen(BaseModel):
    """A part of a rule as a file says it."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Parameter(Frozen):
    """A named value of a rule that an operator may set otherwise; money in major units."""

    type: Type
    value: Any
    meaning: Sentence | None = None

    @model_validator(mode="after")
    def _value_is_of_its_type(self) -> Self:
        engine_value(self.value, self.type)
        return self

    @property
    def engine_value(self) -> EngineValue:
        """The value as engines hold it."""
        return engine_value(self.value, self.type)

    def having(self, value: object) -> "Parameter":
        """The same parameter with another value.

        Raises:
            ValueError: the value is not of the parameter's type.
        """
        engine_value(value, self.type)
        return self.model_copy(update={"value": value})


class Example(Frozen):
    """Columns of one row and what the rule must say about it; run as a test.

    Attributes:
        given: columns by name; what is not given is missing, or zero where it cannot be.
        expect: the exposure in major units, or ``nothing`` where the rule must not find the row.
    """

    given: Mapping[str, Any]
    expect: Expected


class Effective(Frozen):
    """What holds from a day up to and without another, in some markets or (none named) in all."""

    markets: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None

    @field_validator("valid_to")
    @classmethod
    def _ends_after_its_start(cls, valid_to: date | None, info: ValidationInfo) -> date | None:
        valid_from = info.data.get("valid_from")
        if valid_from and valid_to and valid_to <= valid_from:
            raise ValueError("must come after valid_from; it is the first day without")
        return valid_to

    def holds(self, market: str, day: date) -> bool:
        """Whether it holds in that market on that day."""
        started = self.valid_from is None or self.valid_from <= day
        ended = self.valid_to is not None and self.valid_to <= day
        return started and not ended and (not self.markets or market in self.markets)

    def meets(self, other: "Effective") -> bool:
        """Whether there is a day and a market in which both hold."""
        starts = max(self.valid_from or date.min, other.valid_from or date.min)
        ends = min(self.valid_to or date.max, other.valid_to or date.max)
        return starts < ends and (not self.markets or not other.markets or bool({*self.markets} & {*other.markets}))


class Rule(Effective):
    """One leakage check: which rows of a view it finds, and how much money each one is.

    Attributes:
        id: stands on findings and reports and never changes its meaning.
        check: the catalogue's check it belongs to, where several rules make one check; else its own id.
        over: the analysis view whose rows it judges.
        when: SQL condition that finds a row.
        exposure: SQL amount of money that a found row is.
        needs: oldest state of each feed with which it may still be judged.
        explained_by: rules that carry the money where they find the same subject.
        remedy: a name (a task for a person), or a name and the kinds that can be proposed.
        handoff: the hand-off whose failure it finds, such as ``field_to_billing``.
        bound: most subjects that it may find in one snapshot; one that finds more is held back, which is no finding
            and not clean. None: as many as there are.
    """

    id: RuleId
    title: Sentence
    check: RuleId | None = None
    over: Name
    when: SqlText
    exposure: SqlText
    direction: Direction
    exposure_class: ExposureClass
    needs: Mapping[Name, MaxAge] = Field(default_factory=dict)
    explained_by: tuple[RuleId, ...] = ()
    remedy: NamedRemedy
    owner: Name
    handoff: Name | None = None
    severity: Severity = "major"
    bound: Bound | None = None
    parameters: Mapping[Name, Parameter] = Field(default_factory=dict)
    examples: tuple[Example, ...] = Field(min_length=1)


class Overriding(Effective):
    """What an operator may want otherwise about any rule that has parameters.

    Attributes:
        override: id of the rule.
        off: the rule is not judged at all.
        parameters: values that replace the rule's; their types stay.
    """

    override: RuleId
    off: bool = False
    severity: Severity | None = None
    parameters: Mapping[Name, Any] = Field(default_factory=dict)

    @property
    def specificity(self) -> tuple[bool, ...]:
        """How special it is; what sorts later wins over what sorts before."""
        return (bool(self.markets),)

    @property
    def settings(self) -> frozenset[tuple[str, ...]]:
        """The keys that it sets."""
        scope = {*Effective.model_fields, "crews", "override", "parameters"}
        return frozenset({(name,) for name in self.model_fields_set - scope}) | {
            ("parameters", name) for name in self.parameters
        }

    def changed(self, rule_id: str, parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
        """A rule's parameters as this override wants them.

        Raises:
            ValueError: it names a parameter that the rule does not have, or gives one a wrong value.
        """
        changed = dict(parameters)
        for name, value in self.parameters.items():
            if name not in changed:
                raise ValueError(f"{rule_id} has no parameter {name}")
            changed[name] = changed[name].having(value)
        return changed


class Override(Overriding):
    """What an operator wants otherwise about one leakage rule, in some markets or at some time."""

    bound: Bound | None = None

    def applied_to(self, rule: Rule) -> Rule:
        """The rule as this override wants it.

        Raises:
            ValueError: it names a parameter that the rule does not have, or gives one a wrong value.
        """
        parameters = self.changed(rule.id, rule.parameters)
        severity = self.severity or rule.severity
        bound = self.bound or rule.bound
        return rule.model_copy(update={"parameters": parameters, "severity": severity, "bound": bound})
