"""The options of a system's block: each in its part, and what its mappings need not repeat."""

from pathlib import Path

import pytest

from canonical_model.errors import ConfigurationError
from hub.operator_folder.load import Operator, load_operator

OPERATOR = """
operator: Small Fiber
markets: {oldtown: {name: Old Town, zone: America/Chicago, currency: USD, technology: pon}}
systems:
  bills:
    kind: rest
    role: billing
    address: env:BILLS
    options: {login: bearer}
    stream_options: {rows: data, since_parameter: since, paging: page}
    secrets: {token: env:TOKEN}
"""
CATALOGUE = "offerings: []\nproration: {oldtown: actual_actual}\n"
MAPPING = """
system: bills
stream: payments
market: "'oldtown'"
read:
  object: v1/payments
  key: [id]
  cursor: changed
  options: {paging: offset}
  fields: {id: text, changed: timestamp, account: text, amount: money(2), day: date}
records:
  - entity: Payment
    fields: {account_number: account, amount_minor: amount, currency: "'USD'", received_on: day}
"""


def loaded(folder: Path, operator: str = OPERATOR, mapping: str = MAPPING) -> Operator:
    (folder / "mappings").mkdir()
    (folder / "operator.yaml").write_text(operator, encoding="utf-8")
    (folder / "catalogue.yaml").write_text(CATALOGUE, encoding="utf-8")
    (folder / "mappings" / "payments.yaml").write_text(mapping, encoding="utf-8")
    return load_operator(folder)


def test_a_system_says_once_what_all_its_mappings_need(tmp_path: Path) -> None:
    operator = loaded(tmp_path)
    assert operator.mapped_systems["bills"].stream_options["rows"] == "data"
    assert operator.mappings["bills"][0].read.options == {"paging": "offset"}


@pytest.mark.parametrize(
    ("written", "changed", "told"),
    [
        ("rows: data", "row: data", "operator.yaml:10: systems.bills.stream_options.row: rest has no such option"),
        ("rows: data", "login: bearer", "stream_options.login: belongs under options"),
        ("rows: data", "token: hush", "stream_options.token: belongs under secrets"),
        ("{login: bearer}", "{login: bearer, rows: x}", "options.rows: belongs under stream_options"),
        ("{login: bearer}", "{token: hush}", "options.token: belongs under secrets"),
        ("{login: bearer}", "{logn: bearer}", "options.logn: rest has no such option; nearest: login"),
        ("{token: env", "{tokn: env", "secrets.tokn: is no secret of rest; nearest: token"),
        ("rows: data", "next: 'https://a:hush@b/'", "stream_options.next: holds a password"),
    ],
)
def test_each_option_has_its_part(tmp_path: Path, written: str, changed: str, told: str) -> None:
    assert written in OPERATOR
    with pytest.raises(ConfigurationError) as refused:
        loaded(tmp_path, OPERATOR.replace(written, changed))
    assert told in str(refused.value)
    assert "hush" not in str(refused.value)


def test_what_a_kind_requires_may_stand_in_the_block_or_in_the_mapping(tmp_path: Path) -> None:
    soap = OPERATOR.replace("kind: rest", "kind: soap").replace("{login: bearer}", "{login: text, username: u}")
    soap = soap.replace("{token: env:TOKEN}", "{password: env:P}")
    soap = soap.replace("{rows: data, since_parameter: since, paging: page}", "{rows: payment}")
    mapping = MAPPING.replace("  options: {paging: offset}\n", "")
    assert loaded(tmp_path, soap, mapping).mappings["bills"]
    (tmp_path / "operator.yaml").write_text(soap.replace("{rows: payment}", "{}"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"read\.options\.rows: is missing; soap needs it"):
        load_operator(tmp_path)
