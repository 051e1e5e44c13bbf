"""Look-alikes: lives that show what a mistake shows, and are right.

| plot | looks like |
|---|---|
| courtesy_account, not_billed_yet, new_install, cancelled_order, bills_to_come | RL-A01 |
| back_dated_line, return_visit, late_field_report, came_back, charged_afterwards | RL-A02 |
| late_field_report, return_visit, same_day_change | RL-A03 |
| awaited_device, idle_device, device_swapped, device_not_written_down | RL-B01 |
| idle_device, awaited_device, device_of_a_parked_job | RL-B09 |
| courtesy_account, courtesy_ended, courtesy_renewed | RL-B10 |
| second_line, second_line_to_be_billed, two_accounts | RL-B06 |
| cancelled_order, return_visit, new_install | RL-B02 |
| ceased_and_closed, disconnected_next_day, moved, bills_to_come | RL-B03 |
| ceased_and_closed, disconnected_next_day, moved, came_back | RL-B04 |
| credited_double, duplicate_given_back, two_accounts, moved, second_line, came_back | RL-B05 |
| same_day_change, up_and_down, on_site_billed_right | RL-C01 |
| on_site_billed_right, late_change_report, same_day_change | RL-C03 |
| grandfathered_price, price_change_inside_month, fee_waiver, billed_anew | RL-C05 |
| promotion_extended, promotion_ending, free_router | RL-D01 |
| own_router, own_router_since, free_router, courtesy_account | RL-E01 |
| own_router, own_router_since | RL-E02 |
| not_back_yet, ceased_and_closed, device_swapped | RL-E03 |
| router_handed_in, own_router_since | RL-E04 |
| device_given_out_again, issued_in_passing | RL-E05 |
| better_router_billed, better_router_for_free | RL-E06 |
| outlets_charged, work_without_a_price | RL-A08 |
| visit_charged, visit_forgiven, repaired_twice | RL-I05 |
| sent_with_reason, tested_long_before | RL-I01 |
| partner_lines_in_use, partner_lines_of_the_last_month | RL-H01, RL-H03 |
| two_like_jobs, asked_as_done | RL-H04 |
| asked_as_done, asked_for_less | RL-H05 |
| brought_back, awaited_device, device_of_a_parked_job, swapped_digits | RL-I04 |
| suspended_and_dark, suspended_and_restored, ceased_and_closed | RL-G01 |
| cancelled_order | RL-A07 |
| left_with_a_waiver, left_after_the_term | RL-C11 |
| reconnected_out_of_courtesy, suspended_and_restored | RL-G07 |
| several_addresses | RL-C10 |
| gigabit_start | RL-D03 |
| granted_for_a_while | RL-D06 |
| autopay_back | RL-D10 |
| on_hold | RL-G03 |
| bill_of_a_busy_month, a_house_of_outlets, a_large_discount | RL-C12 |
| pack_taken_up | RL-D05 |
| outage_credited, outage_of_hours, outage_of_these_days, outage_promised | RL-D08 |
| appointment_credited, customer_was_out, return_visit | RL-D08 |
| items_on_their_way | RL-A09 |
| let_go_in_time, kept_for_a_customer | RL-B08 |
| retail_line_invoiced, retail_line_never_lit | RL-H02, RL-B01 |
| cut_and_not_paid, restored_and_unused, locked_for_another_reason, suspended_and_restored | RL-G02 |
| back_and_told, away_a_day_later, on_hold | RL-G04 |
| crossed_and_bound_anew, crossed_and_alike | RL-B07 |
| waiting_a_little, quote_of_long_ago, cancelled_order, awaited_device | RL-A04 |
| fee_waiver | RL-A05 |
| waiver_lapsed | RL-A06 |
| promotion_ending, free_router | RL-D02 |
| held_for_a_day | RL-A10 |
| credited_for_two_things | RL-D07 |
| not_paid_yet, suspended_and_dark | RL-G05 |
| promised_and_posted | RL-D09 |
| paid_in_advance | RL-G06 |
| repaired_twice, return_visit | RL-I02 |
| made_anew, awaited_device | RL-I03 |
| left_before_the_cut, moved_quietly | RL-J01 |
| payment_in_flight, moved_quietly | RL-J03 |
| moved_quietly, final_and_first_bill | RL-J04 |
| serial_spelled_otherwise, moved_quietly | RL-J06 |
| final_and_first_bill, stub_billed_later, moved_quietly | RL-J02, RL-J05 |
| billed_from_another_day, another_bill_cycle | RL-C07, RL-J05 |

``unjoinable`` holds what no exact key joins: a mistyped order number, an account that only billing knows, a serial
with two swapped digits.
"""

from simulated_estate.innocents import (
    agreements,
    anchors,
    contractors,
    corrected,
    courtesy,
    credits_owed,
    crossed,
    cycles,
    dealings,
    endings,
    equipment,
    field_work,
    migration,
    packs,
    partners,
    patterns,
    pending,
    places,
    prices,
    reservations,
    restoring,
    several_services,
    timing,
    unjoinable,
    visits,
    wholesale,
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
    dealings.not_paid_yet,
    dealings.promised_and_posted,
    courtesy.courtesy_ended,
    courtesy.courtesy_renewed,
    places.device_of_a_parked_job,
    several_services.second_line_to_be_billed,
    equipment.own_router_since,
    equipment.router_handed_in,
    equipment.better_router_billed,
    equipment.better_router_for_free,
    equipment.not_back_yet,
    equipment.device_given_out_again,
    equipment.issued_in_passing,
    equipment.brought_back,
    visits.outlets_charged,
    visits.work_without_a_price,
    visits.visit_charged,
    visits.visit_forgiven,
    visits.sent_with_reason,
    visits.tested_long_before,
    contractors.asked_as_done,
    contractors.two_like_jobs,
    contractors.asked_for_less,
    partners.partner_lines_in_use,
    partners.partner_lines_of_the_last_month,
    agreements.several_addresses,
    agreements.gigabit_start,
    agreements.granted_for_a_while,
    agreements.autopay_back,
    agreements.on_hold,
    crossed.crossed_and_bound_anew,
    crossed.crossed_and_alike,
    restoring.cut_and_not_paid,
    restoring.restored_and_unused,
    restoring.locked_for_another_reason,
    restoring.back_and_told,
    restoring.away_a_day_later,
    credits_owed.outage_credited,
    credits_owed.outage_of_hours,
    credits_owed.outage_of_these_days,
    credits_owed.outage_promised,
    credits_owed.appointment_credited,
    credits_owed.customer_was_out,
    pending.items_on_their_way,
    reservations.let_go_in_time,
    reservations.kept_for_a_customer,
    wholesale.retail_line_invoiced,
    wholesale.retail_line_never_lit,
    packs.pack_taken_up,
    patterns.bill_of_a_busy_month,
    patterns.a_house_of_outlets,
    patterns.a_large_discount,
    migration.moved_quietly,
    migration.final_and_first_bill,
    migration.left_before_the_cut,
    migration.payment_in_flight,
    migration.serial_spelled_otherwise,
    migration.stub_billed_later,
    anchors.billed_from_another_day,
    anchors.another_bill_cycle,
)
UNJOINABLE: tuple[Plot, ...] = (
    unjoinable.mistyped_order,
    unjoinable.unknown_account,
    unjoinable.swapped_digits,
)
