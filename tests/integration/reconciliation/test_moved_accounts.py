"""Accounts that were moved to another billing system: what the worlds of the estate do not show."""

from datetime import date, timedelta
from typing import Any

from judged import JudgeAll, small_operator

from canonical_model.billing import ChargeLine, Payment, Subscription
from canonical_model.take_over import AccountBalance, AccountCutOver, JobPause
from reconciliation.bill_to_bill import compare_bills
from reconciliation.explain_document import explain_document
from tests.fakes.small_operator import SmallOperator, next_month

CUT = date(2026, 3, 1)


def moved(account: str = "1", cut: date = CUT, **facts: Any) -> SmallOperator:
    """A customer who was billed rightly by the old system up to a day, and is on the list of the moved ones."""
    operator = small_operator()
    operator.installed(account)
    for month in (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)):
        if month < cut:
            bill(operator, "billing", month, min(cut, next_month(month)), account=account)
    listed(operator, account, cut, **facts)
    return operator


def listed(operator: SmallOperator, account: str, cut: date, **facts: Any) -> None:
    values = {"wave": "W1", "legacy_system": "billing", "target_system": "new", "cut_over_on": cut} | facts
    operator.add(AccountCutOver, "new", account_number=account, **values)


def bill(operator: SmallOperator, system: str, start: date, end: date, rate: int = 6000, account: str = "1") -> None:
    """A line for silver over some days of a month, at 60.00 a month unless told, in cents."""
    days = (next_month(start) - start.replace(day=1)).days
    operator.add(
        ChargeLine,
        system,
        account_number=account,
        subscription_id=f"{system}-{account}",
        billing_code="SLV",
        rate_minor=rate,
        amount_minor=(2 * rate * (end - start).days + days) // (2 * days),
        currency="USD",
        covers_from=start,
        covers_to=end,
        billed_on=next_month(start),
    )


def test_an_account_that_nobody_took_is_dropped_from_the_day_of_the_move_on(judge_all: JudgeAll) -> None:
    told = judge_all(moved(cut=date(2026, 2, 15))).told()
    assert told == [
        "RL-B03 1 under_billed recoverable 2026-02 0.00 by RL-J01",
        "RL-B03 1 under_billed recoverable 2026-03 0.00 by RL-J01",
        "RL-J01 1 under_billed recoverable 2026-02 30.00",
        "RL-J01 1 under_billed recoverable 2026-03 60.00",
    ]


def test_an_account_that_the_target_knows_and_does_not_bill_is_not_dropped(judge_all: JudgeAll) -> None:
    operator = moved()
    operator.add(
        Subscription,
        "new",
        subscription_id="n1",
        account_number="1",
        billing_code="SLV",
        state="active",
        starts_on=CUT,
    )
    assert judge_all(operator).told() == ["RL-B03 1 under_billed recoverable 2026-03 60.00"]


def test_a_move_that_is_to_come_changes_nothing(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    listed(operator, "1", date(2026, 5, 1))
    judged = judge_all(operator)
    assert judged.told() == []
    assert judged.not_judged("difference") == {}


def test_days_that_meet_are_right_wherever_the_cut_is(judge_all: JudgeAll) -> None:
    for day in (2, 11, 17, 31):
        cut = CUT.replace(day=day)
        operator = moved(cut=cut)
        bill(operator, "new", cut, date(2026, 4, 1))
        judged = judge_all(operator)
        assert judged.told() == []
        assert judged.not_judged("difference") == {}


def test_one_day_too_few_and_one_too_many(judge_all: JudgeAll) -> None:
    gap = moved()
    bill(gap, "new", CUT + timedelta(days=1), date(2026, 4, 1))
    assert judge_all(gap).told() == ["RL-J05 1 under_billed recoverable 2026-03 1.94"]

    overlap = moved(cut=date(2026, 3, 11))
    bill(overlap, "new", date(2026, 3, 10), date(2026, 4, 1))
    told = [line for line in judge_all(overlap).told() if not line.endswith("by RL-J05-overlap")]
    assert told == ["RL-J05-overlap 1 over_billed refund_due 2026-03 1.93"]


def test_what_both_bill_after_the_move_is_billed_by_both(judge_all: JudgeAll) -> None:
    operator = moved()
    bill(operator, "new", CUT, date(2026, 4, 1))
    bill(operator, "billing", CUT, date(2026, 4, 1))
    assert judge_all(operator).told() == [
        "RL-B05 1 over_billed refund_due 2026-03 0.00 by RL-J02",
        "RL-J02 1 over_billed refund_due 2026-03 60.00",
    ]


def test_a_price_that_was_wrong_before_the_move_is_not_of_the_move(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1")
    for month in (date(2026, 1, 1), date(2026, 2, 1)):
        bill(operator, "billing", month, next_month(month), 5500)
    bill(operator, "new", CUT, date(2026, 4, 1), 5500)
    listed(operator, "1", CUT)
    assert {line.split()[0] for line in judge_all(operator).told()} == {"RL-C05"}


def balanced(kind: str, closed: int, opened: int, *payments: tuple[date, str | None, int]) -> SmallOperator:
    """An account that is billed rightly on both sides, with a balance on each and payments posted in the target."""
    operator = moved()
    bill(operator, "new", CUT, date(2026, 4, 1))
    sides = (("billing", closed, CUT), ("new", opened, CUT + timedelta(days=3)))
    for system, amount, day in sides:
        facts = {"balance_type": kind, "amount_minor": amount, "currency": "USD", "as_of": day}
        operator.add(AccountBalance, system, account_number="1", **facts)
    for received, of_bill, amount in payments:
        facts = {"received_on": received, "bill_id": of_bill, "amount_minor": amount, "currency": "USD"}
        operator.add(Payment, "new", account_number="1", **facts)
    return operator


def balances(judge_all: JudgeAll, operator: SmallOperator) -> list[str]:
    return judge_all(operator, "RL-J03").told()


def test_only_what_came_in_between_the_two_balances_is_in_flight(judge_all: JudgeAll) -> None:
    between, before, after = (CUT + timedelta(days=days) for days in (2, -1, 3))
    assert balances(judge_all, balanced("receivable", 9000, 5000, (between, "b", 4000))) == []
    for outside in (before, after):
        assert balances(judge_all, balanced("receivable", 9000, 5000, (outside, "b", 4000))) == [
            "RL-J03 balance/1-receivable under_billed recoverable 2026-03 40.00"
        ]
    assert balances(judge_all, balanced("unapplied", 0, 4000, (between, None, 4000))) == []
    assert balances(judge_all, balanced("unapplied", 0, 4000, (between, "b", 4000))) == [
        "RL-J03 balance/1-unapplied under_billed recoverable 2026-03 40.00"
    ]


def test_who_loses_by_a_balance_depends_on_whose_it_is(judge_all: JudgeAll) -> None:
    over, under = "over_billed refund_due 2026-03", "under_billed recoverable 2026-03"
    told = {
        kind: (balances(judge_all, balanced(kind, 5000, 4999)), balances(judge_all, balanced(kind, 5000, 5001)))
        for kind in ("receivable", "deposit", "unapplied")
    }
    assert told == {
        "receivable": (
            [f"RL-J03 balance/1-receivable {under} 0.01"],
            [f"RL-J03 balance/1-receivable {over} 0.01"],
        ),
        "deposit": ([f"RL-J03 balance/1-deposit {over} 0.01"], [f"RL-J03 balance/1-deposit {under} 0.01"]),
        "unapplied": ([f"RL-J03 balance/1-unapplied {over} 0.01"], [f"RL-J03 balance/1-unapplied {under} 0.01"]),
    }


def test_a_balance_is_explained_by_both_sides(judge_all: JudgeAll) -> None:
    judged = judge_all(balanced("deposit", 5000, 0), "RL-J03")
    explained = explain_document(judged.folder, judged.manifest, "balance/1-deposit")
    assert dict(explained.facts) | {"legacy_minor": "5000", "target_minor": "0"} == dict(explained.facts)
    assert [month.expected_minor for month in explained.months] == [-5000]


def test_a_balance_that_the_target_never_opened_counts_as_nothing(judge_all: JudgeAll) -> None:
    operator = moved()
    bill(operator, "new", CUT, date(2026, 4, 1))
    facts = {"balance_type": "deposit", "amount_minor": 2500, "currency": "USD", "as_of": CUT}
    operator.add(AccountBalance, "billing", account_number="1", **facts)
    assert balances(judge_all, operator) == ["RL-J03 balance/1-deposit over_billed refund_due 2026-03 25.00"]


def test_another_spelling_of_the_serial_is_the_same_device(judge_all: JudgeAll) -> None:
    for told, rules in (("abcd-00000001", []), ("ABCD00000010", ["RL-J06 1 under_billed at_risk 2026-03 60.00"])):
        operator = moved(serial=told)
        bill(operator, "new", CUT, date(2026, 4, 1))
        assert judge_all(operator).told() == rules


def promised(pause: tuple[date, date | None]) -> SmallOperator:
    """A discount of two months that ended on 1 March and goes on, and days on which no discount was ended."""
    operator = small_operator()
    operator.installed("1", day=date(2026, 1, 1), promotion_code="hello")
    for system, month in (("billing", 1), ("billing", 2), ("new", 3)):
        start = date(2026, month, 1)
        bill(operator, system, start, next_month(start))
        facts = {"billing_code": "HEL", "rate_minor": -2000, "amount_minor": -2000, "currency": "USD"}
        days = {"covers_from": start, "covers_to": next_month(start), "billed_on": next_month(start)}
        operator.add(ChargeLine, system, account_number="1", subscription_id=f"{system}-1", **facts, **days)
    listed(operator, "1", CUT)
    operator.add(JobPause, "new", job="promotion_expiry", wave="W1", paused_from=pause[0], paused_to=pause[1])
    return operator


def test_a_discount_that_ended_in_the_pause_is_of_the_pause_and_no_other(judge_all: JudgeAll) -> None:
    for pause in ((date(2026, 2, 20), None), (CUT, CUT + timedelta(days=1))):
        told = [line for line in judge_all(promised(pause)).told() if "0.00 by" not in line]
        assert told == ["RL-J07 1 under_billed recoverable 2026-03 20.00"]
    outside = judge_all(promised((date(2026, 2, 1), CUT))).told()
    assert not [line for line in outside if line.startswith("RL-J07")]
    assert [line for line in outside if line.endswith(" 20.00")]


def test_the_parts_of_a_comparison_add_up_and_what_no_finding_tells_is_unexplained(judge_all: JudgeAll) -> None:
    operator = moved()
    bill(operator, "new", CUT, date(2026, 4, 1), 5500)
    judged = judge_all(operator)
    assert [line for line in judged.told() if "0.00 by" not in line] == [
        "RL-J04 1 under_billed recoverable 2026-03 5.00"
    ]
    (row,) = compare_bills(judged.folder, judged.manifest, judged.outcome.findings).classes
    assert (row.charge_class, row.legacy_minor, row.expected_minor, row.target_minor) == (
        "recurring",
        6000,
        6000,
        5500,
    )
    assert [(cause.name, cause.side, cause.amount_minor) for cause in row.causes] == [("RL-J04", "target", -500)]
    assert row.unexplained_minor == 0

    (unknown,) = compare_bills(judged.folder, judged.manifest, []).classes
    assert (unknown.causes, unknown.unexplained_minor) == ((), -500)


def test_a_move_without_a_whole_month_since_is_not_compared(judge_all: JudgeAll) -> None:
    operator = moved(cut=date(2026, 3, 11))
    bill(operator, "new", date(2026, 3, 11), date(2026, 4, 1))
    judged = judge_all(operator)
    comparison = compare_bills(judged.folder, judged.manifest, judged.outcome.findings)
    assert comparison.classes == ()
    assert comparison.not_compared == (("1", "no whole judged month on each side of 2026-03-11"),)


def test_who_left_in_the_pause_and_is_billed_on_is_of_the_pause_and_who_left_before_is_not(
    judge_all: JudgeAll,
) -> None:
    told = {}
    for day in (date(2026, 2, 20), date(2026, 2, 19)):
        operator = small_operator()
        operator.installed("1", dark_since=day)
        operator.order("1", "81", "cease", effective_on=day)
        for month in (1, 2):
            bill(operator, "billing", date(2026, month, 1), next_month(date(2026, month, 1)))
        bill(operator, "new", CUT, date(2026, 4, 1))
        listed(operator, "1", CUT)
        pause = {"job": "disconnection", "wave": "W1", "paused_from": date(2026, 2, 20), "paused_to": CUT}
        operator.add(JobPause, "new", **pause)
        told[day.day] = {line.rpartition(" ")[0] for line in judge_all(operator).told() if "0.00 by" not in line}
    months_of = {"over_billed refund_due 2026-02", "over_billed refund_due 2026-03"}
    assert told == {
        20: {f"RL-J07-disconnection 1 {month}" for month in months_of},
        19: {f"RL-B04 1 {month}" for month in months_of},
    }
