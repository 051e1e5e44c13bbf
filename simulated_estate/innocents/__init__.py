"""Look-alikes: lives that show what a mistake shows, and are right.

| plot | looks like |
|---|---|
| courtesy_account, not_billed_yet, new_install, cancelled_order, bills_to_come | RL-A01 |
| back_dated_line, return_visit, late_field_report, came_back, charged_afterwards | RL-A02 |
| late_field_report, return_visit, same_day_change | RL-A03 |
| awaited_device, idle_device, device_swapped, device_not_written_down | RL-B01 |
| cancelled_order, return_visit, new_install | RL-B02 |
| ceased_and_closed, disconnected_next_day, moved, bills_to_come | RL-B03 |
| ceased_and_closed, disconnected_next_day, moved, came_back | RL-B04 |
| credited_double, duplicate_given_back, two_accounts, moved, second_line, came_back | RL-B05 |
| same_day_change, up_and_down, on_site_billed_right | RL-C01 |
| on_site_billed_right, late_change_report, same_day_change | RL-C03 |
| grandfathered_price, price_change_inside_month, fee_waiver, billed_anew | RL-C05 |
| promotion_extended, promotion_ending, free_router | RL-D01 |
| own_router, free_router, courtesy_account | RL-E01 |
| suspended_and_dark, suspended_and_restored, ceased_and_closed | RL-G01 |
| cancelled_order | RL-A07 |
| left_with_a_waiver, left_after_the_term | RL-C11 |
| reconnected_out_of_courtesy, suspended_and_restored | RL-G07 |
| several_addresses | RL-C10 |
| gigabit_start | RL-D03 |
| granted_for_a_while | RL-D06 |
| autopay_back | RL-D10 |
| on_hold | RL-G03 |
| waiting_a_little, quote_of_long_ago, cancelled_order, awaited_device | RL-A04 |
| fee_waiver | RL-A05 |
| waiver_lapsed | RL-A06 |
| promotion_ending, free_router | RL-D02 |
| held_for_a_day | RL-A10 |
| credited_for_two_things | RL-D07 |
| paid_in_advance | RL-G06 |
| repaired_twice, return_visit | RL-I02 |
| made_anew, awaited_device | RL-I03 |

``unjoinable`` holds what no exact key joins: a mistyped order number, an account that only billing knows, a serial
with two swapped digits.
"""

from simulated_estate.innocents import (
    agreements,
    corrected,
    cycles,
    dealings,
    endings,
    field_work,
    places,
    prices,
    several_services,
    timing,
    unjoinable,
)
from simulated_estate.mistakes import Plot

LOOK_ALIKES: tuple[Plot, ...] = (
    prices.grandfathered_price,
    prices.fee_waiver,
    prices.waiver_lapsed,
    prices.promotion_extended,
    prices.promotion_ending,
    prices.price_change_inside_month,
    prices.free_router,
    prices.own_router,
    prices.courtesy_account,
    timing.back_dated_line,
    timing.late_field_report,
    timing.return_visit,
    timing.new_install,
    timing.not_billed_yet,
    timing.same_day_change,
    timing.up_and_down,
    timing.on_site_billed_right,
    timing.late_change_report,
    timing.credited_double,
    places.moved,
    places.device_swapped,
    places.two_accounts,
    places.awaited_device,
    places.idle_device,
    places.device_not_written_down,
    places.cancelled_order,
    endings.ceased_and_closed,
    endings.disconnected_next_day,
    endings.suspended_and_dark,
    endings.suspended_and_restored,
    endings.left_with_a_waiver,
    endings.left_after_the_term,
    endings.reconnected_out_of_courtesy,
    several_services.came_back,
    several_services.second_line,
    corrected.duplicate_given_back,
    corrected.charged_afterwards,
    corrected.billed_anew,
    cycles.bills_to_come,
    field_work.waiting_a_little,
    field_work.quote_of_long_ago,
    field_work.repaired_twice,
    field_work.made_anew,
    dealings.held_for_a_day,
    dealings.paid_in_advance,
    dealings.credited_for_two_things,
    agreements.several_addresses,
    agreements.gigabit_start,
    agreements.granted_for_a_while,
    agreements.autopay_back,
    agreements.on_hold,
)
UNJOINABLE: tuple[Plot, ...] = (
    unjoinable.mistyped_order,
    unjoinable.unknown_account,
    unjoinable.swapped_digits,
)
