"""Whatever the hub says of a bill, legacy is not wrong by it: others have to say otherwise than legacy does."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from handoffs.shadow.comparing import compare_rows
from handoffs.shadow.rows import ShadowRow
from hub.operator_folder.comparisons_folder import shipped_comparisons
from rules.types import EngineValue

AT = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = st.integers(0, 5).map(lambda days: date(2026, 3, 10) + timedelta(days=days))
TIERS = st.sampled_from(["fiber-300", "fiber-500", "fiber-1000"])
CENTS = st.integers(-30_000, 30_000)
CLASSES = ("recurring", "one_time", "discount", "penalty")


@st.composite
def intents(draw: st.DrawFn) -> dict[str, EngineValue]:
    """Anything that the hub might want of billing."""
    told: dict[str, EngineValue] = {
        "bills": draw(st.booleans()),
        "reasons": draw(st.none() | st.just("no element shows it")),
        "offering": draw(st.none() | TIERS),
        "billing_code": draw(st.none() | st.sampled_from(["A", "B"])),
        "starts_on": draw(st.none() | DAYS),
        "ends_on": draw(st.none() | DAYS),
        "monthly_price": draw(st.none() | CENTS),
    }
    return told | {name: draw(CENTS) for name in CLASSES}


@st.composite
def rights(draw: st.DrawFn) -> tuple[dict[str, EngineValue], dict[str, EngineValue]]:
    """What legacy bills, technician, order and network agreeing with it; the bills differ from what we compute."""
    tier, start, end = draw(TIERS), draw(DAYS), draw(st.none() | DAYS)
    observed: dict[str, EngineValue] = {
        "bills": True,
        "offering": tier,
        "billing_code": "A",
        "starts_on": start,
        "ends_on": end,
        "monthly_price": draw(CENTS),
    }
    observed |= {name: draw(CENTS) for name in CLASSES}
    evidence: dict[str, EngineValue] = {
        "order_offering": tier,
        "order_effective_on": end,
        "is_courtesy": False,
        "completion_on": start,
        "completion_offering": tier,
        "network_seen": True,
        "network_live": draw(st.booleans()),
        "network_since": start,
        "network_offering": tier,
        "last_traffic_on": end,
        "periods": draw(st.integers(0, 3)),
        "periods_apart": draw(st.integers(0, 3)),
    }
    evidence |= {f"{name}_apart": draw(st.integers(0, 30_000)) for name in CLASSES}
    return observed, evidence | dict.fromkeys((f"{name}_claimed" for name in CLASSES), 0)


@settings(max_examples=30, deadline=None)
@given(rights(), st.lists(intents(), min_size=20, max_size=40))
def test_no_intent_makes_legacy_wrong_where_all_others_agree_with_it(
    right: tuple[dict[str, EngineValue], dict[str, EngineValue]], wanted: list[dict[str, EngineValue]]
) -> None:
    observed, evidence = right
    rows = [ShadowRow(f"order/{number}", AT, each, observed, evidence) for number, each in enumerate(wanted)]
    found = compare_rows(shipped_comparisons()["field_to_billing"], rows)
    assert {each.kind for each in found} <= {"match", "match_after_normalising", "unknown", "hub_wrong"}
    assert not {one.field for each in found for one in each.differences if one.kind == "legacy_wrong"}
