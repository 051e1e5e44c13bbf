"""What is to be done with a pair: join it, ask a person, or nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from identity.comparisons import UNKNOWN, agrees
from identity.pairs import Basis, Pair
from identity.settings import MatchSettings

VerdictState = Literal["linked", "review"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run thinks of a pair, before any person is heard.

    Attributes:
        state: joined, or to be looked at by a person.
        basis: what the verdict rests on.
        reason: why, in one sentence.
    """

    state: VerdictState
    basis: Basis
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdicts of a run.

    Attributes:
        verdicts: pairs that are joined or to be looked at, the most trusted first: keys, then by weight.
        crowded: records about which there are more questions than a person can answer, with their number; pairs of
            theirs that would be questions are left out.
    """

    verdicts: tuple[tuple[Pair, Verdict], ...]
    crowded: Mapping[str, int]


def judge_all(pairs: Iterable[Pair], settings: MatchSettings) -> Judged:
    """Judge the pairs of a run."""
    judged = [(pair, verdict) for pair in pairs if (verdict := judge(pair, settings)) is not None]
    questions = Counter(name for pair, verdict in judged if verdict.state == "review" for name in pair.names)
    crowded = {name: count for name, count in sorted(questions.items()) if count > settings.most_questions}
    kept = [
        (pair, verdict)
        for pair, verdict in judged
        if verdict.state == "linked" or crowded.keys().isdisjoint(pair.names)
    ]
    kept.sort(key=lambda each: (each[1].basis != "key", -(each[0].weight or 0), each[0].names))
    return Judged(tuple(kept), crowded)


def judge(pair: Pair, settings: MatchSettings) -> Verdict | None:
    """The verdict on a pair; None where it is not worth a person's time.

    An exact key joins unless what is compared contradicts it. A score joins from the upper threshold on where the
    conditions are met; from the lower one on a person is asked.
    """
    if pair.key is not None:
        return _by_key(pair, pair.key, settings)
    if pair.probability is None or pair.probability < settings.thresholds.review or _is_plainly_two(pair, settings):
        return None
    if pair.probability < settings.thresholds.link:
        return Verdict("review", "score", f"its probability lies below {settings.thresholds.link}")
    if doubts := list(_doubts(pair, settings)):
        return Verdict("review", "score", "; ".join(doubts))
    return Verdict("linked", "score", f"its probability is at least {settings.thresholds.link}")


def _by_key(pair: Pair, joined_by: str, settings: MatchSettings) -> Verdict:
    key = next(each for each in settings.exact if key_name(each.columns) == joined_by)
    agreeing = _agreeing(pair, settings)
    stated = {name for name, degree in pair.degrees.items() if degree != UNKNOWN}
    for names in key.contradicted_by:
        if stated.issuperset(names) and agreeing.isdisjoint(names):
            return Verdict("review", "key", f"the same {joined_by}, and yet different in {', '.join(names)}")
    return Verdict("linked", "key", f"the same {joined_by}")


def _is_plainly_two(pair: Pair, settings: MatchSettings) -> bool:
    agreeing = _agreeing(pair, settings)
    return any(
        all(pair.degrees.get(name) == 0 for name in pairs.differ) and agreeing.isdisjoint(pairs.unless_agree)
        for pairs in settings.not_shown
    )


def _agreeing(pair: Pair, settings: MatchSettings) -> set[str]:
    return {name for name, degree in pair.degrees.items() if agrees(settings.compare[name], degree)}


def key_name(columns: tuple[str, ...]) -> str:
    """What an exact key is called."""
    return ", ".join(columns)


def _doubts(pair: Pair, settings: MatchSettings) -> Iterator[str]:
    wanted, agreeing = settings.joins_itself, _agreeing(pair, settings)
    if missing := [name for name in wanted.agree if name not in agreeing]:
        yield f"no agreement in {', '.join(missing)}"
    if wanted.one_of and not agreeing.intersection(wanted.one_of):
        yield f"none of {', '.join(wanted.one_of)} agrees"
    differing = [
        name for name in wanted.none_differ if name not in agreeing and pair.degrees.get(name, UNKNOWN) != UNKNOWN
    ]
    if differing:
        yield f"different in {', '.join(differing)}"
