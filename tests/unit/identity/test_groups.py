"""Links put together: transitive, never against a person's word, never larger than is believable."""

from hypothesis import given
from hypothesis import strategies as st

from identity.groups import BY_A_PERSON, group

NAMES = st.sampled_from([f"r{number}" for number in range(12)])
PAIR = st.lists(NAMES, min_size=2, max_size=2, unique=True).map(lambda pair: (min(pair), max(pair)))
PAIRS = st.lists(PAIR, max_size=30)


def test_links_are_followed_over_several_records() -> None:
    found = group([("a", "b"), ("c", "d"), ("b", "c"), ("x", "y")])
    assert found.groups == (("a", "b", "c", "d"), ("x", "y"))
    assert found.refused == {}


def test_what_a_person_keeps_apart_does_not_come_together_over_a_third_record() -> None:
    found = group([("a", "b"), ("b", "c")], apart={("c", "a"): BY_A_PERSON})
    assert found.groups == (("a", "b"),)
    assert found.refused == {("b", "c"): "it would make c and a one, which a person keeps apart"}


def test_a_group_that_is_too_large_is_a_mistake() -> None:
    found = group([("a", "b"), ("b", "c"), ("c", "d")], largest=3)
    assert found.groups == (("a", "b", "c"),)
    assert found.refused == {("c", "d"): "it would make a group of more than 3 records"}


@given(PAIRS, PAIRS)
def test_no_group_holds_a_pair_that_is_kept_apart_and_no_link_is_forgotten(
    links: list[tuple[str, str]], apart: list[tuple[str, str]]
) -> None:
    found = group(links, dict.fromkeys(apart, BY_A_PERSON))
    of = {name: number for number, names in enumerate(found.groups) for name in names}
    assert sum(map(len, found.groups)) == len(of), "a record is in one group"
    assert all(one not in of or of[one] != of.get(other) for one, other in apart)
    for one, other in links:
        assert (of.get(one) == of.get(other, -1)) != ((one, other) in found.refused)
