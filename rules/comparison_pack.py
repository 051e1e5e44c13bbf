"""How a hand-off is compared, as a file says it: field by field, what is the same, and what proves a side wrong."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from rules.gate_rule import LongSentence
from rules.rule import Frozen, Name, Sentence, SqlText

FieldClass = Literal["match", "match_after_normalising", "legacy_wrong", "hub_wrong", "unknown"]
"""What expressions alone can say of a field; that a difference is explained is a person's word."""


class FieldComparison(Frozen):
    """One field of a hand-off: what the hub would have said beside what legacy was seen to do.

    Attributes:
        title: what it is, for the person who reads a difference.
        compared: whether the field says anything of a row at all; where it does not, or nobody can tell, it is left
            out. What no system of the operator shows is not compared, and not counted as the same.
        equal: whether both are the same; without it, the columns ``intent_NAME`` and ``observed_NAME`` are.
        after_normalising: whether they are the same once both are spelled alike.
        legacy_wrong: whether evidence from elsewhere proves that legacy is wrong.
        hub_wrong: whether evidence from elsewhere proves that the hub is.
        evidence: columns that are shown with a difference.
        critical: whether the difference would harm somebody, where nobody explains it: a wrong customer's line, a
            second truck, a wrong bill.
        money: what the difference comes to, in minor units; positive where legacy takes too little.
    """

    title: Sentence
    compared: SqlText = "TRUE"
    equal: SqlText | None = None
    after_normalising: SqlText = "FALSE"
    legacy_wrong: SqlText = "FALSE"
    hub_wrong: SqlText = "FALSE"
    evidence: tuple[Name, ...] = ()
    critical: SqlText = "FALSE"
    money: SqlText | None = None


class ComparisonExample(Frozen):
    """Columns of one row, and what the fields say of it; run as a test.

    Attributes:
        given: columns that are otherwise than in the pack's ``usual`` row.
        expect: class of the row, that of its worst field.
        fields: class of every field that is not the same.
        critical: whether an unexplained difference would harm somebody.
    """

    given: Mapping[str, Any] = Field(default_factory=dict)
    expect: FieldClass
    fields: Mapping[Name, FieldClass] = Field(default_factory=dict)
    critical: bool = False


class ComparisonPack(Frozen):
    """The comparison of one hand-off.

    Attributes:
        handoff: which.
        why: what goes wrong where nobody looks.
        patience_days: how long is waited for legacy to act; then it did nothing, and nobody knows why.
        fields: by name.
        usual: a row in which both sides say the same; examples tell only what is otherwise.
    """

    handoff: Name
    title: Sentence
    why: LongSentence
    owner: Name
    patience_days: Annotated[int, Field(ge=1, le=400)]
    fields: Mapping[Name, FieldComparison] = Field(min_length=1)
    usual: Mapping[str, Any] = Field(min_length=1)
    examples: tuple[ComparisonExample, ...] = Field(min_length=1)
