"""What is done about harm: the gravest of what its rules ask for, and nothing without harm."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from handoffs.criteria import Exemption
from handoffs.rollback import GRAVITY, SIGNALS, Deed, RollbackRule, Signal, deeds, tripped
from handoffs.stages import HANDOFFS, Handoff

TODAY = date(2026, 6, 1)


def signal(kind: str, measured: int, handoff: Handoff = "field_to_billing", of: int | None = None) -> Signal:
    return Signal(kind, "mesa", handoff, Decimal(measured), works=("order/SO-1",), of=of)


def rule(kind: str, does: Deed = "roll_back", above: int = 0, **facts: object) -> dict[str, RollbackRule]:
    return {kind: RollbackRule(kind, does, Decimal(above), **facts)}  # type: ignore[arg-type]


def test_one_double_bill_is_enough_and_none_is_not() -> None:
    rules = rule("double_bill")
    assert [trip.rule.does for trip in tripped(rules, [signal("double_bill", 1)], TODAY)] == ["roll_back"]
    assert tripped(rules, [signal("double_bill", 0)], TODAY) == []


def test_the_third_failed_check_in_a_row_trips() -> None:
    rules = rule("failed_checks", above=2)
    assert tripped(rules, [signal("failed_checks", 2)], TODAY) == []
    assert len(tripped(rules, [signal("failed_checks", 3)], TODAY)) == 1


def test_five_points_of_forty_nine_visits_say_nothing() -> None:
    rules = rule("first_visit_drop", above=5, sample=50)
    assert tripped(rules, [signal("first_visit_drop", 9, of=49)], TODAY) == []
    assert tripped(rules, [signal("first_visit_drop", 9)], TODAY) == []
    assert len(tripped(rules, [signal("first_visit_drop", 9, of=50)], TODAY)) == 1


def test_what_somebody_answers_for_does_not_trip_until_its_day_is_over() -> None:
    exempt = [
        rule("stale_feed", off=Exemption("anna", "the CRM moves house", until))
        for until in (TODAY, date(2026, 5, 31))
    ]
    assert [len(tripped(each, [signal("stale_feed", 99)], TODAY)) for each in exempt] == [0, 1]


def test_what_leaves_the_hub_names_orders_and_no_customer() -> None:
    works = ("account/77", "login/ann.h", "order/1", *(f"order/{number}" for number in range(2, 14)), "serial/ABCD12")
    evidence = ("login ann.h is on the line of account 77", "serial ABCD12 stands elsewhere")
    for kind, facts in SIGNALS.items():
        seen = Signal(kind, "mesa", "field_to_billing", Decimal(3), works, evidence)
        (trip,) = tripped({}, [seen], TODAY)
        assert "ann.h" in trip.said
        if facts.is_of_market:
            assert trip.said_outside == trip.said
            continue
        for word in ("ann.h", "ABCD12", "77"):
            assert word not in trip.said_outside
        assert "order/1, " in trip.said_outside
        assert trip.said_outside.endswith(" and 3 more")
    assert {kind for kind, facts in SIGNALS.items() if facts.is_of_market and facts.at_event} == set()


def test_a_signal_without_a_rule_is_told() -> None:
    assert [trip.rule.does for trip in tripped({}, [signal("double_bill", 1)], TODAY)] == ["alarm"]


def test_each_hand_off_gets_the_gravest_deed() -> None:
    rules = rule("foreign_write", "hold") | rule("double_bill") | rule("frozen_overdue", "alarm")
    seen = [
        signal("foreign_write", 1),
        signal("double_bill", 1),
        signal("frozen_overdue", 1, "dispatch_to_field"),
    ]
    trips = tripped(rules, seen, TODAY)
    assert [trip.rule.does for trip in trips] == ["roll_back", "hold", "alarm"]
    assert deeds(trips) == {"field_to_billing": "roll_back", "dispatch_to_field": "alarm"}
    assert "A service is billed".casefold() in trips[0].said.casefold()


@given(
    st.lists(
        st.builds(signal, st.sampled_from(sorted(SIGNALS)), st.integers(0, 9), st.sampled_from(HANDOFFS)), max_size=12
    ),
    st.dictionaries(st.sampled_from(sorted(SIGNALS)), st.tuples(st.sampled_from(sorted(GRAVITY)), st.integers(0, 9))),
)
def test_more_signals_never_soften_a_deed(seen: list[Signal], asked: dict[str, tuple[Deed, int]]) -> None:
    rules = {kind: RollbackRule(kind, does, Decimal(above)) for kind, (does, above) in asked.items()}
    few, all_of_them = deeds(tripped(rules, seen[:-1], TODAY)), deeds(tripped(rules, seen, TODAY))
    assert all(GRAVITY[all_of_them[handoff]] >= GRAVITY[deed] for handoff, deed in few.items())
