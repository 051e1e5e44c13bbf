"""`splice cases` at the terminal: lists, one case in full, and wrong input in one line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from canonical_model.errors import ConfigurationError
from console.main import EXIT_CODES
from hub.operator_folder.load import load_operator
from tests.fakes.command_line import CommandLine
from tests.fakes.judged_once import pulled_and_judged
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator

POLICY = {"approvers": [{"name": "lee"}], "markets": {"oldtown": {"proposes": True}}}
FIELDS = {
    "case",
    "market",
    "rule",
    "subject",
    "state",
    "assignee",
    "handoff",
    "money_then",
    "money_now",
    "first_seen",
}


class Cases:
    """The commands over one workspace, in which two findings were judged."""

    def __init__(self, hub: SmallHub) -> None:
        self._line = CommandLine(hub)

    def run(self, *words: str) -> str:
        done = self._line.other("cases", *words)
        assert done.exception is None, done.exception
        return " ".join(done.output.split())

    def refused(self, *words: str) -> str:
        error = self._line.other("cases", *words).exception
        assert isinstance(error, ConfigurationError), error
        assert EXIT_CODES[type(error)] == 2
        assert "\n" not in str(error)
        return str(error)

    def listed(self, *words: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self._line.other("cases", "list", "--json", *words).output)
        return found


@pytest.fixture
def cases(tmp_path: Path) -> Cases:
    hub, operator = SmallHub(tmp_path), SmallOperator()
    (hub.folder / "remedies.yaml").write_text(yaml.safe_dump(POLICY), encoding="utf-8")
    for account, rate in (("1", "50.00"), ("2", "30.00")):
        operator.installed(account)
        operator.whole_months(account, "SLV", rate, (1, 2, 3))
    pulled_and_judged(hub, operator, AS_OF)
    return Cases(hub)


def test_the_list_has_the_most_money_first_and_can_be_narrowed(cases: Cases) -> None:
    everything = cases.listed()
    assert [(one["subject"], one["money_now"], one["state"]) for one in everything] == [
        ("service/2", "90.00", "new"),
        ("service/1", "30.00", "new"),
    ]
    assert set(everything[0]) >= FIELDS
    one, other = (each["case"] for each in everything)
    cases.run("assign", other[:8], "--to", "dana", "--as", "lee")
    cases.run("acknowledge", other[:8], "--as", "dana")
    assert [each["case"] for each in cases.listed("--assignee", "dana")] == [other]
    assert [each["case"] for each in cases.listed("--assignee", "nobody")] == [one]
    assert [each["case"] for each in cases.listed("--state", "acknowledged")] == [other]
    assert [each["case"] for each in cases.listed("--min", "30.01")] == [one]
    assert [each["case"] for each in cases.listed("--rule", "RL-C05", "--market", "oldtown", "--limit", "1")] == [one]
    assert len(cases.listed("--older-than", "1")) == 2
    assert cases.listed("--handoff", "field_to_billing") == []
    assert cases.listed("--older-than", "100000") == []
    assert "2 cases" in cases.run("list")
    assert "no case is like this" in cases.run("list", "--market", "newtown")


def test_a_case_in_full_has_its_proof_its_remedies_and_its_history(cases: Cases) -> None:
    (_, listed) = cases.listed()
    cases.run("dismiss", listed["case"], "--reason", "moves out", "--until", "2999-01-31", "--as", "dana")
    whole = json.loads(cases._line.other("cases", "show", listed["case"], "--json").output)
    assert [line["exposure"] for line in whole["lines"]] == ["10.00"] * 3
    assert whole["evidence"]
    assert [one["kind"] for one in whole["remedies"]] == ["backbill", "price_correction"]
    assert [(one["who"], one["what"]) for one in whole["history"]][-1] == ("dana", "dismissed")
    told = cases.run("show", listed["case"][:6])
    for words in ("2026-01 access expected 60.00 USD, billed 50.00 USD: 10.00 USD", "moves out", "splice explain"):
        assert words in told


def test_a_task_is_approved_and_done_by_persons(cases: Cases) -> None:
    name = cases.listed()[1]["case"]
    approved = cases.run("approve", name, "--remedy", "2", "--as", "lee")
    assert "remedy 2 is approved; `splice cases done` comes next" in approved
    assert f"case {name}: a person's task: correct what is billed from now on (correct price): 1" in cases.run("send")
    assert "remedy 2 is done" in cases.run("done", name, "--reason", "corrected by hand", "--as", "dana")


def test_what_can_be_billed_no_more_is_not_approved(cases: Cases) -> None:
    """The months are of early 2026; the day of the approval counts, and not the day of the run."""
    told = cases.refused("approve", cases.listed()[0]["case"], "--remedy", "1", "--as", "lee")
    assert re.search(r"months before 20\d\d-\d\d cannot be billed any more \(6 months back\); withdraw it", told)


def test_a_command_of_a_person_with_its_fields(cases: Cases) -> None:
    name = cases.listed()[0]["case"]
    cases.run("withdraw", name, "--remedy", "2", "--reason", "by the system", "--as", "dana")
    fields = ("--set", "subscription_id=S1", "--set", "offering_id=silver", "--set", "billing_code=SLV")
    assert "effective_on" in cases.refused("propose", name, "--kind", "price-correction", *fields)
    cases.run("propose", name, "--kind", "price_correction", *fields, "--set", "effective_on=2026-05-01")
    whole = json.loads(cases._line.other("cases", "show", name, "--json").output)
    assert whole["remedies"][2]["fields"] == {
        "account_number": "2",
        "billing_code": "SLV",
        "effective_on": "2026-05-01",
        "offering_id": "silver",
        "subscription_id": "S1",
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["show", "ffff"], "no case begins with ffff; `splice cases list` shows them"),
        (["show", "a"], "case 'a': give 4 digits at least"),
        (["list", "--state", "opne"], "--state: there is no state 'opne'; nearest: open"),
        (["list", "--handoff", "field"], "--handoff: there is no hand-off 'field'"),
        (["list", "--min", "much"], "--min much: an amount as in 20.00 is expected"),
        (["dismiss", "CASE", "--reason", "x", "--until", "2020-01-01"], "--until 2020-01-01: a day after today"),
        (["dismiss", "CASE", "--reason", "x", "--until", "soon"], "--until soon: a day as in 2027-01-31"),
        (["dismiss", "CASE", "--reason", " ", "--until", "2999-01-01"], "not dismissed without a reason"),
        (["write-off", "CASE", "--reason", ""], "not written off without a reason"),
        (
            ["reopen", "CASE", "--reason", "x"],
            "is new and cannot be reopened: only one that is dismissed, written off",
        ),
        (["propose", "CASE", "--kind", "bakbill"], "--kind: there is no kind 'bakbill'; nearest: backbill"),
        (["propose", "CASE", "--kind", "backbill"], "remedy 1 is a backbill already, and proposed"),
        (
            ["propose", "CASE", "--kind", "credit"],
            "no credit: a credit is for money that is over billed and refund due",
        ),
        (["propose", "CASE", "--kind", "task", "--set", "x"], "--set x: FIELD=VALUE is expected"),
        (["approve", "CASE"], "case CASE has several remedies that can be approved: choose by --remedy (1, 2)"),
        (["approve", "CASE", "-r", "1", "--as", "sam"], "sam may not approve remedies in oldtown; those who may"),
        (["approve", "CASE", "-r", "9", "--as", "lee"], "case CASE has no remedy 9 that can be approved"),
        (["send", "CASE"], "has no approved remedy"),
        (["send", "--market", "newtown"], "there is no market 'newtown'; there are: oldtown"),
        (["done", "CASE", "--reason", "x"], "case CASE has no remedy that can be done by a person"),
        (["withdraw", "CASE", "-r", "1", "--reason", ""], "without a reason: give --reason"),
    ],
)
def test_wrong_input_is_told_in_one_line_with_what_to_do(cases: Cases, words: list[str], told: str) -> None:
    name = cases.listed()[0]["case"]
    said = cases.refused(*(name if word == "CASE" else word for word in words))
    assert told.replace("CASE", name) in said


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ({"markets": {"oltown": {}}}, "there is no market oltown; nearest: oldtown"),
        ({"approvers": [{"name": "x", "markets": ["newtown"]}]}, "there is no market newtown"),
        ({"markets": {"oldtown": {"approve_up_to": 5}}}, "unknown key"),
        ({"markets": {"oldtown": {"approves_up_to": -5}}}, "greater than or equal to 0"),
    ],
)
def test_a_wrong_policy_is_told_with_its_place(tmp_path: Path, policy: dict[str, Any], told: str) -> None:
    hub = SmallHub(tmp_path)
    (hub.folder / "remedies.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=f"remedies.yaml:.*{told}"):
        load_operator(hub.folder)
