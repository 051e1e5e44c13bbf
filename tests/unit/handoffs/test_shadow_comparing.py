"""Rows are compared field by field; evidence decides who is wrong, a person's word what is explained."""

from datetime import UTC, date, datetime, timedelta

import pytest

from canonical_model.errors import Fault
from handoffs.shadow.comparing import Compared, compare_rows
from handoffs.shadow.explanation import Explanation, of_values, problems_of
from handoffs.shadow.rows import ShadowRow, schema_of
from rules.comparison_pack import ComparisonPack
from rules.compiled_comparison import CompiledComparison, compile_comparison
from rules.types import EngineValue

AT = datetime(2026, 3, 1, tzinfo=UTC)
PACK = ComparisonPack.model_validate(
    {
        "handoff": "field_to_billing",
        "title": "A small comparison",
        "why": "To be tested.",
        "owner": "finance",
        "patience_days": 10,
        "fields": {
            "starts_on": {
                "title": "From which day",
                "compared": "observed_bills",
                "legacy_wrong": "completion_on = intent_starts_on",
                "hub_wrong": "network_since = observed_starts_on",
                "evidence": ["completion_on", "network_since"],
                "critical": "completion_on IS NULL",
            },
            "recurring": {
                "title": "Recurring",
                "compared": "periods > 0",
                "equal": "recurring_apart = MONEY('0.00', 2)",
                "money": "intent_recurring - observed_recurring",
            },
        },
        "usual": {"observed_bills": True},
        "examples": [{"expect": "match"}],
    }
)
FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)


@pytest.fixture(scope="module")
def comparison() -> CompiledComparison:
    faults: list[Fault] = []
    compiled = compile_comparison(PACK, schema_of("field_to_billing"), faults)
    assert compiled is not None, faults
    return compiled


def row(intent: dict[str, EngineValue], observed: dict[str, EngineValue], **evidence: EngineValue) -> ShadowRow:
    return ShadowRow("order/SO-1", AT, intent, {"bills": True, **observed}, evidence)


def started(**evidence: EngineValue) -> ShadowRow:
    return row({"starts_on": FIRST}, {"starts_on": SECOND}, **evidence)


def explanation(**facts: object) -> Explanation:
    given = {
        "market": "oldtown",
        "handoff": "field_to_billing",
        "field": "starts_on",
        "owner": "finance",
        "reason": "a day later by contract",
        "expires_at": AT + timedelta(days=9),
        "by": "ana",
        "at": AT,
        "number": 7,
    }
    return Explanation(**(given | facts))  # type: ignore[arg-type]


def only(comparison: CompiledComparison, shadow: ShadowRow, *explained: Explanation) -> Compared:
    (found,) = compare_rows(comparison, [shadow], explained)
    return found


@pytest.mark.parametrize(
    ("evidence", "kind"),
    [
        ({}, "unknown"),
        ({"completion_on": FIRST}, "legacy_wrong"),
        ({"completion_on": SECOND, "network_since": SECOND}, "hub_wrong"),
        ({"completion_on": FIRST, "network_since": SECOND}, "unknown"),
    ],
    ids=["no evidence", "against legacy", "against the hub", "against both"],
)
def test_evidence_decides_who_is_wrong(
    comparison: CompiledComparison, evidence: dict[str, EngineValue], kind: str
) -> None:
    found = only(comparison, started(**evidence))
    assert (found.kind, found.differences[0].kind) == (kind, kind)


def test_both_values_and_the_evidence_are_shown(comparison: CompiledComparison) -> None:
    (difference,) = only(comparison, started(completion_on=FIRST)).differences
    assert (difference.intent, difference.observed) == ("2026-03-01", "2026-03-02")
    assert difference.evidence == {"completion_on": "2026-03-01", "network_since": None}


def test_what_cannot_be_compared_says_nothing(comparison: CompiledComparison) -> None:
    silent = ShadowRow("order/SO-1", AT, {"starts_on": FIRST}, {"bills": None, "starts_on": SECOND})
    assert only(comparison, silent) == Compared("order/SO-1", AT, "match")


def test_money_is_that_of_the_difference_in_minor_units(comparison: CompiledComparison) -> None:
    apart = row({"recurring": 5_000}, {"recurring": 6_200}, periods=2, recurring_apart=1_200)
    found = only(comparison, apart)
    assert (found.kind, found.money_minor, found.unexplained_minor) == ("unknown", -1_200, 1_200)
    assert (found.differences[0].intent, found.differences[0].observed) == ("50.00", "62.00")


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("TRUE", "explained"),
        ("observed_starts_on > intent_starts_on", "explained"),
        ("order_offering = 'fiber-500'", "unknown"),
        (of_values("field_to_billing", "starts_on", "2026-03-01", "2026-03-02"), "explained"),
        (of_values("field_to_billing", "starts_on", "2026-03-01", None), "unknown"),
    ],
)
def test_an_explanation_counts_where_its_condition_is_true(
    comparison: CompiledComparison, condition: str, kind: str
) -> None:
    found = only(comparison, started(), explanation(condition=condition))
    assert (found.kind, found.is_critical) == (kind, kind == "unknown")
    assert found.differences[0].explained_by == (7 if kind == "explained" else None)


def test_what_is_proven_needs_no_explanation(comparison: CompiledComparison) -> None:
    assert only(comparison, started(completion_on=FIRST), explanation()).kind == "legacy_wrong"


def test_an_explanation_ends() -> None:
    known = explanation()
    assert [known.counts(AT + timedelta(days=days)) for days in (-1, 0, 8, 9)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("field", "intent", "observed"),
    [
        ("bills", "true", "false"),
        ("offering", "it's one", None),
        ("monthly_price", "69.99", "59.99"),
        ("starts_on", "2026-03-01", "2026-03-02"),
    ],
)
def test_a_pair_of_values_is_a_condition_of_its_type(field: str, intent: str | None, observed: str | None) -> None:
    condition = of_values("field_to_billing", field, intent, observed)
    assert problems_of(explanation(field=field, condition=condition), frozenset({field})) == []


def test_a_comparison_with_faults_names_each(comparison: CompiledComparison) -> None:
    wrong = PACK.model_dump() | {
        "fields": {"starts_on": {"title": "?", "equal": "intent_start = 1", "evidence": ["completion"]}},
        "usual": {"observed_bills": "yes"},
        "examples": [{"expect": "match", "fields": {"start": "unknown"}}],
    }
    faults: list[Fault] = []
    assert compile_comparison(ComparisonPack.model_validate(wrong), comparison.schema, faults) is None
    assert [fault.key for fault in faults] == [
        "fields.starts_on.equal",
        "fields.starts_on.evidence",
        "usual.observed_bills",
        "examples.0.fields.start",
    ]
