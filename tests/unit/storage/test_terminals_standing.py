"""Where terminals stand is told by jobs and orders; what nobody can tell ends no stay."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from storage.terminals_standing import DoneOrder, Installation, Stay, stays

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
Kind = Literal["new", "move", "cease"]


def on(day: int) -> datetime:
    return BEGIN + timedelta(days=day)


def left(day: int, serial: str, premise: str | None = "P1", account: str = "A") -> Installation:
    return Installation(on(day), serial, f"O{day}", account, premise)


def done(day: int, kind: Kind, premise: str | None = "P1", account: str = "A") -> DoneOrder:
    return DoneOrder(on(day), account, kind, premise)


def told(*events: Installation | DoneOrder, older: frozenset[str] = frozenset()) -> list[Stay]:
    installations = [each for each in reversed(events) if isinstance(each, Installation)]
    return stays(installations, [each for each in reversed(events) if isinstance(each, DoneOrder)], older)


def standing(*events: Installation | DoneOrder, older: frozenset[str] = frozenset()) -> set[str]:
    return {each.serial for each in told(*events, older=older) if each.until is None}


def test_a_terminal_stands_until_another_comes_to_its_place() -> None:
    first, second = told(left(1, "X"), done(1, "new"), left(5, "Y"))
    assert (first.since, first.until, first.ended_by, first.is_replaced) == (on(1), on(5), "another terminal", True)
    assert (second.serial, second.until, second.order_number) == ("Y", None, "O5")


def test_a_terminal_that_comes_elsewhere_stands_there_until_it_is_replaced_there() -> None:
    """What it has left behind at its first place does not keep it standing."""
    found = told(left(1, "X"), left(5, "X", "P9", "B"), left(8, "Y", "P9", "B"))
    assert [(each.account_number, each.until, each.ended_by) for each in found] == [
        ("A", on(5), "its next place"),
        ("B", on(8), "another terminal"),
        ("B", None, None),
    ]


@pytest.mark.parametrize("premise", ["P1", None])
def test_a_cease_ends_the_only_line_whether_it_says_where_or_not(premise: str | None) -> None:
    assert standing(left(1, "X"), done(1, "new"), done(5, "cease", premise)) == set()
    assert standing(left(1, "X"), done(5, "cease", premise)) == set(), "and where its beginning is not known"


def test_a_cease_that_does_not_say_where_ends_none_of_two_lines_until_both_are_gone() -> None:
    both = (left(1, "X"), done(1, "new"), left(2, "Y", "P2"), done(2, "new", "P2"))
    assert standing(*both, done(5, "cease", None)) == {"X", "Y"}
    assert standing(*both, done(5, "cease", None), done(6, "cease", None)) == set()
    assert standing(*both, done(5, "cease", None), done(6, "cease", "P1")) == set()
    assert standing(*both, done(5, "cease", "P2")) == {"X"}


def test_of_an_old_account_with_two_terminals_a_cease_that_does_not_say_where_ends_none() -> None:
    assert standing(left(1, "X"), left(2, "Y", "P2"), done(5, "cease", None)) == {"X", "Y"}


def test_a_move_carries_the_only_line_away() -> None:
    assert standing(left(1, "X"), done(1, "new"), left(5, "Y", "P2"), done(5, "move", "P2")) == {"Y"}
    assert standing(left(1, "X"), left(5, "Y", "P2"), done(5, "move", "P2")) == {"Y"}
    assert standing(left(1, "X"), done(1, "new"), done(5, "move", None)) == {"X"}


def test_of_two_lines_nobody_knows_which_one_a_move_carried_away() -> None:
    both = (left(1, "X"), done(1, "new"), left(2, "Y", "P2"), done(2, "new", "P2"))
    assert standing(*both, left(5, "Z", "P3"), done(5, "move", "P3")) == {"X", "Y", "Z"}


def test_a_line_that_is_older_than_all_that_is_known_counts_as_one() -> None:
    """It ended, or it stands on: the two that were ordered later are two."""
    both = (left(2, "X"), done(2, "new"), left(3, "Y", "P2"), done(3, "new", "P2"))
    assert standing(done(1, "cease", "P0"), *both, left(5, "Z", "P3"), done(5, "move", "P3")) == {"X", "Y", "Z"}
    one = (left(2, "X"), done(2, "new"), left(5, "Z", "P3"), done(5, "move", "P3"))
    assert standing(*one, older=frozenset({"A"})) == {"X", "Z"}
    assert standing(*one, older=frozenset({"B"})) == {"Z"}


def test_of_an_old_account_with_two_terminals_nobody_knows_which_one_a_move_carried_away() -> None:
    events = (left(1, "X"), left(2, "Y", "P2"), left(5, "Z", "P3"), done(5, "move", "P3"))
    assert standing(*events) == {"X", "Y", "Z"}


def test_a_line_that_is_ordered_again_stands_on_the_terminal_that_was_left() -> None:
    assert standing(left(1, "X"), done(1, "new"), done(5, "cease"), done(9, "new")) == {"X"}
    assert standing(left(1, "X"), done(1, "new"), done(5, "cease"), done(9, "new"), done(12, "cease")) == set()


def test_a_terminal_that_has_gone_elsewhere_is_not_the_one_that_was_left() -> None:
    gone = (left(1, "X"), done(1, "new"), done(5, "cease"), left(7, "X", "P9", "B"), done(9, "new"))
    assert [(each.account_number, each.until) for each in told(*gone)] == [("A", on(5)), ("B", None)]
    fresh = (left(1, "X"), done(1, "new"), done(5, "cease"), left(9, "Y"), done(9, "new"))
    assert standing(*fresh) == {"Y"}
    other = (left(1, "X"), done(1, "new"), done(5, "cease"), done(9, "new", "P1", "B"))
    assert standing(*other) == set(), "another customer's order says nothing of what was left there"
