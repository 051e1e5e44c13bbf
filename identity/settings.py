"""Settings of matching: which keys join, what is compared, and what a score must reach to join by itself.

They stand in YAML, one file for customers and one for premises (``identity.settings_file``); an operator's own file
replaces ours as a whole.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

Subject = Literal["customer", "premise"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)

Share = Annotated[Decimal, Field(gt=0, le=1)]
Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Level(_Part):
    """One degree of agreement of a comparison; exactly one of its conditions is given.

    Attributes:
        equal: the values are the same.
        similar: their Jaro-Winkler similarity is at least this.
        edits: so many characters were changed, left out, added or swapped with their neighbour at most.
        initial: one is the first letter of the other.
        swapped_with: this column of the one record has the value of the other's, and the other way round.
        shares: this column is a list, and both lists have a value in common.
        slipped_years: dates that one slip of a finger tells apart, or day and month exchanged, so many years apart at
            most: a son's date of birth is often one digit off his father's.
        both_empty: both say that there is none.
        one_empty: one says that there is none, the other names one.
        within_m: latitude and longitude lie so many metres apart at most.
        otherwise: whatever no level above took; the last one.
        where_equal: columns that must be the same as well.
        m: share of records of one subject that agree to this degree, until training tells better.
        u: likewise of records of different subjects.
        agrees: whether conditions for joining by itself take this degree for agreement.
        alike: whether they take it for likeness, which is less; what agrees is alike.
        rare_counts_more: agreement on a rare value weighs more.
    """

    equal: Literal[True] | None = None
    similar: Share | None = None
    edits: Annotated[int, Field(ge=1, le=9)] | None = None
    initial: Literal[True] | None = None
    swapped_with: Column | None = None
    shares: Column | None = None
    slipped_years: Annotated[int, Field(ge=0, le=99)] | None = None
    both_empty: Literal[True] | None = None
    one_empty: Literal[True] | None = None
    within_m: Annotated[int, Field(ge=1, le=100_000)] | None = None
    otherwise: Literal[True] | None = None
    where_equal: tuple[Column, ...] = ()
    m: Share
    u: Share
    agrees: bool = True
    alike: bool = False
    rare_counts_more: bool = False

    @model_validator(mode="after")
    def _has_one_condition(self) -> "Level":
        if sum(getattr(self, name) is not None for name in CONDITIONS) != 1:
            raise ValueError(f"one of {', '.join(CONDITIONS[:-1])} and {CONDITIONS[-1]} was expected")
        return self


CONDITIONS = (
    *("equal", "similar", "edits", "initial", "swapped_with", "shares", "slipped_years", "both_empty", "one_empty"),
    *("within_m", "otherwise"),
)


class ExactKey(_Part):
    """Columns that name the same subject wherever all of them are equal.

    Attributes:
        columns: none of them may be empty in a record that is joined by them, but those in ``may_be_empty``.
        spaces: groups of systems that number alike; without any, all do. A company that was bought has its own.
        may_be_empty: columns for which empty is a statement and equals empty; what is unknown equals nothing.
        contradicted_by: groups of comparisons; a pair that agrees in none of a group goes to a person instead.
        most_sharing: a value that more records share names nothing.
    """

    columns: tuple[Column, ...] = Field(min_length=1)
    spaces: tuple[tuple[str, ...], ...] = ()
    may_be_empty: tuple[Column, ...] = ()
    contradicted_by: tuple[tuple[str, ...], ...] = ()
    most_sharing: Annotated[int, Field(ge=2, le=1000)] = 10


class Thresholds(_Part):
    """Probabilities from which a pair is joined by itself, is shown to a person, and is taken notice of at all."""

    link: Share
    review: Share
    notice: Share = Decimal("0.01")

    @model_validator(mode="after")
    def _are_in_order(self) -> "Thresholds":
        if self.review > self.link:
            raise ValueError("the threshold for review was expected to be below the one for links")
        return self


class Route(_Part):
    """What a pair must satisfy beside its score in order to be joined by itself; all that is given here.

    Attributes:
        called: what a link says that it was joined by.
        agree: comparisons that must agree.
        alike: comparisons that must be alike at least.
        one_of: at least one of these must agree; none given asks for nothing.
        two_of: at least two of these must agree, likewise.
        none_differ: comparisons that must agree where both records state something.
        none_unlike: comparisons that must be alike at least where both records state something.
        alone: whether nobody else may be meant: the two are of different systems, and no ``rivals`` are known.
        link: a threshold of its own.
    """

    called: Annotated[str, Field(min_length=1, max_length=80)]
    agree: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    two_of: tuple[str, ...] = ()
    none_differ: tuple[str, ...] = ()
    none_unlike: tuple[str, ...] = ()
    alone: bool = False
    link: Share | None = None


class Rivals(_Part):
    """Which other record could be meant as well: one that is so much like one of the two.

    Attributes:
        none_differ: comparisons in which it must not be different; unknown is not different.
        one_of: comparisons of which at least one must agree.
    """

    none_differ: tuple[str, ...] = ()
    one_of: tuple[str, ...] = Field(min_length=1)


class NotShown(_Part):
    """Pairs that are plainly two, whatever they share: neither joined nor shown.

    Attributes:
        differ: comparisons in which such a pair differs, all of them.
        unless_agree: agreement in one of these makes it worth a look after all.
    """

    differ: tuple[str, ...] = Field(min_length=1)
    unless_agree: tuple[str, ...] = ()


class Training(_Part):
    """How shares are learnt from the records themselves.

    Attributes:
        at_least: with fewer records the shares of the levels are used as they stand.
        certain: columns whose common equality is almost proof, to tell how many pairs there are to find.
        recall: share of the pairs that ``certain`` finds.
        blocks: columns that pairs share while the shares of the others are learnt, one session for each.
        most_pairs: of records drawn at random, for ``u``.
        seed: of the draw; the same records and settings give the same shares.
    """

    at_least: Annotated[int, Field(ge=2)] = 2_000
    certain: tuple[tuple[Column, ...], ...] = Field(min_length=1)
    recall: Share = Decimal("0.7")
    blocks: tuple[tuple[Column, ...], ...] = Field(min_length=1)
    most_pairs: Annotated[int, Field(ge=10_000, le=1_000_000_000)] = 2_000_000
    seed: int = 7


class MatchSettings(_Part):
    """How records of one kind are matched.

    Attributes:
        subject: what the records are about.
        version: noted with every link.
        exact: keys that join by themselves, tried in this order.
        thresholds: for what no key joins.
        joins_itself: routes, of which a pair must satisfy one beside the threshold; none given asks for nothing.
        rivals: who else could be meant, for routes that ask for it.
        never_together: comparisons in which no two records of one subject differ: what would bring such two together
            over a third is a question.
        one_each: whether a system knows a subject once, as a rule; then what has its partner in a system already, or
            is of that system itself, is no question any more. Keys and routes join it all the same.
        not_shown: what is not worth a person's time.
        most_questions: a record with more open questions is not asked about, but told as crowded: what it lacks has
            to be mended where it comes from.
        largest_group: more records of one subject are a mistake; links that would make them are shown instead.
        most_sharing: by column; a value that more records have stands for none, as 000-0000 does.
        within_systems: whether two records of one system may be the same.
        prior: share of all pairs that are the same, until training tells better.
        block_on: only pairs that share all columns of one of these are compared at all.
        compare: levels by the name of the comparison, which is a column; from the strongest to ``otherwise``.
        train: how shares are learnt; without it they are used as they stand.
        witness: the comparison by which routes are tried that do not need it; see ``identity.trials``.
    """

    subject: Subject
    version: Annotated[int, Field(ge=1)] = 1
    exact: tuple[ExactKey, ...] = ()
    thresholds: Thresholds
    joins_itself: tuple[Route, ...] = ()
    rivals: Rivals | None = None
    never_together: tuple[str, ...] = ()
    one_each: bool = False
    not_shown: tuple[NotShown, ...] = ()
    most_questions: Annotated[int, Field(ge=1, le=1_000)] = 8
    largest_group: Annotated[int, Field(ge=2, le=10_000)] = 50
    most_sharing: Mapping[Column, Annotated[int, Field(ge=1, le=100_000)]] = Field(default_factory=dict)
    within_systems: bool = True
    prior: Share = Decimal("0.0001")
    block_on: tuple[tuple[Column, ...], ...] = Field(min_length=1)
    compare: Mapping[Column, tuple[Level, ...]] = Field(min_length=1)
    train: Training | None = None
    witness: str | None = None

    @model_validator(mode="after")
    def _says_who_rivals_are(self) -> "MatchSettings":
        if self.rivals is None and any(route.alone for route in self.joins_itself):
            raise ValueError("a route asks that nobody else is meant: rivals were expected, which say who could be")
        return self
