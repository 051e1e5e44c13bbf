"""Lines that are cut off, kept through a season or crossed, packs, and bills beside those before them."""

from datetime import date
from decimal import Decimal

from judged import JudgeAll, small_operator

from canonical_model.catalogue import Catalogue, OfferingPrice, ProductOffering
from canonical_model.network import NetworkObservation
from tests.fakes.small_operator import LAST_YEAR, PROFILES, SmallOperator, catalogue, next_month, noon

MARCH = date(2026, 3, 1)


def locked(operator: SmallOperator) -> None:
    """The device that was seen last is taken out of service."""
    place = max(n for n, one in enumerate(operator.records) if isinstance(one, NetworkObservation))
    operator.records[place] = operator.records[place].model_copy(update={"administrative_state": "locked"})


def cut_off(account: str, last_traffic: date, *, is_locked: bool) -> SmallOperator:
    """Suspended from the third to the tenth of February, and billed as if it was connected again then."""
    operator = small_operator()
    operator.installed(account, dark_since=last_traffic)
    if is_locked:
        locked(operator)
    operator.subscription(account, f"{account}-s1", LAST_YEAR)
    operator.suspension(f"{account}-s1", date(2026, 2, 3), date(2026, 2, 10))
    operator.whole_months(account, "SLV", "60.00", (1, 3))
    operator.line(account, "SLV", date(2026, 2, 1), date(2026, 2, 3), "60.00", "4.29")
    operator.line(account, "SLV", date(2026, 2, 10), MARCH, "60.00", "40.71")
    return operator


def test_a_line_that_is_still_locked_after_the_payment_is_owed_every_day_since(judge_all: JudgeAll) -> None:
    assert judge_all(cut_off("1", date(2026, 2, 3), is_locked=True)).told() == [
        "RL-G02 1 over_billed refund_due 2026-02 40.71",
        "RL-G02 1 over_billed refund_due 2026-03 60.00",
    ]


def test_a_line_that_is_unlocked_or_was_used_since_is_not_cut_off(judge_all: JudgeAll) -> None:
    assert judge_all(cut_off("1", date(2026, 2, 3), is_locked=False), "RL-G02").told() == []
    assert judge_all(cut_off("1", date(2026, 3, 3), is_locked=True), "RL-G02").told() == []


def on_hold(since: date | None, traffic: date | None) -> SmallOperator:
    """Away from the tenth of January on, for 10.00, billed so; a line provisioned and used as told."""
    operator = small_operator()
    operator.installed("1")
    place = max(n for n, one in enumerate(operator.records) if isinstance(one, NetworkObservation))
    seen = {"profile_since": noon(since or LAST_YEAR), "last_traffic_at": noon(traffic) if traffic else None}
    operator.records[place] = operator.records[place].model_copy(update=seen)
    operator.alteration("1", "seasonal_hold", code="silver", amount_minor=1000, valid_from=date(2026, 1, 1))
    operator.whole_months("1", "SLV", "10.00", (1, 2, 3))
    return operator


def test_a_hold_ends_on_the_day_the_line_was_provisioned_anew(judge_all: JudgeAll) -> None:
    assert judge_all(on_hold(MARCH, date(2026, 4, 4))).told() == ["RL-G04 1 under_billed recoverable 2026-03 50.00"]


def test_without_that_only_the_last_traffic_proves_the_use(judge_all: JudgeAll) -> None:
    assert judge_all(on_hold(None, date(2026, 4, 4))).told() == []
    assert judge_all(on_hold(None, date(2026, 3, 17))).told() == [
        "RL-G04 1 under_billed recoverable 2026-03 24.19"  # 16 days at 10.00 and 15 at 60.00, each rounded
    ]
    assert judge_all(on_hold(None, date(2026, 1, 2))).told() == []


def crossed(bill_first: str, bill_second: str, *, is_mutual: bool = True) -> SmallOperator:
    """Devices of a silver and of a gold customer that were left at each other's, or one that was."""
    operator = small_operator()
    for account, offering in (("1", "silver"), ("2", "gold")):
        operator.installed(account, offering=offering, dark_since=LAST_YEAR)
    taken = {"1": "EFGH00000001", "2": "EFGH00000002"}
    left = {"1": taken["2"], "2": taken["1"] if is_mutual else "EFGH00000003"}
    for account in ("1", "2"):
        operator.job(
            f"9{account}", date(2026, 2, 1), None, left[account], expected=taken[account], work_type="repair"
        )
    operator.seen(left["1"], PROFILES["gold"], date(2026, 2, 1))
    operator.seen(left["2"], PROFILES["silver"] if is_mutual else PROFILES["gold"], date(2026, 2, 1))
    operator.whole_months("1", "SLV", bill_first, (1, 2, 3))
    operator.whole_months("2", "GLD", bill_second, (1, 2, 3))
    return operator


def test_one_crossing_has_the_money_of_both_wrong_tiers(judge_all: JudgeAll) -> None:
    told = judge_all(crossed("60.00", "90.00")).told()
    assert [one for one in told if "RL-B07" in one and " by " not in one] == [
        "RL-B07 1 under_billed recoverable 2026-02 30.00",
        "RL-B07 1 under_billed recoverable 2026-03 30.00",
        "RL-B07 2 over_billed refund_due 2026-02 30.00",
        "RL-B07 2 over_billed refund_due 2026-03 30.00",
    ]
    assert all("RL-B07" in one or one.endswith("0.00 by RL-B07") for one in told)
    explained = {" ".join(one.split()[:2]) for one in told if one.endswith("0.00 by RL-B07")}
    assert explained == {"RL-C01 1", "RL-C02 2"}, "both wrong tiers point to the crossing"


def test_a_device_that_was_taken_one_way_is_a_wrong_tier_and_no_crossing(judge_all: JudgeAll) -> None:
    told = judge_all(crossed("60.00", "90.00", is_mutual=False)).told()
    assert {one.split()[0] for one in told if " 1 " in one} <= {"RL-C01", "RL-C03"}
    assert not any("RL-B07" in one for one in told)


def with_pack() -> Catalogue:
    price = OfferingPrice(amount=Decimal("25.00"), valid_from=date(2020, 1, 1))
    facts = {"charge": "pack", "delivered_by": "order_item", "includes": ("voice",)}
    pack = ProductOffering(id="pack", billing_codes=("PCK",), prices=(price,), **facts)  # type: ignore[arg-type]
    return catalogue().model_copy(update={"offerings": (*catalogue().offerings, pack), "bundles": ()})


def test_a_part_is_billed_beside_its_pack_or_without_one(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    operator.clean("2")
    operator.order("1", "81", "change", effective_on=MARCH)
    operator.order_item("81", "pack")
    operator.line("1", "PCK", MARCH, next_month(MARCH), "25.00", "25.00")
    for account in ("1", "2"):
        operator.line(account, "VOI", MARCH, next_month(MARCH), "19.99", "19.99")
    assert judge_all(operator, catalogue=with_pack()).told() == [
        "RL-C09 2 over_billed refund_due 2026-03 19.99",
        "RL-D05 1 over_billed refund_due 2026-03 19.99",
    ]


def billed(operator: SmallOperator, account: str, amounts: dict[date, str]) -> None:
    """A month's line of a voice tariff at another rate each time, each on a bill of its own."""
    for start, amount in amounts.items():
        operator.line(account, "SLV", start, next_month(start), amount, amount)
        operator.bill(account, start, next_month(start), next_month(start), amount)


def test_a_bill_is_held_against_three_to_twelve_before_it(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    months = [date(2025, month, 1) for month in (10, 11, 12)] + [date(2026, month, 1) for month in (1, 2, 3)]
    for account, last in (("1", "480.00"), ("2", "400.00"), ("3", "-5.00")):
        operator.installed(account)
        billed(operator, account, dict.fromkeys(months[:-1], "60.00") | {MARCH: last})
    operator.installed("4")
    billed(operator, "4", {months[-3]: "60.00", months[-2]: "60.00", MARCH: "480.00"})
    assert judge_all(operator, "RL-C12", "RL-C12-nothing").told() == [
        "RL-C12 bill/1-2026-04-01 over_billed at_risk 2026-04 420.00",
        "RL-C12-nothing bill/3-2026-04-01 under_billed at_risk 2026-04 65.00",
    ]


def test_what_varies_a_lot_is_out_of_pattern_only_far_from_its_middle(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    operator.installed("1")
    amounts = ("60.00", "160.00", "260.00", "60.00", "160.00", "600.00")
    months = [date(2025, month, 1) for month in (10, 11, 12)] + [date(2026, month, 1) for month in (1, 2, 3)]
    billed(operator, "1", dict(zip(months, amounts, strict=True)))
    assert judge_all(operator, "RL-C12").told() == []
