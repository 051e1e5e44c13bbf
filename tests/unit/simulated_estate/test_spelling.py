"""Each system's spelling leads back to the one number it stands for."""

from datetime import date, datetime
from random import Random

import pytest

from simulated_estate.catalogue import ACCESS
from simulated_estate.life.numbers import Numbers, with_check_digit
from simulated_estate.markets import MESA, NORTHSHORE, RIVERBEND
from simulated_estate.months import add_months, next_month
from simulated_estate.servers.salesforce.columns import long_id
from simulated_estate.spelling import (
    billing_account,
    crm_account,
    crm_id,
    crm_order,
    field_order,
    field_serial,
    last_day,
    local,
    mistyped,
    utc_z,
    with_swapped_digits,
)


def test_account_and_order_numbers_differ_in_prefix_and_padding_only() -> None:
    assert (crm_account("1234"), billing_account("1234")) == ("LV-0001234", "0000001234")
    assert (crm_order("12345"), field_order("12345")) == ("00012345", "SO-12345")
    assert crm_account("1234").removeprefix("LV-").lstrip("0") == billing_account("1234").lstrip("0")
    assert crm_order("12345").lstrip("0") == field_order("12345").removeprefix("SO-")


@pytest.mark.parametrize("serial", ["CXNK12AB34CD", "0A003E123456"])
def test_every_spelling_of_a_serial_leads_back_to_it(serial: str) -> None:
    rng = Random(1)
    spellings = {field_serial(rng, serial) for _ in range(200)}
    assert len(spellings) >= 3
    for spelled in spellings:
        compact = spelled.upper().replace("-", "").replace(":", "").removeprefix("0X")
        if len(compact) == 16:
            compact = bytes.fromhex(compact[:8]).decode() + compact[8:]
        assert compact == serial


def test_a_mistyped_order_number_matches_no_other() -> None:
    assert mistyped("SO-102034") == "SO-1O2034"
    assert mistyped("SO-12345") == "SO-12345B"


def test_swapped_digits_are_one_transposition_away() -> None:
    assert with_swapped_digits("CXNK12AB34CD") == "CXNK12AB34DC"
    assert with_swapped_digits("CXNK12AB3455") == "CXNK12AB3545"


def test_no_two_serials_are_one_typing_mistake_apart() -> None:
    tails = {with_check_digit(f"{number:04X}") for number in range(0, 65_536, 7)}
    for tail in sorted(tails)[:400]:
        for place in range(len(tail)):
            wrong = {tail[:place] + digit + tail[place + 1 :] for digit in "0123456789ABCDEF" if digit != tail[place]}
            assert wrong.isdisjoint(tails)
        for place in range(len(tail) - 1):
            swapped = tail[:place] + tail[place + 1] + tail[place] + tail[place + 2 :]
            assert swapped == tail or swapped not in tails


def test_a_subscriber_has_numbers_that_nobody_else_has() -> None:
    given = [
        (numbers.account(), numbers.order(), numbers.job(), numbers.serial(RIVERBEND.elements[0]), numbers.on_port())
        for numbers in (Numbers(1, position) for position in range(2_000))
    ]
    for kind in zip(*given, strict=True):
        assert len(set(kind)) == len(given)
    serials = {Numbers(1, position).serial(NORTHSHORE.elements[0]) for position in range(2_000)}
    assert all(len(serial) == 12 and serial.startswith("0A003E") for serial in serials)


def test_an_org_id_has_18_characters_and_tells_its_capitals() -> None:
    identities = [crm_id("801", number) for number in range(5_000)]
    assert len(set(identities)) == 5_000
    assert {long_id(identity[:15]) for identity in identities} == set(identities)
    assert {len(crm_id("801", number)) for number in (1, 10**6, 10**9)} == {18}


def test_technicians_have_several_words_for_each_offering_and_none_for_two() -> None:
    words = [word for product in ACCESS.values() for word in product.words]
    assert len(words) == len(set(words))
    assert ACCESS["fiber-500"].words == ("Fiber 500", "fiber500", "500 Mbps fiber", "FIBER-500")


def test_moments_are_local_with_offset_or_utc() -> None:
    evening = datetime(2026, 3, 31, 21, 15, tzinfo=MESA.zone)
    assert local(evening) == "2026-03-31T21:15:00-06:00"
    assert utc_z(evening) == "2026-04-01T03:15:00Z"


def test_last_days_and_months() -> None:
    assert last_day(date(2026, 3, 1)) == date(2026, 2, 28)
    assert last_day(None) is None
    assert next_month(date(2026, 12, 31)) == date(2027, 1, 1)
    assert add_months(date(2025, 8, 31), 6) == date(2026, 2, 28)
    assert add_months(date(2026, 5, 31), -6) == date(2025, 11, 30)
