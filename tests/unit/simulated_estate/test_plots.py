"""Each mistake can be seen in the books where its rule will look for it; each look-alike shows what it should."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from played import SLOTS, YEAR, access, cast, installation, is_live

from simulated_estate.biller import Line, bill, missing
from simulated_estate.catalogue import INSTALL_FEE, PRODUCTS, PROMOTIONS, RENTAL
from simulated_estate.ledger import ORDER, billed_belief
from simulated_estate.life.records import Service
from simulated_estate.life.stage import Story
from simulated_estate.months import next_month


def stories(*rules: str) -> Iterator[tuple[Story, Service, list[Line]]]:
    """Stories of accounts with one service that was delivered, in which one of the mistakes was made."""
    for slot in SLOTS:
        for story in slot.stories:
            if (
                story.life.service
                and not story.life.earlier
                and {mistake.rule for mistake in story.mistakes} & set(rules)
            ):
                yield story, story.life.service, bill(billed_belief(story), YEAR)


def test_a01_is_live_and_unknown_to_billing() -> None:
    for story, service, lines in stories("RL-A01"):
        assert is_live(story.life)
        assert installation(story.life).offering == service.tiers[0][1]
        assert (lines, billed_belief(story).subscriptions) == ([], ())


def test_a02_is_billed_days_after_the_service_began() -> None:
    for _, service, lines in stories("RL-A02"):
        days = (min(line.cover_from for line in access(lines)) - service.start).days
        assert 4 <= days <= 50


def test_a03_is_billed_from_a_failed_appointment_on() -> None:
    for story, service, lines in stories("RL-A03"):
        first = min(line.cover_from for line in access(lines))
        visits = story.life.jobs[0].visits
        assert first < service.start
        assert visits[0].scheduled.date() == first
        assert visits[0].outcome != "done"
        assert story.life.orders[0].effective == first


def test_b01_is_live_with_a_profile_and_named_by_nobody() -> None:
    written = {
        placed.serial
        for slot in SLOTS
        for story in slot.stories
        for job in story.life.jobs
        if job.completion
        for placed in job.completion.devices
    }
    expected = {job.expected_serial for slot in SLOTS for story in slot.stories for job in story.life.jobs}
    for slot in cast("ghost"):
        (ghost,) = slot.ghosts
        assert ghost.device.state == "up"
        assert ghost.device.offering
        assert ghost.device.last_traffic
        assert ghost.device.serial not in written | expected


def test_b02_has_a_closed_order_an_open_job_and_more_than_30_billed_days() -> None:
    for slot in cast("never_installed"):
        (story,) = slot.stories
        lines = access(bill(billed_belief(story), YEAR))
        assert story.life.orders[0].state == "completed"
        assert [job.state for job in story.life.jobs] == ["on_hold"]
        assert story.life.jobs[0].completion is None
        assert story.life.devices == ()
        assert sum((line.cover_to - line.cover_from).days for line in lines) > 30


def test_b03_is_closed_in_billing_and_live() -> None:
    for story, service, lines in stories("RL-B03"):
        end = billed_belief(story).subscriptions[-1].end
        assert end is not None
        assert max(line.cover_to for line in lines) == end
        assert service.end is None
        assert is_live(story.life)


def test_b04_is_ordered_away_and_dark_and_still_billed() -> None:
    for story, service, lines in stories("RL-B04"):
        (order,) = [order for order in story.life.orders if order.kind == "Cease"]
        assert order.effective == service.end
        assert max(line.cover_to for line in lines) > order.effective
        for device in story.life.devices:
            assert device.last_traffic is not None
            assert device.last_traffic.date() <= order.effective + timedelta(days=1)


def test_b05_is_open_twice_on_one_account_or_on_one_serial() -> None:
    for slot in cast("second_subscription"):
        earlier, later = billed_belief(slot.stories[0]).subscriptions
        assert (earlier.end, later.end) == (None, None)
        assert earlier.start < later.start
    for slot in cast("second_account"):
        first, second = slot.stories
        assert first.life.account != second.life.account
        assert first.life.premises == second.life.premises
        assert installation(first.life).devices[0] == installation(second.life).devices[0]
        assert installation(first.life).completed < installation(second.life).completed


def test_b05_is_the_same_line_twice_where_a_bill_was_run_twice() -> None:
    for slot in cast("run_twice"):
        (story,) = slot.stories
        lines = bill(billed_belief(story), YEAR)
        again = [line for line in lines if lines.count(line) == 2]
        assert again
        assert len({(line.subscription, line.cover_from.replace(day=1)) for line in again}) == 1


def test_b05_is_given_back_in_part_or_whole() -> None:
    for role, is_whole in (("partly_credited", False), ("duplicate_given_back", True)):
        for slot in cast(role):
            (story,) = slot.stories
            (costs,) = (
                missing(story.life.truth, mistake.apply(story.life.truth), YEAR) for mistake in story.mistakes
            )
            given_back = sum(correction.cents for correction in story.corrections)
            assert given_back < 0
            assert (given_back == sum(costs.values())) is is_whole
            assert max(correction.posted_on for correction in story.corrections) < YEAR.as_of.date()


def test_what_billing_charged_afterwards_is_what_it_had_not_billed() -> None:
    for slot in cast("charged_afterwards"):
        (story,) = slot.stories
        (correction,) = story.corrections
        costs = missing(story.life.truth, story.mistakes[0].apply(story.life.truth), YEAR)
        assert correction.cents == sum(costs.values()) > 0


def test_a_month_that_was_billed_anew_comes_to_its_own_price() -> None:
    for slot in cast("billed_anew"):
        life = slot.stories[0].life
        right = replace(life.truth, subscriptions=life.truth.subscriptions[:-1])
        assert missing(right, life.truth, YEAR) == {}
        assert len(bill(life.truth, YEAR)) > len(bill(right, YEAR))
        assert life.truth.subscriptions[-1].id == life.truth.subscriptions[0].id


def test_bills_to_come_leave_the_last_month_of_one_customer_unbilled_and_all_of_the_other() -> None:
    for slot in cast("bills_to_come"):
        old, new = (bill(story.life.truth, YEAR) for story in slot.stories)
        assert max(line.cover_to for line in old) == date(2026, 10, 1)
        assert new == []
        assert all(is_live(story.life) for story in slot.stories)


def test_b03_before_the_bills_is_lost_up_to_the_last_month_that_was_billed() -> None:
    for slot in cast("closed_before_the_bills"):
        (story,) = slot.stories
        costs = missing(story.life.truth, billed_belief(story), YEAR)
        assert max(costs) == date(2026, 9, 1)


def test_c01_is_faster_on_the_network_than_in_any_report_or_bill() -> None:
    for story, service, lines in stories("RL-C01"):
        device = story.life.devices[-1]
        reported = installation(story.life).offering
        assert {line.product for line in access(lines)} == {reported}
        assert device.offering == service.tiers[-1][1] != reported
        assert device.profile_since is not None
        assert device.profile_since.astimezone(story.life.market.zone).date() == service.tiers[-1][0]


def test_c03_is_reported_from_the_field_and_billed_as_ordered() -> None:
    for story, service, lines in stories("RL-C03"):
        assert {line.product for line in access(lines)} == {story.life.orders[0].offering}
        last = max((job.completion for job in story.life.jobs if job.completion), key=lambda done: done.completed)
        if service.end is None:
            assert last.offering == service.tiers[-1][1] != story.life.orders[0].offering


def test_c05_has_the_right_code_at_a_rate_that_no_list_and_no_approval_has() -> None:
    for story, _, lines in stories("RL-C05"):
        assert story.life.exceptions == ()
        assert any(line.rate != PRODUCTS[line.product].price_on(line.cover_from) for line in access(lines))


def test_d01_goes_on_after_the_promised_months() -> None:
    for story, service, lines in stories("RL-D01"):
        promotion = service.promotion
        assert promotion is not None
        assert promotion.end is not None
        assert story.life.orders[0].promotion == promotion.product
        assert max(line.cover_to for line in lines if line.product == promotion.product) > promotion.end


def test_a05_and_a06_are_the_fee_against_what_the_order_says() -> None:
    for rule, is_waived in (("RL-A05", False), ("RL-A06", True)):
        for story, _, lines in stories(rule):
            assert story.life.orders[0].fee_waived is is_waived
            assert (INSTALL_FEE in {line.product for line in lines}) is is_waived


def test_c08_is_on_an_order_and_on_no_bill() -> None:
    for story, service, lines in stories("RL-C08"):
        ordered = {product for order in story.life.orders for product, action in order.items if action == "add"}
        unbilled = {term.product for term in service.extras} - {line.product for line in lines}
        assert len(unbilled & ordered) == 1


def test_d02_was_promised_and_never_given() -> None:
    for story, service, lines in stories("RL-D02"):
        assert service.promotion is not None
        assert story.life.orders[0].promotion == service.promotion.product
        assert service.promotion.product not in {line.product for line in lines}


def test_e01_has_a_leased_router_and_no_rental() -> None:
    for story, _, lines in stories("RL-E01"):
        assert ("router", "leased") in [
            (placed.kind, placed.ownership) for placed in installation(story.life).devices
        ]
        assert RENTAL not in {line.product for line in lines}


def test_g01_is_suspended_to_this_day_and_live_long_after() -> None:
    for story, _, _ in stories("RL-G01"):
        (period,) = billed_belief(story).subscriptions[-1].suspensions
        (device,) = story.life.devices
        assert period[1] is None
        assert device.last_traffic is not None
        assert device.last_traffic.date() > period[0] + timedelta(days=2)


def test_every_rule_was_looked_at() -> None:
    rules = {mistake.rule for slot in SLOTS for story in slot.stories for mistake in story.mistakes}
    assert rules == set(ORDER)  # all but the ghosts, which are nobody's story, and what no bill shows


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        ("grandfathered_price", "price_override"),
        ("fee_waiver", "fee_waiver"),
        ("promotion_extended", "promo_extension"),
        ("courtesy_account", "courtesy_account"),
    ],
)
def test_what_looks_wrong_and_was_approved_has_its_approval(role: str, kind: str) -> None:
    for slot in cast(role):
        (exception,) = slot.stories[0].life.exceptions
        assert exception.kind == kind
        assert exception.approved_by


def test_a_courtesy_account_is_live_and_has_no_bill() -> None:
    for slot in cast("courtesy_account"):
        assert is_live(slot.stories[0].life)
        assert billed_belief(slot.stories[0]).subscriptions == ()


def test_an_extended_discount_is_longer_than_its_term() -> None:
    for slot in cast("promotion_extended"):
        service = slot.stories[0].life.service
        assert service is not None
        assert service.promotion is not None
        term = PROMOTIONS[service.promotion.product].months * 31
        (exception,) = slot.stories[0].life.exceptions
        assert exception.start <= service.start + timedelta(days=term)
        assert service.promotion.end == exception.end


def test_back_dated_lines_stand_on_a_bill_two_months_later() -> None:
    for slot in cast("back_dated_line"):
        first = min(access(bill(slot.stories[0].life.truth, YEAR)), key=lambda line: line.cover_from)
        assert (first.billed_on - next_month(first.cover_from)).days >= 58


def test_a_late_field_report_came_days_after_the_event_that_billing_goes_by() -> None:
    for slot in cast("late_field_report"):
        life = slot.stories[0].life
        done = installation(life)
        assert timedelta(days=5) <= done.received - done.completed < timedelta(days=21)
        assert life.truth.subscriptions[0].start == done.completed.date()


def test_an_evening_change_counts_from_its_local_day() -> None:
    for slot in cast("same_day_change"):
        life = slot.stories[0].life
        assert life.service is not None
        (device,) = life.devices
        assert device.profile_since is not None
        assert device.profile_since.date() == life.service.tiers[-1][0] + timedelta(days=1)


def test_up_and_down_within_a_day_leaves_two_orders_and_one_tier() -> None:
    for slot in cast("up_and_down"):
        life = slot.stories[0].life
        assert life.service is not None
        up, down = (order for order in life.orders if order.kind == "Change")
        assert up.effective == down.effective
        assert len(life.service.tiers) == 1


def test_a_swapped_device_is_a_new_serial_for_the_same_service() -> None:
    for slot in cast("device_swapped"):
        life = slot.stories[0].life
        serials = [job.completion.devices[0].serial for job in life.jobs if job.completion]
        assert len(set(serials)) == 2
        assert life.devices[-1].serial == serials[-1]
        assert len(life.truth.subscriptions) == 1


def test_a_move_is_two_subscriptions_for_one_service() -> None:
    for slot in cast("moved"):
        life = slot.stories[0].life
        first, second = life.truth.subscriptions
        assert first.end == second.start
        assert [order.kind for order in life.orders] == ["New", "Move"]
        assert len(life.premises) == 2


def test_an_awaited_device_is_seconds_old_and_named_by_an_open_job() -> None:
    for slot in cast("awaited_device"):
        (device,) = slot.strays
        (job,) = slot.stories[0].life.jobs
        assert job.expected_serial == device.serial
        assert device.state == "discovered"
        assert (YEAR.as_of - device.registered).total_seconds() <= 90


def test_a_credited_double_comes_to_nothing() -> None:
    for slot in cast("credited_double"):
        life = slot.stories[0].life
        double = life.truth.subscriptions[-1]
        lines = [line for line in bill(life.truth, YEAR) if line.subscription == double.id]
        assert len(lines) >= 2
        assert sum(line.amount for line in lines) == 0


def test_two_accounts_of_one_business_have_two_serials_at_one_premise() -> None:
    for slot in cast("two_accounts"):
        first, second = (story.life for story in slot.stories)
        assert first.premises == second.premises
        assert first.devices[0].serial != second.devices[0].serial
        assert first.name == second.name


def test_a_late_disconnection_has_traffic_on_the_day_after_and_no_charge_for_it() -> None:
    for slot in cast("disconnected_next_day"):
        life = slot.stories[0].life
        assert life.service is not None
        assert life.service.end is not None
        (device,) = life.devices
        assert device.last_traffic is not None
        assert device.last_traffic.astimezone(life.market.zone).date() == life.service.end + timedelta(days=1)
        assert max(line.cover_to for line in access(bill(life.truth, YEAR))) == life.service.end
