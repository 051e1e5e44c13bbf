"""What cannot be judged is listed with its reason; it is neither clean nor a finding."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from judged import JudgeAll, months, small_operator, unexplained

from canonical_model.field_work import WorkOrder
from reconciliation.run import reconcile
from rules.rule import Example, Rule
from rules.rulebook import dump_rules
from tests.fakes.shipped_rules import shipped_rules
from tests.fakes.small_operator import AS_OF, FRESH, LAST_YEAR, SmallOperator, serial_of

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))


def leaking() -> SmallOperator:
    """A ghost (network and field), a wrong price (CRM and billing) and a service billed twice (billing)."""
    operator = small_operator()
    operator.seen("GHST00000001", "S", MARCH)
    operator.installed("1")
    operator.whole_months("1", "SLV", "50.00", (1, 2, 3))
    operator.clean("2")
    operator.whole_months("2", "SLV", "60.00", (3,), "s2")
    return operator


def courtesy(operator: SmallOperator, start: date, end: date) -> None:
    """Nothing is charged to account 1 on these days, whatever its bills say."""
    operator.alteration("1", "courtesy_account", valid_from=start, valid_to=end)


def test_a_stale_feed_silences_the_rules_that_need_it_and_no_other(judge_all: JudgeAll) -> None:
    old = AS_OF - timedelta(hours=49)
    feeds = tuple(
        feed.model_copy(update={"last_success_at": old}) if feed.role == "network" else feed for feed in FRESH
    )

    judged = judge_all(leaking(), feeds=feeds)
    outcomes = judged.outcome.outcomes

    needing_network = {rule.id for rule in shipped_rules() if "network" in rule.needs}
    assert {rule for rule, outcome in outcomes.items() if outcome == "inconclusive"} == needing_network
    assert (outcomes["RL-B01"], outcomes["RL-C05"], outcomes["RL-D01"]) == ("inconclusive", "findings", "clean")
    assert {line.split()[0] for line in judged.told()} == {"RL-B05", "RL-C05"}
    assert set(judged.not_judged("rule")) == needing_network
    assert judged.not_judged("rule")["RL-B01"] == (
        "network feed network/all is of 2026-04-03 11:00 UTC, older than the 48 hours that may be judged by"
    )


def test_without_any_feed_nothing_is_clean(judge_all: JudgeAll) -> None:
    judged = judge_all(leaking(), feeds=())

    assert judged.told() == []
    assert set(judged.outcome.outcomes.values()) == {"inconclusive"}
    assert judged.not_judged("rule")["RL-B05"] == "no feed of billing was ever pulled"


def test_with_fresh_feeds_every_rule_speaks(judge_all: JudgeAll) -> None:
    outcomes = judge_all(leaking()).outcome.outcomes

    assert {rule for rule, outcome in outcomes.items() if outcome == "findings"} == {"RL-B01", "RL-B05", "RL-C05"}
    assert {outcome for rule, outcome in outcomes.items()} == {"findings", "clean"}
    assert set(outcomes) == {rule.id for rule in shipped_rules()}


def test_a_mistyped_order_number_leaves_account_and_job_unjudged(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.account("1")
    operator.order("1", "10291", effective_on=LAST_YEAR, offering_id="silver")
    operator.job("1O291", LAST_YEAR, "silver", serial_of("1"))
    operator.seen(serial_of("1"), "S", LAST_YEAR)
    operator.whole_months("1", "SLV", "45.00", (1, 2, 3))

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("difference") == {}
    assert judged.not_judged("record") == {
        "service/1": "order 10291 is completed in the order system, but no work order carries its number",
        "fsm/WorkOrder/2": "work order for order 1O291: no order has this number",
    }


def test_bills_of_an_account_that_the_order_system_does_not_know_are_listed(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.whole_months("404", "SLV", "60.00", (1, 2, 3))

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("record") == {
        "account/404": "3 bill lines of account 404, which the order system does not know"
    }
    assert judged.outcome.billed_minor == 3 * 60_00


def test_an_order_of_an_unknown_account_is_listed(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.order("404", "9404", effective_on=LAST_YEAR, offering_id="silver")

    assert judge_all(operator).not_judged("record") == {
        "crm/ProductOrder/2": "order of account 404: no billing account has this number"
    }


def test_an_unknown_billing_code_is_listed_and_its_money_is_at_risk(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    operator.whole_months("1", "WIFI+", "4.99", (2, 3))

    judged = judge_all(operator)

    assert judged.told() == months("RL-C06 1 over_billed at_risk", feb="4.99", mar="4.99")
    assert judged.not_judged("record") == {
        "billing code WIFI+": "2 bill lines carry billing code WIFI+, which no offering of the catalogue has"
    }


def test_an_account_billed_under_unknown_codes_only_is_not_called_unbilled(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1")
    operator.whole_months("1", "SLV-2019", "60.00", (1, 2, 3))

    judged = judge_all(operator)

    assert judged.told() == months("RL-C06 1 over_billed at_risk", jan="60.00", feb="60.00", mar="60.00")
    assert judged.not_judged("record")["service/1"] == (
        "billed under SLV-2019 only, which no offering of the catalogue has:"
        " whether its access is billed cannot be told"
    )


def test_a_bill_line_over_two_periods_leaves_its_account_unjudged(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", router="leased")
    operator.line("1", "RTR", date(2026, 1, 15), date(2026, 2, 15), "9.99", "9.99")
    operator.whole_months("1", "SLV", "45.00", (1, 2, 3))

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("difference") == {}
    assert judged.not_judged("record") == {
        "service/1": "bill line billing/ChargeLine/4 covers 2026-01-15 to 2026-02-15, more than one billing period"
    }


def test_a_fee_belongs_to_its_installation_however_long_its_line_is(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 1, 20), install_fee_waived=False)
    operator.line("1", "SLV", date(2026, 1, 20), FEBRUARY, "60.00", "23.23")
    operator.line("1", "INS", date(2026, 2, 20), date(2026, 3, 20), "99.00", "99.00")
    operator.whole_months("1", "SLV", "60.00", (2, 3))

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()


def test_a_difference_that_no_rule_claims_is_listed_with_its_sign_and_months(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    courtesy(operator, JANUARY, MARCH)
    operator.clean("2", months=(1, 3))  # February was forgotten

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("difference") == {
        "service/1": unexplained("-120.00", "access", "2026-01", "2026-02"),
        "service/2": unexplained("60.00", "access", "2026-02"),
    }


def test_only_what_a_rule_left_of_a_difference_is_listed(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", router="leased")
    operator.whole_months("1", "SLV", "50.00", (1, 2, 3))
    operator.whole_months("1", "RTR", "9.99", (1, 3))

    judged = judge_all(operator)

    assert [line.split()[-1] for line in judged.told()] == ["10.00", "10.00", "10.00"]
    assert judged.not_judged("difference") == {"service/1": unexplained("9.99", "rental", "2026-02")}


def test_two_differences_of_one_month_do_not_hide_each_other(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", router="leased")
    courtesy(
        operator, FEBRUARY, date(2026, 2, 15)
    )  # access was billed all the same, the rental of February forgotten
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    operator.whole_months("1", "RTR", "9.99", (1, 3))

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("difference")["service/1"].split("\n") == [
        unexplained("-30.00", "access", "2026-02"),
        unexplained("5.00", "rental", "2026-02"),
    ]


def test_two_differences_of_one_charge_in_two_months_do_not_hide_each_other(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    operator.order("1", "991", "change", effective_on=JANUARY)
    operator.order_item("991", "voice")
    operator.order("1", "992", "change", effective_on=MARCH)
    operator.order_item("992", "voice", "delete")
    operator.whole_months("1", "VOI", "19.99", (1, 3))  # not in February, and for a month too long
    operator.whole_months("1", "DUO", "-5.00", (1, 2))

    judged = judge_all(operator)

    assert judged.told() == months("RL-C09 1 over_billed refund_due", mar="19.99")
    assert judged.not_judged("difference") == {"service/1": unexplained("19.99", "voice", "2026-02")}


def test_what_a_rule_over_the_whole_service_claims_hides_no_other_difference(judge_all: JudgeAll) -> None:
    """The days before billing began are RL-A02's; days of a courtesy were charged in the same month."""
    operator = small_operator()
    operator.installed("1", date(2026, 1, 10))
    courtesy(operator, date(2026, 1, 21), date(2026, 1, 26))
    operator.line("1", "SLV", date(2026, 1, 20), FEBRUARY, "60.00", "23.23")
    operator.whole_months("1", "SLV", "60.00", (2, 3))

    judged = judge_all(operator)

    # 60.00 x 10 / 31 = 19.35 for the days from the 10th, and half of it for those from the 21st
    assert judged.told() == ["RL-A02 1 under_billed recoverable 2026-01 19.35"]
    assert judged.not_judged("difference") == {"service/1": unexplained("-9.68", "access", "2026-01")}


def test_a_rule_over_whole_amounts_is_held_against_the_whole_month(judge_all: JudgeAll, tmp_path: Path) -> None:
    """Such a rule claims everything of its charge, whatever share it is in."""
    operator = small_operator()
    operator.clean("1", months=(1, 3))
    operator.whole_months("1", "VOI", "19.99", (2, 3))
    own = Rule(
        id="OWN-1",
        title="Billed is not expected",
        over="charge",
        when="delivered_days >= 0",
        exposure="expected_amount - billed_amount",
        direction="by_sign",
        exposure_class="by_direction",
        remedy="look",
        owner="finance",
        examples=(Example(given={"expected_amount": 1}, expect=Decimal(1)),),
    )
    operator.snapshot(tmp_path / "snapshot", dump_rules([own]), buckets=1)

    outcome = reconcile(tmp_path / "snapshot", tmp_path / "output")

    assert sorted((one.direction, one.exposure_minor) for one in outcome.findings) == [
        ("over_billed", 3998),
        ("under_billed", 6000),
    ]
    assert outcome.not_judged == ()


def test_an_order_that_was_cancelled_delivers_neither_tier_nor_addition_nor_discount(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    cancelled = {"state": "cancelled", "effective_on": FEBRUARY, "offering_id": "gold", "promotion_code": "hello"}
    operator.order("1", "991", "change", **cancelled)
    operator.order_item("991", "voice")

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()


def test_an_unfinished_order_needs_no_work_order(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.account("1")
    operator.order("1", "91", state="inProgress", offering_id="silver")

    assert judge_all(operator).outcome.not_judged == ()
    assert sum(isinstance(record, WorkOrder) for record in operator.records) == 1
