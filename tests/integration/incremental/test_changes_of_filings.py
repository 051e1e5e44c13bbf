"""Items, reservations and lines that are let follow their keys; an outage may reach anybody."""

from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta

from judged_both_ways import LATER, background, bench, comparable

from canonical_model.billing import BillingItem
from canonical_model.incidents import Outage
from canonical_model.resources import ResourceReservation
from canonical_model.wholesale import WholesaleCharge, WholesaleLine
from reconciliation.findings import Reconciliation
from reconciliation.incremental.take import NeedsWhole
from tests.fakes.small_operator import LAST_YEAR, SmallOperator, noon

MARCH = date(2026, 3, 1)


def with_filings() -> SmallOperator:
    operator = background(SmallOperator())
    operator.clean("1")
    operator.seen("EFGH00000001", "S", LAST_YEAR)
    facts = {"retailer": "Heron", "offering_id": "tail", "serial": "EFGH00000001", "active_from": LAST_YEAR}
    operator.add(WholesaleLine, "wholesale", line_id="L1", **facts)
    start = noon(date(2026, 2, 3))
    operator.add(Outage, "noc", outage_id="o1", element="olt", started_at=start, ended_at=start + timedelta(days=3))
    return operator


def test_what_changed_of_filings_is_judged_as_if_all_was() -> None:
    before = with_filings()
    with bench(before) as made:
        after = replace(before, records=deepcopy(before.records))
        item = {"billing_code": "VIS", "amount_minor": 6500, "currency": "USD", "state": "pending"}
        after.add(BillingItem, "billing", item_id="i1", account_number="1", created_on=date(2026, 2, 3), **item)
        after.add(
            ResourceReservation,
            "inventory",
            resource_id="p1",
            kind="port",
            order_number="91",
            reserved_on=LAST_YEAR,
        )
        after.add(
            WholesaleCharge,
            "wholesale",
            invoice_id="w1",
            line_number=1,
            retailer="Heron",
            line_id="L1",
            covers_from=MARCH,
            covers_to=date(2026, 4, 1),
            amount_minor=1000,
            currency="USD",
            invoiced_on=date(2026, 4, 1),
        )
        found = made.judged_by_changes(after.records)
        assert isinstance(found, Reconciliation)
        assert "billing_item/i1" in {one.subject for one in found.findings}
        assert "outage/o1-1" in {one.subject for one in found.findings}, "that of an account that is judged again"
        assert comparable(found) == comparable(made.judged_whole(after.records, "whole", LATER))


def test_another_outage_needs_a_whole_run() -> None:
    before = with_filings()
    with bench(before) as made:
        after = replace(before, records=deepcopy(before.records))
        after.add(Outage, "noc", outage_id="o2", element="olt", started_at=noon(MARCH), ended_at=noon(MARCH))
        found = made.judged_by_changes(after.records)
        assert isinstance(found, NeedsWhole)
        assert "Outage" in found.why
