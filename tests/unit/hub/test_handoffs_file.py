"""``handoffs.yaml``: what it changes of our gates and rules, and that every mistake in it is told with its place."""

from datetime import date
from decimal import Decimal
from typing import get_args

import pytest

from canonical_model.errors import Fault
from handoffs.criteria import Criterion, Exemption
from handoffs.metrics import METRICS
from handoffs.policy_blocks import LeftStage
from handoffs.rollback import SIGNALS
from handoffs.stages import HANDOFFS, Handoff
from hub.operator_folder.handoffs_file import TakeoverPolicy, plan_warnings, read_handoffs, shipped_policy
from hub.operator_folder.operator_file import MarketBlock

MARKETS = {
    name: MarketBlock(name=name, zone="America/Denver", currency="USD", technology=technology)
    for name, technology in {"mesa": "pon", "riverbend": "pon", "harbor": "fixed_wireless"}.items()
}


def read(text: str) -> TakeoverPolicy:
    faults: list[Fault] = []
    policy = read_handoffs(text, MARKETS, faults)
    assert faults == []
    return policy


def told(text: str) -> list[str]:
    faults: list[Fault] = []
    read_handoffs(text, MARKETS, faults)
    return [str(fault) for fault in faults]


def criteria(
    policy: TakeoverPolicy, handoff: Handoff, leaves: LeftStage, market: str = "mesa"
) -> dict[str, Criterion]:
    return {each.metric: each for each in policy.gate(market, handoff, leaves).criteria}


def test_without_a_file_our_gates_hold_and_nothing_was_taken_over() -> None:
    policy = read_handoffs(None, MARKETS, [])
    assert policy.declared == {}
    assert criteria(policy, "field_to_billing", "shadow")["bill_cycles"].bound == 2


@pytest.mark.parametrize("handoff", HANDOFFS)
@pytest.mark.parametrize("leaves", get_args(LeftStage))
def test_every_gate_asks_for_something_and_never_in_vain(handoff: Handoff, leaves: LeftStage) -> None:
    gate = criteria(shipped_policy(), handoff, leaves)
    assert {"feed_age", "frozen_overdue"} <= gate.keys() <= METRICS.keys()
    if leaves == "shadow":
        assert {"compared", "decided", "parity", "critical", "days", "open_findings"} <= gate.keys()
        assert (gate["parity"].confidence, gate["parity"].sample >= 299) == (Decimal(95), True)
    if leaves in ("canary", "active"):
        assert {"foreign_writes", "hub_works", "days"} <= gate.keys()


def test_no_canary_of_provisioning_before_every_serial_is_reconciled_and_reachable() -> None:
    gate = criteria(shipped_policy(), "order_to_provisioning", "shadow")
    assert (gate["serials_reconciled"].bound, gate["serials_reachable"].bound) == (Decimal(100), Decimal(100))


def test_every_signal_has_a_rule_and_harm_to_a_customer_goes_back_at_once() -> None:
    rules = shipped_policy().rules("mesa")
    assert rules.keys() == SIGNALS.keys()
    once = ("double_bill", "wrong_customer", "duplicate_truck", "bill_differs", "network_differs", "told_differs")
    assert {(rules[kind].does, rules[kind].above) for kind in once} == {("roll_back", Decimal(0))}
    assert (rules["failed_checks"].above, rules["stale_feed"].does) == (Decimal(2), "roll_back")
    assert rules["foreign_write"].does == "hold"
    assert (rules["first_visit_drop"].above, rules["first_visit_drop"].sample) == (Decimal(5), 50)


OVERRIDES = """
declared: {mesa: {provisioning_to_dispatch: active}}
everywhere:
  gates:
    field_to_billing:
      shadow:
        days: {at_least: 45}
        parity: {sample: 400}
  rollback:
    stale_feed: {above: 12}
markets:
  mesa:
    owner: anna
    approvers: [anna, ben]
    deputies: [carl]
    pooled_with: [riverbend]
    gates:
      field_to_billing:
        shadow:
          days: {at_least: 90}
          critical: {off: {owner: anna, reason: the market has six customers, until: 2026-09-30}}
          package_complete: {at_least: 98}
    rollback:
      bill_differs: {above: 25.00, does: hold}
"""


def test_an_operator_whose_legacy_is_slow_gives_it_more_days() -> None:
    slow = read(
        "everywhere: {settle_days: {field_to_billing: 35, dispatch_to_field: 10}}\n"
        "markets: {mesa: {settle_days: {field_to_billing: 40}}}"
    )
    asked = [("mesa", "field_to_billing"), ("harbor", "field_to_billing"), ("mesa", "dispatch_to_field")]
    assert [slow.settle_time(market, handoff).days for market, handoff in asked] == [40, 35, 10]  # type: ignore[arg-type]
    ours = shipped_policy().settle_time("mesa", "provisioning_to_dispatch")
    assert slow.settle_time("mesa", "provisioning_to_dispatch") == ours


def test_a_market_goes_before_everywhere_and_that_before_ours() -> None:
    policy = read(OVERRIDES)
    here, there = (criteria(policy, "field_to_billing", "shadow", market) for market in ("mesa", "harbor"))
    ours = criteria(shipped_policy(), "field_to_billing", "shadow")
    assert [each["days"].bound for each in (here, there, ours)] == [90, 45, 60]
    assert [each["parity"].sample for each in (here, there, ours)] == [400, 400, 300]
    assert here["parity"].bound == ours["parity"].bound
    assert here["critical"].off == Exemption("anna", "the market has six customers", date(2026, 9, 30))
    assert here["package_complete"].bound == 98
    assert "package_complete" not in there
    rules = policy.rules("mesa")
    assert (rules["stale_feed"].above, rules["stale_feed"].does) == (12, "roll_back")
    assert (rules["bill_differs"].above, rules["bill_differs"].does) == (Decimal("25.00"), "hold")


def test_only_what_a_sample_proves_is_pooled() -> None:
    gate = criteria(read(OVERRIDES), "field_to_billing", "shadow")
    assert gate["parity"].pooled == ("riverbend",)
    assert gate["key_coverage"].pooled == ()


def test_who_decides_is_told() -> None:
    mesa = read(OVERRIDES).market("mesa")
    assert (mesa.owner, mesa.approvers, mesa.deputies) == ("anna", ("anna", "ben"), ("carl",))
    assert (mesa.remind_every_hours, mesa.deputies_after_hours) == (24, 72)
    assert read(OVERRIDES).declared["mesa"] == {"provisioning_to_dispatch": "active"}


GATE = "markets: {mesa: {gates: {field_to_billing: {shadow: {%s}}}}}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("declared: {mes: {field_to_billing: active}}", "1: declared.mes: there is no market mes; nearest: mesa"),
        ("declared: {mesa: {field_to_billing: activ}}", "1: declared.mesa.field_to_billing: Input should be"),
        ("marktes: {}", "1: marktes: unknown key; nearest: markets"),
        ("markets:\n  mesb: {owner: anna}", "2: markets.mesb: there is no market mesb; nearest: mesa"),
        (GATE % "pariti: {at_least: 1}", "pariti: there is no metric pariti; nearest: parity"),
        (GATE % "days: {at_most: 3}", "days: days is asked for by at_least, not by at_most"),
        (GATE % "package_complete: {sample: 3}", "does not ask for package_complete to leave shadow: state at_least"),
        (GATE % "parity: {confidence: 97}", "one of 80, 90, 95, 99, 99.9 is expected"),
        (GATE % "days: {confidence: 95}", "days is no share"),
        (GATE % "parity: {at_least: 101}", "a share is 100 % at most"),
        (GATE % "parity: {at_least: 100, confidence: 95}", "no sample proves 100 %"),
        (GATE % "critical: {off: {owner: anna, reason: so}}", "off.until: is missing and must be given"),
        (GATE % "critical: {off: {owner: anna, until: 2026-09-30}}", "off.reason: is missing and must be given"),
        (GATE % "critical: {off: {reason: so, until: 2026-09-30}}", "off.owner: is missing and must be given"),
        (GATE % "critical: {off: true}", "critical.off: "),
        ("everywhere: {rollback: {double_bil: {above: 1}}}", "there is no signal double_bil; nearest: double_bill"),
        ("everywhere: {rollback: {double_bill: {does: nothing}}}", "everywhere.rollback.double_bill.does: "),
        ("markets: {mesa: {pooled_with: [mesa]}}", "a market is not pooled with itself"),
        ("markets: {mesa: {pooled_with: [harbor]}}", "harbor is fixed_wireless and mesa is pon: they are not alike"),
        ("markets: {mesa: {pooled_with: [hrbor]}}", "there is no market hrbor; nearest: harbor"),
    ],
)
def test_every_mistake_is_told_with_its_place(text: str, fault: str) -> None:
    found = told(text)
    assert [each for each in found if fault in each and each.startswith("handoffs.yaml:")] == found
    assert len(found) == 1


DISPATCH = "markets: {mesa: {plan: {provisioning_to_dispatch: {canary: [{percent: 10}, {}], until: %s}%s}}}"
AS_FAR = ", order_to_provisioning: {canary: [{percent: 10}, {}]}"


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        (
            DISPATCH % ("active", ""),
            "in mesa provisioning_to_dispatch goes to active, and order_to_prov",
        ),
        (DISPATCH % ("legacy_retired", AS_FAR), "goes to legacy_retired, and order_to_provisioning only to active"),
        (
            "declared: {mesa: {provisioning_to_dispatch: canary}}",
            "goes to canary, and order_to_provisioning only to o",
        ),
        (DISPATCH % ("active", AS_FAR), ""),
        (DISPATCH % ("shadow", ""), ""),
        ("declared: {mesa: {order_to_provisioning: active}}\n" + DISPATCH % ("active", ""), ""),
    ],
)
def test_a_plan_that_goes_further_than_what_leads_it_is_warned_of(text: str, warned: str) -> None:
    found = list(plan_warnings(read(text)))
    assert len(found) == bool(warned)
    assert all(warned in each for each in found)
