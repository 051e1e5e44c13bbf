"""A command becomes a write: computed once, exact, and the same again when it is thawed."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from canonical_model.errors import ConfigurationError, Fault
from connectors.commands import CommandFile, frozen, plan_write, read_command_files, thawed
from connectors.discovery import capabilities_by_kind
from connectors.mapping import MappedSystem
from handoffs.commands import COMMANDS, Command, as_json, from_json, problems_of

JOBS = {"jobs": MappedSystem("jobs", capabilities_by_kind()["rest"])}
START = """
command: start_billing
system: jobs
send:
  object: accounts/{account}/lines
  key: {account: account_number}
  fields:
    request: idempotency_key
    order: order_number
    plan: {from: offering_id, values: {silver: SLV, gold: 7}}
    from: starts_on
    price: monthly_price
    where.market: UPPER(market)
    note: CONCAT('for ', subject)
look:
  object: lines
  fields: {request: idempotency_key}
  options: {rows: data}
  expect: {request: idempotency_key, from: starts_on, price: monthly_price}
  progress: {field: state, values: {ok: applied, no: refused}}
  reference: id
"""


def command(**fields: Any) -> Command:
    given = {
        "account_number": "a/1",
        "offering_id": "gold",
        "billing_code": "GLD",
        "starts_on": date(2026, 3, 4),
        "monthly_price": Decimal("79.90"),
        **fields,
    }
    return Command("start_billing", "mesa", "field_to_billing", "account/1", given, "SO-1/start/1")


def file_of(text: str = START) -> CommandFile:
    faults: list[Fault] = []
    files = read_command_files({"commands/start.yaml": text}, faults, systems=JOBS)
    assert faults == []
    return files[0]


def test_every_value_is_computed_by_its_expression() -> None:
    write = plan_write(file_of(), command(), "SO-1/start/1")
    (part,) = write.parts
    assert part.key == {"account": "a/1"}
    assert part.values == {
        "request": "SO-1/start/1",
        "plan": 7,
        "from": "2026-03-04",
        "price": "79.90",
        "where.market": "MESA",
        "note": "for account/1",
    }
    (look,) = write.looks
    assert look.values == {"request": "SO-1/start/1"}
    assert [(each.field, each.type, each.value) for each in look.expected] == [
        ("request", "text", "SO-1/start/1"),
        ("from", "date", "2026-03-04"),
        ("price", "money(2)", "79.90"),
    ]
    assert (look.progress_field, look.reference_field) == ("state", "id")


def test_what_a_command_is_silent_about_is_left_alone() -> None:
    write = plan_write(file_of(), command(monthly_price=None), "k")
    assert "price" not in write.parts[0].values
    assert "order" not in write.parts[0].values
    assert [each.field for each in write.looks[0].expected] == ["request", "from"]


def test_a_write_is_the_same_when_it_comes_back_from_the_journal() -> None:
    write = plan_write(file_of(), command(), "k")
    assert thawed(frozen(write)) == write
    assert frozen(thawed(frozen(write))) == frozen(write)


def test_a_word_that_is_not_listed_is_told_without_the_word() -> None:
    with pytest.raises(ConfigurationError, match=r"start\.yaml:10: send\.fields\.plan: yields a word that") as failed:
        plan_write(file_of(), command(offering_id="platinum"), "k")
    assert "platinum" not in str(failed.value)


def test_a_record_without_a_name_is_never_written_to() -> None:
    with pytest.raises(ConfigurationError, match=r"send\.key\.account: is missing"):
        plan_write(
            file_of(START.replace("account: account_number", "account: TRIM(account_number)")),
            command(account_number=" "),
            "k",
        )


def test_a_look_without_its_question_would_find_anybody() -> None:
    text = START.replace(
        "  fields: {request: idempotency_key}\n  options", "  fields: {order: order_number}\n  options"
    )
    with pytest.raises(ConfigurationError, match=r"look\.fields\.order: is missing"):
        plan_write(file_of(text), command(), "k")


def test_an_expectation_that_says_nothing_is_none() -> None:
    text = START.replace(
        "expect: {request: idempotency_key, from: starts_on, price: monthly_price}", "expect: {price: monthly_price}"
    )
    with pytest.raises(ConfigurationError, match="any record would look done"):
        plan_write(file_of(text), command(monthly_price=None), "k")


def test_an_expression_that_fails_on_a_value_says_where() -> None:
    text = START.replace("order: order_number", "order: CAST(account_number AS INTEGER)")
    with pytest.raises(ConfigurationError, match=r"send\.fields\.order: fails on what the command holds"):
        plan_write(file_of(text), command(), "k")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (Command("start_bill", "mesa", "field_to_billing", "s", {}, "k"), "there is no command start_bill; nearest"),
        (command(colour="red"), "start_billing has no field colour"),
        (command(starts_on=None), "start_billing needs starts_on (date)"),
        (command(starts_on=datetime(2026, 1, 1, tzinfo=UTC)), "starts_on of start_billing is no date"),
        (command(starts_on="2026-01-01"), "starts_on of start_billing is no date"),
        (command(monthly_price=79.9), "monthly_price of start_billing is no money(2)"),
        (command(monthly_price=Decimal("79.901")), "monthly_price of start_billing is no money(2)"),
        (command(account_number="1\0"), "account_number of start_billing is no text"),
        (Command("stop_billing", "mesa", "to_billing", "s", {}, "k"), "there is no hand-off to_billing"),
        (Command("stop_billing", "mesa", "field_to_billing", "", {}, "k"), "the subject is empty"),
        (Command("stop_billing", "mesa", "field_to_billing", "s", {}, "k\r\nX: 1"), "the idempotency key has"),
    ],
)
def test_a_wrong_command_is_told(wrong: Any, told: str) -> None:
    assert any(told in problem for problem in problems_of(wrong)), problems_of(wrong)


def test_fields_survive_the_journal_exactly() -> None:
    denver = timezone(timedelta(hours=-7))
    fields = {
        "work_order_id": "wo_1",
        "outcome": "completed",
        "closed_at": datetime(2026, 3, 4, 5, 6, 7, tzinfo=denver),
        "note": None,
    }
    assert from_json("close_work_order", as_json(fields)) == fields
    given = command().fields
    assert from_json("start_billing", as_json(given)) == given


def test_every_command_has_fields_and_none_hides_a_built_in_column() -> None:
    for name, schema in COMMANDS.items():
        assert schema, name
        assert not {"idempotency_key", "market", "subject"} & set(schema), name
