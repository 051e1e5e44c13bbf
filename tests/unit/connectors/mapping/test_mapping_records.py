"""From raw records to canonical ones: value maps, conditions, nested lists, keys, order of change."""

from datetime import UTC, datetime
from typing import Any

import pytest
from small_mapping import JOBS, LEDGER, LINES, PULLED_AT, faults_of, job, line, mapped, mapping_of, reason

from canonical_model.billing import ChargeLine
from canonical_model.field_work import CompletionMaterial, FieldCompletion, WorkOrderVisit
from connectors.mapping import MappedSystem, PageMapper, landed_id

ACCOUNTS = """
system: ledger
stream: accounts
market: system_market
read:
  object: Account
  key: [branch, number]
  options: {drawer: top}
  fields:
    branch: text
    number: integer
    kind: text?
    name: text
    limit: money(2)?
    currency: text?
records:
  - entity: Customer
    fields:
      account_number: branch || CAST(number AS TEXT)
      name: name
      segment: {from: LOWER(kind), values: {home: residential, firm: business}, otherwise: residential}
  - entity: PriceAlteration
    where: limit IS NOT NULL
    fields:
      account_number: branch || CAST(number AS TEXT)
      kind: "'price_override'"
      amount_minor: limit
      valid_from: DATE_OF(pulled_at, 'America/New_York')
"""
ALONE = MappedSystem("ledger", LEDGER.capabilities, market="newtown")


def account(**changed: Any) -> dict[str, Any]:
    return {"branch": "B", "number": 7, "kind": "HOME", "name": "Ann", "limit": None, "currency": None, **changed}


def test_a_word_of_a_value_map_becomes_its_meaning() -> None:
    ((_, record),) = mapped(LINES, line(town="NEW")).records
    assert record.market == "newtown"


def test_a_word_that_the_map_does_not_know_rejects_the_record_and_is_named() -> None:
    told = reason(LINES, line(town="NEWW"))
    assert told == "market (town) is 'NEWW', which is not among the values of the map; nearest: NEW"


def test_a_long_or_unprintable_word_is_described_and_not_quoted() -> None:
    assert "is a text of 400 characters, which is not among" in reason(LINES, line(town="x" * 400))
    assert "is a text of 2 characters, which is not among" in reason(LINES, line(town="\x1b["))


@pytest.mark.parametrize(("kind", "segment"), [("firm", "business"), ("club", "residential"), (None, "residential")])
def test_otherwise_stands_for_unknown_and_missing_words(kind: str | None, segment: str) -> None:
    ((_, record),) = mapped(ACCOUNTS, account(kind=kind), system=ALONE).records
    assert record.model_dump()["segment"] == segment


def test_a_raw_record_may_become_several_records_and_a_condition_says_which() -> None:
    batch = mapped(ACCOUNTS, account(), account(number=8, limit="10.00"), system=ALONE)
    assert [(key, type(record).__name__) for key, record in batch.records] == [
        ("B|7", "Customer"),
        ("B|8", "Customer"),
        ("B|8", "PriceAlteration"),
    ]


def test_the_system_and_the_pull_are_columns_too() -> None:
    override = mapped(ACCOUNTS, account(limit="10.00"), system=ALONE).records[1][1].model_dump()
    assert (override["market"], override["source_system"]) == ("newtown", "ledger")
    assert override["valid_from"] == PULLED_AT.date()


def test_a_raw_record_of_which_one_record_is_bad_gives_none() -> None:
    (raw,) = mapped(ACCOUNTS, account(limit="1.005"), system=ALONE).raws
    assert raw.records == ()
    assert raw.rejection is not None


def test_a_condition_that_is_unknown_is_not_fulfilled() -> None:
    text = ACCOUNTS.replace("where: limit IS NOT NULL", "where: currency = 'USD'")
    assert len(mapped(text, account(limit="10.00"), system=ALONE).records) == 1


def test_a_key_of_several_fields_is_never_ambiguous() -> None:
    assert landed_id(["a|b", "c"]) != landed_id(["a", "b|c"])
    assert landed_id(["a\\", "|b"]) != landed_id(["a\\|", "b"])
    assert landed_id(["a|b"]) == "a|b"


def test_a_record_is_landed_under_the_key_by_which_its_deletion_is_told() -> None:
    (raw,) = mapped(ACCOUNTS, account(), system=ALONE).raws
    assert raw.landed_id == landed_id(("B", "7"))


@pytest.mark.parametrize("key", [None, "", ..., {"a": 1}, True, "a\0", "a\ud800"])
def test_records_without_a_usable_key_lie_in_quarantine_beside_each_other(key: Any) -> None:
    batch = mapped(LINES, line(id=key, code="A"), line(id=key, code="B"))
    assert len(batch.rejected) == 2
    assert len({raw.landed_id for raw in batch.raws}) == 2
    assert all(raw.landed_id.startswith("without-key-") for raw in batch.raws)


def test_elements_of_a_nested_list_become_records_of_their_own() -> None:
    visits = [{"number": 1, "arrived": None}, {"number": 2, "arrived": "2026-03-01T09:00:00-05:00"}]
    found = [record for _, record in mapped(JOBS, job(visits=visits)).records if isinstance(record, WorkOrderVisit)]
    assert [(visit.visit_number, visit.source_id, visit.source_object) for visit in found] == [
        (1, "j1#1", "Job/visits"),
        (2, "j1#2", "Job/visits"),
    ]
    assert found[1].arrived_at == datetime(2026, 3, 1, 14, tzinfo=UTC)


def test_an_element_sees_its_parent_whose_hidden_fields_have_a_name_of_their_own() -> None:
    boxes = {"box": [{"id": "ABCD12345678", "kind": "ont"}, {"id": "ABCD12345679", "kind": "router"}]}
    found = [record for _, record in mapped(JOBS, job(boxes=boxes)).records if isinstance(record, CompletionMaterial)]
    assert [(one.source_id, one.work_order_id, one.kind) for one in found] == [
        ("j1/ABCD12345678", "w1", "ont"),
        ("j1/ABCD12345679", "w1", "router"),
    ]


@pytest.mark.parametrize("absent", [None, []])
def test_a_missing_or_empty_list_gives_no_records(absent: Any) -> None:
    batch = mapped(JOBS, job(visits=absent, boxes=None))
    assert [type(record) for _, record in batch.records] == [FieldCompletion]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"visits": {"number": 1}}, "visits is an object, where a list is expected"),
        ({"visits": [1]}, "visits holds a number, where an object with fields is expected"),
        ({"visits": [{"number": 1}, {"number": "two"}]}, "visits[2].number is a text of 3 characters, where a whole"),
        ({"visits": [{"number": [1]}]}, "visits[1].number is a list, where a whole number is expected"),
        ({"visits": [{}]}, "visits[1].number is missing"),
        ({"boxes": "none"}, "boxes.box cannot be found: a text of 4 characters stands where an object with box is"),
        ({"place": 5}, "place.lat cannot be found: a number stands where an object with lat is expected"),
    ],
)
def test_a_malformed_element_rejects_the_whole_raw_record(changed: dict[str, Any], told: str) -> None:
    assert reason(JOBS, job(**changed)).startswith(told)


def test_records_that_no_part_wants_are_neither_mapped_nor_rejected() -> None:
    (raw,) = mapped(JOBS, job(kind="draft", visits=[], boxes=None)).raws
    assert (raw.records, raw.rejection) == ((), None)


def test_the_cursor_says_which_copy_of_a_record_is_newer_and_how_fresh_the_page_is() -> None:
    batch = mapped(LINES, line(changed="2026-04-01T02:00:00Z"), line(changed="2026-04-01T02:00:00.000001Z"))
    first, second = (raw.change_order for raw in batch.raws)
    assert first is not None
    assert second == first + 1
    assert batch.newest_event == datetime(2026, 4, 1, 2, 0, 0, 1, tzinfo=UTC)


def test_a_cursor_that_lies_ahead_orders_nothing_and_is_told() -> None:
    mapper = PageMapper(mapping_of(LINES), LEDGER)
    batch = mapper.map_page([line(), line(id="2", changed="9999-12-31T00:00:00Z")], PULLED_AT, PULLED_AT)
    assert [raw.change_order is None for raw in batch.raws] == [False, True]
    assert [len(raw.records) for raw in batch.raws] == [1, 1]
    assert batch.newest_event == datetime(2026, 4, 1, 2, tzinfo=UTC)
    assert batch.ahead == ("2",)


@pytest.mark.parametrize(("day", "is_ahead"), [("2026-04-06", False), ("2026-04-07", True)])
def test_a_day_may_have_begun_elsewhere(day: str, is_ahead: bool) -> None:
    mapper = PageMapper(mapping_of(LINES.replace("changed: timestamp", "changed: date")), LEDGER)
    assert bool(mapper.map_page([line(changed=day)], PULLED_AT, PULLED_AT).ahead) is is_ahead


def test_a_cursor_that_counts_never_lies_ahead() -> None:
    mapper = PageMapper(mapping_of(LINES.replace("changed: timestamp", "changed: integer")), LEDGER)
    batch = mapper.map_page([line(changed=10**17)], PULLED_AT, PULLED_AT)
    assert (batch.ahead, batch.raws[0].change_order) == ((), 10**17)


def test_without_a_cursor_there_is_no_order_of_change() -> None:
    batch = mapped(JOBS, job())
    assert batch.raws[0].change_order is None
    assert batch.newest_event is None


def test_a_model_rule_over_several_fields_rejects_the_record() -> None:
    told = reason(LINES, line(last_day="2026-02-27"))
    assert told == "ChargeLine is refused: the line covers no day: 2026-03-01 to 2026-02-28 (exclusive)"


def test_an_amount_at_a_scale_that_its_currency_does_not_have_is_refused() -> None:
    text = LINES.replace("\"'USD'\"", "code")
    assert mapped(text, line(code="USD")).rejected == []
    assert "is an amount with 2 decimals, which JPY does not have" in reason(text, line(code="JPY"))
    assert "(code) is 'XTS', which is not among the words allowed" in reason(text, line(code="XTS"))


def test_an_expression_that_fails_on_one_record_leaves_the_others_alone() -> None:
    text = LINES.replace("covers_to: ADD_DAYS(last_day, 1)", "covers_to: PARSE_DATE(code, '%d/%m/%Y')")
    batch = mapped(text, line(code="01/04/2026"), line(id="2", code="soon"))
    assert [raw.rejection is None for raw in batch.raws] == [True, False]
    assert batch.rejected[0].rejection is not None
    assert batch.rejected[0].rejection.reason == (
        "ChargeLine.covers_to cannot be computed by PARSE_DATE(code, '%d/%m/%Y') (code is a text of 4 characters)"
    )


def test_an_empty_page_maps_to_nothing() -> None:
    batch = mapped(LINES)
    assert (batch.raws, bool(batch.drift), batch.newest_event) == ((), False, None)


def test_one_mapper_serves_page_after_page() -> None:
    mapper = PageMapper(mapping_of(LINES), LEDGER)
    pages = [mapper.map_page([line(id=str(number))], PULLED_AT) for number in range(3)]
    assert [page.raws[0].landed_id for page in pages] == ["0", "1", "2"]
    assert all(isinstance(page.records[0][1], ChargeLine) for page in pages)
    mapper.close()
    mapper.close()


def test_a_mapper_is_for_a_system_of_its_mapping() -> None:
    with pytest.raises(ValueError, match="maps ledger, not other"):
        PageMapper(mapping_of(LINES), MappedSystem("other", LEDGER.capabilities))


def test_value_maps_look_up_whole_numbers_and_truth_values_and_mean_any_type() -> None:
    text = """
system: ledger
stream: orders
market: {from: region, values: {1: oldtown, 2: newtown}}
read:
  object: Order
  key: [id]
  options: {drawer: top}
  fields:
    id: text
    region: integer
    closed: boolean?
    waived: text?
records:
  - entity: ProductOrder
    fields:
      order_number: id
      account_number: id
      order_type: "'new'"
      state: {from: closed, values: {true: completed, false: inProgress}, otherwise: held}
      install_fee_waived: {from: waived, values: {Y: true, N: false}, otherwise: false}
      effective_on: {from: waived, values: {Y: 2026-01-31}, otherwise: null}
"""
    raws = [
        {"id": "1", "region": 1, "closed": True, "waived": "Y"},
        {"id": "2", "region": "2", "closed": "false", "waived": "N"},
        {"id": "3", "region": 2, "closed": None, "waived": None},
    ]
    found = [record.model_dump() for _, record in mapped(text, *raws).records]
    assert [(one["market"], one["state"], one["install_fee_waived"], str(one["effective_on"])) for one in found] == [
        ("oldtown", "completed", True, "2026-01-31"),
        ("newtown", "inProgress", False, "None"),
        ("newtown", "held", False, "None"),
    ]


def test_no_name_of_a_source_collides_with_names_of_the_engine() -> None:
    names = (
        "a0",
        "a1",
        "c0",
        "f0",
        "value",
        "typed",
        "raw",
        "parent",
        "element",
        "row",
        "w",
        "2nd",
        "Größe",
        "select",
    )
    declared = "".join(f"    {name}: text\n" for name in names)
    joined = " || ".join(f'"{name}"' for name in names)
    text = f"""
system: ledger
stream: odd
market: "'oldtown'"
read:
  object: Odd
  key: [a0]
  options: {{drawer: top}}
  fields:
{declared}
  lists:
    parts:
      a1: text
      f0: integer
records:
  - entity: CompletionPhoto
    fields: {{work_order_id: a0, subject: '{joined}'}}
  - entity: CompletionTest
    rows: parts
    fields: {{work_order_id: '"parent.a1" || a1', name: '"parent.f0" || c0', value: CAST(f0 AS DOUBLE)}}
"""
    record = {name: f"<{name}>" for name in names} | {"parts": [{"a1": "!", "f0": 3}]}
    photo, test = (found.model_dump() for _, found in mapped(text, record).records)
    assert photo["subject"] == "".join(f"<{name}>" for name in names)
    assert (test["work_order_id"], test["name"], test["value"]) == ("<a1>!", "<f0><c0>", 3.0)


def test_a_hidden_field_of_the_parent_keeps_a_name_of_its_own_even_where_the_source_uses_it() -> None:
    text = JOBS.replace("    kind: text?\n  lists", "    kind: text?\n    parent.kind: text?\n  lists")
    (told,) = faults_of(text)
    assert "would both be called parent.NAME" in told


def test_a_missing_field_of_an_element_is_not_explained_by_its_parent() -> None:
    text = JOBS.replace("      id: text\n      kind: text\n", "      id: text?\n      kind: text\n")
    told = reason(text, job(boxes={"box": [{"kind": "ont"}]}))
    assert "CompletionMaterial.serial is missing (id is nothing)" in told
