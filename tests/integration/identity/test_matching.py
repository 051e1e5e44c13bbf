"""Records of real shapes through the real model: addresses, keys, scores, and the same answer each time."""

import sys
from typing import Any

import pyarrow as pa
import pytest

from benchmarks.febrl import PERSONS, febrl_folder, febrl_records, febrl_settings, person_of
from canonical_model.errors import ConfigurationError
from identity.addresses import AddressForm, address_form
from identity.judgement import judge, judge_all
from identity.matching import find_pairs
from identity.settings import MatchSettings
from identity.settings_file import default_settings
from identity.standard_forms import CUSTOMER_COLUMNS

pytestmark = pytest.mark.peer("splink")


def person(record: str, **facts: Any) -> dict[str, Any]:
    blank: dict[str, Any] = dict.fromkeys(CUSTOMER_COLUMNS)
    return {**blank, "record": record, "system": record.split("/", maxsplit=1)[0], "suffix": "", "unit": "", **facts}


def verdicts(rows: list[dict[str, Any]], settings: MatchSettings) -> dict[tuple[str, str], tuple[str, str]]:
    judged = judge_all(find_pairs(pa.Table.from_pylist(rows), settings), settings)
    return {pair.names: (verdict.state, verdict.basis) for pair, verdict in judged.verdicts}


@pytest.mark.parametrize(
    ("address", "unit", "form"),
    [
        ("123 North Main Street Apt. 4-B", None, AddressForm("123", "N MAIN ST", "4B")),
        ("123 N. Main St.", "#4b", AddressForm("123", "N MAIN ST", "4B")),
        ("123 N MAIN ST UNIT 04B", None, AddressForm("123", "N MAIN ST", "4B")),
        ("380 Deanock Court #17", None, AddressForm("380", "DEANOCK CT", "17")),
        ("45 1/2 Oak Lane", None, AddressForm("45 1/2", "OAK LN", "")),
        ("500 E 5th St Bldg C Apt 12", None, AddressForm("500", "E 5TH ST", "BLDGC12")),
        ("12 Rue de la Paix", None, AddressForm("12", "RUE DE LA PAIX", "")),
        ("PO Box 99", None, AddressForm(None, "PO BOX 99", "")),
        ("Cedar House", None, AddressForm(None, "CEDAR HOUSE", "")),
        ("???", None, AddressForm(None, None, "")),
        (None, "7", AddressForm(None, None, "7")),
    ],
)
def test_an_address_has_one_form_however_it_is_spelled(
    address: str | None, unit: str | None, form: AddressForm
) -> None:
    assert address_form(address, unit) == form


def test_a_key_joins_within_its_space_only() -> None:
    settings = default_settings("customer")
    key = settings.exact[0].model_copy(update={"spaces": (("crm", "billing"), ("bought",))})
    settings = settings.model_copy(update={"exact": (key,)})
    rows = [
        person("crm/c/1", account_number="1001", given_name="ANA", surname="REYES"),
        person("billing/c/1", account_number="1001", given_name="ANA", surname="REYES"),
        person("bought/c/1", account_number="1001", given_name="WES", surname="HOLM"),
        person("other/c/1", account_number="1001", given_name="TARA", surname="LUND"),
    ]
    assert verdicts(rows, settings) == {("billing/c/1", "crm/c/1"): ("linked", "key")}


def test_a_value_that_half_the_world_shares_joins_nobody() -> None:
    settings = default_settings("customer")
    rows = [person(f"crm/c/{number}", account_number="9999") for number in range(settings.exact[0].most_sharing + 1)]
    assert verdicts(rows, settings) == {}


def test_nothing_known_joins_nothing() -> None:
    assert verdicts([person("a/c/1"), person("b/c/1")], default_settings("customer")) == {}
    assert find_pairs(pa.Table.from_pylist([person("a/c/1")]), default_settings("customer")) == []


def test_an_installation_without_the_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pa.Table.from_pylist([person("a/c/1"), person("b/c/1")])
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(ConfigurationError, match="install its extra 'identity'"):
        find_pairs(rows, default_settings("customer"))
    monkeypatch.setitem(sys.modules, "scourgify", None)
    with pytest.raises(ConfigurationError, match="install its extra 'identity'"):
        address_form("1 Some Street That Nobody Asked For Yet")


@pytest.mark.peer("febrl")
def test_febrl_without_the_national_id() -> None:
    folder = febrl_folder()
    assert folder is not None
    records, settings = febrl_records(folder), febrl_settings()
    assert len(records) == 2 * PERSONS

    pairs = find_pairs(records, settings)
    joined = [pair for pair in pairs if (verdict := judge(pair, settings)) is not None and verdict.state == "linked"]
    right = sum(person_of(pair.left) == person_of(pair.right) for pair in joined)
    assert 2 * right / (len(joined) + PERSONS) >= 0.995
    assert right / len(joined) >= 0.999

    for pair in pairs:
        assert pair.weight == pytest.approx(sum(pair.weights.values()))
    assert find_pairs(records, settings) == pairs, "the same records give the same scores"
