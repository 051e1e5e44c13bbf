"""The mistakes that are rehearsed, in the order in which markets get them."""

from benchmarks.rehearsal.regressions.billing import (
    done_twice,
    legacy_bills_too,
    lost,
    moved_start,
    other_code,
    other_price,
    other_proration,
)
from benchmarks.rehearsal.regressions.field import (
    clock_shifted,
    completions_lost,
    event_twice,
    feed_stale,
    field_empty,
    job_rewritten,
    legacy_dispatches_too,
    ordered_twice,
    second_visits,
    serial_mistyped,
    tier_mapped_wrong,
    wrong_port,
)
from benchmarks.rehearsal.regressions.network import (
    half_failed,
    lines_crossed,
    misread_both_ways,
    rewritten_behind,
    settings_changed,
    slower,
    swapped,
)
from benchmarks.rehearsal.regressions.regression import Regression
from canonical_model.errors import RetryableError, UnsafeToContinue

REGRESSIONS: tuple[Regression, ...] = (
    settings_changed("order_to_provisioning", "VLANs swapped", swapped),
    misread_both_ways(),
    settings_changed("order_to_provisioning", "a tenth of the speed", slower),
    settings_changed(
        "order_to_provisioning", "AAA holds another group", lambda held: {**held, "group": "fiber-1000"}, "aaa"
    ),
    settings_changed("order_to_provisioning", "nothing is held", lambda _held: None),
    half_failed(3, UnsafeToContinue),
    half_failed(1, RetryableError),
    rewritten_behind({"down_mbps": 50, "up_mbps": 50}, 1),
    lines_crossed(),
    moved_start(-3),
    moved_start(1),
    other_code("fiber-1000"),
    done_twice("start_billing", "field_to_billing"),
    done_twice("create_work_order", "provisioning_to_dispatch"),
    lost("start_billing", "field_to_billing"),
    other_proration(),
    other_price("5.00"),
    legacy_bills_too(1),
    legacy_dispatches_too(26),
    job_rewritten(),
    tier_mapped_wrong("fiber-300"),
    clock_shifted(7),
    field_empty(),
    completions_lost(60),
    serial_mistyped("FFF"),
    second_visits(2),
    event_twice(),
    ordered_twice(),
    feed_stale("olt", "order_to_provisioning"),
    wrong_port(1),
)
