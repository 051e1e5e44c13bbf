"""What the true ledger says of planted mistakes."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from simulated_estate.belief import Belief, Item, Subscription
from simulated_estate.biller import bill, by_month
from simulated_estate.cast import BLOCK
from simulated_estate.estate import build_estate, slots
from simulated_estate.ledger import OF_DEVICES, billed_belief, in_order, read_ledger, story_entries, write_ledger
from simulated_estate.life.stage import Correction, Mistake, Story
from simulated_estate.months import Window

YEAR = Window(date(2025, 11, 1), date(2026, 11, 1))
SUBSCRIBERS = 4 * BLOCK
ESTATE = build_estate(SUBSCRIBERS)
COST = {"RL-B08", "RL-E03", "RL-H01", "RL-H03", "RL-H04", "RL-H05", "RL-I01", "RL-I02", "RL-I03", "RL-I04"}
OVER = {"RL-D05", "RL-D08", "RL-G02", "RL-D09", "RL-E02", "RL-E04", "RL-J02"}
OVER |= {"RL-A07", "RL-C09", "RL-G06", "RL-A06", "RL-D02", "RL-A03", "RL-B02", "RL-B04", "RL-B05"}
OF_MOVES = {"RL-J03", "RL-J04", "RL-J05", "RL-J07"}
BY_SIGN = {
    *OF_MOVES,
    "RL-B07",
    "RL-E06",
    "RL-G03",
    "RL-C10",
    "RL-G07",
    "RL-C01",
    "RL-C02",
    "RL-C03",
    "RL-C04",
    "RL-C05",
    "RL-C07",
}


def test_the_months_of_an_entry_add_up_to_its_amount() -> None:
    for entry in ESTATE.ledger:
        assert entry.amount_minor == sum(entry.by_month.values())
        assert min(entry.by_month.values()) > 0


def test_an_account_has_one_entry_for_each_rule_and_class() -> None:
    keys = [(entry.rule, entry.subject, entry.exposure_class) for entry in ESTATE.ledger]
    assert len(keys) == len(set(keys))


def test_a_mistake_goes_one_way_only() -> None:
    ways: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in (one for one in ESTATE.ledger if one.rule not in BY_SIGN):
        ways[entry.rule, entry.subject].add(entry.direction)
    assert all(len(directions) == 1 for directions in ways.values())


def test_what_was_billed_too_much_is_due_back_and_what_was_not_billed_is_lost_recoverable_or_a_guess() -> None:
    for entry in ESTATE.ledger:
        if entry.rule in BY_SIGN:
            assert (entry.direction == "over_billed") == (entry.exposure_class == "refund_due")
        elif entry.rule in OVER:
            assert (entry.direction, entry.exposure_class) == ("over_billed", "refund_due")
        elif entry.rule == "RL-C06":
            assert (entry.direction, entry.exposure_class) == ("over_billed", "at_risk")
        elif entry.rule == "RL-C12":
            assert entry.exposure_class == "at_risk"
        elif entry.rule in COST:
            assert (entry.direction, entry.exposure_class) == ("cost", "cost")
        elif entry.rule == "RL-A10":
            assert (entry.direction, entry.exposure_class) == ("under_billed", "deferred")
        elif entry.rule in (*OF_DEVICES, "RL-G01", "RL-G05", "RL-A04", "RL-J06"):
            assert (entry.direction, entry.exposure_class) == ("under_billed", "at_risk")
        else:
            assert entry.direction == "under_billed"
            assert entry.exposure_class in ("lost", "recoverable")


def test_the_last_six_whole_months_can_still_be_billed() -> None:
    lost = {month for entry in ESTATE.ledger if entry.exposure_class == "lost" for month in entry.by_month}
    recoverable = {
        month for entry in ESTATE.ledger if entry.exposure_class == "recoverable" for month in entry.by_month
    }
    assert max(lost) == "2026-04"
    assert (min(recoverable), max(recoverable)) == ("2026-05", "2026-10")


def test_devices_of_nobody_and_those_that_are_gone_are_about_a_serial_and_each_market_has_its_currency() -> None:
    currencies = {(entry.market, entry.currency) for entry in ESTATE.ledger}
    assert currencies == {("riverbend", "USD"), ("mesa", "USD"), ("northshore", "CAD")}
    assert {entry.rule for entry in ESTATE.ledger if entry.subject_kind == "serial"} == {
        *OF_DEVICES,
        "RL-E03",
        "RL-I04",
    }


def test_mistakes_about_one_account_add_up_to_the_whole_difference_of_its_bills() -> None:
    doubles = [story for slot in slots(SUBSCRIBERS, YEAR, 1) for story in slot.stories if len(story.mistakes) > 1]
    assert len(doubles) >= 15
    for story in doubles:
        right = sum(by_month(bill(story.life.truth, YEAR)).values())
        wrong = sum(by_month(bill(billed_belief(story), YEAR)).values())
        entries = story_entries(story, YEAR)
        signed = sum(
            entry.amount_minor if entry.direction == "under_billed" else -entry.amount_minor for entry in entries
        )
        assert signed == right - wrong


def test_two_mistakes_are_made_in_their_fixed_order() -> None:
    made = [Mistake(rule, "", lambda belief: belief) for rule in ("RL-D01", "RL-C03", "RL-A02", "RL-B03")]
    assert [mistake.rule for mistake in in_order(made)] == ["RL-A02", "RL-B03", "RL-C03", "RL-D01"]


def test_lives_without_a_mistake_have_nothing_in_the_ledger() -> None:
    accounts = {
        story.life.account
        for slot in slots(SUBSCRIBERS, YEAR, 1)
        for story in slot.stories
        if not (story.mistakes or story.losses)
    }
    assert accounts.isdisjoint(entry.subject for entry in ESTATE.ledger)
    assert len(accounts) > 200


def test_a_mistake_that_costs_nothing_may_not_be_planted() -> None:
    story = next(story for slot in slots(5, YEAR, 1) for story in slot.stories)
    harmless = Story(story.life, (Mistake("RL-C05", "nothing", lambda belief: belief),))
    with pytest.raises(ValueError, match="RL-C05 on account"):
        list(story_entries(harmless, YEAR))


def billed_twice(*cents: int) -> list[dict[str, int]]:
    """What the ledger says of 54.99 billed twice in August and 27.50 of September, with so much given back."""
    truth = Belief("1", "riverbend", (Subscription("S1", date(2020, 1, 1), None, (Item("fiber-300"),)),))
    second = Subscription("S2", date(2026, 8, 1), date(2026, 9, 16), (Item("fiber-300"),))
    mistake = Mistake("RL-B05", "", lambda belief: replace(belief, subscriptions=(*belief.subscriptions, second)))
    life = replace(next(slots(1, YEAR, 1)).stories[0].life, truth=truth)
    corrections = tuple(Correction(amount, date(2026, 10, 9), "DUPLICATE CHARGE") for amount in cents)
    return [entry.by_month for entry in story_entries(Story(life, (mistake,), corrections), YEAR)]


def test_what_was_given_back_is_not_in_the_ledger_any_more() -> None:
    assert billed_twice() == [{"2026-08": 5499, "2026-09": 2750}]
    assert billed_twice(-8249) == []
    assert billed_twice(-5499, -2750) == []
    assert billed_twice(-2750) == [{"2026-08": 5499}]  # exactly September
    assert billed_twice(-6000) == [{"2026-09": 2249}]  # the oldest first
    assert billed_twice(-2750, -499) == [{"2026-08": 5000}]


@pytest.mark.parametrize("cents", [-8250, 100])
def test_a_correction_that_corrects_nothing_may_not_be_planted(cents: int) -> None:
    with pytest.raises(ValueError, match="cents of the correction of 2026-10-09 correct nothing"):
        billed_twice(cents)


def test_some_are_owed_a_part_only_and_some_nothing_any_more() -> None:
    stories = [story for slot in slots(SUBSCRIBERS, YEAR, 1) for story in slot.stories if story.corrections]
    left = [sum(entry.amount_minor for entry in story_entries(story, YEAR)) for story in stories]
    assert left.count(0) >= 6
    assert sum(cents > 0 for cents in left) >= 3


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write_ledger(tmp_path / "ledger.jsonl", ESTATE.ledger)
    assert read_ledger(tmp_path / "ledger.jsonl") == ESTATE.ledger
    assert len((tmp_path / "ledger.jsonl").read_text().splitlines()) == len(ESTATE.ledger)
