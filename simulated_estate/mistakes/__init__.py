"""What goes wrong, one plot for each way; the money of each is the difference between two bills.

| plot | rule | what each system says |
|---|---|---|
| never_billed | RL-A01 | order, installation and live line; billing has no subscription and no line |
| billed_late | RL-A02 | subscription starts 4 to 50 days after the installation, never back-dated |
| billed_early | RL-A03 | subscription starts with the appointment; the second visit brought the service |
| courtesy_outlived | RL-B10 | approval of a free account is over, line live, no bill or one that begins weeks later |
| ghost | RL-B01 | live device with a profile that no completion and no work order names |
| unclaimed_device | RL-B09 | discovered device without profile, in no work order for weeks |
| never_installed | RL-B02 | order completed and billed, work order on hold, no completion, no device |
| closed_but_live | RL-B03 | subscription closed (with or without a cease order), line live |
| closed_before_the_bills | RL-B03 | the same in the cycle whose bills of the last month are to come |
| ceased_but_billed | RL-B04 | cease order and dark line, subscription open or closed too late |
| second_subscription | RL-B05 | two open subscriptions of one account for one service |
| partly_credited | RL-B05 | the same, and an adjustment that gives a part of it back |
| run_twice | RL-B05 | the lines of a month twice, under one subscription |
| second_account | RL-B05 | two accounts, two orders, two completions with one serial |
| unordered_speed | RL-C01 | faster profile on the network than ordered, reported and billed |
| slower_on_the_box | RL-C02 | slower profile on the network than ordered, reported and billed |
| ordered_and_not_billed | RL-C01, C02 | change order without a visit, profile follows, billing does not |
| changed_on_another_day | RL-C04 | change order or completion of one day, lines split at another |
| changed_on_site | RL-C03 | completion names another offering than the order; billing follows the order |
| wrongly_priced | RL-C05 | rate on the lines is not the catalogue's: a missed rise, or from nowhere |
| promotion_outlived | RL-D01 | discount lines after the promised term |
| rental_unbilled | RL-E01 | leased router on the completion, no rental line |
| returned_and_wrong | RL-B04, A02, A03, A01 | left, came back on the same account, one of its services billed wrong |
| second_line_unbilled | RL-B06 | two live lines of one account, one of them on no bill |
| one_line_wrong | RL-C05, B04, B06, B05 | two lines of one account at two premises, one of them billed wrong |
| own_router_rented | RL-E02 | customer's own router on the completion, rental lines |
| never_returned | RL-E03 | service ceased for a month, a device still out by the store room's ledger |
| rental_after_return | RL-E04 | router scanned in, rental lines go on |
| in_stock_and_online | RL-E05 | device in the store room by its ledger, live on the network |
| better_router | RL-E06 | mesh router by its model, lines of the simple one's rental |
| outlets_not_charged | RL-A08 | task code of outlets on a completion, no fee on any bill |
| visit_not_charged | RL-I05 | visit whose cause is the customer's own equipment, no fee on any bill |
| sent_without_need | RL-I01 | line tested well hours before the truck came |
| dead_line_paid | RL-H01 | ceased service, the owner of its line asks for later months |
| seat_of_nobody | RL-H03 | add-on given up, its lender asks for later months |
| asked_without_proof | RL-H04 | contractor's line for a job that nobody reported, or asked for twice |
| another_code_than_done | RL-H05 | contractor's line for dearer work, or more of it, than was reported |
| issued_and_gone | RL-I04 | device issued for a finished job, on no completion, not back |
| suspended_but_live | RL-G01 | suspended in billing to this day, line live |
| called_off_and_billed | RL-A07 | order called off, billed from the appointment on |
| promotion_for_others | RL-D03 | discount lines of a promotion that is for other offerings |
| discount_without_end | RL-D06 | discount lines without an approval, or with one that has no end |
| autopay_given_up | RL-D10 | enrolment deleted by order, lines of its discount go on |
| crossed_accounts | RL-B07 | devices of two accounts each issued for the other, each with the other's profile |
| neighbours_device_taken | RL-C01, C02 | device issued for another account, which got a third one |
| paid_and_still_cut | RL-G02 | suspension over in billing, device locked and dark since it began |
| hold_outlived | RL-G04 | hold goes on in the CRM and in billing, line provisioned anew and in use |
| outage_not_credited | RL-D08 | outage of the port for days, no goodwill since |
| appointment_not_kept | RL-D08 | visit that the operator missed, no goodwill since |
| item_of_no_subscription | RL-A09 | pending item without a subscription, or under one of nobody |
| kept_for_nobody | RL-B08 | reservation of an order that was called off, or of a service that ended |
| retail_line_not_invoiced | RL-H02 | line of another provider, live; on no invoice to it, or as a slower one |
| part_beside_its_pack | RL-D05 | order for a pack in the place of a part, lines of both |
| outlets_typed_wrong, discount_typed_wrong | RL-C12 | bill as reported or approved, nothing like those before it |
| hold_ignored | RL-G03 | hold agreed in the CRM, full rate on the lines |
| fee_forgotten | RL-A05 | order charges installation, no fee on any bill |
| waiver_forgotten | RL-A06 | order waives the fee, a bill has it |
| add_on_unbilled | RL-C08 | order item for an add-on, no line of it |
| add_on_kept | RL-C09 | order item deleted, or none, lines of the add-on go on |
| miscounted | RL-C10 | quantity of the order item is not that of the lines |
| bundle_kept | RL-D04 | voice given up, lines of the bundle discount go on |
| counted_otherwise | RL-C07 | right rate and days, amount by another convention |
| unknown_code | RL-C06 | lines under a code that the catalogue does not have |
| reconnected_for_nothing, reconnection_of_nobody | RL-G07 | end of a suspension without its fee, fee without one |
| left_within_the_term | RL-C11 | term of the order, cease within it, no fee on the last bill |
| discount_forgotten | RL-D02 | order with a promotion, no discount line |
| never_sent | RL-A10 | a bill of weeks ago still held |
| paid_to_no_bill | RL-G06 | a payment without a bill, weeks ago |
| dunning_skipped | RL-G05 | bills of weeks ago unpaid, no suspension |
| credit_forgotten | RL-D09 | case with an approved credit, no adjustment of its amount |
| credited_twice | RL-D07 | two equal goodwill credits within two weeks |
| stuck_order | RL-A04 | order open weeks after the promised day, the job on hold or never made |
| repaired_again | RL-I02 | two finished repairs for one cause within a month |
| dropped | RL-J01 | on the list of moved accounts, closed by the old biller, unknown to the new one |
| not_contiguous | RL-J05 | last day of the old biller and first one of the new do not meet |
| billed_by_both | RL-J02 | months after the move on the bills of both |
| stub_miscounted | RL-C07 | another bill cycle, days up to it and the first of it on the old cycle's last bill |
| stub_billed_whole | RL-C07 | another bill cycle, the full rate for the days up to it |
| stub_forgotten | RL-J05 | another bill cycle, no lines for the days up to it |
| balance_differs | RL-J03 | closing balance of the old biller, another opening one of the new |
| mapped_wrongly | RL-J04 | right in the last month of the old biller, wrong in the first one of the new |
| wrong_on_both_sides | RL-C05 | moved with the price that no list has |
| another_device | RL-J06 | serial in the list of moved accounts, another on completion and element |
| expiry_paused | RL-J07 | discount beyond its term, which ended in a pause of the job that ends discounts |
| disconnection_paused | RL-J07 | ceased in a pause of the job that disconnects, and on later bills |
| two_open_jobs | RL-I03 | two scheduled work orders of one order |
| sold_at_the_door | RL-C03 | completions of one crew name a faster offering than the order, billing the order's |
| priced_by_the_wrong_line | RL-C05 | one plan is billed at another rate than the catalogue's since one day |

The last two are ``in_common``: many customers share them.

``double_causes`` plants two of them on one service. Not planted together, because the order of the differences would
give one of them money that no line shows: a late end with a wrong tier, price, rental or discount, and an early start
with one of these.
"""

from collections.abc import Callable

from simulated_estate.life.stage import Slot, Stage
from simulated_estate.mistakes import (
    add_ons,
    agreements,
    amounts,
    anchors,
    contractors,
    corrected,
    courtesy,
    credits_owed,
    crossed,
    dealings,
    double_causes,
    doubled,
    equipment,
    existence,
    field_work,
    limits,
    migration,
    missing,
    network,
    one_of_several,
    packs,
    partners,
    patterns,
    pending,
    reservations,
    restoring,
    tiers,
    visits,
    wholesale,
)

Plot = Callable[[Stage], Slot]

SINGLE: tuple[Plot, ...] = (
    existence.never_billed,
    limits.billed_late,
    limits.billed_early,
    network.ghost,
    existence.never_installed,
    limits.closed_but_live,
    limits.ceased_but_billed,
    doubled.second_subscription,
    doubled.second_account,
    tiers.unordered_speed,
    tiers.changed_on_site,
    amounts.wrongly_priced,
    amounts.promotion_outlived,
    amounts.rental_unbilled,
    network.suspended_but_live,
    one_of_several.returned_and_wrong,
    one_of_several.one_line_wrong,
    corrected.partly_credited,
    corrected.run_twice,
    limits.closed_before_the_bills,
    field_work.stuck_order,
    field_work.repaired_again,
    field_work.two_open_jobs,
    dealings.never_sent,
    dealings.paid_to_no_bill,
    dealings.credited_twice,
    dealings.dunning_skipped,
    dealings.credit_forgotten,
    missing.fee_forgotten,
    missing.waiver_forgotten,
    missing.add_on_unbilled,
    missing.discount_forgotten,
    courtesy.courtesy_outlived,
    network.unclaimed_device,
    one_of_several.second_line_unbilled,
    equipment.own_router_rented,
    equipment.never_returned,
    equipment.rental_after_return,
    equipment.in_stock_and_online,
    equipment.better_router,
    equipment.issued_and_gone,
    visits.outlets_not_charged,
    visits.visit_not_charged,
    visits.sent_without_need,
    contractors.asked_without_proof,
    contractors.another_code_than_done,
    partners.dead_line_paid,
    partners.seat_of_nobody,
    missing.reconnected_for_nothing,
    missing.reconnection_of_nobody,
    missing.left_within_the_term,
    tiers.slower_on_the_box,
    tiers.ordered_and_not_billed,
    tiers.changed_on_another_day,
    add_ons.add_on_kept,
    add_ons.miscounted,
    add_ons.bundle_kept,
    add_ons.counted_otherwise,
    add_ons.unknown_code,
    existence.called_off_and_billed,
    agreements.promotion_for_others,
    agreements.discount_without_end,
    agreements.autopay_given_up,
    agreements.hold_ignored,
    crossed.crossed_accounts,
    crossed.neighbours_device_taken,
    restoring.paid_and_still_cut,
    restoring.hold_outlived,
    credits_owed.outage_not_credited,
    credits_owed.appointment_not_kept,
    pending.item_of_no_subscription,
    reservations.kept_for_nobody,
    wholesale.retail_line_not_invoiced,
    packs.part_beside_its_pack,
    patterns.outlets_typed_wrong,
    patterns.discount_typed_wrong,
    migration.dropped,
    migration.balance_differs,
    migration.mapped_wrongly,
    migration.another_device,
    migration.expiry_paused,
    migration.disconnection_paused,
    migration.wrong_on_both_sides,
    migration.not_contiguous,
    migration.billed_by_both,
    anchors.stub_miscounted,
    anchors.stub_billed_whole,
    anchors.stub_forgotten,
)
IN_THE_FIRST_MONTH: tuple[Plot, ...] = (
    limits.billed_late,
    limits.billed_early,
    add_ons.counted_otherwise,
    one_of_several.returned_and_wrong,
    double_causes.late_and_wrong_tier,
    double_causes.late_and_unbilled_rental,
    double_causes.late_and_outlived,
    double_causes.late_and_wrong_price,
    double_causes.early_and_still_billed,
)
"""Mistakes about the days before the first whole month of a service."""

DOUBLE: tuple[Plot, ...] = (
    double_causes.late_and_wrong_tier,
    double_causes.late_and_unbilled_rental,
    double_causes.late_and_outlived,
    double_causes.wrong_tier_and_unbilled_rental,
    double_causes.wrong_price_and_outlived,
    double_causes.wrong_tier_and_outlived,
    double_causes.early_and_still_billed,
    double_causes.closed_and_wrong_tier,
    double_causes.late_and_wrong_price,
    double_causes.unbilled_rental_and_outlived,
    double_causes.unordered_speed_and_unbilled_rental,
)
