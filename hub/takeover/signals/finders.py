"""Every signal with what finds it."""

from collections.abc import Callable, Iterator

from handoffs.rollback import SIGNALS, Signal
from hub.takeover.signals import (
    beside_legacy,
    bill_differs,
    double_bill,
    double_telling,
    duplicate_order,
    duplicate_truck,
    failed_checks,
    foreign_write,
    frozen_overdue,
    jobs_unreported,
    network_differs,
    orders_lying,
    record_drift,
    serial_unknown,
    silent_stream,
    stale_feed,
    time_disorder,
    told_differs,
    unfinished_works,
    versions_changed,
    wrong_customer,
)
from hub.takeover.signals.look import Look

Finder = Callable[[Look], Iterator[Signal]]

FINDERS: dict[str, Finder] = {
    "double_bill": double_bill.find,
    "double_telling": double_telling.find,
    "wrong_customer": wrong_customer.find,
    "duplicate_truck": duplicate_truck.find,
    "duplicate_order": duplicate_order.find,
    "told_differs": told_differs.find,
    "bill_differs": bill_differs.find,
    "network_differs": network_differs.find,
    "failed_checks": failed_checks.find,
    "serial_unknown": serial_unknown.find,
    "unfinished_works": unfinished_works.find,
    "orders_lying": orders_lying.find,
    "jobs_unreported": jobs_unreported.find,
    "time_disorder": time_disorder.find,
    "stale_feed": stale_feed.find,
    "silent_stream": silent_stream.find,
    "record_drift": record_drift.find,
    "foreign_write": foreign_write.find,
    "first_visit_drop": beside_legacy.find,  # and late_charge_rise
    "versions_changed": versions_changed.find,
    "frozen_overdue": frozen_overdue.find,
}


def finders_for(*, at_event: bool) -> dict[str, Finder]:
    """What is looked for: at an event only what can be seen in a few works."""
    return {kind: find for kind, find in FINDERS.items() if SIGNALS[kind].at_event or not at_event}
