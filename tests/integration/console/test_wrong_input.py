"""Wrong input at the terminal: a clear message naming what to mend, and an exit status that is not 0."""

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError, SpliceError
from console.main import app
from tests.fakes.lumen_valley import FOLDER, change


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = tmp_path / "operator"
    shutil.copytree(FOLDER, copied)
    return copied


def refused(*arguments: str) -> SpliceError:
    told = CliRunner().invoke(app, list(arguments))
    assert isinstance(told.exception, SpliceError), told.output
    return told.exception


def test_the_example_operator_is_all_well() -> None:
    told = CliRunner().invoke(app, ["check", "--operator", str(FOLDER)])
    assert told.exit_code == 0
    assert "all well" in told.output


def test_every_fault_of_every_file_is_told_at_once(folder: Path) -> None:
    change(folder / "operator.yaml", "America/Denver", "America/Denvr")
    change(folder / "operator.yaml", r"(fsm:\n *)kind: rest", r"\1kind: rst")
    change(folder / "operator.yaml", "shrink_percent", "shrink_percentage")
    change(folder / "catalogue.yaml", r"applies_to: access, months: 3", "applies_to: acess, months: 3")
    change(folder / "mappings" / "crm-accounts.yaml", "name: Name", "nam: Name")
    change(folder / "mappings" / "billing-bills.yaml", r"total_minor: total", "total_minor: totl")
    _, *told = str(refused("check", "--operator", str(folder))).splitlines()
    expected = [
        "catalogue.yaml: winback_15 names charge 'acess'; known are access",
        "mappings/billing-bills.yaml: records.0.fields.total_minor: there is no column totl; nearest: total",
        "mappings/crm-accounts.yaml: records.0.fields.name: is missing; Customer needs it (text)",
        "mappings/crm-accounts.yaml: records.0.fields.nam: Customer has no such field; nearest: name",
        "operator.yaml: markets.mesa.zone: 'America/Denvr' is no time zone",
        "operator.yaml: systems.fsm.kind: there is no connector rst; nearest: rest",
        "operator.yaml: limits.shrink_percentage: unknown key; nearest: shrink_percent",
    ]
    for fault, start in zip(told, expected, strict=True):
        assert re.sub(r":[0-9]+:", ":", fault.strip()).startswith(start)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("REPLACE(AccountNumbr, 'LV-', '')", "AccountNumber"),
        ("READ_TEXT('/etc/passwd')", "READ_TEXT"),
        ("(SELECT 1)", "query"),
        ("AccountNumber; DROP TABLE x", ""),
        ("AccountNumber / 2", "/"),
    ],
)
def test_a_mapping_can_only_compute(folder: Path, expression: str, told: str) -> None:
    change(
        folder / "mappings" / "crm-accounts.yaml",
        r"account_number: REPLACE\(AccountNumber, 'LV-', ''\)",
        f'account_number: "{expression}"',
    )
    message = str(refused("check", "--operator", str(folder)))
    assert "mappings/crm-accounts.yaml:" in message
    assert "account_number" in message
    assert told.lower() in message.lower()


def test_a_secret_in_clear_is_refused_and_not_repeated(folder: Path) -> None:
    change(folder / "operator.yaml", "env:LUMEN_VALLEY_BILLING_PASSWORD", "hunter2")
    message = str(refused("check", "--operator", str(folder)))
    assert "secrets" in message
    assert "hunter2" not in message


def test_an_operators_own_rule_is_checked_like_ours(folder: Path) -> None:
    rule = (FOLDER.parents[1] / "rules" / "packs" / "leakage" / "billed-twice.yaml").read_text(encoding="utf-8")
    (folder / "rules").mkdir(exist_ok=True)
    wrong = rule.replace("RL-B05", "LV-X01").replace("when: duplicate_amount", "when: duplicated_amount")
    (folder / "rules" / "own.yaml").write_text(wrong, encoding="utf-8")
    message = str(refused("check", "--operator", str(folder)))
    assert "rules/own.yaml:" in message
    assert "duplicate_amount" in message


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["reconcile", "nowhere"], "known: mesa, northshore, riverbend"),
        (["sync", "biling"], "nearest: billing"),
        (["explain", "zzzz"], "no hub has worked in"),
        (["report", "mesa"], "no hub has worked in"),
        (["reconcile", "mesa"], "nothing of market mesa was ever pulled: run `splice sync` first"),
        (["reconcile", "--snapshot", "no/such/folder"], "holds no snapshot"),
    ],
)
def test_what_does_not_exist_is_named(tmp_path: Path, arguments: list[str], told: str) -> None:
    error = refused(*arguments, "--operator", str(FOLDER), "--workspace", str(tmp_path))
    assert isinstance(error, ConfigurationError)
    assert told in str(error)
