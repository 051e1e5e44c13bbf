"""Settings of matching: which keys join, what is compared, and what a score must reach to join by itself.

They stand in YAML, one file for customers and one for premises; an operator's own file replaces ours as a whole.
"""

from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from canonical_model.errors import Fault, configuration_error
from canonical_model.yaml_source import YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import validated

Subject = Literal["customer", "premise"]
SUBJECTS: tuple[Subject, ...] = ("customer", "premise")

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
        within_m: latitude and longitude lie so many metres apart at most.
        otherwise: whatever no level above took; the last one.
        m: share of records of one subject that agree to this degree, until training tells better.
        u: likewise of records of different subjects.
        agrees: whether conditions for joining by itself take this degree for agreement.
        rare_counts_more: agreement on a rare value weighs more.
    """

    equal: Literal[True] | None = None
    similar: Share | None = None
    edits: Annotated[int, Field(ge=1, le=9)] | None = None
    initial: Literal[True] | None = None
    swapped_with: Column | None = None
    within_m: Annotated[int, Field(ge=1, le=100_000)] | None = None
    otherwise: Literal[True] | None = None
    m: Share
    u: Share
    agrees: bool = True
    rare_counts_more: bool = False

    @model_validator(mode="after")
    def _has_one_condition(self) -> "Level":
        given = (self.equal, self.similar, self.edits, self.initial, self.swapped_with, self.within_m, self.otherwise)
        if sum(one is not None for one in given) != 1:
            raise ValueError(
                "one of equal, similar, edits, initial, swapped_with, within_m and otherwise was expected"
            )
        return self


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
    """Probabilities from which a pair is joined by itself, and from which it is shown to a person."""

    link: Share
    review: Share

    @model_validator(mode="after")
    def _are_in_order(self) -> "Thresholds":
        if self.review > self.link:
            raise ValueError("the threshold for review was expected to be below the one for links")
        return self


class Conditions(_Part):
    """What a pair must satisfy beside its score in order to be joined by itself; otherwise a person decides.

    Attributes:
        agree: comparisons that must agree.
        one_of: at least one of these must agree; none given asks for nothing.
        none_differ: comparisons that must not differ where both records state something.
    """

    agree: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    none_differ: tuple[str, ...] = ()


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
        joins_itself: conditions beside the threshold.
        not_shown: what is not worth a person's time.
        most_questions: a record with more open questions is not asked about, but told as crowded: what it lacks has
            to be mended where it comes from.
        largest_group: more records of one subject are a mistake; links that would make them are shown instead.
        within_systems: whether two records of one system may be the same.
        prior: share of all pairs that are the same, until training tells better.
        block_on: only pairs that share all columns of one of these are compared at all.
        compare: levels by the name of the comparison, which is a column; from the strongest to ``otherwise``.
        train: how shares are learnt; without it they are used as they stand.
    """

    subject: Subject
    version: Annotated[int, Field(ge=1)] = 1
    exact: tuple[ExactKey, ...] = ()
    thresholds: Thresholds
    joins_itself: Conditions = Conditions()
    not_shown: tuple[NotShown, ...] = ()
    most_questions: Annotated[int, Field(ge=1, le=1_000)] = 8
    largest_group: Annotated[int, Field(ge=2, le=10_000)] = 50
    within_systems: bool = True
    prior: Share = Decimal("0.0001")
    block_on: tuple[tuple[Column, ...], ...] = Field(min_length=1)
    compare: Mapping[Column, tuple[Level, ...]] = Field(min_length=1)
    train: Training | None = None


def default_text(subject: Subject) -> str:
    """The settings that come with Splice, as YAML."""
    return files("identity").joinpath("defaults").joinpath(f"{subject}.yaml").read_text(encoding="utf-8")


def default_settings(subject: Subject) -> MatchSettings:
    """The settings that come with Splice."""
    faults: list[Fault] = []
    settings = read_settings(default_text(subject), f"identity/defaults/{subject}.yaml", faults)
    if settings is None:
        raise configuration_error(faults)
    return settings


def read_settings(
    text: str, file: str, faults: list[Fault], columns: tuple[str, ...] | None = None
) -> MatchSettings | None:
    """Read one file of settings.

    Args:
        text: YAML.
        file: its name in faults.
        faults: whatever is wrong is added here, with file, line and key.
        columns: what the records have; None leaves names of columns unchecked.

    Returns:
        The settings; None where something is wrong.
    """
    before = len(faults)
    source = read_yaml(text, file, faults)
    settings = validated(source, MatchSettings, faults) if source is not None else None
    if source is None or settings is None:
        return None
    _check_levels(source, settings, faults)
    _check_comparisons(source, settings, faults)
    if columns is not None:
        _check_columns(source, settings, columns, faults)
    return settings if len(faults) == before else None


def _check_levels(source: YamlSource, settings: MatchSettings, faults: list[Fault]) -> None:
    for name, levels in settings.compare.items():
        place = source.place("compare", name)
        ends = [level.otherwise is not None for level in levels]
        if len(levels) < 2 or ends != [False] * (len(levels) - 1) + [True]:
            faults.append(place.fault("levels were expected that end with one that says otherwise: true"))


def _check_comparisons(source: YamlSource, settings: MatchSettings, faults: list[Fault]) -> None:
    named: list[tuple[tuple[str | int, ...], str]] = []
    for condition, names in settings.joins_itself:
        named += [(("joins_itself", condition), name) for name in names]
    for number, key in enumerate(settings.exact):
        named += [(("exact", number, "contradicted_by"), name) for names in key.contradicted_by for name in names]
    for number, pairs in enumerate(settings.not_shown):
        named += [(("not_shown", number, condition), name) for condition, names in pairs for name in names]
    for steps, name in named:
        if name not in settings.compare:
            known = nearest(name, settings.compare)
            faults.append(source.place(*steps).fault(f"nothing is compared under {name!r}{known}"))


def _check_columns(
    source: YamlSource, settings: MatchSettings, columns: tuple[str, ...], faults: list[Fault]
) -> None:
    named: list[tuple[tuple[str | int, ...], str]] = [(("compare", name), name) for name in settings.compare]
    named += [(("block_on", n), name) for n, block in enumerate(settings.block_on) for name in block]
    named += [(("exact", n, "columns"), name) for n, key in enumerate(settings.exact) for name in key.columns]
    if settings.train is not None:
        for key, blocks in (("certain", settings.train.certain), ("blocks", settings.train.blocks)):
            named += [(("train", key, n), name) for n, block in enumerate(blocks) for name in block]
    for name, levels in settings.compare.items():
        named += [(("compare", name), each.swapped_with) for each in levels if each.swapped_with is not None]
    for steps, name in named:
        if name not in columns:
            faults.append(source.place(*steps).fault(f"there is no column {name!r}{nearest(name, list(columns))}"))
