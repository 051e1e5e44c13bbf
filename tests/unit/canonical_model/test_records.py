"""Canonical records: flat, frozen, in UTC, and each with the system that said so."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from canonical_model.billing import ChargeLine
from canonical_model.entities import ENTITIES
from canonical_model.field_work import FieldCompletion
from canonical_model.markets import Market
from canonical_model.network import NetworkObservation
from canonical_model.record import Record, SourceReference

SOURCE = {"market": "oldtown", "source_system": "fsm", "source_object": "completion", "source_id": "cmp-1"}
IN_NEW_YORK = timezone(timedelta(hours=-5))


def completion(**facts: Any) -> FieldCompletion:
    known = {"work_order_id": "wo-1", "completed_at": datetime(2026, 1, 10, 22, 30, tzinfo=IN_NEW_YORK)}
    return FieldCompletion(**(SOURCE | known | facts))


def line(**facts: Any) -> ChargeLine:
    known = {
        "account_number": "0000001234",
        "billing_code": "SLV",
        "rate_minor": 6000,
        "amount_minor": 6000,
        "currency": "USD",
        "covers_from": date(2026, 1, 1),
        "covers_to": date(2026, 2, 1),
        "billed_on": date(2026, 2, 1),
    }
    return ChargeLine(**(SOURCE | known | facts))


def test_a_moment_is_held_in_utc_whatever_zone_said_it() -> None:
    moment = completion().completed_at

    assert moment == datetime(2026, 1, 11, 3, 30, tzinfo=UTC)
    assert moment.tzinfo is UTC


@pytest.mark.parametrize("moment", [datetime(2026, 1, 10, 22, 30), "2026-01-10T22:30:00"], ids=["value", "text"])  # noqa: DTZ001
def test_a_moment_without_a_zone_is_refused(moment: object) -> None:
    with pytest.raises(ValidationError, match="timezone info"):
        completion(completed_at=moment)


def test_a_record_knows_which_record_of_which_system_it_is() -> None:
    assert completion().source == SourceReference("fsm", "completion", "cmp-1")
    assert str(completion().source) == "fsm/completion/cmp-1"


@pytest.mark.parametrize("missing", SOURCE)
def test_a_record_without_market_or_source_is_refused(missing: str) -> None:
    with pytest.raises(ValidationError) as refused:
        completion(**{missing: None})
    assert [error["loc"] for error in refused.value.errors()] == [(missing,)]


def test_a_row_holds_every_field_under_its_name() -> None:
    record = completion(checklist_complete=True)
    row = record.to_row()

    assert list(row) == list(FieldCompletion.model_fields)
    assert row["completed_at"] == datetime(2026, 1, 11, 3, 30, tzinfo=UTC)
    assert row["checklist_complete"] is True
    assert row["notes"] is None
    assert FieldCompletion(**row) == record


def test_a_record_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        completion().work_order_id = "wo-2"  # type: ignore[misc]


def test_a_field_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        completion(mood="good")


def test_blanks_around_a_text_are_no_part_of_it() -> None:
    assert completion(technician="  Kim \n").technician == "Kim"


def test_an_account_has_one_number_in_every_record() -> None:
    assert line().account_number == "1234"


@pytest.mark.parametrize("end", [date(2026, 1, 1), date(2025, 12, 31)])
def test_a_bill_line_covers_at_least_a_day(end: date) -> None:
    with pytest.raises(ValidationError, match="the line covers no day"):
        line(covers_to=end)


@pytest.mark.parametrize("amount", [60.005, "60.00 USD"])
def test_an_amount_is_whole_minor_units(amount: object) -> None:
    with pytest.raises(ValidationError) as refused:
        line(amount_minor=amount)
    assert refused.value.errors()[0]["loc"] == ("amount_minor",)


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=ENTITIES)
def test_every_entity_is_flat(entity: type[Record]) -> None:
    """What a source nests is a record of its own, so a record and a row of a table are the same thing."""
    nested = (Record, list, dict, tuple, set)
    for name, info in entity.model_fields.items():
        for kind in (info.annotation, *get_args(info.annotation)):
            assert not (isinstance(kind, type) and issubclass(kind, nested)), name


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=ENTITIES)
def test_every_identifier_is_a_field(entity: type[Record]) -> None:
    assert set(entity.identifiers) <= set(entity.model_fields)


def market(**facts: Any) -> Market:
    known = {"id": "oldtown", "name": "Old Town", "zone": "America/Denver", "currency": "USD", "technology": "pon"}
    return Market(**(known | facts))


def test_the_day_of_a_moment_is_the_markets_day() -> None:
    just_after_midnight_in_utc = datetime(2026, 1, 11, 3, 30, tzinfo=UTC)

    assert market().local_date(just_after_midnight_in_utc) == date(2026, 1, 10)
    assert market(zone="Europe/Oslo").local_date(just_after_midnight_in_utc) == date(2026, 1, 11)


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"zone": "America/Springfield"}, "no time zone of the IANA database"),
        ({"currency": "ZZZ"}, "currency 'ZZZ' is unknown"),
        ({"id": "Old Town"}, "String should match pattern"),
        ({"technology": "copper"}, "Input should be 'pon', 'active_ethernet' or 'fixed_wireless'"),
    ],
)
def test_a_market_that_cannot_be_is_refused(facts: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        market(**facts)


@pytest.mark.parametrize("level", ["inf", "-inf", "nan"])
def test_a_reading_that_is_no_number_is_refused(level: str) -> None:
    reading = {"optical_dbm": float(level), "optical_side": "olt_rx", "optical_raw_unit": "dBm"}
    with pytest.raises(ValidationError, match="should be a finite number"):
        NetworkObservation(
            **SOURCE,
            serial="CXNK12AB34CD",
            element="olt",
            observed_at=datetime(2026, 1, 10, tzinfo=UTC),
            operational_state="up",
            optical_resolution_db=0.1,
            **reading,
        )


def test_an_account_number_that_is_missing_is_not_the_number_none() -> None:
    with pytest.raises(ValidationError, match="None is no account or order number"):
        line(account_number=None)
