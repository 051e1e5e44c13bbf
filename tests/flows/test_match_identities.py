"""The flow that matches: it pulls who and what the systems know, and leaves counts and the way to the questions."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pydantic import ValidationError
from server_api import ServerApi

from flows.asked import IdentityRequest
from flows.match_identities import match_identities
from tests.fakes.lumen_valley import LumenValley

pytestmark = [pytest.mark.peer("splink"), pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("reporting")]


@pytest.fixture(scope="module")
def request_(operator: LumenValley, tmp_path_factory: pytest.TempPathFactory) -> IdentityRequest:
    """A workspace of its own: nothing was pulled there before."""
    workspace = tmp_path_factory.mktemp("work")
    return IdentityRequest(operator=operator.folder, workspace=workspace, as_of=operator.estate.as_of)


@pytest.fixture(scope="module")
def run(reporting: None, request_: IdentityRequest, api: ServerApi) -> dict[str, Any]:
    match_identities(request_)
    return api.newest_run("match_identities")


def test_it_pulls_only_what_tells_of_customers_and_premises(run: dict[str, Any], api: ServerApi) -> None:
    assert (run["name"], run["state_type"]) == ("match customers and premises", "COMPLETED")
    tasks = api.tasks_of(run["id"], expected=5)
    assert {name for name in tasks if name.startswith("pull")} == {"pull accounts of crm", "pull premises of crm"}
    assert {name for name in tasks if not name.startswith("pull")} == {
        "match customer",
        "match premise",
        "write the questions",
    }


def test_it_leaves_counts_and_the_way_to_the_questions(
    run: dict[str, Any], api: ServerApi, request_: IdentityRequest
) -> None:
    artifacts = api.artifacts_of(run["id"])
    rows = {row["of"]: row for row in json.loads(artifacts["identity-matches"]["data"])}
    assert set(rows) == {"customer", "premise"}
    assert rows["customer"]["records"] > 20
    asked = sum(row["questions"] for row in rows.values())
    assert run["state"]["message"].startswith(f"HELD: {asked:,} questions; " if asked else "customer: ")
    assert request_.workspace is not None
    folder = Path(request_.workspace) / "reports/identity"
    told = artifacts["identity-review"]["data"]
    assert f"{asked:,} questions" in told
    assert str(folder / "questions.html") in told
    assert load_workbook(folder / "questions.xlsx").worksheets[0].max_row == asked + 1
    page = (folder / "questions.html").read_text(encoding="utf-8")
    assert ("splice identity review accept --pattern" in page) == bool(asked)


def test_without_a_pull_it_matches_what_is_known(
    run: dict[str, Any], request_: IdentityRequest, api: ServerApi
) -> None:
    match_identities(request_.model_copy(update={"pull_first": False, "subject": "premise"}))
    again = api.newest_run("match_identities")
    assert set(api.tasks_of(again["id"], expected=2)) == {"match premise", "write the questions"}
    (row,) = json.loads(api.artifacts_of(again["id"])["identity-matches"]["data"])
    assert (row["of"], row["new"], row["lapsed"]) == ("premise", 0, 0)


def test_a_pull_that_fails_matches_nothing(
    request_: IdentityRequest, operator: LumenValley, environment: Mapping[str, str], api: ServerApi, tmp_path: Path
) -> None:
    del environment
    broken = tmp_path / "operator"
    for file in operator.folder.rglob("*.yaml"):
        target = broken / file.relative_to(operator.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text(encoding="utf-8")
        target.write_text(text.replace("object: Premise__c", "object: Premises__c"), encoding="utf-8")
    match_identities(request_.model_copy(update={"operator": broken}), return_state=True)
    run = api.newest_run("match_identities")
    assert run["state_type"] == "FAILED"
    assert "crm premises:" in run["state"]["message"]
    assert "identity-matches" not in api.artifacts_of(run["id"])


def test_the_form_says_what_it_asks_and_refuses_the_rest() -> None:
    assert {name for name, field in IdentityRequest.model_fields.items() if not field.description} == set()
    (schema,) = [each for name, each in match_identities.parameters.definitions.items() if name == "IdentityRequest"]
    assert schema["additionalProperties"] is False
    assert IdentityRequest().subjects == ("customer", "premise")
    with pytest.raises(ValidationError, match="subject"):
        IdentityRequest.model_validate({"subject": "account"})
