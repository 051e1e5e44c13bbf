"""What was learnt: kept as text, held against an earlier version, and against the records of today."""

import pytest

from identity.judgement import judge_all
from identity.patterns import pattern_id, pattern_of
from identity.settings_file import default_settings
from identity.trials import Trial, refuted, trials
from identity.weights import Weights, changes, degrees_of, fitting_of, from_json, shifts, to_json
from tests.fakes.pairs import pair_of

SETTINGS = default_settings("customer")
SHARES = {name: tuple((0.5, 0.25) for _ in levels) for name, levels in SETTINGS.compare.items()}
TRIAL = Trial("names and e-mail", 2000, 40, 0.01)
WEIGHTS = Weights(
    records=5000,
    settings_version=2,
    fitting=fitting_of(SETTINGS),
    prior=0.001,
    shares=SHARES,
    frequencies={"surname": {"REYES": 0.01}},
    degrees={"surname": {-1: 0.1, 0: 0.4, 4: 0.5}},
    trials=(TRIAL,),
)
HOUSEHOLD = dict.fromkeys(("given_name", "surname", "suffix", "phone", "address", "unit"), "equal")


def test_weights_survive_being_written_down() -> None:
    assert from_json(to_json(WEIGHTS)) == WEIGHTS


def test_weights_hold_for_what_they_were_learnt_of() -> None:
    assert WEIGHTS.fits(SETTINGS)
    assert WEIGHTS.fits(SETTINGS.model_copy(update={"version": 99, "joins_itself": ()})), "who joins may change"
    fewer = dict(list(SETTINGS.compare.items())[1:])
    assert not WEIGHTS.fits(SETTINGS.model_copy(update={"compare": fewer}))


def test_a_new_version_is_held_against_the_one_before_the_largest_change_first() -> None:
    later = from_json(to_json(WEIGHTS))
    (_, *rest) = SHARES["email"]
    later = Weights(
        later.records, 3, later.fitting, 0.002, {**SHARES, "email": ((0.5, 0.03125), *rest)}, trials=later.trials
    )
    found = changes(WEIGHTS, later)
    assert [(each.comparison, each.level, each.bits) for each in found] == [("email", 0, 3.0), ("prior", 0, 1.0)]
    assert changes(WEIGHTS, WEIGHTS) == ()
    assert changes(WEIGHTS, Weights(1, 1, "other", 0.5, {})) == ()


def test_records_of_another_kind_than_learnt_from_are_noticed() -> None:
    same = shifts(WEIGHTS.degrees, {"surname": {-1: 0.1, 0: 0.4, 4: 0.5}})
    assert same == {"surname": 0.0}
    other = shifts(WEIGHTS.degrees, {"surname": {-1: 0.6, 0: 0.2, 4: 0.2}})
    assert other["surname"] > 0.25


def test_degrees_are_shares_of_the_pairs() -> None:
    pairs = [pair_of(SETTINGS, {"email": "equal"}), pair_of(SETTINGS, {}, right="old/c/2")]
    assert degrees_of(pairs, SETTINGS)["email"] == {-1: 0.5, 2: 0.5}


@pytest.mark.parametrize(
    ("heard", "against", "usual", "untold", "is_refuted"),
    [
        (2000, 40, 0.0, 1000, True),  # wrong once in fifty, however few it joins
        (2000, 40, 0.0, 0, True),
        (2000, 40, 0.02, 1000, False),  # the witness is wrong as often elsewhere
        (2000, 14, 0.0, 1000, False),  # wrong once in 140, and a tenth of all links
        (2000, 14, 0.0, 5000, True),  # half of all links
        (2000, 3, 0.0, 9000, False),  # chance may explain it
        (30, 3, 0.0, 9000, False),  # too few to tell
    ],
)
def test_a_route_is_refuted_where_too_many_links_are_wrong_for_chance(
    heard: int, against: int, usual: float, untold: int, *, is_refuted: bool
) -> None:
    (trial,) = refuted([Trial("x", heard, against, usual, untold)], links=10_000)
    assert trial.is_refuted is is_refuted
    assert trial.wrong == pytest.approx(max(0.0, against / heard - usual))
    assert trial.surely_wrong <= trial.wrong


def test_the_most_wrong_route_goes_first_and_the_rest_may_stay() -> None:
    worse, better = Trial("worse", 4000, 32, 0.0, 2000), Trial("better", 4000, 16, 0.0, 2000)
    found = refuted([better, worse], links=10_000)
    assert [(trial.route, trial.is_refuted) for trial in found] == [("better", False), ("worse", True)]
    assert not any(trial.is_refuted for trial in refuted([better, worse], links=100_000))


def test_routes_are_tried_by_the_witness_that_they_do_not_need() -> None:
    route = "names and telephone or address, and nobody else is meant"
    said = ["equal"] * 3 + ["otherwise"] + ["unknown"]
    pairs = [
        pair_of(SETTINGS, HOUSEHOLD | {"birth_date": word}, f"crm/c/{number}", f"old/c/{number}", weight=50 - number)
        for number, word in enumerate(said)
    ]
    (trial,) = trials(pairs, SETTINGS)
    assert trial == Trial(route, 4, 1, 0.0, untold=1)
    assert trials(pairs, SETTINGS.model_copy(update={"witness": None})) == ()


def test_questions_of_one_kind_have_one_pattern() -> None:
    words = HOUSEHOLD | {"phone": "otherwise"}
    one, other = pair_of(SETTINGS, words), pair_of(SETTINGS, words, "crm/c/7", "old/c/8", probability=0.995)
    third = pair_of(SETTINGS, words | {"email": "edits"}, "crm/c/9", "old/c/9")
    found = judge_all([one, other, third], SETTINGS).verdicts
    patterns = {pair.names: pattern_of(pair, verdict, SETTINGS) for pair, verdict in found}
    assert patterns[one.names] == (
        "different in phone; agree: given_name, surname, suffix, address, unit; differ: phone; "
        "unknown: company, birth_date, email"
    )
    assert patterns[other.names] == patterns[one.names] != patterns[third.names]
    assert pattern_id("customer", patterns[one.names]) == pattern_id("customer", patterns[other.names])
    assert pattern_id("customer", patterns[one.names]) != pattern_id("premise", patterns[one.names])
