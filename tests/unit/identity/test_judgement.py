"""What is joined, what a person is asked, and what is left alone."""

from typing import Any

import pytest

from identity.judgement import Verdict, judge, judge_all
from identity.pairs import Evidence, Pair, evidence_of
from identity.rivals import Heard
from identity.settings_file import default_settings
from tests.fakes.pairs import degrees, pair_of

CUSTOMER = default_settings("customer")
PREMISE = default_settings("premise")
NAMES = {"given_name": "equal", "surname": "equal", "suffix": "equal"}
SAME = NAMES | {"birth_date": "equal", "phone": "equal", "address": "equal", "unit": "equal"}
HOUSEHOLD = NAMES | {"phone": "equal", "address": "equal", "unit": "equal"}
FLAT = {"house": "equal", "street": "equal", "street_kind": "equal", "postal_code": "equal", "place": "within_m"}
BY_BIRTH_DATE = "names and birth date"
BY_PHONE = "names and telephone or address, and nobody else is meant"


def pair(words: dict[str, str], left: str = "crm/c/1", right: str = "old/c/1", **facts: Any) -> Pair:
    return pair_of(CUSTOMER, words, left, right, **facts)


def keyed(words: dict[str, str]) -> Pair:
    return pair(words, key="account_number")


def states(*pairs: Pair, heard: Heard = Heard()) -> dict[tuple[str, str], str]:  # noqa: B008 - it is frozen
    return {each.names: verdict.state for each, verdict in judge_all(pairs, CUSTOMER, heard).verdicts}


def reasons(*pairs: Pair, heard: Heard = Heard()) -> dict[tuple[str, str], str]:  # noqa: B008 - it is frozen
    return {each.names: verdict.reason for each, verdict in judge_all(pairs, CUSTOMER, heard).verdicts}


def test_a_certain_pair_is_joined() -> None:
    joined = Verdict("linked", "score", BY_BIRTH_DATE, BY_BIRTH_DATE, BY_BIRTH_DATE)
    assert judge(pair(SAME), CUSTOMER) == joined


@pytest.mark.parametrize(
    ("words", "probability", "reason"),
    [
        (SAME, 0.9, "its probability lies below 0.99"),
        (HOUSEHOLD | {"phone": "otherwise"}, 0.999, "different in phone"),
        (HOUSEHOLD | {"suffix": "otherwise"}, 0.999, "different in suffix"),
        (SAME | {"given_name": "otherwise", "phone": "unknown"}, 0.999, "no agreement in given_name"),
        (HOUSEHOLD | {"given_name": "initial"}, 0.999, "no agreement in given_name"),
    ],
)
def test_a_doubtful_pair_is_a_question_that_says_why(words: dict[str, str], probability: float, reason: str) -> None:
    ((_, verdict),) = judge_all([pair(words, probability=probability)], CUSTOMER).verdicts
    assert (verdict.state, verdict.basis, verdict.reason, verdict.kind) == ("review", "score", reason, reason)


@pytest.mark.parametrize(
    "words",
    [
        HOUSEHOLD | {"given_name": "otherwise", "birth_date": "otherwise"},  # the others of a household
        HOUSEHOLD | {"given_name": "otherwise"},
        HOUSEHOLD | {"birth_date": "otherwise", "phone": "otherwise"},  # namesakes
        HOUSEHOLD | {"address": "otherwise", "phone": "otherwise"},
    ],
)
def test_what_is_plainly_two_is_not_asked_about(words: dict[str, str]) -> None:
    assert judge_all([pair(words)], CUSTOMER).verdicts == ()


def test_what_a_household_shares_joins_only_where_nobody_else_could_be_meant() -> None:
    father = pair(HOUSEHOLD, "crm/c/1", "old/c/1")
    assert reasons(father) == {father.names: BY_PHONE}
    son = pair(HOUSEHOLD, "crm/c/2", "old/c/1")
    both = pair(HOUSEHOLD, "crm/c/1", "crm/c/2")
    assert reasons(father, son, both) == {
        father.names: "crm/c/2 could be meant as well",
        son.names: "crm/c/1 could be meant as well",
        both.names: "crm has both of them; old/c/1 could be meant as well",
    }
    assert {verdict.kind for _, verdict in judge_all([father, son], CUSTOMER).verdicts} == {
        "another record could be meant as well"
    }


def test_who_has_his_own_counterpart_is_nobodys_rival() -> None:
    father = pair(HOUSEHOLD, "crm/c/1", "old/c/1")
    son = pair(SAME, "crm/c/2", "old/c/2")
    crossed = pair(HOUSEHOLD, "crm/c/2", "old/c/1"), pair(HOUSEHOLD, "crm/c/1", "old/c/2")
    found = states(father, son, *crossed)
    assert (found[father.names], found[son.names]) == ("linked", "linked")
    assert {found[each.names] for each in crossed} == {"review"}


def test_whom_a_person_keeps_apart_is_nobodys_rival() -> None:
    father, son = pair(HOUSEHOLD, "crm/c/1", "old/c/1"), pair(HOUSEHOLD, "crm/c/2", "old/c/1")
    assert states(father, son, heard=Heard(apart=[son.names]))[father.names] == "linked"


def test_an_unlike_given_name_is_no_rival_and_an_unknown_one_is() -> None:
    father = pair(HOUSEHOLD, "crm/c/1", "old/c/1")
    wife = pair(HOUSEHOLD | {"given_name": "otherwise"}, "crm/c/2", "old/c/1")
    somebody = pair(HOUSEHOLD | {"given_name": "unknown"}, "crm/c/3", "old/c/1")
    assert states(father, wife)[father.names] == "linked"
    assert states(father, somebody)[father.names] == "review"


def test_two_who_differ_do_not_come_together_over_a_third() -> None:
    one, other = pair(SAME, "crm/c/1", "old/c/1", weight=30.0), pair(SAME, "crm/c/2", "old/c/1", weight=20.0)
    between = pair(HOUSEHOLD | {"birth_date": "otherwise"}, "crm/c/1", "crm/c/2")
    found = judge_all([one, other, between], CUSTOMER).verdicts
    assert {each.names: verdict.state for each, verdict in found}[other.names] == "review"
    assert {each.names: verdict.state for each, verdict in found}[one.names] == "linked"
    said = {each.names: verdict.reason for each, verdict in found}[other.names]
    assert said == "it would make crm/c/2 and crm/c/1 one, which are different in birth_date"
    accepted = judge_all([one, other, between], CUSTOMER, Heard(accepted=[between.names])).verdicts
    assert {each.names: verdict.state for each, verdict in accepted}[other.names] == "linked"


def test_two_units_behind_one_address_are_two() -> None:
    for unit, state in (("otherwise", None), ("unknown", "review"), ("one_empty", "review"), ("equal", "linked")):
        found = judge_all([pair_of(PREMISE, FLAT | {"unit": unit}, probability=0.9999)], PREMISE).verdicts
        assert [verdict.state for _, verdict in found] == ([state] if state else []), unit
    ((_, verdict),) = judge_all([pair_of(PREMISE, FLAT | {"unit": "unknown"})], PREMISE).verdicts
    assert verdict.reason == "no agreement in unit"


def test_of_nearly_one_name_streets_of_another_kind_are_others() -> None:
    near = FLAT | {"unit": "both_empty", "street": "similar"}
    assert judge_all([pair_of(PREMISE, near)], PREMISE).verdicts[0][1].state == "linked"
    north = near | {"street_kind": "otherwise"}
    assert judge_all([pair_of(PREMISE, north)], PREMISE).verdicts[0][1].state == "review"


def test_a_premise_with_a_partner_in_a_system_is_no_question_any_more() -> None:
    joined = pair_of(PREMISE, FLAT | {"unit": "equal"}, "crm/p/1", "old/p/1")
    vague = pair_of(PREMISE, FLAT | {"unit": "unknown"}, "crm/p/1", "old/p/2")
    within = pair_of(PREMISE, FLAT | {"unit": "unknown"}, "old/p/2", "old/p/3")
    free = pair_of(PREMISE, FLAT | {"unit": "unknown"}, "crm/p/4", "old/p/2")
    found = judge_all([joined, vague, within, free], PREMISE).verdicts
    assert [(each.names, verdict.state) for each, verdict in found] == [
        (joined.names, "linked"),
        (free.names, "review"),
    ]


def test_a_key_joins_unless_what_is_compared_contradicts_it() -> None:
    same = "the same account_number"
    assert judge(keyed(SAME | {"birth_date": "otherwise"}), CUSTOMER) == Verdict("linked", "key", same, same)
    doubt = judge(keyed(SAME | {"given_name": "otherwise", "surname": "otherwise"}), CUSTOMER)
    assert doubt is not None
    assert (doubt.state, doubt.reason) == (
        "review",
        "the same account_number, and yet different in given_name, surname",
    )
    unknown = keyed(
        SAME | {"given_name": "unknown", "surname": "otherwise", "birth_date": "unknown", "address": "unknown"}
    )
    assert judge(unknown, CUSTOMER) == Verdict("linked", "key", same, same), "what nobody knows contradicts nothing"


def test_a_route_that_is_distrusted_joins_nothing() -> None:
    ((_, verdict),) = judge_all([pair(HOUSEHOLD)], CUSTOMER, distrusted={BY_PHONE}).verdicts
    assert (verdict.state, verdict.reason) == ("review", f"birth_date speaks against links by {BY_PHONE}")
    assert judge_all([pair(SAME)], CUSTOMER, distrusted={BY_PHONE}).verdicts[0][1].state == "linked"


def test_a_record_with_too_many_questions_is_told_instead_of_asked() -> None:
    doubtful = HOUSEHOLD | {"given_name": "similar", "phone": "otherwise"}
    numbers = range(CUSTOMER.most_questions + 1)
    many = [pair(doubtful, f"crm/c/{number}", "old/c/9", probability=0.9) for number in numbers]
    asked = pair(doubtful, "crm/c/1", "old/c/2", probability=0.9)
    judged = judge_all([*many, asked, pair(SAME, "crm/c/1", "old/c/3")], CUSTOMER)
    assert judged.crowded == {"old/c/9": CUSTOMER.most_questions + 1}
    assert {(each.names, verdict.state) for each, verdict in judged.verdicts} == {
        (asked.names, "review"),
        (("crm/c/1", "old/c/3"), "linked"),
    }


def test_every_weight_is_explained_the_heaviest_first() -> None:
    weights: dict[str, Any] = {"surname": 8.5, "birth_date": -6.0, "prior": -13.3}
    told = degrees(CUSTOMER, surname="equal", birth_date="otherwise", email="unknown")
    lines = evidence_of(Pair("a", "b", None, 0.1, -10.8, ("", ""), told, weights), CUSTOMER)
    assert lines == (
        Evidence("prior", "how rare a pair of one subject is among all pairs", -13.3),
        Evidence("surname", "equal", 8.5),
        Evidence("birth_date", "different", -6.0),
        Evidence("email", "unknown", None),
    )


def test_what_a_pair_would_be_if_one_thing_were_unknown() -> None:
    told = degrees(CUSTOMER, surname="equal", birth_date="otherwise")
    weights = {"surname": 8.5, "birth_date": -6.0, "prior": -2.5}
    blind = Pair("a", "b", None, 0.5, 0.0, ("", ""), told, weights).without("birth_date")
    assert (blind.weight, blind.degrees["birth_date"]) == (6.0, -1)
    assert blind.probability == pytest.approx(64 / 65)
    assert blind.without("birth_date") is blind
