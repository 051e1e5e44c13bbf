"""Customers who came back, and customers with two lines: what the books show of them, and whose the money is."""

from collections import Counter
from datetime import date

from simulated_estate.bookkeeping.billing import billing_rows
from simulated_estate.bookkeeping.crm import crm_rows
from simulated_estate.cast import BLOCK
from simulated_estate.estate import build_estate, slots
from simulated_estate.ledger import billed_belief, story_entries
from simulated_estate.life.holders import holder_of
from simulated_estate.life.records import Life
from simulated_estate.life.stage import Story
from simulated_estate.months import Window

YEAR = Window(date(2025, 11, 1), date(2026, 11, 1))
SLOTS = list(slots(12 * BLOCK, YEAR, 1))


def cast(role: str) -> list[Story]:
    found = [story for slot in SLOTS if slot.role == role for story in slot.stories]
    assert len(found) >= 12
    return found


def both(life: Life) -> tuple[str, str]:
    """Names of the two services of an account."""
    assert life.service is not None
    return life.account, f"{life.account}/{life.service.opened_by}"


def test_who_came_back_left_before() -> None:
    for story in cast("came_back") + cast("returned_and_wrong"):
        life = story.life
        (first,), second = life.earlier, life.service
        assert second is not None
        assert first.end is not None
        assert first.end <= second.start
        assert [order.kind for order in life.orders] == ["New", "Cease", "New"]
        assert life.orders[1].effective == first.end
        assert life.orders[2].number == second.opened_by


def test_some_come_back_elsewhere_and_some_to_their_old_device() -> None:
    seen = Counter(
        (len(life.premises), len({job.completion.devices[0].serial for job in life.jobs if job.completion}))
        for life in (story.life for story in cast("came_back") + cast("returned_and_wrong"))
    )
    assert seen.keys() == {(1, 1), (1, 2), (2, 2)}


def test_two_lines_live_at_once_at_premises_that_billing_keeps() -> None:
    for story in cast("second_line") + cast("one_line_wrong"):
        life = story.life
        (first,), second = life.earlier, life.service
        assert second is not None
        assert first.end is None or first.end > life.orders[0].effective
        assert first.location != second.location
        premises = {row["Id"] for name, row in crm_rows(life, holder_of(life)) if name == "Premise__c"}
        rows = [row for feed, row in billing_rows(billed_belief(story), YEAR) if feed == "subscriptions"]
        assert {row["serviceLocation"].partition(":")[2] for row in rows} <= premises


def test_billing_keeps_no_place_for_anybody_else() -> None:
    roles = ("second_line", "one_line_wrong", "second_line_unbilled", "second_line_to_be_billed")
    lines = {story.life.account for role in roles for story in cast(role)}
    located = {
        row["accountNumber"].lstrip("0")
        for row in build_estate(2 * BLOCK).books.billing["subscriptions"]
        if row["serviceLocation"] is not None
    }
    assert located <= lines
    assert located


def test_a_mistake_costs_the_one_service_it_is_about() -> None:
    told: dict[str, set[str]] = {"first": set(), "second": set()}
    for story in cast("returned_and_wrong") + cast("one_line_wrong"):
        (mistake,) = story.mistakes
        names = both(story.life)
        (subject,) = {entry.subject for entry in story_entries(story, YEAR)}
        told["second" if names.index(subject) else "first"].add(mistake.rule)
    assert told == {"first": {"RL-B04", "RL-C05"}, "second": {"RL-A01", "RL-A02", "RL-A03", "RL-B05", "RL-B06"}}


def test_a_bill_that_never_stopped_runs_beside_the_new_one() -> None:
    for story in cast("returned_and_wrong"):
        if story.mistakes[0].rule == "RL-B04":
            old, new = billed_belief(story).subscriptions
            assert old.end is None
            assert old.start < new.start


def test_a_device_that_nobody_wrote_down_was_expected() -> None:
    for story in cast("device_not_written_down"):
        (job,), (device,) = story.life.jobs, story.life.devices
        assert job.completion is not None
        assert all(placed.kind == "router" for placed in job.completion.devices)
        assert job.expected_serial == device.serial
        assert device.state == "up"
