"""What is joined, what a person is asked, and what is left alone."""

from typing import Any

import pytest

from identity.judgement import Verdict, judge, judge_all
from identity.pairs import Evidence, Pair, evidence_of
from identity.settings import default_settings

CUSTOMER = default_settings("customer")
PREMISE = default_settings("premise")
SAME = {"given_name": 5, "surname": 3, "suffix": 1, "birth_date": 2, "email": -1, "phone": 2, "address": 2, "unit": 1}


def pair(probability: float = 0.999, left: str = "crm/c/1", right: str = "old/c/1", **degrees: int) -> Pair:
    return Pair(left, right, None, probability, 10.0, {**SAME, **degrees})


def keyed(**degrees: int) -> Pair:
    return Pair("crm/c/1", "old/c/1", "account_number", degrees={**SAME, **degrees})


def test_a_certain_pair_is_joined() -> None:
    assert judge(pair(), CUSTOMER) == Verdict("linked", "score", "its probability is at least 0.99")


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (pair(0.9), "its probability lies below 0.99"),
        (pair(birth_date=-1), "none of birth_date, email agrees"),
        (pair(birth_date=0, email=2), "different in birth_date"),
        (pair(suffix=0), "different in suffix"),
        (pair(given_name=4), "no agreement in given_name"),
        (pair(surname=0), "no agreement in surname"),
    ],
)
def test_a_doubtful_pair_is_a_question_that_says_why(found: Pair, reason: str) -> None:
    assert judge(found, CUSTOMER) == Verdict("review", "score", reason)


@pytest.mark.parametrize(
    "found",
    [
        pair(0.5),
        pair(given_name=0, birth_date=0),  # the others of a household
        pair(given_name=0, birth_date=-1),
        pair(birth_date=0, email=-1, phone=0),  # namesakes
    ],
)
def test_what_is_plainly_two_is_not_asked_about(found: Pair) -> None:
    assert judge(found, CUSTOMER) is None


def test_two_units_behind_one_address_are_two() -> None:
    degrees = {"house": 2, "street": 2, "unit": 0, "postal_code": 2, "place": 2}
    assert judge(Pair("a", "b", None, 0.9999, 20.0, degrees), PREMISE) is None
    unknown = judge(Pair("a", "b", None, 0.9999, 20.0, {**degrees, "unit": -1}), PREMISE)
    assert unknown == Verdict("review", "score", "no agreement in unit")


def test_a_key_joins_unless_what_is_compared_contradicts_it() -> None:
    assert judge(keyed(birth_date=0), CUSTOMER) == Verdict("linked", "key", "the same account_number")
    doubt = judge(keyed(given_name=0, surname=0), CUSTOMER)
    assert doubt == Verdict("review", "key", "the same account_number, and yet different in given_name, surname")
    assert judge(keyed(given_name=-1, surname=0, birth_date=-1), CUSTOMER) == Verdict(
        "linked", "key", "the same account_number"
    ), "what nobody knows contradicts nothing"


def test_a_record_with_too_many_questions_is_told_instead_of_asked() -> None:
    many = [pair(0.9, left=f"crm/c/{number}", right="old/c/9") for number in range(CUSTOMER.most_questions + 1)]
    judged = judge_all([*many, pair(0.9, left="crm/c/1", right="old/c/2"), pair(right="old/c/3")], CUSTOMER)
    assert judged.crowded == {"old/c/9": CUSTOMER.most_questions + 1}
    assert [(each.names, verdict.state) for each, verdict in judged.verdicts] == [
        (("crm/c/1", "old/c/2"), "review"),
        (("crm/c/1", "old/c/3"), "linked"),
    ]


def test_every_weight_is_explained_the_heaviest_first() -> None:
    weights: dict[str, Any] = {"surname": 8.5, "birth_date": -6.0, "prior": -13.3}
    lines = evidence_of(
        Pair("a", "b", None, 0.1, -10.8, {"surname": 3, "birth_date": 0, "email": -1}, weights), CUSTOMER
    )
    assert lines == (
        Evidence("prior", "how rare a pair of one subject is among all pairs", -13.3),
        Evidence("surname", "equal", 8.5),
        Evidence("birth_date", "different", -6.0),
        Evidence("email", "unknown", None),
    )
