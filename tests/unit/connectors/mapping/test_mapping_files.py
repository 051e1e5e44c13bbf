"""What is wrong in a mapping file is told at once, with file, line, key and what was expected."""

import re

import pytest
from small_mapping import JOBS, LEDGER, LINES, MARKETS, faults_of, mapping_of

from canonical_model.errors import Fault
from connectors.mapping import MappedSystem, read_mappings


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_a_mapping_without_faults_says_what_a_connector_is_to_read() -> None:
    read = mapping_of(LINES).read
    assert (read.stream, read.source_object, read.key, read.cursor_field) == ("lines", "Line", ("id",), "changed")
    assert read.fields[:3] == ("id", "town", "account")
    assert read.overlap.total_seconds() == 600
    assert read.options == {"drawer": "top"}


def test_nested_lists_are_among_the_fields_that_are_read() -> None:
    assert mapping_of(JOBS).read.fields == ("id", "order", "done", "place.lat", "kind", "visits", "boxes.box")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "system: ledger",
            "system: leger",
            "0.yaml:2: system: there is no system leger in operator.yaml",
        ),
        ("stream: lines", "streem: lines", "0.yaml:3: streem: unknown key; nearest: stream"),
        ("stream: lines", "stream: Lines!", "0.yaml:3: stream: String should match pattern"),
        ("account: text", "account: txt", "0.yaml:13: read.fields.account: 'txt' is not a type"),
        ("account: text", "pulled_at: text", "read.fields.pulled_at: is a column that every mapping has"),
        ("account: text", "ID: text", "differs from id by capitals only"),
        ("account: text", "a..b: text", "read.fields.a..b: an empty step between points"),
        ("key: [id]", "key: [idd]", "0.yaml:7: read.key.0: idd is not among the fields; nearest: id"),
        ("key: [id]", "key: [subscription]", "read.key.0: subscription must be text or integer, never missing"),
        (
            "cursor: changed",
            "cursor: change",
            "0.yaml:8: read.cursor: change is not among the fields",
        ),
        ("cursor: changed", "cursor: town", "read.cursor: town must be timestamp, date or integer"),
        ("{drawer: top}", "{drawr: top}", "0.yaml:9: read.options.drawr: paper has no such option"),
        ("{drawer: top}", "{}", "read.options.drawer: is missing; paper needs it: which drawer"),
        (
            "entity: ChargeLine",
            "entity: ChargeLin",
            "there is no entity ChargeLin; nearest: ChargeLine",
        ),
        ("  fields:\n    id", "  ignored: [town]\n  fields:\n    id", "read.ignored.0: town is read, so it cannot"),
        ("billing_code: code", "bilingcode: code", "records.0.fields.bilingcode: ChargeLine has no such field"),
        ("      billing_code: code\n", "", "records.0.fields.billing_code: is missing; ChargeLine needs it (text)"),
        (
            "billing_code: code",
            "billing_code: cod",
            "0.yaml:27: records.0.fields.billing_code: there is no column",
        ),
        ("rate_minor: rate", "rate_minor: code", "records.0.fields.rate_minor: yields text, but money is expected"),
        ("rate: money(2)", "rate: money(4)", "rate_minor: yields money(4); amounts are kept at 0 or 2 decimals"),
        ("covers_from: first_day", "covers_from: account", "covers_from: yields text, but date is expected"),
        ("\"'USD'\"", "\"'USX'\"", "fields.currency: 'USX' is not allowed here; nearest: USD"),
        (
            "OLD: oldtown",
            "OLD: oltown",
            "0.yaml:4: market.values.OLD: 'oltown' is not allowed here",
        ),
        ("{from: town, values: {OLD: oldtown, NEW: newtown}}", "{from: town, vals: {}}", "market.vals: unknown key"),
        ("{from: town, values: {OLD: oldtown, NEW: newtown}}", "{from: town, values: {}}", "values lists nothing"),
        (
            "market: {from: town, values: {OLD: oldtown, NEW: newtown}}\n",
            "",
            "market: is missing: the system",
        ),
        ("billed_on: billed", "billed_on: billed\n      market: town", "market stands beside fields"),
        ("billed_on: billed", "billed_on: billed\n      source_id: id", "source_id: is set by the engine"),
        ("billed_on: billed", "billed_on: [billed]", "billed_on: an SQL expression is expected, or from and values"),
        ("billed_on: billed", "billed_on: (SELECT billed)", "records.0.fields.billed_on:"),
    ],
)
def test_each_fault_names_its_place_and_what_was_expected(old: str, new: str, fault: str) -> None:
    told = faults_of(changed(LINES, old, new))
    assert any(fault in one for one in told), told


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("rows: visits", "rows: visit", "records.1.rows: visit is not among read.lists; nearest: visits"),
        (
            "entity: WorkOrderVisit\n    rows",
            "entity: WorkOrderVisit\n    row",
            "row: unknown key; nearest: rows",
        ),
        (
            "where: COALESCE(kind, '') <> 'draft'",
            "where: kind",
            "where: yields text, but boolean is expected",
        ),
        ("serial: id", "serial: number", "records.2.fields.serial: there is no column number"),
        (
            "      id: text\n      kind: text\n",
            "      element_number: text\n",
            "element_number: is a column that",
        ),
    ],
)
def test_faults_in_nested_lists_are_told(old: str, new: str, fault: str) -> None:
    told = faults_of(changed(JOBS, old, new))
    assert any(fault in one for one in told), told


def test_every_fault_of_every_file_is_told_in_one_go() -> None:
    first = changed(changed(LINES, "rate_minor: rate", "rate_minor: rat"), "key: [id]", "key: [di]")
    second = changed(JOBS, "rows: visits", "rows: nothing")
    told = faults_of(first, second)
    assert [one.partition(":")[0] for one in told] == ["mappings/0.yaml"] * 2 + ["mappings/1.yaml"]


def test_every_fault_of_one_file_is_told_in_one_go_and_none_that_only_follows() -> None:
    text = changed(LINES, "object: Line", "objct: Line")  # a key that must be given, and one that nobody knows
    text = changed(text, "key: [id]", "key: [di]")
    text = changed(text, "{drawer: top}", "{drawr: top}")
    text = changed(text, "account: text", "account: txt")  # account_number builds on it
    text = changed(text, "billing_code: code", "billing_code: cod")
    text = changed(text, "covers_from: first_day", "covers_from: [first_day]")
    text = changed(text, "OLD: oldtown", "OLD: oltown")
    text += "quality:\n  ChargeLine:\n    - {expectation: expect_column_values_to_be_unique, colum: x}\n"
    told = {re.sub(r"mappings/0.yaml:[0-9]+: ", "", one).split(";")[0] for one in faults_of(text)}
    assert told == {
        "read.object: is missing and must be given",
        "read.objct: unknown key",
        "read.fields.account: 'txt' is not a type",
        "records.0.fields.covers_from: an SQL expression is expected, or from and values",
        "read.options.drawr: paper has no such option",
        "read.options.drawer: is missing",
        "read.key.0: di is not among the fields",
        "market.values.OLD: 'oltown' is not allowed here",
        "records.0.fields.billing_code: there is no column cod",
        "quality.ChargeLine.0.colum: unknown key",
        "quality.ChargeLine.0.column: a column must be named here",
    }


def test_nothing_is_said_of_what_builds_on_a_system_whose_block_is_wrong() -> None:
    faults: list[Fault] = []
    text = changed(LINES, "market: {from: town, values: {OLD: oldtown, NEW: newtown}}\n", "")
    read_mappings({"0.yaml": text}, faults, systems={}, markets=MARKETS, doubtful_systems=["ledger"])
    assert faults == []


def test_a_file_that_is_no_yaml_does_not_hide_the_faults_of_another() -> None:
    told = faults_of("system: [", changed(LINES, "key: [id]", "key: [di]"))
    assert len(told) == 2
    assert "not YAML" in told[0]


def test_two_files_for_one_stream_of_a_system_are_a_fault() -> None:
    (told,) = faults_of(LINES, LINES)
    assert told == "mappings/1.yaml:3: stream: mappings/0.yaml maps stream lines of ledger already"


def test_system_and_systems_exclude_each_other() -> None:
    (told,) = faults_of(LINES.replace("system: ledger", "system: ledger\nsystems: [ledger]"))
    assert "either system or systems must be given" in told


def test_a_system_that_serves_one_market_needs_no_market_in_the_mapping() -> None:
    text = LINES.replace("market: {from: town, values: {OLD: oldtown, NEW: newtown}}\n", "")
    alone = MappedSystem("ledger", LEDGER.capabilities, market="newtown")
    assert faults_of(text, systems=[alone]) == []


def test_a_required_option_may_stand_in_the_block_of_the_system() -> None:
    equipped = MappedSystem("ledger", LEDGER.capabilities, stream_options={"drawer": "top"})
    assert faults_of(LINES.replace("options: {drawer: top}", "options: {}"), systems=[equipped]) == []


def test_a_field_that_is_read_and_never_used_is_a_warning() -> None:
    mapping = mapping_of(LINES.replace("    code: text\n", "    code: text\n    unused: text\n"))
    assert mapping.warnings == ("mappings/0.yaml:16: read.fields.unused: is read and never used",)


def test_a_missing_value_for_a_required_field_is_foreseen_as_a_warning() -> None:
    mapping = mapping_of(LINES.replace("account: text", "account: text?"))
    assert any("may be missing; records in which it is are rejected" in warning for warning in mapping.warnings)


def test_a_quality_suite_is_checked_against_the_entity() -> None:
    suite = "quality:\n  ChargeLine:\n    - {expectation: expect_column_values_to_not_be_null, column: amount}\n"
    (told,) = faults_of(LINES + suite)
    assert "there is no column amount" in told
    (told,) = faults_of(LINES + "quality:\n  ChargeLin: []\n")
    assert "this mapping gives no ChargeLin; nearest: ChargeLine" in told
