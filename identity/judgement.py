"""What is to be done with a pair: join it, ask a person, or nothing."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from identity.comparisons import UNKNOWN, agrees, is_alike
from identity.groups import group
from identity.pairs import Basis, Pair, key_name
from identity.rivals import NOTHING_HEARD, Heard, Objection, Surroundings
from identity.settings import MatchSettings, Route

VerdictState = Literal["linked", "review"]
_ANY = Route(called="its score")
_DIFFERENT = "different in"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run thinks of a pair, before any person is heard.

    Attributes:
        state: joined, or to be looked at by a person.
        basis: what the verdict rests on.
        reason: why, in one sentence.
        kind: the reason without names of records, so that questions of one kind can be put together.
        route: by which it is joined, or came nearest to be; None of a key.
    """

    state: VerdictState
    basis: Basis
    reason: str
    kind: str
    route: str | None = None


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


def judge_all(
    pairs: Iterable[Pair], settings: MatchSettings, heard: Heard = NOTHING_HEARD, distrusted: Collection[str] = ()
) -> Judged:
    """Judge the pairs of a run.

    Args:
        pairs: every pair that was taken notice of, so that it is known who else could be meant.
        settings: what joins, and what is asked.
        heard: what persons said.
        distrusted: routes that join nothing; what they would join is asked.
    """
    noticed = list(pairs)
    first = {pair.names: judge(pair, settings, distrusted) for pair in noticed}
    parted = set(heard.apart)
    firm = [pair.names for pair in _by_trust(noticed) if _is_linked(first[pair.names]) and pair.names not in parted]
    around = Surroundings(noticed, firm, settings, heard)
    judged = [
        (pair, verdict)
        for pair in _by_trust(noticed)
        if (verdict := _second_look(pair, first[pair.names], settings, around, distrusted)) is not None
    ]
    judged = list(_without_contradictions(judged, settings, around, heard))
    questions = Counter(name for pair, verdict in judged if verdict.state == "review" for name in pair.names)
    crowded = {name: count for name, count in sorted(questions.items()) if count > settings.most_questions}
    kept = (each for each in judged if _is_linked(each[1]) or crowded.keys().isdisjoint(each[0].names))
    return Judged(tuple(kept), crowded)


def judge(pair: Pair, settings: MatchSettings, distrusted: Collection[str] = ()) -> Verdict | None:
    """The verdict on a pair by itself; None where it is not worth a person's time.

    An exact key joins unless what is compared contradicts it. A score joins from the upper threshold on where a route
    is satisfied that asks for nothing else; from the lower one on a person is asked.
    """
    if pair.key is not None:
        return _by_key(pair, pair.key, settings)
    if pair.probability is None or _is_plainly_two(pair, settings):
        return None
    ways = [(route, _doubts(pair, route, settings)) for route in settings.joins_itself or (_ANY,)]
    for route, doubts in ways:
        if not doubts and not route.alone:
            return _joined(route, settings, distrusted)
    if pair.probability < settings.thresholds.review:
        return None
    # what differs says more than what is missing; of routes that are equally near the last one asks for least
    route, doubts = min(reversed(ways), key=lambda way: (len(way[1]), not any(map(_is_difference, way[1]))))
    text = "; ".join(doubts)
    return Verdict("review", "score", text, text, route.called)


def _second_look(
    pair: Pair, verdict: Verdict | None, settings: MatchSettings, around: Surroundings, distrusted: Collection[str]
) -> Verdict | None:
    """The verdict once it is known who else is there."""
    if pair.key is not None or _is_linked(verdict) or _is_plainly_two(pair, settings):
        return verdict
    route = next((one for one in settings.joins_itself if one.alone and not _doubts(pair, one, settings)), None)
    if route is not None:
        objections = list(around.objections(pair))
        verdict = _asked(route, objections) if objections else _joined(route, settings, distrusted)
        if _is_linked(verdict):
            return verdict
    if verdict is not None and settings.one_each and (_is_within(pair) or around.has_partner(pair)):
        return None
    return verdict


def _without_contradictions(
    judged: list[tuple[Pair, Verdict]], settings: MatchSettings, around: Surroundings, heard: Heard
) -> Iterator[tuple[Pair, Verdict]]:
    """The verdicts, those links turned into questions that would bring together what is kept apart."""
    parted = set(heard.apart)
    links = [pair.names for pair, verdict in judged if _is_linked(verdict) and pair.names not in parted]
    refused = group([*heard.accepted, *links], around.kept_apart, settings.largest_group).refused
    for pair, verdict in judged:
        if _is_linked(verdict) and (reason := refused.get(pair.names)):
            yield pair, Verdict("review", verdict.basis, reason, "over others it would make two one", verdict.route)
        else:
            yield pair, verdict


def _is_within(pair: Pair) -> bool:
    return pair.systems[0] == pair.systems[1]


def _joined(route: Route, settings: MatchSettings, distrusted: Collection[str]) -> Verdict:
    if route.called in distrusted:
        text = f"{settings.witness} speaks against links by {route.called}"
        return Verdict("review", "score", text, text, route.called)
    return Verdict("linked", "score", route.called, route.called, route.called)


def _asked(route: Route, objections: list[Objection]) -> Verdict:
    reason, kind = ("; ".join(dict.fromkeys(texts)) for texts in zip(*objections, strict=True))
    return Verdict("review", "score", reason, kind, route.called)


def _is_linked(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.state == "linked"


def _by_trust(pairs: Iterable[Pair]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (pair.key is None, -(pair.weight or 0), pair.names))


def _by_key(pair: Pair, joined_by: str, settings: MatchSettings) -> Verdict:
    key = next(each for each in settings.exact if key_name(each.columns) == joined_by)
    agreeing = _agreeing(pair, settings)
    stated = {name for name, degree in pair.degrees.items() if degree != UNKNOWN}
    for names in key.contradicted_by:
        if stated.issuperset(names) and agreeing.isdisjoint(names):
            text = f"the same {joined_by}, and yet different in {', '.join(names)}"
            return Verdict("review", "key", text, text)
    return Verdict("linked", "key", f"the same {joined_by}", f"the same {joined_by}")


def _is_plainly_two(pair: Pair, settings: MatchSettings) -> bool:
    agreeing = _agreeing(pair, settings)
    return any(
        all(pair.degrees.get(name) == 0 for name in pairs.differ) and agreeing.isdisjoint(pairs.unless_agree)
        for pairs in settings.not_shown
    )


def _agreeing(pair: Pair, settings: MatchSettings) -> set[str]:
    return {name for name, degree in pair.degrees.items() if agrees(settings.compare[name], degree)}


def _doubts(pair: Pair, route: Route, settings: MatchSettings) -> list[str]:
    """What keeps a pair from satisfying a route."""
    agreeing = _agreeing(pair, settings)
    alike = agreeing | {name for name, degree in pair.degrees.items() if is_alike(settings.compare[name], degree)}
    stated = {name for name, degree in pair.degrees.items() if degree != UNKNOWN}
    found = [_below(pair, route.link or settings.thresholds.link)]
    missing = [name for name in route.agree if name not in agreeing]
    missing += [name for name in route.alike if name not in alike]
    found.append(f"no agreement in {', '.join(missing)}" if missing else "")
    if route.one_of and agreeing.isdisjoint(route.one_of):
        found.append(f"none of {', '.join(route.one_of)} agrees")
    if route.two_of and len(agreeing.intersection(route.two_of)) < 2:
        found.append(f"no two of {', '.join(route.two_of)} agree")
    differing = [name for name in route.none_differ if name in stated - agreeing]
    differing += [name for name in route.none_unlike if name in stated - alike]
    found.append(f"{_DIFFERENT} {', '.join(dict.fromkeys(differing))}" if differing else "")
    return [doubt for doubt in found if doubt]


def _below(pair: Pair, least: Decimal) -> str:
    return f"its probability lies below {least}" if (pair.probability or 0) < least else ""


def _is_difference(doubt: str) -> bool:
    return doubt.startswith(_DIFFERENT)
