"""Free accounts, second lines and devices of nobody can be seen where their rules will look."""

from datetime import timedelta

from played import SLOTS, YEAR, access, cast, is_live

from simulated_estate.biller import bill
from simulated_estate.ledger import billed_belief


def test_b06_is_live_beside_another_line_and_on_no_bill() -> None:
    for slot in cast("second_line_unbilled"):
        (story,) = slot.stories
        (first,), second = story.life.earlier, story.life.service
        assert second is not None
        assert (first.end, second.end) == (None, None)
        assert {one.opened_by for one in billed_belief(story).subscriptions} == {""}
        assert [device.state for device in story.life.devices] == ["up", "up"]


def test_b09_was_discovered_days_ago_and_is_named_by_no_work_order() -> None:
    expected = {job.expected_serial for slot in SLOTS for story in slot.stories for job in story.life.jobs}
    for slot in cast("unclaimed_device"):
        (ghost,) = slot.ghosts
        assert (ghost.device.state, ghost.device.offering) == ("discovered", None)
        assert YEAR.as_of - ghost.device.registered > timedelta(days=3)
        assert ghost.device.serial not in expected
    for slot in cast("idle_device"):
        assert YEAR.as_of - slot.strays[0].registered < timedelta(hours=24)


def test_b10_was_free_until_a_day_and_is_live_and_on_no_bill_of_that_day() -> None:
    for slot in cast("courtesy_outlived"):
        (story,) = slot.stories
        (approval,) = story.life.exceptions
        assert approval.end is not None
        assert approval.end < YEAR.end
        assert is_live(story.life)
        assert all(line.cover_from > approval.end for line in access(bill(billed_belief(story), YEAR)))
    for slot in cast("courtesy_ended"):
        (story,) = slot.stories
        (approval,) = story.life.exceptions
        assert approval.end is not None
        assert story.life.service is not None
        charged_from = max(approval.end, story.life.market.charged_from(story.life.service.start))
        assert min(line.cover_from for line in access(bill(billed_belief(story), YEAR))) == charged_from
